import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames, unwrap } from 'idb';
import { Failure } from '../failure';
import { migrations } from './migrations';

/** Bytes sealed by AES-256-GCM: a 12-byte IV, then the ciphertext with its 16-byte tag. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** One way to open the vault, as stored: what `vault/ways.ts` reads and writes. */
export interface StoredWay {
  /** Exact JSON text; it is the additional data of `wrapped`. */
  readonly text: string;
  /** The vault key, wrapped by the key that the passphrase or passkey yields. */
  readonly wrapped: Sealed;
}

/** The vault's header as stored: what `vault/header.ts` reads and writes. */
export interface StoredHeader {
  /** The passphrase's way first, then the passkeys'. */
  readonly ways: readonly StoredWay[];
  /** Ms since the epoch; the first versions wrote none. */
  readonly written?: number;
  /** SHA-256 over all of the above: tells damage from a wrong passphrase. No secret. */
  readonly checksum: Uint8Array<ArrayBuffer>;
}

/**
 * What a call stands in: the journal while it is `open`, then the `history`; or, of one that is never to go there, what
 * is soon forgotten. In the order of the alphabet, by which the index has them.
 */
export type Place = 'history' | 'open' | 'private' | 'unkept';

/** A call as stored. */
export interface StoredCall {
  readonly id: string;
  readonly place: Place;
  /** When the call was made, ms since the epoch. */
  readonly at: number;
  /** The call's own random key, wrapped by the vault. It opens this record only. */
  readonly key: Sealed;
  readonly request: Sealed;
  readonly state: Sealed;
  /** How many media it has: those that it was given first, then those of its answer. They lie in a store of their own. */
  readonly media: number;
  /** While it is open: whose daily limit it counts for, and how much it is expected to cost, US dollars. */
  readonly hold?: { readonly key: string; readonly dollars: number };
  /** What it has been counted for already, US dollars: it was finished once, and is asked after again. */
  readonly counted?: number;
  /** When it was finished, ms since the epoch; the first versions wrote none. */
  readonly ended?: number;
}

/** What a key's calls of one day have cost, US dollars. Plain: it is no secret, and guards money. */
export interface StoredSpending {
  /** yyyy-mm-dd where the person is. */
  readonly day: string;
  readonly key: string;
  readonly dollars: number;
}

/** Uses of a key that were noted in one transaction: when in the clear, what each was for sealed. */
export interface StoredUses {
  readonly key: string;
  /** When the latest of them was, ms since the epoch. */
  readonly at: number;
  /** Random. */
  readonly id: string;
  /** When they were noted, ms since the epoch: of a call that was finished twice the later word counts. */
  readonly noted: number;
  readonly uses: readonly StoredUse[];
}

export interface StoredUse {
  /** The call's id, or a random one. */
  readonly id: string;
  /** Ms since the epoch. */
  readonly at: number;
  /** The call's own random key, wrapped by the vault. */
  readonly wrapped: Sealed;
  readonly use: Sealed;
}

/**
 * One database for everything that is kept. Content scripts cannot reach it in any browser,
 * which is not so for storage.local.
 */
export interface Schema extends DBSchema {
  header: { key: 'vault'; value: StoredHeader };
  index: { key: 'keys'; value: Sealed };
  secrets: { key: string; value: Sealed };
  'header copy': Schema['header'];
  'index copy': Schema['index'];
  'secrets copy': Schema['secrets'];
  device: { key: 'wrapper'; value: CryptoKey };
  calls: { key: string; value: StoredCall; indexes: { place: [Place, number]; hold: [string, number] } };
  /** Images, sounds and films of calls, a ciphertext each, by call and place. */
  media: { key: [string, number]; value: Sealed };
  spending: { key: [string, string]; value: StoredSpending };
  /** By key, moment and id. */
  uses: { key: [string, number, string]; value: StoredUses };
  /** Plain: they are no secrets, and content scripts cannot reach them. */
  settings: { key: string; value: unknown };
}

