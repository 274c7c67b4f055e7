import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { base64, randomBytes } from '../../src/bytes';
import { History } from '../../src/calls/history';
import { Journal } from '../../src/calls/journal';
import type { Sealed } from '../../src/store/database';
import type { Passkey, Proof } from '../../src/vault/proof';
import {
  codeOf,
  copyOf,
  idsIn,
  PASSPHRASE,
  putBoth,
  putRaw,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
  STORES,
} from './vaults';

vi.mock('argon2id/lib/setup.js', async original => {
  const { computedOnce } = await import('./derivation');
  return { default: computedOnce((await original<typeof import('argon2id/lib/setup.js')>()).default) };
});

const NEW = 'nine-blue-herons-fold-maps';
const by = (passphrase: string): Proof => ({ by: 'passphrase', passphrase });
const old = by(PASSPHRASE);
const anew = by(NEW);

/** A passkey and what its function gives: no browser is needed for the rest. */
function aPasskey(label: string) {
  const passkey: Passkey = {
    id: base64(randomBytes(20)),
    label,
    salt: base64(randomBytes(32)),
    created: 1_700_000_000_000,
  };
  const secret = base64(randomBytes(32));
  const proof: Proof = { by: 'passkey', id: passkey.id, secret };
  return { passkey, secret, proof };
}

const laptop = aPasskey('Laptop');
const stick = aPasskey('Stick');

/** A vault with two keys, a passkey, a finished call with a picture and the use that it was. */
let template: Room;
let room: Room;
let work = '';
let home = '';
const picture = randomBytes(3_000);

beforeAll(async () => {
  template = await roomWithVault();
  const { vault } = template;
  work = await vault.keys.add(runwareKey('Work', 'secret-of-work'));
  home = await vault.keys.add(runwareKey('Home', 'secret-of-home'));
  await vault.addPasskey(old, laptop.passkey, laptop.secret);
  const journal = new Journal(template.database, vault);
  const entry = await journal.prepare('done-call', 1_700_000_000_000, request());
  const items = [{ kind: 'image', id: 'i', type: 'image/png', media: 0 }] as const;
  const sent = await journal.advance(entry, { phase: 'sent', items: [...items] }, [picture]);
  await journal.advance(sent, { phase: 'done', tookMs: 5, items: [...items], cost: 0.25 });
  await journal.settle();
  await vault.uses.note(work, 1_700_000_000_001, { task: 'test', outcome: 'works' });
});

beforeEach(async () => {
  room = await copyOf(template);
});

const request = () => ({
  service: 'runware',
  key: work,
  label: 'Work',
  operation: 'image',
  values: { prompt: 'p' },
  boot: 'b',
});

/** Everything that is kept, but for the device's key. */
const kept = async ({ database }: Room) =>
  Promise.all(STORES.filter(store => store !== 'device').map(store => database.getAll(store)));

/** Everything in the vault can be read, by a background that knows nothing yet. */
async function everythingIsReadable(of: Room): Promise<void> {
  const { vault, database } = reborn(of);
  expect((await vault.keys.list()).map(({ label }) => label)).toEqual(['Work', 'Home']);
  expect((await vault.keys.open(work)).fields).toEqual({ apiKey: 'secret-of-work' });
  expect((await vault.keys.open(home)).fields).toEqual({ apiKey: 'secret-of-home' });
  const journal = new Journal(database, vault);
  expect(await journal.latest(5)).toMatchObject([{ id: 'done-call', state: { phase: 'done', cost: 0.25 } }]);
  expect(await journal.media('done-call', 0)).toEqual(picture);
  expect(await vault.uses.of(work)).toEqual({
    uses: [
      { at: 1_700_000_000_001, task: 'test', outcome: 'works' },
      { at: 1_700_000_000_000, task: 'image', outcome: 'done', cost: 0.25 },
    ],
    unreadable: 0,
  });
}

async function opensWith(proof: Proof): Promise<void> {
  await room.vault.lock();
  await room.vault.unlock(proof);
  await everythingIsReadable(room);
}

