/** What a number of guesses means for a vault: one of five steps with a word, and a rounded time. */
export interface Strength {
  readonly step: 1 | 2 | 3 | 4 | 5;
  readonly word: string;
  /** How long guessing takes, without false precision: “hours”. */
  readonly time: string;
}

/**
 * What an attacker who has the stored vault tries in a second. A guess costs Argon2id over 64 MiB in three
 * passes, of which a good graphics card does some hundreds to two thousand: this is a rack of rented ones.
 */
export const GUESSES_A_SECOND = 10_000;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

/** Rising; `below` in seconds. */
const SPANS: readonly (Strength & { readonly below: number })[] = [
  { below: MINUTE, time: 'less than a minute', step: 1, word: 'Very weak' },
  { below: HOUR, time: 'minutes', step: 1, word: 'Very weak' },
  { below: DAY, time: 'hours', step: 2, word: 'Weak' },
  { below: MONTH, time: 'days', step: 2, word: 'Weak' },
  { below: YEAR, time: 'months', step: 3, word: 'Fair' },
  { below: 10 * YEAR, time: 'years', step: 4, word: 'Good' },
  { below: 100 * YEAR, time: 'decades', step: 4, word: 'Good' },
];
const BEYOND: Strength = { time: 'centuries', step: 5, word: 'Strong' };

/** The strength of a passphrase that is found after so many guesses. */
export function strengthOf(guesses: number): Strength {
  const seconds = guesses / GUESSES_A_SECOND;
  const { step, word, time } = SPANS.find(({ below }) => seconds < below) ?? BEYOND;
  return { step, word, time };
}
