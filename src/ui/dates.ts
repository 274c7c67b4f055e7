// One formatter for all: making one takes longer than drawing what it formats.
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const dayOf = (date: Date): string => days.format(date);

/** `at` in ms since the epoch. “today” says more than a date. */
export function day(at: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? 'today' : dayOf(date);
}

/** `at` in ms since the epoch. */
export const moment = (at: number): string => moments.format(at);