describe('changing the passphrase', () => {
  it('lets the new one open the vault and the old one no longer', async () => {
    await room.vault.changePassphrase(old, NEW);
    await room.vault.lock();
    expect(await codeOf(room.vault.unlock(old))).toBe('wrong-passphrase');
    await opensWith(anew);
  });

  it('rewrites the header and nothing else', async () => {
    const before = await kept(room);
    await room.vault.changePassphrase(old, NEW);
    const after = await kept(room);
    const differ = STORES.filter(store => store !== 'device').filter(
      (_, at) => JSON.stringify(before[at]) !== JSON.stringify(after[at]),
    );
    expect(differ).toEqual(['header', 'header copy']);
  });

  it('leaves the passkeys as they are, and lets one of them be the proof', async () => {
    await room.vault.changePassphrase(laptop.proof, NEW);
    expect(await room.vault.passkeys()).toEqual([laptop.passkey]);
    await opensWith(laptop.proof);
    await opensWith(anew);
  });

  it('leaves it open meanwhile, for the next background too', async () => {
    await room.vault.changePassphrase(old, NEW);
    await everythingIsReadable(room);
    expect(await room.vault.status()).toBe('unlocked');
  });

  it.each([
    ['of a wrong proof', by('not the passphrase'), NEW, 'wrong-passphrase'],
    ['of a passkey that it does not know', stick.proof, NEW, 'wrong-passkey'],
    ['of a new one that is too short', old, '1234567', 'bad-passphrase'],
  ])('changes nothing because %s', async (_, proof, passphrase, code) => {
    const before = await kept(room);
    expect(await codeOf(room.vault.changePassphrase(proof, passphrase))).toBe(code);
    expect(await kept(room)).toEqual(before);
  });

  it('is nobody’s to do while it is locked', async () => {
    await room.vault.lock();
    expect(await codeOf(room.vault.changePassphrase(old, NEW))).toBe('vault-locked');
  });

  it('twice at once ends as if one came after the other', async () => {
    const results = await Promise.allSettled([
      room.vault.changePassphrase(old, NEW),
      room.vault.changePassphrase(old, 'another-long-passphrase'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await opensWith(anew);
  });

  it('while the vault is locked in the middle leaves it locked, with one of the two', async () => {
    const changing = room.vault.changePassphrase(old, NEW).catch(() => {});
    await new Promise(resolve => setTimeout(resolve, 50));
    await room.vault.lock();
    await changing;
    expect(await room.vault.status()).toBe('locked');
    expect(await reborn(room).vault.status()).toBe('locked');
    await opensWith(anew).catch(() => opensWith(old));
  });
});

describe('a passkey', () => {
  it('opens the vault with what its function gave', async () => {
    await opensWith(laptop.proof);
  });

  it('is listed without anything secret, locked or not', async () => {
    await room.vault.addPasskey(old, stick.passkey, stick.secret);
    expect(await room.vault.passkeys()).toEqual([laptop.passkey, stick.passkey]);
    await room.vault.lock();
    const listed = await reborn(room).vault.passkeys();
    expect(listed).toEqual([laptop.passkey, stick.passkey]);
    expect(JSON.stringify([listed, await kept(room)])).not.toContain(stick.secret);
  });

  it('is added to the others, each of which opens the vault, as the passphrase does', async () => {
    await room.vault.addPasskey(laptop.proof, stick.passkey, stick.secret);
    for (const proof of [stick.proof, laptop.proof, old]) await opensWith(proof);
  });

  it('added once more takes the place of what it was', async () => {
    const secret = base64(randomBytes(32));
    await room.vault.addPasskey(old, { ...laptop.passkey, label: 'Renamed' }, secret);
    expect((await room.vault.passkeys()).map(({ label }) => label)).toEqual(['Renamed']);
    await room.vault.lock();
    expect(await codeOf(room.vault.unlock(laptop.proof))).toBe('wrong-passkey');
    await room.vault.unlock({ ...laptop.proof, secret } as Proof);
  });

  it.each([
    ['of another output', { ...laptop.proof, secret: base64(randomBytes(32)) }],
    ['of another id', { ...laptop.proof, id: stick.passkey.id }],
    ['that the vault does not know', stick.proof],
  ])('%s does not open it', async (_, proof) => {
    await room.vault.lock();
    expect(await codeOf(room.vault.unlock(proof))).toBe('wrong-passkey');
    expect(await room.vault.status()).toBe('locked');
    expect(room.session.values.size).toBe(0);
  });

  it('that was removed does not open it, and the others do', async () => {
    await room.vault.addPasskey(old, stick.passkey, stick.secret);
    await room.vault.removePasskey(stick.proof, laptop.passkey.id);
    expect(await room.vault.passkeys()).toEqual([stick.passkey]);
    await room.vault.lock();
    expect(await codeOf(room.vault.unlock(laptop.proof))).toBe('wrong-passkey');
    for (const proof of [stick.proof, old]) await opensWith(proof);
  });

  it('that is not there is removed already', async () => {
    await room.vault.removePasskey(old, stick.passkey.id);
    expect(await room.vault.passkeys()).toEqual([laptop.passkey]);
  });

  it('is proof enough for showing a secret; a wrong one is not', async () => {
    expect(await room.vault.keys.reveal(work, laptop.proof)).toEqual({ apiKey: 'secret-of-work' });
    expect(await codeOf(room.vault.keys.reveal(work, stick.proof))).toBe('wrong-passkey');
    expect(await codeOf(room.vault.keys.reveal(work, by('not the passphrase')))).toBe('wrong-passphrase');
  });

  it('is added and removed by whoever proves to be the owner, and by nobody else', async () => {
    const before = await kept(room);
    const wrong = by('not the passphrase');
    expect(await codeOf(room.vault.addPasskey(wrong, stick.passkey, stick.secret))).toBe('wrong-passphrase');
    expect(await codeOf(room.vault.removePasskey(wrong, laptop.passkey.id))).toBe('wrong-passphrase');
    expect(await kept(room)).toEqual(before);
  });

  it('leaves the index and the secrets as they are', async () => {
    const records = async () => [await room.database.getAll('index'), await room.database.getAll('secrets')];
    const before = await records();
    await room.vault.addPasskey(old, stick.passkey, stick.secret);
    await room.vault.removePasskey(old, laptop.passkey.id);
    expect(await records()).toEqual(before);
  });
});

describe('replacing the vault key', () => {
  it('leaves everything readable, now, in the next background and after an unlocking', async () => {
    await room.vault.replaceKey(old, NEW);
    expect((await room.vault.keys.open(work)).fields).toEqual({ apiKey: 'secret-of-work' });
    await everythingIsReadable(room);
    await opensWith(anew);
  });

  it('lets neither the old passphrase nor an old passkey open it', async () => {
    await room.vault.replaceKey(old, NEW);
    expect(await room.vault.passkeys()).toEqual([]);
    await room.vault.lock();
    expect(await codeOf(room.vault.unlock(old))).toBe('wrong-passphrase');
    expect(await codeOf(room.vault.unlock(laptop.proof))).toBe('wrong-passkey');
  });

  it('leaves no ciphertext of the vault, nor a wrapped key, as it was', async () => {
    const sealed = async () => {
      const found: string[] = [];
      const walk = (value: unknown): void => {
        if (value instanceof Uint8Array) found.push(base64(new Uint8Array(value)));
        else if (typeof value === 'object' && value !== null)
          for (const part of Object.values(value)) walk(part);
      };
      for (const store of [
        'header',
        'index',
        'secrets',
        'header copy',
        'index copy',
        'secrets copy',
      ] as const) {
        walk(await room.database.getAll(store));
      }
      for (const { key } of await room.database.getAll('calls')) walk(key);
      for (const { uses } of await room.database.getAll('uses'))
        for (const { wrapped } of uses) walk(wrapped);
      return found;
    };
    const before = await sealed();
    await room.vault.replaceKey(old, NEW);
    const after = new Set(await sealed());
    expect(before.length).toBeGreaterThan(20);
    expect(before.filter(bytes => after.has(bytes))).toEqual([]);
  });

  it('takes nothing from a copy of the database from before', async () => {
    const copy = await copyOf(room);
    await room.vault.replaceKey(old, NEW);
    await copy.vault.lock();
    await copy.vault.unlock(old);
    await everythingIsReadable(copy);
  });

  it('makes a record from before none of the vault’s', async () => {
    const [before] = [await room.database.get('index', 'keys')];
    await room.vault.replaceKey(old, NEW);
    await putBoth(room, 'index', 'keys', before);
    expect(await codeOf(reborn(room).vault.keys.list())).toBe('vault-damaged');
  });

  it('can be done by a passkey, and again', async () => {
    await room.vault.replaceKey(laptop.proof, NEW);
    await room.vault.addPasskey(anew, stick.passkey, stick.secret);
    await room.vault.replaceKey(stick.proof, 'a-third-long-passphrase');
    await opensWith(by('a-third-long-passphrase'));
  });

  it.each([
    ['of a wrong proof', by('not the passphrase'), NEW, 'wrong-passphrase'],
    ['of a new passphrase that is too short', old, '1234567', 'bad-passphrase'],
  ])('changes nothing because %s', async (_, proof, passphrase, code) => {
    const before = await kept(room);
    expect(await codeOf(room.vault.replaceKey(proof, passphrase))).toBe(code);
    expect(await kept(room)).toEqual(before);
    await everythingIsReadable(room);
  });

  it('is refused while a call is open, and changes nothing', async () => {
    const journal = new Journal(room.database, room.vault);
    const entry = await journal.prepare('open-call', 2, request());
    const open = await journal.advance(entry, { phase: 'sent', items: [] });
    const before = await kept(room);
    expect(await codeOf(room.vault.replaceKey(old, NEW))).toBe('vault-busy');
    expect(await kept(room)).toEqual(before);
    expect(await room.vault.status()).toBe('unlocked');
    expect(await reborn(room).vault.status()).toBe('unlocked');
    expect((await room.vault.keys.open(work)).fields).toEqual({ apiKey: 'secret-of-work' });
    await journal.advance(open, { phase: 'cancelled', sent: false, items: [] });
    await new History(room.database, journal).delete('open-call');
    await everythingIsReadable(room);
    await room.vault.replaceKey(old, NEW);
    await everythingIsReadable(room);
  });

  it('is not refused for the sake of what a private window has made and nobody keeps', async () => {
    const journal = new Journal(room.database, room.vault);
    const entry = await journal.prepare('private-call', 2, { ...request(), private: true, unkept: true });
    await journal.advance(entry, { phase: 'done', tookMs: 1, items: [] }, [picture]);
    expect(await journal.latest(5)).toHaveLength(2);
    await room.vault.replaceKey(old, NEW);
    expect(await journal.latest(5)).toHaveLength(2);
    await journal.forgetPassing();
    await everythingIsReadable(room);
    expect([(await idsIn(room.database, 'journal')).length, await room.database.count('media')]).toEqual([
      0, 1,
    ]);
  });

  it('is not refused for the sake of a call whose key no longer opens: there is nothing to wait for', async () => {
    const journal = new Journal(room.database, room.vault);
    await journal.advance(await journal.prepare('open-call', 2, request()), { phase: 'sent', items: [] });
    const stored = await room.database.get('calls', 'open-call');
    if (!stored) throw new Error('the call is not in the journal');
    await room.database.put('calls', { ...stored, key: flipped(stored.key) });
    await room.vault.replaceKey(old, NEW);
    await everythingIsReadable(room);
    expect(await idsIn(room.database, 'journal')).toEqual(['open-call']);
  });

  it('is refused while a secret is damaged, and changes nothing', async () => {
    await putBoth(room, 'secrets', home, undefined);
    const before = await kept(room);
    const next = reborn(room);
    await expect(next.vault.replaceKey(old, NEW)).rejects.toMatchObject({
      report: { code: 'key-damaged', message: expect.stringContaining('“Home”') },
    });
    expect(await kept(room)).toEqual(before);
    expect((await next.vault.keys.open(work)).fields).toEqual({ apiKey: 'secret-of-work' });
  });

  it('passes by what no longer opens: a finished call that is damaged stays as it is', async () => {
    const stored = await room.database.get('calls', 'done-call');
    if (!stored) throw new Error('the call is not in the history');
    const damaged = { ...stored, id: 'damaged', key: flipped(stored.key) };
    await room.database.put('calls', damaged);
    await room.vault.replaceKey(old, NEW);
    expect(await room.database.get('calls', 'damaged')).toEqual(damaged);
    await everythingIsReadable(room);
  });

  it('gives a call that asks for its key meanwhile one of the new vault', async () => {
    const replacing = room.vault.replaceKey(old, NEW);
    const { wrapped } = await room.vault.newCallKey('call');
    await replacing;
    await room.vault.lock();
    await room.vault.unlock(anew);
    await room.vault.openCallKey('call', wrapped);
  });

  it.each([5, 150, 400, 700])(
    'while the vault is locked %s ms later leaves it locked, whole, the old or the new',
    async after => {
      const replacing = room.vault.replaceKey(old, NEW).catch(() => {});
      await new Promise(resolve => setTimeout(resolve, after));
      await room.vault.lock();
      await replacing;
      expect(await room.vault.status()).toBe('locked');
      expect(await reborn(room).vault.status()).toBe('locked');
      expect(room.session.values.size).toBe(0);
      const opened = await codeOf(room.vault.unlock(anew));
      if (opened !== 'no failure') {
        expect(opened).toBe('wrong-passphrase');
        await room.vault.unlock(old);
      }
      await everythingIsReadable(room);
    },
  );
});

describe('erasing', () => {
  it('leaves nothing in any store, in the session or in the local area', async () => {
    const { database, vault, session, local } = room;
    await new Journal(database, vault).prepare('call', 1, request());
    await vault.autoLock.change({ minutes: 5, withScreen: false });
    await putRaw(room, 'settings', 'another', 'setting');
    await vault.erase();
    for (const store of database.objectStoreNames) expect(await database.count(store), store).toBe(0);
    expect([session.values.size, local.values.size]).toEqual([0, 0]);
    for (const { vault } of [room, reborn(room)]) {
      expect(await vault.status()).toBe('missing');
      expect(await codeOf(vault.keys.list())).toBe('vault-locked');
      expect(await codeOf(vault.unlock(old))).toBe('vault-missing');
    }
  });

  it('can be done to a locked or a damaged vault, and a new one can be made', async () => {
    await room.vault.lock();
    await putBoth(room, 'header', 'vault', null);
    await room.vault.erase();
    await room.vault.create(NEW);
    expect(await room.vault.keys.list()).toEqual([]);
  });

  it('tells whoever holds something opened', async () => {
    let told = 0;
    room.vault.onLock(() => told++);
    await room.vault.erase();
    expect(told).toBe(1);
  });
});

const flipped = ({ iv, data }: Sealed): Sealed => ({ iv, data: data.map(byte => byte ^ 1) });
