import { isObject } from './values';

/** What is said of coming back is believed within these, ms. */
const [SOONEST, LATEST] = [1_000, 10 * 60_000];

/**
 * When to come back, ms since the epoch by our clock: by the header, in seconds or as a date, else by the body's
 * `retryAfter`. Undefined where neither says.
 */
export function retryAtOf(headers: Headers, body: unknown): number | undefined {
  const now = Date.now();
  const said = headers.get('retry-after') ?? '';
  const seconds = said.trim() === '' ? Number.NaN : Number(said);
  const wait = Number.isFinite(seconds)
    ? seconds * 1000
    : (waitUntil(said, headers) ?? waitFor(body, headers));
  return wait === undefined ? undefined : now + Math.min(Math.max(wait, SOONEST), LATEST);
}

function waitFor(body: unknown, headers: Headers): number | undefined {
  const said = isObject(body) ? body.retryAfter : undefined;
  if (typeof said === 'number') return said * 1000;
  return typeof said === 'string' ? waitUntil(said, headers) : undefined;
}

/** A moment by the service's clock, as far from its own now. */
function waitUntil(moment: string, headers: Headers): number | undefined {
  const [at, theirs] = [Date.parse(moment), Date.parse(headers.get('date') ?? '')];
  if (Number.isNaN(at)) return undefined;
  return at - (Number.isNaN(theirs) ? Date.now() : theirs);
}
