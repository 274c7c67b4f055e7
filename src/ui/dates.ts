// One formatter for all: making one takes longer than drawing what it formats.
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

// A formatter throws at what is no date, and one odd record must not take the page down.
const said = (format: Intl.DateTimeFormat, date: Date): string =>
  Number.isNaN(date.getTime()) ? 'unknown date' : format.format(date);

export const dayOf = (date: Date): string => said(days, date);

/** `at` in ms since the epoch. “today” says more than a date. */
export function day(at: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? 'today' : dayOf(date);
}

/** `at` in ms since the epoch. */
export const moment = (at: number): string => said(moments, new Date(at));
