import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { base64, randomBytes } from '../../src/bytes';
import { Journal } from '../../src/calls/journal';
import { openDatabase } from '../../src/store/database';
import type { BackedUpKey } from '../../src/vault/backup';
import type { Passkey, Proof } from '../../src/vault/proof';
import { Vault } from '../../src/vault/vault';
import { FAULTS, type Fault, failAt, type Steps } from './failing';
import * as firstVersion from './first-version';
import {
  copyOf,
  emptyRoom,
  MemoryArea,
  PASSPHRASE,
  putBoth,
  putRaw,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
} from './vaults';

/** Hundreds of vaults are made here: Argon2id itself computes only where `real` says so. */
const derivation = vi.hoisted(() => ({ real: false }));
vi.mock('argon2id/lib/setup.js', async original => {
  const { standIn } = await import('./derivation');
  const { default: setup } = await original<typeof import('argon2id/lib/setup.js')>();
  const chosen: typeof setup = (...loaders) => (derivation.real ? setup : standIn)(...loaders);
  return { default: chosen };
});

const NEW = 'nine-blue-herons-fold-maps';
const by = (passphrase: string): Proof => ({ by: 'passphrase', passphrase });
const old = by(PASSPHRASE);

function aPasskey(label: string) {
  const passkey: Passkey = {
    id: base64(randomBytes(20)),
    label,
    salt: base64(randomBytes(32)),
    created: 1,
  };
  const secret = base64(randomBytes(32));
  return { passkey, secret, proof: { by: 'passkey', id: passkey.id, secret } as const };
}
const laptop = aPasskey('Laptop');
const stick = aPasskey('Stick');

/** Whatever might open a vault here, by name. */
const PROOFS: Record<string, Proof> = {
  'the old passphrase': old,
  'the new passphrase': by(NEW),
  'the laptop': laptop.proof,
  'the stick': stick.proof,
};

let work = '';
const picture = randomBytes(500);

/** A vault with two keys, a passkey, a finished call with a picture, and the use that it was. */
async function furnished(): Promise<Room> {
  const room = await roomWithVault();
  const { vault, database } = room;
  work = await vault.keys.add(runwareKey('Work', 'secret-of-work'));
  await vault.keys.add(runwareKey('Home', 'secret-of-home'));
  await vault.addPasskey(old, laptop.passkey, laptop.secret);
  const journal = new Journal(database, vault);
  const made = { service: 'runware', key: work, label: 'Work', operation: 'image', values: {}, boot: 'b' };
  const items = [{ kind: 'image' as const, id: 'i', type: 'image/png' as const, media: 0 }];
  const sent = await journal.advance(await journal.prepare('call', 1, made), { phase: 'sent', items }, [
    picture,
  ]);
  await journal.advance(sent, { phase: 'done', tookMs: 5, items });
  await journal.settle();
  return room;
}

/** Everything in an open vault, read to the last byte. */
async function contents({ vault, database }: Room) {
  const journal = new Journal(database, vault);
  const keys = [];
  for (const { id, iv: _, ...entry } of await vault.keys.list()) {
    const { fields, origins } = await vault.keys.open(id);
    keys.push({ ...entry, fields, origins });
  }
  const calls = await journal.latest(5);
  const media = await Promise.all(calls.map(({ id }) => journal.media(id, 0)));
  const { uses, unreadable } = await vault.uses.of(work);
  return { keys, calls, media, uses, unreadable };
}

/** What a background finds that knows nothing yet: what opens the vault, and everything in it. */
async function found(of: Room): Promise<unknown> {
  const room = reborn(of);
  const { vault } = room;
  const status = await vault.status();
  if (status !== 'locked' && status !== 'unlocked') return status;
  const opens: string[] = [];
  const seen: unknown[] = status === 'unlocked' ? [await contents(room)] : [];
  for (const [name, proof] of Object.entries(PROOFS)) {
    await vault.lock();
    const opened = await vault.unlock(proof).then(
      () => true,
      () => false,
    );
    if (!opened) continue;
    opens.push(name);
    seen.push(await contents(room));
  }
  expect(seen.length).toBeGreaterThan(0);
  for (const one of seen) expect(one).toEqual(seen[0]);
  return { opens, passkeys: (await vault.passkeys()).map(({ label }) => label), ...Object(seen[0]) };
}

const backedUp = (id: string, label: string, secret: string): BackedUpKey => ({
  ...{ id, label, service: 'runware', fields: {}, secrets: { apiKey: secret } },
  ...{ origins: runwareKey().origins, created: 1, changed: 2, edited: 2 },
});