/** The calls in a place, oldest first, by the index. */
export const inPlace = (place: Place): IDBKeyRange => IDBKeyRange.bound([place], [place, []]);
/** Those that are open or soon forgotten. */
export const unfiled = (): IDBKeyRange => IDBKeyRange.lowerBound(['open']);
/** Those that are soon forgotten. */
export const passing = (): IDBKeyRange => IDBKeyRange.lowerBound(['private']);

export type Database = IDBPDatabase<Schema>;
export type Stores = StoreNames<Schema>;
export type Writing<S extends Stores> = IDBPTransaction<Schema, S[], 'readwrite'>;

const NAME = 'runkey';

/**
 * Opens the database, making it on first use and bringing an older one up to this version.
 * Throws `vault-unreadable` where the browser will not give it, or a newer Runkey wrote it.
 */
export async function openDatabase(name = NAME): Promise<Database> {
  try {
    return await openDB<Schema>(name, migrations.length, {
      async upgrade(database, from, _to, transaction) {
        // What is thrown here nobody hears of, and what was done before it would stay done.
        transaction.done.catch(() => {});
        try {
          for (const migrate of migrations.slice(from)) await migrate(database, transaction);
        } catch {
          try {
            transaction.abort();
          } catch {} // It was over already.
        }
      },
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'VersionError') {
      throw new Failure('vault-unreadable', 'A newer version of Runkey wrote this vault.', {
        next: 'Update the extension. Nothing was changed.',
      });
    }
    throw unreadable();
  }
}

function unreadable(): Failure {
  return new Failure('vault-unreadable', 'The browser would not open the storage that holds your vault.', {
    next: 'Restart the browser. If that does not help, check that its disk is not full.',
  });
}

/** Waits for something to be read. Throws `vault-unreadable` where the browser will not. */
export async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof DOMException ? unreadable() : error;
  }
}

/**
 * Makes one change, all of it or nothing. When this resolves a `strict` one is on the disk, and every one
 * before it; a `relaxed` one survives the browser's death, but not a power cut in the same moment.
 * `change` may await only requests of its own transaction.
 */
export async function write<S extends Stores>(
  database: Database,
  stores: S[],
  change: (transaction: Writing<S>) => Promise<unknown> | unknown,
  durability: 'strict' | 'relaxed' = 'strict',
): Promise<void> {
  let transaction: Writing<S> | undefined;
  try {
    transaction = database.transaction(stores, 'readwrite', { durability });
    await change(transaction);
    await transaction.done;
  } catch (error) {
    // The transaction may have ended already; what matters is that it did not commit.
    transaction?.done.catch(() => {});
    try {
      transaction?.abort();
    } catch {}
    throw error instanceof DOMException ? unwritten(error) : error;
  }
}

/**
 * Reads records one by one, undefined for those that cannot be: Chromium keeps values of more than about 64 kB in
 * files of their own, and one whose file is lost ends any reading of many.
 */
export const eachAlone = <T>(
  ids: readonly string[],
  read: (id: string) => Promise<T | undefined>,
): Promise<(T | undefined)[]> => Promise.all(ids.map(id => read(id).catch(() => undefined)));

/**
 * Puts a value in a transaction and waits for nothing: should it fail, so does the transaction, which tells. `key` is
 * for stores whose values do not hold theirs.
 */
export function putLater<S extends Stores>(
  transaction: Writing<Stores>,
  store: S,
  value: Schema[S]['value'],
  key?: Schema[S]['key'],
): void {
  // Past the wrappers: a promise for each of the writings of a hundred calls takes as long as the rest of them.
  unwrap(transaction).objectStore(store).put(value, key);
}

/** Deletes one value or a range, as `putLater` puts one. */
export function deleteLater<S extends Stores>(
  transaction: Writing<Stores>,
  store: S,
  key: Schema[S]['key'] | IDBKeyRange,
): void {
  unwrap(transaction).objectStore(store).delete(key);
}

function unwritten({ name }: DOMException): Failure {
  return name === 'QuotaExceededError'
    ? new Failure('storage-full', 'The disk is full, so nothing was saved.', {
        next: 'Free some space and do it again.',
      })
    : new Failure('storage-failed', 'The browser did not write to its storage, so nothing was saved.', {
        next: 'Do it again. If it goes on, restart the browser and check its disk.',
      });
}
