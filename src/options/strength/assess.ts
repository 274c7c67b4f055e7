import { adviceFor } from './advice';
import { measure } from './measure';
import { GUESSES_A_SECOND, type Strength, strengthOf } from './strength';

/** What is told of a passphrase. */
export interface Assessment {
  readonly step: Strength['step'];
  readonly word: string;
  readonly sentence: string;
}

/** As slow as `measure`. */
export function assess(passphrase: string): Assessment {
  const { guesses, hints } = measure(passphrase);
  const strength = strengthOf(guesses);
  const rate = GUESSES_A_SECOND.toLocaleString('en-GB');
  const sentence = `Someone with a copy of your vault, trying ${rate} a second on rented machines, would need ${strength.time}.`;
  const advice = adviceFor(strength, hints);
  return { step: strength.step, word: strength.word, sentence: advice ? `${sentence} ${advice}` : sentence };
}
