import { Failure } from '../failure';
import { type Database, inPlace, type Sealed, type Stores, write } from '../store/database';
import type { KeyIndex } from './key-index';
import { sealedWhole, type WholeKey } from './keyring';
import { callBinding, EXTRACTABLE, type Open } from './opened';
import { putRecords, RECORDS, sealIndex } from './records';
import { unwrap, wrap } from './seal';
import { usesIn } from './uses';

/** What finished calls and uses have in common here: an id, and the call's key. */
async function rewrapped(
  old: Open,
  anew: Open,
  records: readonly { id: string; key: Sealed }[],
): Promise<Map<string, Sealed>> {
  const keys = new Map<string, Sealed>();
  for (const { id, key } of records) {
    const binding = callBinding(old.header.vault, id);
    // What does not open now would not open later either: it stays as it is.
    const call = await unwrap(old.calls, key, binding, EXTRACTABLE).catch(() => undefined);
    if (call) keys.set(id, await wrap(anew.calls, call, binding));
  }
  return keys;
}

/**
 * Seals every secret, the index, and the key of every call from one opened vault into another, in one
 * transaction. Gives the index as written. Throws `vault-busy` while a call is open, and `storage-full`.
 */
export async function replaceKey(
  database: Database,
  old: Open,
  anew: Open,
  keys: readonly WholeKey[],
): Promise<KeyIndex> {
  const sealed = await sealedWhole(anew, keys);
  const secrets = new Map(sealed.map(key => [key.entry.id, key.sealed]));
  const index: KeyIndex = {
    version: 2,
    revision: (old.keys?.revision ?? 0) + 1,
    keys: sealed.map(({ entry }) => entry),
  };
  const sealedIndex = await sealIndex(anew, index);

  const calls = (await database.getAll('calls')).map(({ id, key, place }) => ({ id, key, place }));
  const uses = (await database.getAll('uses')).flatMap(usesIn);
  const callKeys = await rewrapped(old, anew, calls);
  // Open calls that will never open again, and for which nobody waits.
  const lost = new Set(calls.flatMap(({ id, place }) => (place === 'open' && !callKeys.has(id) ? id : [])));
  const useKeys = await rewrapped(
    old,
    anew,
    uses.map(({ id, wrapped }) => ({ id, key: wrapped })),
  );

  const stores: Stores[] = [...RECORDS, 'calls', 'uses'];
  await write(database, stores, async transaction => {
    // Its answer would be sealed for the old key.
    const store = transaction.objectStore('calls');
    const open = await store.index('place').getAllKeys(inPlace('open'));
    if (open.some(id => !lost.has(id))) throw busy();
    await putRecords(transaction, { header: anew.header.stored, index: sealedIndex, secrets });
    for (const [id, key] of callKeys) {
      const stored = await store.get(id);
      if (stored) await store.put({ ...stored, key });
    }
    const used = transaction.objectStore('uses');
    for (const record of await used.getAll()) {
      const anew = usesIn(record).map(use => ({ ...use, wrapped: useKeys.get(use.id) ?? use.wrapped }));
      await used.put({ ...record, uses: anew });
    }
  });
  for (const [id, sealed] of secrets) anew.sealed.set(id, sealed);
  return index;
}

export function busy(): Failure {
  return new Failure(
    'vault-busy',
    'A call is still open, and its answer is sealed with the present vault key.',
    {
      next: 'Wait for it or cancel it, then replace the key.',
    },
  );
}
