/** How many days before its day a key is said to be due. */
const NOTICE = 14;

/** How a day that a key is to be replaced by stands to the present moment. */
export type Due = 'later' | 'soon' | 'past';

/** `rotateBy` is a day, yyyy-mm-dd, and so are the days here: whoever counts hours errs where clocks change. */
export function dueOn(rotateBy: string, now: Date): Due {
  if (rotateBy < dayAfter(now, 0)) return 'past';
  return rotateBy <= dayAfter(now, NOTICE) ? 'soon' : 'later';
}

/** The day so many days after a moment, where the person is, yyyy-mm-dd. */
function dayAfter(moment: Date, days: number): string {
  const date = new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() + days);
  return [
    `${date.getFullYear()}`.padStart(4, '0'),
    `${date.getMonth() + 1}`.padStart(2, '0'),
    `${date.getDate()}`.padStart(2, '0'),
  ].join('-');
}
