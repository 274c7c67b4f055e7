import { openDB, unwrap } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { randomBytes, utf8 } from '../../src/bytes';
import { Journal } from '../../src/calls/journal';
import {
  type Database,
  inPlace,
  openDatabase,
  type Sealed,
  type StoredCall,
  type StoredUses,
} from '../../src/store/database';
import { migrations } from '../../src/store/migrations';
import { readIndex } from '../../src/vault/key-index';
import { Vault } from '../../src/vault/vault';
import { background, drawn, formOf, never, said, sending } from './background';
import { first, proof, type Records, stored } from './first-version';
import { idsIn, MemoryArea, type Room, reborn, roomWithVault, runwareKey, STORES } from './vaults';

async function roomOf(name: string): Promise<Room> {
  const kept = { database: await openDatabase(name), session: new MemoryArea(), local: new MemoryArea() };
  return { ...kept, vault: new Vault(kept) };
}

describe('a database of the first version', () => {
  let room: Room;

  beforeEach(async () => {
    room = await roomOf(await stored(first));
  });

  it('has every store of this one, and nothing else', () => {
    expect([...room.database.objectStoreNames].sort()).toEqual([...STORES].sort());
  });

  it('is a locked vault, which its passphrase opens and no other', async () => {
    expect(await room.vault.status()).toBe('locked');
    await expect(room.vault.unlock({ ...proof, passphrase: 'another one' })).rejects.toMatchObject({
      report: { code: 'wrong-passphrase' },
    });
    await room.vault.unlock(proof);
    expect(await room.vault.status()).toBe('unlocked');
    expect(await room.vault.passkeys()).toEqual([]);
  });

  it('gives both keys with their secrets; they were last changed when they were made', async () => {
    await room.vault.unlock(proof);
    const keys = await room.vault.keys.list();
    expect(keys.map(({ label }) => label)).toEqual(['Work', 'Test']);
    for (const { created, changed } of keys) {
      expect(created).toBeGreaterThan(0);
      expect(changed).toBe(created);
    }
    const opened = await Promise.all(keys.map(({ id }) => room.vault.keys.open(id)));
    expect(opened.map(({ fields }) => fields.apiKey)).toEqual([
      'first-version-key-of-work-1234',
      'first-version-key-of-test-5678',
    ]);
  });

  it('gives its finished call with its picture, and its open call', async () => {
    await room.vault.unlock(proof);
    const journal = new Journal(room.database, room.vault);
    const calls = await journal.latest(5);
    expect(calls.map(({ id, state }) => [id, state.phase])).toEqual([
      [first.journal?.[0]?.key, 'sent'],
      [first.history?.[0]?.key, 'done'],
    ]);
    expect(await journal.unfinished()).toEqual([first.journal?.[0]?.key]);
    expect(await journal.find(first.journal?.[0]?.key ?? '')).toMatchObject({ call: calls[0] });
    const [item] = calls[1]?.state.phase === 'done' ? calls[1].state.items : [];
    expect(item).toMatchObject({ kind: 'image', media: 0 });
    expect((await journal.media(first.history?.[0]?.key ?? '', 0))?.length).toBeGreaterThan(0);
  });

  it('has a copy of every record of the vault, which is as good as the record', async () => {
    for (const store of ['header', 'index', 'secrets'] as const) {
      const keys = await room.database.getAllKeys(store);
      expect(keys.length).toBe(first[store]?.length);
      expect(await room.database.getAllKeys(`${store} copy`)).toEqual(keys);
      expect(await room.database.getAll(`${store} copy`)).toEqual(await room.database.getAll(store));
      await room.database.clear(store);
    }
    await room.vault.unlock(proof);
    const keys = await room.vault.keys.list();
    for (const { id } of keys)
      expect((await room.vault.keys.open(id)).fields.apiKey).toContain('first-version');
    expect(keys).toHaveLength(2);
  });

  it('leaves the sealed bytes of the vault and of its calls as they were', async () => {
    expect(await room.database.getAll('index')).toEqual(first.index?.map(({ value }) => value));
    expect(await room.database.getAll('secrets')).toEqual(first.secrets?.map(({ value }) => value));
    const media: unknown[] = [];
    for (const store of ['journal', 'history'] as const) {
      const before = first[store]?.map(({ value }) => value as StoredCall & { media: Sealed[] }) ?? [];
      const place = store === 'journal' ? 'open' : store;
      expect(await room.database.getAllFromIndex('calls', 'place', inPlace(place))).toEqual(
        before.map(call => ({ ...call, place, media: call.media.length })),
      );
      media.push(...before.flatMap(call => call.media));
    }
    expect(await room.database.getAll('media')).toEqual(media);
    expect(media.length).toBeGreaterThan(0);
  });

  it('gets an index of this version with the next change, and not before', async () => {
    await room.vault.unlock(proof);
    await room.vault.keys.list();
    expect(await room.database.getAll('index')).toEqual(first.index?.map(({ value }) => value));
    await room.vault.keys.add(runwareKey('Third'));
    const [before] = first.index ?? [];
    expect(await room.database.get('index', 'keys')).not.toEqual(before?.value);
    const { vault } = reborn(room);
    expect((await vault.keys.list()).map(({ label }) => label)).toEqual(['Work', 'Test', 'Third']);
  });

  it('is migrated once: the next opening finds it as it was left', async () => {
    const name = unwrap(room.database).name;
    await room.vault.unlock(proof);
    await room.vault.keys.add(runwareKey('Third'));
    room.database.close();
    const next = await roomOf(name);
    await next.vault.unlock(proof);
    expect(await next.vault.keys.list()).toHaveLength(3);
  });
});

