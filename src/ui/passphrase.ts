import type { Field } from '../services/about';

/** UTF-16 units, as the door counts. */
const LONGEST = 1024;

/** Where a passphrase that exists is asked for. */
export const passphrase = {
  name: 'passphrase',
  label: 'Passphrase',
  kind: 'secret',
  most: LONGEST,
} as const satisfies Field;

/**
 * What is wrong with a passphrase that was typed, before the vault is asked. Only its length can be: a form's
 * usual check would take blanks off that belong to it.
 */
export const faultIn = (typed: string, { label }: Field = passphrase): string | undefined =>
  typed.length > LONGEST ? `${label} can have at most ${LONGEST} characters.` : undefined;
