import 'fake-indexeddb/auto';
import { type Database, openDatabase, write } from '../../src/store/database';
import type { SessionArea } from '../../src/vault/unlocked';
import { type KeyToSave, Vault } from '../../src/vault/vault';

/** Vaults over real IndexedDB semantics and real cryptography; only the browser's session area is stood in for. */
export interface Room {
  readonly database: Database;
  readonly session: MemorySession;
  readonly vault: Vault;
}

/** As storage.session is: values are copied in and out. */
export class MemorySession implements SessionArea {
  readonly values = new Map<string, unknown>();

  async get(name: string): Promise<Record<string, unknown>> {
    return this.values.has(name) ? { [name]: structuredClone(this.values.get(name)) } : {};
  }

  async set(values: Record<string, unknown>): Promise<void> {
    for (const [name, value] of Object.entries(values)) this.values.set(name, structuredClone(value));
  }

  async remove(name: string): Promise<void> {
    this.values.delete(name);
  }
}

export const STORES = ['header', 'index', 'secrets', 'device', 'journal', 'history'] as const;

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
  const session = new MemorySession();
  return { database, session, vault: new Vault(database, session) };
}

export async function roomWithVault(passphrase = PASSPHRASE): Promise<Room> {
  const room = await emptyRoom();
  await room.vault.create(passphrase);
  return room;
}

/** The same browser profile, copied: deriving a key takes most of a second, and is not needed for this. */
export async function copyOf({ database, session }: Room): Promise<Room> {
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
  return copy;
}

/** The background after its death: nothing in memory, all of the rest. */
export const reborn = ({ database, session }: Room): Room => ({
  database,
  session,
  vault: new Vault(database, session),
});

/** Every text and every run of bytes that is kept anywhere. */
export async function everythingKept({
  database,
  session,
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
  return kept;
}