describe('a database of the first version that is empty', () => {
  it('is one without a vault, in which one can be made', async () => {
    const room = await roomOf(await stored({}));
    expect(await room.vault.status()).toBe('missing');
    await room.vault.create('plum anchor violin');
    expect(await room.vault.status()).toBe('unlocked');
  });
});

describe('a database of the first version that holds rubbish', () => {
  const rubbish: [string, unknown][] = [
    ['null', null],
    ['text', 'vault'],
    ['a number', 7],
    ['a list', []],
    ['an empty object', {}],
    ['half a header', { text: 'x', wrapped: null, checksum: 7 }],
    ['an object of dates', { text: new Date(0), wrapped: new Map(), checksum: new Set() }],
  ];

  it.each(rubbish)('opens, and is a damaged vault: %s', async (_, value) => {
    const records: Records = {
      header: [{ key: 'vault', value }],
      index: [{ key: 'keys', value }],
      secrets: [{ key: 'a', value }],
    };
    const room = await roomOf(await stored(records));
    expect(await room.vault.status()).toBe('damaged');
    await expect(room.vault.unlock(proof)).rejects.toMatchObject({ report: { code: 'vault-damaged' } });
    await expect(room.vault.create('plum anchor violin')).rejects.toMatchObject({
      report: { code: 'vault-damaged' },
    });
    expect(await room.database.getAllKeys('secrets copy')).toEqual(['a']);
  });

  it('in one secret gives the other keys all the same', async () => {
    const [one, two] = first.secrets ?? [];
    if (!one || !two) throw new Error('the fixture has two secrets');
    const room = await roomOf(await stored({ ...first, secrets: [{ ...one, value: null }, two] }));
    await room.vault.unlock(proof);
    expect((await room.vault.keys.open(two.key)).fields.apiKey).toContain('first-version');
    await expect(room.vault.keys.open(one.key)).rejects.toMatchObject({ report: { code: 'key-damaged' } });
  });
});

describe('a database of the third version', () => {
  it('has every call in its place, and finished ones hold nothing back', async () => {
    const name = `third ${crypto.randomUUID()}`;
    const hold = { key: 'k', dollars: 1 };
    const before = await openDB(name, 3, {
      async upgrade(database, _from, _to, transaction) {
        for (const migrate of migrations.slice(0, 3))
          await migrate(database as unknown as Database, transaction as never);
      },
    });
    await before.put('history', { id: 'finished', at: 1, media: 0, hold });
    for (const [id, passing] of [
      ['open', undefined],
      ['private', 'private'],
      ['unkept', 'unkept'],
      ['damaged', 7],
    ])
      await before.put('journal', { id, at: 1, media: 0, hold, passing });
    before.close();
    const { database } = await roomOf(name);
    expect((await database.getAll('calls')).map(({ id, place }) => [id, place])).toEqual([
      ['damaged', 'unkept'],
      ['finished', 'history'],
      ['open', 'open'],
      ['private', 'private'],
      ['unkept', 'unkept'],
    ]);
    expect(await database.getAllKeysFromIndex('calls', 'hold')).toEqual(['open']);
  });
});