interface Change {
  readonly begin?: () => Promise<Room>;
  readonly change: (room: Room) => Promise<unknown>;
  /** Something else that it may come to, and that is as good. */
  readonly or?: unknown;
}

const label = { label: 'Changed', fields: {}, origins: [] };
const changes: Record<string, Change> = {
  'making a vault': { begin: emptyRoom, change: ({ vault }) => vault.create(NEW) },
  'adding a key': { change: ({ vault }) => vault.keys.add(runwareKey('New', 'secret-of-new')) },
  'changing a secret': {
    change: ({ vault }) => vault.keys.change(work, { ...label, secrets: { apiKey: 'changed' } }),
  },
  'changing a label': { change: ({ vault }) => vault.keys.change(work, label) },
  'removing a key': { change: ({ vault }) => vault.keys.remove(work) },
  'noting that a key works': { change: ({ vault }) => vault.keys.verified(work, 77) },
  'changing the passphrase': { change: ({ vault }) => vault.changePassphrase(old, NEW) },
  'adding a passkey': { change: ({ vault }) => vault.addPasskey(old, stick.passkey, stick.secret) },
  'removing a passkey': { change: ({ vault }) => vault.removePasskey(old, laptop.passkey.id) },
  'replacing the vault key': { change: ({ vault }) => vault.replaceKey(old, NEW) },
  'restoring a backup': {
    change: ({ vault }) =>
      vault.keys.restore(
        [backedUp(work, 'Restored', 'from-the-backup'), backedUp(crypto.randomUUID(), 'Third', 'third')],
        () => undefined,
        'replace',
      ),
  },
  'beginning with a backup': {
    begin: emptyRoom,
    change: ({ vault }) => vault.begin(NEW, [backedUp(work, 'Restored', 'from-the-backup')]),
  },
  'beginning with a backup, in the place of a damaged vault': {
    begin: async () => {
      const room = await copyOf(template);
      await room.vault.lock();
      await putBoth(room, 'header', 'vault', null);
      return room;
    },
    change: ({ vault }) => vault.begin(NEW, [backedUp(work, 'Restored', 'from-the-backup')]),
  },
  // `lost`: the marker could not be taken away, and there is nothing else left.
  'erasing everything': { change: ({ vault }) => vault.erase(), or: 'lost' },
  'unlocking a vault, and mending it': {
    begin: async () => {
      const room = await copyOf(template);
      await room.vault.lock();
      await putRaw(room, 'header', 'vault', null);
      await putRaw(room, 'index', 'keys', null);
      return room;
    },
    change: ({ vault }) => vault.unlock(old),
  },
};

let template: Room;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  template = await furnished();
});
afterAll(() => {
  vi.useRealTimers();
});

let steps: Steps | undefined;
const areas = ({ session, local }: Room) => [session, local];
afterEach(() => {
  steps?.mend();
});

const beginning = ({ begin }: Change) => (begin ? begin() : copyOf(template));

/** What there is before, what there is after, and in how many steps. */
async function undisturbed(of: Change) {
  const room = await beginning(of);
  const before = await found(await beginning(of));
  steps = failAt(Number.POSITIVE_INFINITY, 'throws', areas(room));
  await of.change(room);
  const { count } = steps;
  steps.mend();
  return { before, after: await found(room), count };
}

async function stopped(of: Change, at: number, fault: Fault) {
  const room = await beginning(of);
  steps = failAt(at, fault, areas(room));
  const done = await of.change(room).then(
    () => true,
    () => false,
  );
  const { count } = steps;
  steps.mend();
  return { room, done, reached: count > at };
}

describe.each(Object.entries(changes))('%s', (_, of) => {
  let whole: Awaited<ReturnType<typeof undisturbed>>;
  beforeAll(async () => {
    whole = await undisturbed(of);
  });

  it('takes steps, and makes a difference', () => {
    expect(whole.count).toBeGreaterThan(3);
    if (of !== changes['unlocking a vault, and mending it']) expect(whole.after).not.toEqual(whole.before);
  });

  it.each(FAULTS.filter(fault => fault !== 'dies'))(
    'on a storage that %s is made whole or not at all, at whatever step, and can be done again',
    async fault => {
      for (let at = 0; at < whole.count; at++) {
        const { room, done, reached } = await stopped(of, at, fault);
        expect(reached, `step ${at}`).toBe(true);
        const end = await found(room);
        if (done && of.or !== undefined && end === of.or) continue;
        expect(end, `after step ${at}`).toEqual(done ? whole.after : whole.before);
        if (done) continue;
        // The same background goes on; at worst the person unlocks once more.
        if ((await room.vault.status()) === 'locked') await room.vault.unlock(old);
        else if (of.begin === undefined) expect(await contents(room), `step ${at}`).toBeDefined();
        await of.change(room);
        expect(await found(room), `again, after step ${at}`).toEqual(whole.after);
      }
    },
  );

  it('by a background that dies is made whole or not at all, at whatever step', async () => {
    const ends = new Set<unknown>();
    for (let at = 0; at < whole.count; at++) {
      const { room } = await stopped(of, at, 'dies');
      const end = JSON.stringify(await found(room));
      expect([JSON.stringify(whole.before), JSON.stringify(whole.after)], `step ${at}`).toContain(end);
      ends.add(end);
    }
    expect(ends).toContain(JSON.stringify(whole.before));
  });
});

