import type { TranslationKeys } from '@zxcvbn-ts/core';
import type { Strength } from './strength';

type Sentences<Keys> = Partial<Record<keyof Keys, string>>;

const common = 'So many people use it that it is guessed first.';
const keys = 'Neighbouring keys are among the first guesses.';
const repeats = 'Repeating characters or words adds little.';
const sequences = 'Sequences such as abc or 6543 are guessed early.';
const dates = 'Dates and years are guessed early.';
const names = 'Names are among the first guesses.';
const capitals = 'Capital letters in the usual places add little.';

/** Our sentences for the warnings of zxcvbn. */
const warnings: Required<Sentences<TranslationKeys['warnings']>> = {
  straightRow: keys,
  keyPattern: keys,
  simpleRepeat: repeats,
  extendedRepeat: repeats,
  sequences,
  recentYears: dates,
  dates,
  topTen: common,
  topHundred: common,
  common,
  similarToCommon: 'It is close to one that many people use.',
  wordByItself: 'One word alone is guessed quickly.',
  namesByThemselves: names,
  commonNames: names,
  userInputs: 'Words that belong to Runkey are guessed early.',
  pwned: 'It stands in published lists of stolen passwords.',
};

/** Only those that say more than to add words, which is what we say by ourselves. */
const suggestions: Sentences<TranslationKeys['suggestions']> = {
  l33t: 'Digits and signs in place of letters add little.',
  reverseWords: 'Spelling a word backwards adds little.',
  allUppercase: capitals,
  capitalization: capitals,
  sequences,
  repeated: repeats,
};

const sentences = new Map(Object.entries({ ...suggestions, ...warnings }));

/**
 * One sentence on how to do better; none for what is good enough.
 * `hints` are zxcvbn's keys, the most telling first; those that we have no sentence for are passed over.
 */
export function adviceFor({ step }: Strength, hints: readonly string[]): string | undefined {
  if (step > 3) return undefined;
  const known = hints.find(hint => sentences.has(hint));
  return (known && sentences.get(known)) ?? 'Another unrelated word makes it much stronger.';
}
