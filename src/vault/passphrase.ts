import { Failure } from '../failure';

/** Characters of the NFC form; what the strength meter adds is advice, this is the floor. */
export const SHORTEST_PASSPHRASE = 8;

export const isLongEnough = (passphrase: string): boolean =>
  [...passphrase.normalize('NFC')].length >= SHORTEST_PASSPHRASE;

/** Throws `bad-passphrase` for one that is too short. */
export function checkPassphrase(passphrase: string): void {
  if (isLongEnough(passphrase)) return;
  throw new Failure('bad-passphrase', `The passphrase is shorter than ${SHORTEST_PASSPHRASE} characters.`, {
    next: 'Choose a longer one: a few unrelated words are strong and easy to remember.',
    field: 'passphrase',
  });
}
