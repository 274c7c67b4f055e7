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

const Origin = v.pipe(
  v.string(),
  v.maxLength(300),
  v.check(text => URL.parse(text)?.origin === text && /^https?:/.test(text)),
);

/** Where the bubble is offered beside selected text, and when. */
export const SelectionSettings = v.strictObject({
  /** On every site, or on these. */
  sites: v.union([v.literal('all'), v.pipe(v.array(Origin), v.maxLength(500))]),
  /** Not on these, even so. */
  not: v.pipe(v.array(Origin), v.maxLength(500)),
  /** Only while this key is held. */
  modifier: v.nullable(v.picklist(['Alt', 'Control', 'Shift'])),
  /** Over code and hashes too. */
  code: v.boolean(),
  /** Whether the person has been asked where, and has answered. */
  asked: v.boolean(),
});
export type SelectionSettings = v.InferOutput<typeof SelectionSettings>;

export const USUAL_SELECTION: SelectionSettings = {
  sites: [],
  not: [],
  modifier: null,
  code: false,
  asked: false,
};

/** Shown on that site too, from now on. */
export const shownOn =
  (site: string) =>
  (now: SelectionSettings): SelectionSettings => ({
    ...now,
    sites: now.sites === 'all' || now.sites.includes(site) ? now.sites : [...now.sites, site],
    not: now.not.filter(other => other !== site),
    asked: true,
  });
