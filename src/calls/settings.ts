import * as v from 'valibot';

/** How long finished calls are kept: so many days; 0: not at all; null: until they are deleted. */
export const Retention = v.strictObject({ days: v.nullable(v.picklist([0, 1, 7, 30, 90, 365])) });
export type Retention = v.InferOutput<typeof Retention>;

export const USUAL_RETENTION: Retention = { days: 90 };

/** A call expected to cost this or more, US dollars, waits two seconds in which it can be undone. */
export const MoneySettings = v.strictObject({
  dear: v.pipe(v.number(), v.minValue(0), v.maxValue(100_000)),
});
export type MoneySettings = v.InferOutput<typeof MoneySettings>;

export const USUAL_MONEY: MoneySettings = { dear: 0.1 };

/** What a key's calls may cost in a day unless the key says otherwise, US dollars. */
export const USUAL_DAILY_LIMIT = 5;

/** An account with less than this, US dollars, will soon refuse calls. */
export const LOW_BALANCE = 1;

/** A place in the history: the call that stands there. */
export const HistoryPlace = v.strictObject({ at: v.number(), id: v.pipe(v.string(), v.uuid()) });
export type HistoryPlace = v.InferOutput<typeof HistoryPlace>;
