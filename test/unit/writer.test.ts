import 'fake-indexeddb/auto';
import { unwrap } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/failure';
import { type Database, openDatabase, putLater } from '../../src/store/database';
import { Writer } from '../../src/store/writer';

let number = 0;
let database: Database;
/** What the changes of each transaction wrote together: the keys that they named. */
let together: string[][];
let writer: Writer<Named>;

class Named {
  readonly keys: string[] = [];
  write(): void {
    together.push(this.keys);
  }
}

/** The durability of each transaction that writes. */
let written: (string | undefined)[];

beforeEach(async () => {
  database = await openDatabase(`writer-${number++}`);
  together = [];
  writer = new Writer(database, ['spending', 'settings'], () => new Named());
  written = [];
  const begin = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    stores,
    mode,
    options,
  ) {
    if (mode === 'readwrite') written.push(options?.durability);
    return begin.call(this, stores, mode, options);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  database.close();
});

const put = (key: string, dollars = 1) =>
  writer.write((transaction, { keys }) => {
    keys.push(key);
    putLater(transaction, 'spending', { day: '2026-11-24', key, dollars });
  });
const kept = async () => (await database.getAll('spending')).map(({ key }) => key);

describe('what is written', () => {
  it('shares a transaction with what comes while another is under way', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(key => put(key)));
    expect(await kept()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(written).toEqual(['relaxed', 'relaxed']);
  });

  it('has what the changes of a transaction know together written once, after them', async () => {
    await Promise.all(['a', 'b', 'c'].map(key => put(key)));
    expect(together).toEqual([['a'], ['b', 'c']]);
  });

  it('sees what came before it, in the same transaction too', async () => {
    const seen: number[] = [];
    const add = () =>
      writer.write(async transaction => {
        const before = (await transaction.objectStore('spending').get(['2026-11-24', 'a']))?.dollars ?? 0;
        seen.push(before);
        putLater(transaction, 'spending', { day: '2026-11-24', key: 'a', dollars: before + 1 });
      });
    await Promise.all([add(), add(), add(), add()]);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('is on the disk once it is flushed, many by one strict writing', async () => {
    await Promise.all([put('a'), put('b'), writer.flush(), put('c'), writer.flush()]);
    expect(written).toEqual(['relaxed', 'relaxed', 'strict']);
    await writer.flush();
    expect(written).toEqual(['relaxed', 'relaxed', 'strict', 'strict']);
  });

  it('is on the disk in time, although there is always more to write', async () => {
    let flushed = false;
    const more = async (left: number): Promise<void> => {
      await put(`key ${left}`);
      if (left > 0 && !flushed) await more(left - 1);
    };
    const busy = Promise.all([more(100), more(100)]);
    await writer.flush().then(() => {
      flushed = true;
    });
    expect(written.filter(one => one === 'relaxed').length).toBeLessThan(10);
    await busy;
  });

  it('is on the disk when it is flushed, however much was written before it', async () => {
    for (let at = 0; at < 400; at++) void put(`key ${at}`);
    await writer.flush();
    expect(await database.count('spending')).toBe(400);
    expect(written.at(-1)).toBe('strict');
  });
});

describe('one that is refused or fails', () => {
  it('is refused alone, with its own reason', async () => {
    const no = new Failure('daily-limit', 'Too dear.');
    const results = await Promise.allSettled([
      put('a'),
      put('b'),
      writer.write(() => Promise.reject(no)),
      put('c'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(results[2]).toMatchObject({ reason: no });
    expect(await kept()).toEqual(['a', 'b', 'c']);
  });

  it('takes no flush with it: what was written before reaches the disk by a writing all the same', async () => {
    const puts = vi.spyOn(IDBObjectStore.prototype, 'put');
    const no = writer.write(() => Promise.reject(new Failure('daily-limit', 'Too dear.')));
    const before = put('a');
    const also = writer.write(() => Promise.reject(new Failure('daily-limit', 'Too dear.')));
    const flushed = writer.flush();
    await Promise.allSettled([no, before, also]);
    await flushed;
    puts.mockClear();
    written = [];
    const late = writer.write(() => Promise.reject(new Failure('daily-limit', 'Too dear.')));
    const third = writer.write(() => Promise.reject(new Failure('daily-limit', 'Too dear.')));
    const last = writer.flush();
    await Promise.allSettled([late, third]);
    await last;
    expect(written).toContain('strict');
    expect(puts).toHaveBeenCalledTimes(1);
  });

  it.each([
    [
      'a writing that the browser does not take',
      () =>
        writer.write(transaction => {
          const store = unwrap(transaction).objectStore('spending');
          store.add({ day: '2026-11-24', key: 'a', dollars: 2 });
        }),
    ],
    [
      'one that throws at once',
      () =>
        writer.write(transaction => {
          // @ts-expect-error No such key can be.
          putLater(transaction, 'spending', { day: '2026-11-24', key: null, dollars: 2 });
        }),
    ],
  ])('takes no other with it: %s', async (_, bad) => {
    await put('a');
    const results = await Promise.allSettled([put('b'), put('c'), bad(), put('d'), writer.flush()]);
    expect(results.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ]);
    expect(results[2]).toMatchObject({ reason: { code: 'storage-failed' } });
    expect(await database.getAll('spending')).toEqual(
      ['a', 'b', 'c', 'd'].map(key => ({ day: '2026-11-24', key, dollars: 1 })),
    );
  });

  it('leaves nothing behind that later ones would wait for', async () => {
    database.close();
    await expect(put('a')).rejects.toMatchObject({ code: 'storage-failed' });
    await expect(put('b')).rejects.toMatchObject({ code: 'storage-failed' });
    await expect(writer.flush()).rejects.toMatchObject({ code: 'storage-failed' });
  });
});
