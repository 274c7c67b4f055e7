import type { BackedUpKey } from './backup';
import type { KeyEntry } from './key-index';
import type { WholeKey } from './keyring';

/**
 * How a backed-up key stands to the vault. `older`: the vault's was saved later than the backup's.
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

/** The vault's keys: those whose secret opens, and the ids of those whose secret is damaged. */
export interface Present {
  readonly keys: readonly WholeKey[];
  readonly damaged: readonly KeyEntry[];
}

export function compare(keys: readonly BackedUpKey[], present: Present, refusal: Refusal): Compared[] {
  const known = new Map(present.keys.map(whole => [whole.entry.id, whole]));
  const damaged = new Set(present.damaged.map(({ id }) => id));
  return keys.map(key => {
    const why = refusal(key);
    if (why !== undefined) return { key, difference: 'refused', why };
    const whole = known.get(key.id);
    // The backup's secret mends a damaged one.
    if (!whole) return { key, difference: damaged.has(key.id) ? 'changed' : 'new' };
    const { entry, secret } = whole;
    if (entry.service !== key.service || text([...secret.origins].sort()) !== text([...key.origins].sort())) {
      return { key, difference: 'elsewhere' };
    }
    if (text(comparable(backedUp(whole))) === text(comparable(key))) return { key, difference: 'same' };
    return { key, difference: entry.edited > key.edited ? 'older' : 'changed' };
  });
}

/** The keys to be brought in, in the order of the backup. What else the backup names stays as it is in the vault. */
export function chosen(compared: readonly Compared[], present: Present, mode: Mode): WholeKey[] {
  const entries = [...present.keys.map(({ entry }) => entry), ...present.damaged];
  const known = new Map(entries.map(entry => [entry.id, entry]));
  return compared
    .filter(
      ({ difference }) =>
        difference === 'new' || difference === 'changed' || (difference === 'older' && mode === 'replace'),
    )
    .map(({ key }) => whole(key, known.get(key.id)));
}

export function whole({ secrets, origins, ...rest }: BackedUpKey, present: KeyEntry | undefined): WholeKey {
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
const comparable = ({
  created: _created,
  changed: _changed,
  edited: _edited,
  origins: _origins,
  fields,
  secrets,
  ...rest
}: BackedUpKey) => [
  sorted(fields),
  sorted(secrets),
  Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)),
];

const text = (value: unknown): string => JSON.stringify(value);
