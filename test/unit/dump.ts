import { unwrap } from 'idb';
import type { Database, Stores } from '../../src/store/database';

/** One record of a database, as it was read: bytes, texts, numbers, lists and plain objects in each other. */
export interface StoredRecord {
  readonly store: string;
  readonly key: IDBValidKey;
  readonly value: unknown;
}
export type Dump = readonly StoredRecord[];

/** Everything that a database holds, or some of its stores, store by store. */
export async function dumpOf(
  database: Database,
  stores: Stores[] = [...database.objectStoreNames],
): Promise<Dump> {
  const reading = database.transaction(stores);
  const dumps = stores.map(async (name): Promise<Dump> => {
    const store = reading.objectStore(name);
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return keys.map((key, at) => ({ store: name, key, value: values[at] }));
  });
  return (await Promise.all(dumps)).flat();
}

/** Makes a database hold a dump and nothing else; where it holds another one just now, only what differs is written. */
export function fill(database: Database, dump: Dump, held?: Dump): Promise<void> {
  const raw = unwrap(database);
  const stores = [...raw.objectStoreNames];
  const transaction = raw.transaction(stores, 'readwrite');
  if (!held) for (const store of stores) transaction.objectStore(store).clear();
  const stays = new Set(dump.filter(({ store, key, value }) => held && valueIn(held, store, key) === value));
  for (const { store, key } of held ?? []) {
    if (valueIn(dump, store, key) === undefined) transaction.objectStore(store).delete(key);
  }
  for (const record of dump) {
    if (stays.has(record)) continue;
    const target = transaction.objectStore(record.store);
    try {
      target.keyPath === null ? target.put(record.value, record.key) : target.put(record.value);
    } catch {
      // Without the field that its store keys it by, it is nothing that a database could hold.
    }
  }
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

export const valueIn = (dump: Dump, store: string, key: IDBValidKey): unknown =>
  dump.find(record => record.store === store && record.key === key)?.value;

export type Path = readonly string[];
/** A part of a record, and the names that lead to it. */
export interface Spot<T = unknown> {
  readonly record: StoredRecord;
  readonly path: Path;
  readonly value: T;
}
export interface Sealed {
  readonly iv: Uint8Array;
  readonly data: Uint8Array;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
export const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
export const isFilledBytes = (value: unknown): value is Uint8Array => isBytes(value) && value.length > 0;
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
export const isNumber = (value: unknown): value is number => typeof value === 'number';
export const isSealed = (value: unknown): value is Sealed =>
  isObject(value) && isBytes(value.iv) && isBytes(value.data);

export const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return isBytes(value) ? 'bytes' : typeof value;
};

/** A record's value and every part of it, the parts of parts too. */
function* partsOf(record: StoredRecord, path: Path = [], value = record.value): Generator<Spot> {
  yield { record, path, value };
  if (!Array.isArray(value) && !isObject(value)) return;
  for (const [name, part] of Object.entries(value)) yield* partsOf(record, [...path, name], part);
}

export const everySpot = (dump: Dump): Spot[] => dump.flatMap(record => [...partsOf(record)]);

export const spots = <T>(dump: Dump, is: (value: unknown) => value is T): Spot<T>[] =>
  everySpot(dump).flatMap(({ value, ...where }) => (is(value) ? [{ ...where, value }] : []));

export const nameOf = ({ record, path }: Spot): string =>
  [`${record.store} “${String(record.key)}”`, ...path].join(' → ');

/** Put in a part's place, it takes the part away. */
export const GONE = Symbol('gone');

function replaced(whole: unknown, [name, ...deeper]: Path, part: unknown): unknown {
  if (name === undefined) return part;
  const without = deeper.length === 0 && part === GONE;
  if (Array.isArray(whole)) {
    const at = Number(name);
    return without ? whole.toSpliced(at, 1) : whole.with(at, replaced(whole[at], deeper, part));
  }
  if (!isObject(whole)) throw new Error(`there is nothing called ${name} here`);
  const { [name]: before, ...rest } = whole;
  return without ? rest : { ...whole, [name]: replaced(before, deeper, part) };
}

export const withValue = (dump: Dump, at: StoredRecord, value: unknown): Dump =>
  dump.map(record => (record === at ? { ...record, value } : record));

export const put = (dump: Dump, { record, path }: Spot, part: unknown): Dump =>
  withValue(dump, record, replaced(record.value, path, part));

/** Exchanges the same part of two things that may stand in one record. */
export function exchanged<T>(
  dump: Dump,
  [a, b]: [Spot<T>, Spot<T>],
  inner: Path,
  part: (of: T) => unknown,
): Dump {
  const [atA, atB] = [
    [...a.path, ...inner],
    [...b.path, ...inner],
  ];
  if (a.record === b.record) {
    const once = replaced(a.record.value, atA, part(b.value));
    return withValue(dump, a.record, replaced(once, atB, part(a.value)));
  }
  const once = put(dump, { ...a, path: atA }, part(b.value));
  return put(once, { ...b, path: atB }, part(a.value));
}
