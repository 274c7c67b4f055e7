import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  codeOf,
  copyOf,
  emptyRoom,
  PASSPHRASE,
  putBoth,
  putRaw,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
  STORES,
  type Twice,
} from './vaults';

vi.mock('argon2id/lib/setup.js', async original => {
  const { computedOnce } = await import('./derivation');
  return { default: computedOnce((await original<typeof import('argon2id/lib/setup.js')>()).default) };
});

const proof = { by: 'passphrase', passphrase: PASSPHRASE } as const;

let template: Room;
let another: Room;
let room: Room;
let work = '';
/** The same vault, before its key was changed. */
let earlier: Room;

beforeAll(async () => {
  template = await roomWithVault('the passphrase from before');
  work = await template.vault.keys.add(runwareKey('Work', 'secret-of-before'));
  earlier = await copyOf(template);
  await template.vault.changePassphrase(
    { by: 'passphrase', passphrase: 'the passphrase from before' },
    PASSPHRASE,
  );
  await template.vault.keys.change(work, {
    label: 'Work',
    fields: {},
    origins: [],
    secrets: { apiKey: 'secret' },
  });
  another = await roomWithVault();
  await another.vault.keys.add(runwareKey('Foreign'));
});

beforeEach(async () => {
  room = await copyOf(template);
});

const keyIn = (store: Twice) => ({ header: 'vault', index: 'keys', secrets: work })[store];
const recordOf = async (of: Room, store: Twice | `${Twice} copy`) => (await of.database.getAll(store))[0];

/** The same, with one byte of all its bytes another. */
function flipped(value: unknown): unknown {
  const copy: unknown = structuredClone(value);
  const flip = (part: unknown): boolean => {
    if (part instanceof Uint8Array) {
      part[3] = (part[3] ?? 0) ^ 1;
      return true;
    }
    return typeof part === 'object' && part !== null && Object.values(part).some(flip);
  };
  if (!flip(copy)) throw new Error('there are no bytes in it');
  return copy;
}

const damages: [string, (store: Twice) => Promise<unknown>][] = [
  ['missing', async () => undefined],
  ['null', async () => null],
  ['damaged in one byte', async store => flipped(await recordOf(room, store))],
  ['another vault’s', store => recordOf(another, store)],
  ['an older one', store => recordOf(earlier, store)],
];

const cases = (['header', 'index', 'secrets'] as const).flatMap(store =>
  damages.flatMap(([what, damage]) =>
    (['', ' copy'] as const).map(place => ({ store, place: `${store}${place}` as const, what, damage })),
  ),
);

const openedAfresh = async () => {
  await room.vault.lock();
  await room.vault.unlock(proof);
  expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Work']);
  expect((await room.vault.keys.open(work)).fields).toEqual({ apiKey: 'secret' });
};

describe('of the two records of everything', () => {
  it.each(cases.filter(({ store }) => store !== 'secrets'))(
    'one is enough when the $place is $what, and mends it',
    async ({ store, place, damage }) => {
      const whole = await recordOf(room, store);
      await putRaw(room, place, keyIn(store), await damage(store));
      expect(await recordOf(room, place)).not.toEqual(whole);
      await openedAfresh();
      expect(await recordOf(room, store)).toEqual(whole);
      expect(await recordOf(room, `${store} copy`)).toEqual(whole);
    },
  );

  it.each(cases.filter(({ store }) => store !== 'header'))(
    'one is enough for the next background too when the $place is $what',
    async ({ store, place, damage }) => {
      const whole = await recordOf(room, store);
      await putRaw(room, place, keyIn(store), await damage(store));
      expect((await reborn(room).vault.keys.open(work)).fields).toEqual({ apiKey: 'secret' });
      expect(await recordOf(room, store)).toEqual(whole);
      expect(await recordOf(room, `${store} copy`)).toEqual(whole);
    },
  );

  it('the first of each is enough, and the second of each', async () => {
    for (const place of ['', ' copy']) {
      for (const store of ['header', 'index', 'secrets'] as const) {
        await putRaw(room, `${store}${place}`, keyIn(store), undefined);
      }
      await openedAfresh();
    }
  });

  it('none need be mended at once: on a disk that takes nothing the vault opens all the same', async () => {
    await room.vault.lock();
    const damaged = flipped(await recordOf(room, 'index'));
    await putRaw(room, 'index', 'keys', damaged);
    const put = IDBObjectStore.prototype.put;
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      ...values
    ) {
      if (this.name === 'index') throw new DOMException('no room', 'QuotaExceededError');
      return put.apply(this, values);
    });
    await room.vault.unlock(proof);
    full.mockRestore();
    expect(await room.vault.keys.list()).toHaveLength(1);
    expect(await recordOf(room, 'index')).toEqual(damaged);
  });
});

describe('when both records are damaged', () => {
  const everything = async () =>
    Promise.all(STORES.filter(store => store !== 'device').map(store => room.database.getAll(store)));

  it.each([
    ['header', 'vault-damaged'],
    ['index', 'vault-damaged'],
  ] as const)('of the %s, that is told and nothing is deleted', async (store, code) => {
    await room.vault.lock();
    await putBoth(room, store, keyIn(store), flipped(await recordOf(room, store)));
    const before = await everything();
    expect(await codeOf(room.vault.unlock(proof))).toBe(code);
    expect(await codeOf(room.vault.create('another long passphrase'))).not.toBe('no failure');
    expect(await everything()).toEqual(before);
  });

  it('of a secret, that is told of its key and nothing is deleted', async () => {
    await putBoth(room, 'secrets', work, flipped(await recordOf(room, 'secrets')));
    const before = await everything();
    const { vault } = reborn(room);
    expect(await codeOf(vault.keys.open(work))).toBe('key-damaged');
    expect(await everything()).toEqual(before);
  });

  it('of the header in different ways, it is damage too', async () => {
    await putRaw(room, 'header', 'vault', flipped(await recordOf(room, 'header')));
    await putRaw(room, 'header copy', 'vault', undefined);
    const { vault } = reborn(room);
    expect(await vault.status()).toBe('damaged');
    expect(await codeOf(vault.unlock(proof))).toBe('vault-damaged');
  });
});

