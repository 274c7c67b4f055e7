import 'fake-indexeddb/auto';
import { unwrap, wrap } from 'idb';
import { isFailure } from '../../src/failure';
import { type Database, inPlace, openDatabase, unfiled, write } from '../../src/store/database';
import type { KeyToSave } from '../../src/vault/keyring';
import type { Area } from '../../src/vault/unlocked';
import { Vault } from '../../src/vault/vault';

/** Vaults over real IndexedDB semantics and real cryptography; only the browser's session area is stood in for. */
export interface Room {
  readonly database: Database;
  readonly session: MemoryArea;
  readonly local: MemoryArea;
  readonly vault: Vault;
}

/** As storage areas are: values are copied in and out. */
export class MemoryArea implements Area {
  readonly values = new Map<string, unknown>();
  /** What it throws a writing ends in. */
  beforeWriting: () => void = () => {};

  async get(name: string): Promise<Record<string, unknown>> {
    return this.values.has(name) ? { [name]: structuredClone(this.values.get(name)) } : {};
  }

  async set(values: Record<string, unknown>): Promise<void> {
    this.beforeWriting();
    for (const [name, value] of Object.entries(values)) this.values.set(name, structuredClone(value));
  }

  async remove(name: string): Promise<void> {
    this.beforeWriting();
    this.values.delete(name);
  }
}

export const STORES = [
  'header',
  'index',
  'secrets',
  'header copy',
  'index copy',
  'secrets copy',
  'device',
  'calls',
  'media',
  'spending',
  'uses',
  'settings',
] as const;

/** The ids of the calls that are in the history, or not yet or never, the oldest first. */
export const idsIn = (database: Database, where: 'journal' | 'history'): Promise<string[]> =>
  database.getAllKeysFromIndex('calls', 'place', where === 'journal' ? unfiled() : inPlace(where));

export const PASSPHRASE = 'seven-green-turtles-read-atlases';

export const runwareKey = (label = 'Work', secret = 'rk-secret-Xw9LrT4mZkBqP7Qd2v'): KeyToSave => ({
  service: 'runware',
  label,
  fields: {},
  secrets: { apiKey: secret },
  origins: ['wss://ws-api.runware.ai', 'https://api.runware.ai'],
});

let made = 0;

export async function emptyRoom(): Promise<Room> {
  const database = await openDatabase(`room ${++made}`);
  const kept = { database, session: new MemoryArea(), local: new MemoryArea() };
  return { ...kept, vault: new Vault(kept) };
}

export async function roomWithVault(passphrase = PASSPHRASE): Promise<Room> {
  const room = await emptyRoom();
  await room.vault.create(passphrase);
  return room;
}

/** The same browser profile, copied: deriving a key takes most of a second, and is not needed for this. */
export async function copyOf({ database, session, local }: Room): Promise<Room> {
  const copy = await emptyRoom();
  for (const store of STORES) {
    const [keys, values] = [await database.getAllKeys(store), await database.getAll(store)];
    await write(copy.database, [store], async transaction => {
      const target = transaction.objectStore(store);
      for (const [at, value] of values.entries()) {
        await (target.keyPath === null ? target.put(value, keys[at]) : target.put(value));
      }
    });
  }
  for (const [name, value] of session.values) await copy.session.set({ [name]: value });
  for (const [name, value] of local.values) await copy.local.set({ [name]: value });
  return copy;
}

/** Puts anything at all into a store, as damage would; undefined takes the record away. */
export async function putRaw({ database }: Room, store: string, key: string, value: unknown): Promise<void> {
  const transaction = unwrap(database).transaction(store, 'readwrite');
  const target = transaction.objectStore(store);
  if (value === undefined) target.delete(key);
  else target.put(value, key);
  await wrap(transaction).done;
}

export type Twice = 'header' | 'index' | 'secrets';

/** The same, in both of the places where a record of the vault is kept. */
export async function putBoth(room: Room, store: Twice, key: string, value: unknown): Promise<void> {
  await putRaw(room, store, key, value);
  await putRaw(room, `${store} copy`, key, value);
}

/** The background after its death: nothing in memory, all of the rest. */
export const reborn = ({ vault: _, ...kept }: Room): Room => ({ ...kept, vault: new Vault(kept) });

/** Every text and every run of bytes that is kept anywhere. */
export async function everythingKept({
  database,
  session,
  local,
}: Room): Promise<{ texts: string[]; bytes: Uint8Array[] }> {
  const kept = { texts: [] as string[], bytes: [] as Uint8Array[] };
  const walk = (value: unknown): void => {
    if (typeof value === 'string') kept.texts.push(value);
    else if (value instanceof Uint8Array) kept.bytes.push(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) {
        kept.texts.push(name);
        walk(part);
      }
    }
  };
  for (const store of STORES) {
    walk(await database.getAllKeys(store));
    walk(await database.getAll(store));
  }
  walk(Object.fromEntries(session.values));
  walk(Object.fromEntries(local.values));
  return kept;
}

/** The code of the Failure that something ends in; what is thrown otherwise is the test's own fault. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no failure';
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.code;
    throw thrown;
  }
}