describe('a database of the second version', () => {
  const pictures = [3_000, 0, 60_000].map(randomBytes);
  let room: Room;
  let key = '';
  let ids: Record<'done' | 'words' | 'open', string>;

  beforeEach(async () => {
    const now = await roomWithVault();
    key = await now.vault.keys.add(runwareKey());
    const { calls, script, reaches } = background(now);
    script.run = async function* ({ operation, values }) {
      yield sending({ session: 's-1' });
      if (operation === 'text') yield said('A tall bird.', 0.25, true);
      else for (const [at, bytes] of pictures.entries()) yield drawn(`i-${at}`, bytes);
      if (values.prompt === 'wait') await never;
    };
    const wish = { key, operation: 'image' };
    const done = await calls.start({ ...wish, values: formOf('image', { prompt: 'three', count: '3' }) });
    const words = await calls.start({ key, operation: 'text', values: formOf('text', { prompt: 'one' }) });
    await Promise.all([reaches(done.id, 'done'), reaches(words.id, 'done')]);
    const open = await calls.start({ ...wish, values: formOf('image', { prompt: 'wait', count: '4' }) });
    await vi.waitFor(async () => expect((await now.database.get('calls', open.id))?.media).toBe(3));
    ids = { done: done.id, words: words.id, open: open.id };
    room = await asOfVersion2(now);
  });

  /** The same as version 2 of Runkey kept it, opened by this one. */
  async function asOfVersion2({ database, session, local }: Room): Promise<Room> {
    const records: Records = {};
    for (const store of STORES) {
      if (store === 'calls' || store === 'media' || store === 'spending') continue;
      const [keys, values] = [await database.getAllKeys(store), await database.getAll(store)];
      records[store] =
        store === 'uses'
          ? (values as StoredUses[]).flatMap(({ key, uses }) =>
              uses.map(use => ({ key: use.id, value: { ...use, key } })),
            )
          : values.map((value, at) => ({ key: String(keys[at]), value }));
    }
    for (const { hold: _, counted: __, place, ...call } of await database.getAll('calls')) {
      const media = await database.getAll('media', IDBKeyRange.bound([call.id], [call.id, []]));
      const name = place === 'open' ? 'journal' : 'history';
      records[name] = [...(records[name] ?? []), { key: call.id, value: { ...call, media } }];
    }
    const kept = { database: await openDatabase(await stored(records, 2)), session, local };
    return { ...kept, vault: new Vault(kept) };
  }

  it('opens with every picture of every call, in its place', async () => {
    const journal = new Journal(room.database, room.vault);
    for (const id of [ids.done, ids.open]) {
      const media = await Promise.all(pictures.map((_, at) => journal.media(id, at)));
      expect(media).toEqual(pictures);
    }
    await expect(journal.media(ids.done, 3)).rejects.toMatchObject({ code: 'call-missing' });
    await expect(journal.media(ids.words, 0)).rejects.toMatchObject({ code: 'call-missing' });
    expect(await room.database.count('media')).toBe(6);
  });

  it('opens with every call as it was, and no picture left within one', async () => {
    const { calls, history } = background(room);
    const byId = new Map((await calls.latest(9)).map(call => [call.id, call]));
    expect(byId.size).toBe(3);
    expect(byId.get(ids.done)?.state).toMatchObject({
      phase: 'done',
      items: pictures.map((_, media) => ({ media })),
    });
    expect(byId.get(ids.words)?.state).toMatchObject({ items: [{ text: 'A tall bird.' }], cost: 0.25 });
    expect(byId.get(ids.open)?.state).toMatchObject({ phase: 'sent' });
    expect((await history.list({ most: 9 })).calls).toHaveLength(2);
    const kept = await room.database.getAll('calls');
    expect(kept.map(({ id, media }) => [id, media])).toEqual(
      expect.arrayContaining([
        [ids.done, 3],
        [ids.words, 0],
        [ids.open, 3],
      ]),
    );
  });

  it('lets its open call go on: what comes then goes behind what had come', async () => {
    const { calls, script, reaches } = background(room);
    const last = randomBytes(100);
    script.recover = async function* () {
      yield drawn('i-3', last);
    };
    await calls.recover();
    expect(await reaches(ids.open, 'done')).toMatchObject({ items: [{}, {}, {}, { id: 'i-3', media: 3 }] });
    expect(await calls.media(ids.open, 3)).toEqual(last);
    expect(await calls.media(ids.open, 0)).toEqual(pictures[0]);
  });

  it('has spent nothing yet, and its finished calls can be deleted with their pictures', async () => {
    const { history, spent } = background(room);
    expect(await spent()).toEqual({});
    await history.delete(ids.done);
    expect(await idsIn(room.database, 'history')).toEqual([ids.words]);
    expect(await room.database.count('media')).toBe(3);
  });

  it('keeps its uses and its settings', async () => {
    const { uses } = await room.vault.uses.of(key);
    expect(uses.map(({ task, outcome }) => [task, outcome]).sort()).toEqual([
      ['image', 'done'],
      ['text', 'done'],
    ]);
    expect(await room.database.count('settings')).toBeGreaterThan(0);
  });

  it('whose uses are damaged opens, with those that could ever be found', async () => {
    const damaged: Records = {
      uses: [
        { key: 'a', value: { id: 'a', key: 'work', at: 1 } },
        { key: 'b', value: { id: 'b', key: 'work' } },
        { key: 'c', value: { id: 'c', key: 7, at: 3 } },
        { key: 'd', value: { id: 'd', key: 'work', at: Number.NaN } },
        { key: 'e', value: { id: 5, key: 'work', at: 5 } },
      ],
    };
    const { database } = await roomOf(await stored(damaged, 2));
    expect(await database.getAllKeys('uses')).toEqual([['work', 1, 'a']]);
  });

  it('whose calls are damaged opens, with what is not', async () => {
    const damaged: Records = {
      history: [
        { key: 'a', value: { id: 'a', at: 1 } },
        { key: 'b', value: { id: 'b', at: 2, media: 'x' } },
        { key: 'c', value: { id: 'c', at: 3, media: [null, 7] } },
        { key: 'd', value: { id: 'd', at: 'never', media: null } },
      ],
    };
    const { database } = await roomOf(await stored(damaged, 2));
    expect((await idsIn(database, 'history')).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect((await database.getAll('calls')).map(({ media }) => media)).toEqual([undefined, 0, 2, 0]);
  });
});

describe('a database of a newer version', () => {
  it('is refused with what to do, and is untouched', async () => {
    const name = await stored(first, 99);
    await expect(openDatabase(name)).rejects.toMatchObject({
      report: {
        code: 'vault-unreadable',
        message: expect.stringContaining('newer version'),
        next: expect.stringContaining('Update the extension'),
      },
    });
    const opening = indexedDB.open(name);
    await new Promise(resolve => {
      opening.onsuccess = resolve;
    });
    const { result } = opening;
    expect([result.version, [...result.objectStoreNames].length]).toEqual([99, 6]);
    const header = result.transaction('header').objectStore('header').get('vault');
    await new Promise(resolve => {
      header.onsuccess = resolve;
    });
    expect(header.result).toEqual(first.header?.[0]?.value);
    result.close();
  });
});

describe('an index of the first version', () => {
  it.each([
    ['with a field that it never had', { keys: [], more: 1 }],
    ['without its keys', {}],
    ['of a version to come', { version: 3, revision: 1, keys: [] }],
  ])('is not read when it is one %s', (_, index) => {
    expect(() => readIndex(utf8(JSON.stringify(index)))).toThrow();
  });
});
