import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { copyOf, emptyRoom, PASSPHRASE, type Room, reborn, roomWithVault, runwareKey } from './vaults';

type Fault = 'has no room' | 'gives up' | 'gives up once it has written';

const FAULTS: Fault[] = ['has no room', 'gives up', 'gives up once it has written'];
const WRITES = ['put', 'add', 'delete'] as const;

/** Counts the writes from now on, and lets the one of number `at` fail, as a full or dying disk would. */
function failAt(at: number, fault: Fault = 'has no room'): { readonly writes: number } {
  const count = { writes: 0 };
  for (const name of WRITES) {
    const original = IDBObjectStore.prototype[name] as (...values: unknown[]) => IDBRequest;
    vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (
      this: IDBObjectStore,
      ...values: unknown[]
    ) {
      if (count.writes++ !== at) return original.apply(this, values) as never;
      if (fault === 'has no room') throw new DOMException('no room', 'QuotaExceededError');
      const request = original.apply(this, values);
      if (fault === 'gives up') this.transaction.abort();
      else request.addEventListener('success', () => this.transaction.abort());
      return request as never;
    });
  }
  return count;
}

afterEach(() => {
  vi.restoreAllMocks();
});

const changes: Record<string, { writes: number; change: (room: Room, key: string) => Promise<unknown> }> = {
  'adding a key': { writes: 2, change: ({ vault }) => vault.add(runwareKey('New', 'secret-of-new')) },
  'changing a secret': {
    writes: 2,
    change: ({ vault }, key) =>
      vault.change(key, { label: 'Changed', fields: {}, origins: [], secrets: { apiKey: 'changed' } }),
  },
  'changing a label': {
    writes: 2,
    change: ({ vault }, key) => vault.change(key, { label: 'Changed', fields: {}, origins: [] }),
  },
  'removing a key': { writes: 2, change: ({ vault }, key) => vault.remove(key) },
};

describe('when the disk fails', () => {
  let template: Room;
  let room: Room;
  let key = '';

  beforeAll(async () => {
    template = await roomWithVault();
    key = await template.vault.add(runwareKey());
  });
  beforeEach(async () => {
    room = await copyOf(template);
  });

  const cases = Object.entries(changes).flatMap(([name, { writes, change }]) =>
    FAULTS.flatMap(fault => Array.from({ length: writes }, (_, at) => ({ name, fault, at, change }))),
  );

  it.each(cases)(
    '$name on a disk that $fault at write $at changes nothing',
    async ({ change, at, fault }) => {
      const before = [await room.vault.list(), await room.vault.open(key)];
      failAt(at, fault);
      const failure = fault === 'has no room' ? { report: { code: 'storage-full' } } : {};
      await expect(change(room, key)).rejects.toMatchObject(failure);
      vi.restoreAllMocks();
      for (const { vault } of [room, reborn(room)]) {
        expect([await vault.list(), await vault.open(key)]).toEqual(before);
      }
      // The next attempt is as good as the first.
      await change(room, key);
      expect(await reborn(room).vault.list()).not.toEqual(before[0]);
    },
  );

  it.each(Object.entries(changes))(
    '%s is tried at every write that it makes',
    async (_, { writes, change }) => {
      const count = failAt(Number.POSITIVE_INFINITY);
      await change(room, key);
      expect(count.writes).toBe(writes);
    },
  );

  it('the passphrase opens the old vault with its old key', async () => {
    failAt(1, 'gives up');
    await expect(room.vault.add(runwareKey('New'))).rejects.toThrow();
    vi.restoreAllMocks();
    await room.vault.lock();
    await room.vault.unlock(PASSPHRASE);
    expect((await room.vault.open(key)).fields.apiKey).toBe(runwareKey().secrets.apiKey);
  });

  it('changes that wait behind the failed one are made', async () => {
    failAt(0);
    const results = await Promise.allSettled([
      room.vault.add(runwareKey('First')),
      room.vault.add(runwareKey('Second')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await room.vault.list()).map(({ label }) => label)).toEqual(['Work', 'Second']);
  });
});

describe('when the disk fails while the vault is made', () => {
  // The device’s key, the header, the index.
  const writes = 3;
  const cases = FAULTS.flatMap(fault => Array.from({ length: writes }, (_, at) => ({ fault, at })));

  it.each(cases)('there is none if the disk $fault at write $at', async ({ fault, at }) => {
    const room = await emptyRoom();
    failAt(at, fault);
    await expect(room.vault.create(PASSPHRASE)).rejects.toThrow();
    vi.restoreAllMocks();
    expect(await room.vault.status()).toBe('missing');
    expect(await reborn(room).vault.status()).toBe('missing');
    expect(await room.database.getAll('header')).toEqual([]);
    expect(await room.database.getAll('index')).toEqual([]);
  });

  it('it can be made afterwards', async () => {
    const room = await emptyRoom();
    const count = failAt(2);
    await expect(room.vault.create(PASSPHRASE)).rejects.toMatchObject({ report: { code: 'storage-full' } });
    expect(count.writes).toBe(writes);
    vi.restoreAllMocks();
    await room.vault.create(PASSPHRASE);
    await room.vault.lock();
    await room.vault.unlock(PASSPHRASE);
    expect(await room.vault.status()).toBe('unlocked');
  });
});
