import { translations } from '@zxcvbn-ts/language-en';
import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../src/options/strength/advice';
import { assess } from '../../src/options/strength/assess';
import { measure, ownWords } from '../../src/options/strength/measure';
import { GUESSES_A_SECOND, strengthOf } from '../../src/options/strength/strength';
import { abouts } from '../../src/services/abouts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe('a number of guesses becomes a word and a rounded time:', () => {
  it.each([
    [0, 1, 'Very weak', 'less than a minute'],
    [59, 1, 'Very weak', 'less than a minute'],
    [60, 1, 'Very weak', 'minutes'],
    [HOUR - 1, 1, 'Very weak', 'minutes'],
    [HOUR, 2, 'Weak', 'hours'],
    [DAY - 1, 2, 'Weak', 'hours'],
    [DAY, 2, 'Weak', 'days'],
    [30 * DAY - 1, 2, 'Weak', 'days'],
    [30 * DAY, 3, 'Fair', 'months'],
    [YEAR - 1, 3, 'Fair', 'months'],
    [YEAR, 4, 'Good', 'years'],
    [10 * YEAR, 4, 'Good', 'decades'],
    [100 * YEAR, 5, 'Strong', 'centuries'],
    [Number.POSITIVE_INFINITY, 5, 'Strong', 'centuries'],
  ] as const)('%d s of guessing is step %d, %s, %s', (seconds, step, word, time) => {
    expect(strengthOf(seconds * GUESSES_A_SECOND)).toEqual({ step, word, time });
  });
});

describe('advice', () => {
  const weak = strengthOf(1);

  it('has a sentence of ours for every warning of zxcvbn', () => {
    const other = adviceFor(weak, []);
    for (const warning of Object.keys(translations.warnings)) {
      expect(adviceFor(weak, [warning]), warning).toMatch(/^[A-Z].*\.$/);
      expect(adviceFor(weak, [warning]), warning).not.toBe(other);
    }
  });

  it('passes over a hint that it has no sentence for', () => {
    expect(adviceFor(weak, ['anotherWord', 'l33t'])).toBe('Digits and signs in place of letters add little.');
    expect(adviceFor(weak, ['anotherWord'])).toBe('Another unrelated word makes it much stronger.');
    expect(adviceFor(weak, ['constructor'])).toBe('Another unrelated word makes it much stronger.');
  });

  it('is not given for what is good enough', () => {
    expect(adviceFor(strengthOf(2 * YEAR * GUESSES_A_SECOND), ['common'])).toBeUndefined();
  });
});

describe('passphrases as people choose them:', () => {
  it.each([
    ['password', 'Very weak', 'So many people use it that it is guessed first.'],
    ['qwertzui', 'Very weak', 'Neighbouring keys are among the first guesses.'],
    ['Jennifer1987', 'Very weak', 'It is close to one that many people use.'],
    ['aaaaaaaaaaaa', 'Very weak', 'Repeating characters or words adds little.'],
    ['abcdefghijkl', 'Very weak', 'Sequences such as abc or 6543 are guessed early.'],
    ['17.05.2024', 'Very weak', 'Dates and years are guessed early.'],
    ['correct horse battery staple', 'Very weak', 'So many people use it that it is guessed first.'],
    ['CorrectHorseBatteryStaple', 'Weak', 'Another unrelated word makes it much stronger.'],
    ['runkeyrunkey', 'Very weak', 'Words that belong to Runkey are guessed early.'],
    ['runway-vault', 'Weak', 'Another unrelated word makes it much stronger.'],
    ['xk9w#mq2', 'Weak', 'Another unrelated word makes it much stronger.'],
    ['plum anchor violin north', 'Strong', 'would need centuries.'],
    ['日本語のパスワードは長い方がいい', 'Strong', 'would need centuries.'],
  ])('%s is %s', (passphrase, word, ending) => {
    const { word: said, sentence } = assess(passphrase);
    expect(said).toBe(word);
    expect(sentence.endsWith(ending), sentence).toBe(true);
  });

  it('says against whom: a copy of the vault, 10,000 guesses a second', () => {
    expect(assess('plum anchor violin north').sentence).toBe(
      'Someone with a copy of your vault, trying 10,000 a second on rented machines, would need centuries.',
    );
  });

  it('never quotes the passphrase', () => {
    expect(JSON.stringify(assess('zebrafish7'))).not.toContain('zebrafish7');
  });

  it('has the name of every service among the first guesses', () => {
    expect(ownWords).toEqual(expect.arrayContaining(abouts.map(({ name }) => name)));
  });
});

describe('measuring', () => {
  it('gives an emoji no more than any other character', () => {
    expect(measure('🦊🚲🌵🎻🪁🧭🥝').guesses).toBeLessThanOrEqual(measure('ж漢ñ龍ßあø').guesses);
  });

  it('gives composed and decomposed letters the same', () => {
    expect(measure('cafe\u0301 cre\u0300me')).toEqual(measure('caf\u00e9 cr\u00e8me'));
  });

  it('ends after 64 characters, and counts none of the rest', () => {
    const long = 'lkj9sd qwlp zmxu rtvb '.repeat(3).slice(0, 64);
    expect(measure(`${long}${'other words '.repeat(80)}`)).toEqual(measure(long));
  });
});
