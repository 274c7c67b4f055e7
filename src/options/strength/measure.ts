import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as english } from '@zxcvbn-ts/language-en';

export interface Measured {
  /** How many guesses a well-informed attacker needs. */
  readonly guesses: number;
  /** What makes it weak, as zxcvbn's keys, the most telling first. */
  readonly hints: readonly string[];
}

/**
 * Characters that are measured. The time taken grows steeply with length, and what follows can only make a
 * passphrase stronger, so the estimate never flatters.
 */
const MEASURED_LENGTH = 64;

/** What anyone would try first on this vault. */
export const ownWords = ['runkey', 'vault', 'passphrase', 'runware', 'runway', 'useapi', 'runai', 'runtype'];

/** Passphrases that everyone has read of somewhere, whatever stands between their words. */
const famous = [
  'correct horse battery staple',
  'to be or not to be',
  'open sesame',
  'may the force be with you',
].flatMap(words => [' ', '-', '_', ''].map(between => words.replaceAll(' ', between)));

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common, ...english, 'passwords-common': [...common['passwords-common'], ...famous] },
  graphs: adjacencyGraphs,
  maxLength: MEASURED_LENGTH,
});

/** Takes up to half a second on a slow machine, and holds 200,000 words: for a worker of its own. */
export function measure(passphrase: string): Measured {
  const { guesses, feedback } = zxcvbn.check(oneUnitEach(passphrase.normalize('NFC')), ownWords);
  return { guesses, hints: [feedback.warning, ...feedback.suggestions].filter(hint => hint !== null) };
}

/** zxcvbn counts UTF-16 units: an emoji, which is two, would count for twice its worth. */
const oneUnitEach = (text: string): string =>
  text.replace(/[\u{10000}-\u{10FFFF}]/gu, character =>
    String.fromCharCode(PRIVATE_USE.first + ((character.codePointAt(0) ?? 0) % PRIVATE_USE.size)),
  );

const PRIVATE_USE = { first: 0xe000, size: 0x1900 };
