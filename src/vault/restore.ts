import type { BackedUpKey } from './backup';
import type { KeyEntry } from './key-index';
import type { WholeKey } from './keyring';

/**
 * How a backed-up key stands to the vault. `older`: the vault's secret was saved later than the backup's.
 * `elsewhere`: the vault has that key for another address, which a file may not change. `refused`: it fits
 * no service of this Runkey.
 */
export type Difference = 'new' | 'changed' | 'same' | 'older' | 'elsewhere' | 'refused';

export interface Compared {
  readonly key: BackedUpKey;
  readonly difference: Difference;
  /** Why it is refused, in a sentence. */
  readonly why?: string;
}

export type Mode = 'merge' | 'replace';

/** Looks at a backed-up key with its service's eyes: a sentence when it cannot be used. */
export type Refusal = (key: BackedUpKey) => string | undefined;

export function compare(
  keys: readonly BackedUpKey[],
  present: readonly WholeKey[],
  refusal: Refusal,
): Compared[] {
  const known = new Map(present.map(whole => [whole.entry.id, whole]));
  return keys.map(key => {
    const why = refusal(key);
    if (why !== undefined) return { key, difference: 'refused', why };
    const whole = known.get(key.id);
    if (!whole) return { key, difference: 'new' };
    const { entry, secret } = whole;
    if (entry.service !== key.service || text([...secret.origins].sort()) !== text([...key.origins].sort())) {
      return { key, difference: 'elsewhere' };
    }
    if (text(comparable(backedUp(whole))) === text(comparable(key))) return { key, difference: 'same' };
    const newer = entry.changed > key.changed && text(sorted(secret.secrets)) !== text(sorted(key.secrets));
    return { key, difference: newer ? 'older' : 'changed' };
  });
}

/** What the vault's keys are to be, in the order of the backup: merged into those that are there, or in their place. */
export function chosen(compared: readonly Compared[], present: readonly WholeKey[], mode: Mode): WholeKey[] {
  const known = new Map(present.map(whole => [whole.entry.id, whole]));
  const comes = (difference: Difference) =>
    difference === 'new' || difference === 'changed' || (difference === 'older' && mode === 'replace');
  return compared.flatMap(({ key, difference }) => {
    const kept = known.get(key.id);
    return comes(difference) ? whole(key, kept?.entry) : (kept ?? []);
  });
}

function whole({ secrets, origins, ...rest }: BackedUpKey, present: KeyEntry | undefined): WholeKey {
  // The IV is the next sealing's.
  const entry: KeyEntry = { ...rest, created: present?.created ?? rest.created, iv: '' };
  return { entry, secret: { secrets, origins } };
}

/** A key as a backup holds it. */
export function backedUp({ entry, secret }: WholeKey): BackedUpKey {
  const { iv: _iv, verified: _verified, ...kept } = entry;
  return { ...kept, ...secret };
}

const sorted = (record: Record<string, string>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/** What makes a key the same: not when it was saved. */
const comparable = ({ created: _, changed: __, origins: ___, fields, secrets, ...rest }: BackedUpKey) => [
  sorted(fields),
  sorted(secrets),
  Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)),
];

const text = (value: unknown): string => JSON.stringify(value);
