import { type IDBPDatabase, type IDBPObjectStore, type IDBPTransaction, type StoreNames, unwrap } from 'idb';
import type { Database, Schema, StoredCall, StoredUse } from './database';

type Migration = (
  database: Database,
  transaction: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
) => Promise<void>;

/**
 * What each version of the database changed, by number less one: version 1 made it. A browser runs those
 * that it has not run yet, in one transaction, so nothing is ever left between two versions. They may await
 * only requests of that transaction, and what is stored may be damaged: they must not throw for it.
 * Sealed bytes are migrated where they are opened (`vault/key-index.ts`).
 */
export const migrations: readonly Migration[] = [
  async database => {
    database.createObjectStore('header');
    database.createObjectStore('index');
    database.createObjectStore('secrets');
    database.createObjectStore('device');
    for (const name of ['journal', 'history'])
      older(database).createObjectStore(name, { keyPath: 'id' }).createIndex('at', 'at');
  },

  // A vault may be opened in several ways; every record of it has a copy; keys remember their uses.
  async (database, transaction) => {
    const header = transaction.objectStore('header');
    const old: unknown = await header.get('vault');
    if (typeof old === 'object' && old !== null && 'text' in old && 'wrapped' in old && 'checksum' in old) {
      const { text, wrapped, checksum } = old;
      // The checksum is over the ways' bytes in turn, so that of one way stays as it is.
      await (header as unknown as AnyStore).put({ ways: [{ text, wrapped }], checksum }, 'vault');
    }
    for (const store of ['header', 'index', 'secrets'] as const) {
      const copies = older(database).createObjectStore(`${store} copy`);
      const originals = transaction.objectStore(store) as unknown as AnyStore;
      const [keys, values] = [await originals.getAllKeys(), await originals.getAll()];
      for (const [at, value] of values.entries()) await copies.put(value, keys[at]);
    }
    older(database).createObjectStore('uses', { keyPath: 'id' }).createIndex('key', ['key', 'at']);
    database.createObjectStore('settings');
  },

  // Media in a store of their own, so that a list of calls needs none of them; what each day has cost.
  async (database, transaction) => {
    database.createObjectStore('media');
    database.createObjectStore('spending', { keyPath: ['day', 'key'] });
    const stores = transaction as unknown as OlderStores;
    stores.objectStore('journal').createIndex('hold', ['hold.key', 'hold.dollars']);
    const media = transaction.objectStore('media') as unknown as AnyStore;
    for (const name of ['journal', 'history'] as const) {
      const store = stores.objectStore(name);
      // One at a time, for each may hold many pictures.
      for (const id of await store.getAllKeys()) {
        const stored = await readable(store, id);
        if (typeof stored !== 'object' || stored === null || !('media' in stored)) continue;
        const parts: unknown[] = Array.isArray(stored.media) ? stored.media : [];
        for (const [at, part] of parts.entries()) await media.put(part, [id as string, at]);
        await store.put({ ...stored, media: parts.length });
      }
    }
  },

  // Uses by key and moment, those that are noted together in one record.
  async (database, transaction) => {
    const old = await (transaction.objectStore('uses') as unknown as AnyStore).getAll();
    database.deleteObjectStore('uses');
    const uses = database.createObjectStore('uses', { keyPath: ['key', 'at', 'id'] });
    for (const stored of old) {
      const { key, ...use } = stored as StoredUse & { key: string };
      // What no key comes of could be found by nobody.
      if (typeof key !== 'string' || typeof use.at !== 'number' || Number.isNaN(use.at)) continue;
      if (typeof use.id === 'string')
        await uses.put({ key, at: use.at, id: use.id, noted: use.at, uses: [use] });
    }
  },

  // Open and finished calls in one store, so that ending one is one writing.
  async (database, transaction) => {
    const calls = database.createObjectStore('calls', { keyPath: 'id' });
    calls.createIndex('place', ['place', 'at']);
    calls.createIndex('hold', ['hold.key', 'hold.dollars']);
    const stores = transaction as unknown as OlderStores;
    for (const name of ['journal', 'history'] as const) {
      const store = stores.objectStore(name);
      for (const id of await store.getAllKeys()) {
        const stored = await readable(store, id);
        if (typeof stored !== 'object' || stored === null) {
          await transaction.objectStore('media').delete(IDBKeyRange.bound([id], [id, []]));
          continue;
        }
        const { passing, hold, ...call } = stored as StoredCall & { passing?: 'private' };
        const finished = passing === 'private' ? passing : 'unkept';
        if (name === 'history') await calls.put({ ...call, place: name });
        else if (passing) await calls.put({ ...call, place: finished });
        else await calls.put({ ...call, place: 'open', ...(hold && { hold }) });
      }
      older(database).deleteObjectStore(name);
    }
  },
];

/** The database with the stores that it had then. */
const older = (database: Database): IDBPDatabase => database as unknown as IDBPDatabase;

interface OlderStores {
  objectStore(name: 'journal' | 'history'): AnyStore & {
    createIndex(name: string, keyPath: string[]): unknown;
  };
}

/** One value; undefined when the browser has lost it, which must not end the transaction. */
function readable(store: AnyStore, key: IDBValidKey): Promise<unknown> {
  return new Promise(resolve => {
    const request = unwrap(store as unknown as IDBPObjectStore).get(key);
    request.onsuccess = () => resolve(request.result);
    request.onerror = event => {
      event.preventDefault();
      resolve(undefined);
    };
  });
}

/** A store whose values have not been looked at. */
interface AnyStore {
  get(key: IDBValidKey): Promise<unknown>;
  getAll(): Promise<unknown[]>;
  getAllKeys(): Promise<IDBValidKey[]>;
  put(value: unknown, key?: IDBValidKey): Promise<unknown>;
}
