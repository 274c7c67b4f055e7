/** How long a refused call waits within itself until it is said once more, ms. */
export const SHORT = 30_000;

/** A wait beyond this is not believed, ms. */
const LONGEST = 32 * 24 * 3_600_000;

/** In how many ms a call may come again, as `Retry-After` says it: seconds, or a date by the server's own clock. */
export function waitOf(headers: Headers): number | undefined {
  const said = headers.get('retry-after')?.trim();
  if (!said) return undefined;
  const date = Date.parse(headers.get('date') ?? '');
  const now = Number.isNaN(date) ? Date.now() : date;
  const wait = /^\d+$/.test(said)
    ? Number(said) * 1000
    : /^[A-Z]/.test(said)
      ? Date.parse(said) - now
      : Number.NaN;
  return Number.isNaN(wait) || wait > LONGEST ? undefined : Math.max(0, wait);
}

/** When that is, to stand in a sentence: the time of day, and the day where it is another. */
export function momentIn(wait: number): string {
  const at = new Date(Date.now() + wait);
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${time} on ${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })}`;
}