describe('with Argon2id itself', () => {
  beforeEach(() => {
    derivation.real = true;
  });
  afterEach(() => {
    derivation.real = false;
  });

  it('a new passphrase of a background that dies does not open the vault, and the old one does', async () => {
    const room = await roomWithVault();
    const id = await room.vault.keys.add(runwareKey());
    steps = failAt(1, 'dies', areas(room));
    await expect(room.vault.changePassphrase(old, NEW)).rejects.toThrow();
    steps.mend();
    const { vault } = reborn(room);
    await vault.lock();
    await expect(vault.unlock(by(NEW))).rejects.toMatchObject({ report: { code: 'wrong-passphrase' } });
    await vault.unlock(old);
    expect((await vault.keys.open(id)).fields.apiKey).toBe(runwareKey().secrets.apiKey);
  });
});

describe('what is told', () => {
  it('of a full disk is that it is full, and that nothing was saved', async () => {
    const { count } = await undisturbed(changes['adding a key'] as Change);
    const room = await copyOf(template);
    steps = failAt(count - 1, 'has no room', areas(room));
    await expect(room.vault.keys.add(runwareKey('New'))).rejects.toMatchObject({
      report: { code: 'storage-full', message: expect.stringContaining('nothing was saved') },
    });
  });

  it('of a storage that fails otherwise is that it did, and that nothing was saved', async () => {
    const { count } = await undisturbed(changes['adding a key'] as Change);
    const room = await copyOf(template);
    steps = failAt(count - 1, 'throws', areas(room));
    await expect(room.vault.keys.add(runwareKey('New'))).rejects.toMatchObject({
      report: { code: 'storage-failed', message: expect.stringContaining('nothing was saved') },
    });
  });

  it('to changes that wait behind one that failed is nothing: they are made', async () => {
    const { count } = await undisturbed(changes['adding a key'] as Change);
    const room = await copyOf(template);
    steps = failAt(count - 1, 'has no room', areas(room));
    const results = await Promise.allSettled([
      room.vault.keys.add(runwareKey('First')),
      room.vault.keys.add(runwareKey('Second')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Work', 'Home', 'Second']);
  });
});

describe('bringing a database of the first version up to this one', () => {
  beforeEach(() => {
    derivation.real = true;
  });
  afterEach(() => {
    derivation.real = false;
  });

  const isWhole = async (name: string) => {
    const kept = { database: await openDatabase(name), session: new MemoryArea(), local: new MemoryArea() };
    const vault = new Vault(kept);
    expect(await vault.status()).toBe('locked');
    expect(await kept.database.count('secrets copy')).toBe(2);
    return vault;
  };

  it.each(FAULTS)(
    'on a storage that %s leaves it as it was, at whatever step, and goes well the next time',
    async fault => {
      steps = failAt(Number.POSITIVE_INFINITY, fault);
      await openDatabase(await firstVersion.stored(firstVersion.first));
      const made = steps.count;
      steps.mend();
      // The records put into it in the first place are counted too.
      const before = Object.values(firstVersion.first).flat().length;
      expect(made - before).toBeGreaterThan(5);
      let last = '';
      for (let at = 0; at < made - before; at++) {
        const name = await firstVersion.stored(firstVersion.first);
        steps = failAt(at, fault);
        await expect(openDatabase(name), `step ${at}`).rejects.toMatchObject({
          report: { code: 'vault-unreadable' },
        });
        steps.mend();
        await isWhole(name);
        last = name;
      }
      const vault = await isWhole(last);
      await vault.unlock(firstVersion.proof);
      expect((await vault.keys.list()).map(({ label }) => label)).toEqual(['Work', 'Test']);
    },
  );
});