describe('when records are gone', () => {
  it('of the header and its copy, the rest is a damaged vault, and is not written over', async () => {
    await room.vault.lock();
    await putBoth(room, 'header', 'vault', undefined);
    for (const { vault } of [room, reborn(room)]) {
      expect(await vault.status()).toBe('damaged');
      expect(await codeOf(vault.create('another long passphrase'))).toBe('vault-damaged');
    }
    await putBoth(room, 'index', 'keys', undefined);
    expect(await room.vault.status()).toBe('damaged');
    expect(await codeOf(room.vault.create('another long passphrase'))).toBe('vault-damaged');
    expect(await room.database.getAllKeys('secrets')).toEqual([work]);
    expect(await room.database.getAllKeys('header')).toEqual([]);
  });

  it('all of them, the vault is lost, and that is not to say that there never was one', async () => {
    const { database, local, session } = room;
    for (const store of STORES) await database.clear(store);
    session.values.clear();
    const { vault } = reborn(room);
    expect(await vault.status()).toBe('lost');
    local.values.clear();
    expect(await vault.status()).toBe('missing');
    expect(await codeOf(vault.unlock(proof))).toBe('vault-missing');
  });

  it('a lost vault can be made anew', async () => {
    const { vault, local } = await emptyRoom();
    await local.set({ vault: true });
    expect(await vault.status()).toBe('lost');
    await vault.create(PASSPHRASE);
    expect(await vault.status()).toBe('unlocked');
  });

  it('a vault from before there were markers has one once it was unlocked', async () => {
    room.local.values.clear();
    await openedAfresh();
    expect([...room.local.values]).toEqual([['vault', true]]);
  });

  it('a marker that cannot be read or written keeps no vault from opening', async () => {
    const broken = () => Promise.reject(new Error('the storage is out of order'));
    Object.assign(room.local, { get: broken, set: broken, remove: broken });
    await openedAfresh();
    await room.vault.erase();
    expect(await room.vault.status()).toBe('missing');
  });
});

describe('when the browser does not read', () => {
  /** Reads of these stores fail as they do when the disk is out of order. */
  function failing(stores: readonly string[], run: () => Promise<unknown>): Promise<unknown> {
    const get = IDBObjectStore.prototype.get;
    const spy = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (
      this: IDBObjectStore,
      key,
    ) {
      if (stores.includes(this.name)) throw new DOMException('out of order', 'UnknownError');
      return get.call(this, key);
    });
    return run().finally(() => spy.mockRestore());
  }

  it.each(['header', 'index', 'secrets'] as const)(
    'both records of the %s, that is told, and it is not damage',
    async store => {
      const { vault } = reborn(room);
      if (store !== 'secrets') await vault.lock();
      await failing([store, `${store} copy`], async () => {
        const work = store === 'secrets' ? vault.keys.open(keyIn(store)) : vault.unlock(proof);
        expect(await codeOf(work)).toBe('vault-unreadable');
        if (store === 'header') expect(await codeOf(vault.status())).toBe('vault-unreadable');
      });
      if (store !== 'secrets') await vault.unlock(proof);
      expect((await vault.keys.open(work)).fields).toEqual({ apiKey: 'secret' });
    },
  );

  it.each(cases.filter(({ what }) => what === 'missing'))(
    'the $place, the other is enough',
    async ({ place }) => {
      await room.vault.lock();
      await failing([place], openedAfresh);
    },
  );

  it.each(['header', 'header copy'])('the %s while the other is missing, no vault is made', async place => {
    await room.vault.lock();
    const other = place === 'header' ? 'header copy' : 'header';
    for (const store of STORES) if (store !== place && store !== 'device') await room.database.clear(store);
    await putRaw(room, other, 'vault', undefined);
    await failing([place], async () => {
      expect(await codeOf(room.vault.status())).toBe('vault-unreadable');
      expect(await codeOf(room.vault.create('another long passphrase'))).toBe('vault-unreadable');
    });
    expect(await room.vault.status()).toBe('locked');
  });
});

describe('two who read at once', () => {
  it('of damaged records and one change of them leave the change in place', async () => {
    await putRaw(room, 'index', 'keys', flipped(await recordOf(room, 'index')));
    const { vault } = reborn(room);
    const decrypt = crypto.subtle.decrypt.bind(crypto.subtle);
    let late = true;
    const slow = vi.spyOn(crypto.subtle, 'decrypt').mockImplementation(async (...values) => {
      // The first reader is slower than the change that comes after it.
      if (late) {
        late = false;
        await new Promise(resolve => setTimeout(resolve, 60));
      }
      return decrypt(...values);
    });
    const [listed] = await Promise.all([vault.keys.list(), vault.keys.add(runwareKey('New'))]);
    slow.mockRestore();
    expect(listed.length).toBeGreaterThan(0);
    for (const seen of [vault, reborn(room).vault]) {
      expect((await seen.keys.list()).map(({ label }) => label)).toEqual(['Work', 'New']);
    }
  });
});
