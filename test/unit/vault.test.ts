import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf, utf8 } from '../../src/bytes';
import { open, seal } from '../../src/vault/seal';
import { searchForLeaks } from '../browser/drive/leaks';
import {
  copyOf,
  emptyRoom,
  everythingKept,
  PASSPHRASE,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
} from './vaults';

const failing = (code: string) => expect.objectContaining({ report: expect.objectContaining({ code }) });
const soon = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** An unlocked vault with one key. Tests that change anything do so to a copy. */
let template: Room;
let room: Room;
let key = '';

beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey());
});

beforeEach(async () => {
  room = await copyOf(template);
});

describe('a browser without a vault', () => {
  it('says so, and has nothing to unlock', async () => {
    const { vault } = await emptyRoom();
    expect(await vault.status()).toBe('missing');
    await expect(vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE })).rejects.toEqual(
      failing('vault-missing'),
    );
    await expect(vault.keys.list()).rejects.toEqual(failing('vault-locked'));
  });

  it('makes none for a passphrase of seven characters, and writes nothing', async () => {
    const { vault, database, session } = await emptyRoom();
    await expect(vault.create('1234567')).rejects.toEqual(failing('bad-passphrase'));
    await expect(vault.create('🗝🗝🗝🗝')).rejects.toMatchObject({ report: { field: 'passphrase' } });
    expect(await vault.status()).toBe('missing');
    expect(await database.getAll('device')).toEqual([]);
    expect(session.values.size).toBe(0);
  });
});

describe('a vault just made', () => {
  it('is unlocked and empty', async () => {
    const { vault } = await roomWithVault('12345678');
    expect(await vault.status()).toBe('unlocked');
    expect(await vault.keys.list()).toEqual([]);
  });

  it('is the only one: a second is refused and the first stays as it was', async () => {
    const [before] = await room.database.getAll('header');
    await expect(room.vault.create('another-passphrase')).rejects.toEqual(failing('vault-exists'));
    await room.vault.lock();
    await expect(room.vault.create('another-passphrase')).rejects.toEqual(failing('vault-exists'));
    expect(await room.database.getAll('header')).toEqual([before]);
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect((await room.vault.keys.open(key)).fields.apiKey).toBe(runwareKey().secrets.apiKey);
  });

  it('is made once, though it is asked for twice at the same moment', async () => {
    const { vault } = await emptyRoom();
    const results = await Promise.allSettled([vault.create(PASSPHRASE), vault.create('another-passphrase')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await vault.lock();
    await vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
  });

  it('shares no salt, id or ciphertext with another of the same passphrase', async () => {
    const other = await roomWithVault();
    const [one] = await template.database.getAll('header');
    const [two] = await other.database.getAll('header');
    const [here, there] = [one?.ways[0], two?.ways[0]];
    const [a, b] = [JSON.parse(here?.text ?? ''), JSON.parse(there?.text ?? '')];
    expect(a.derivation).toEqual(b.derivation);
    expect(a.vault).not.toBe(b.vault);
    expect(a.salt).not.toBe(b.salt);
    expect(here?.wrapped.data).not.toEqual(there?.wrapped.data);
  });
});

describe('locking', () => {
  it('closes everything that needs the vault', async () => {
    const { wrapped } = await room.vault.newCallKey('call');
    await room.vault.lock();
    expect(await room.vault.status()).toBe('locked');
    const locked = failing('vault-locked');
    await expect(room.vault.id()).rejects.toEqual(locked);
    await expect(room.vault.keys.list()).rejects.toEqual(locked);
    await expect(room.vault.keys.entry(key)).rejects.toEqual(locked);
    await expect(room.vault.keys.open(key)).rejects.toEqual(locked);
    await expect(room.vault.keys.add(runwareKey())).rejects.toEqual(locked);
    await expect(room.vault.keys.change(key, { label: 'x', fields: {}, origins: [] })).rejects.toEqual(
      locked,
    );
    await expect(room.vault.keys.remove(key)).rejects.toEqual(locked);
    await expect(room.vault.newCallKey('call')).rejects.toEqual(locked);
    await expect(room.vault.openCallKey('call', wrapped)).rejects.toEqual(locked);
  });

  it('tells whoever holds something opened, before it is over', async () => {
    let told = 0;
    room.vault.onLock(() => told++);
    const locking = room.vault.lock();
    expect(told).toBe(1);
    await locking;
  });

  it('may be done twice, and without a vault', async () => {
    await room.vault.lock();
    await room.vault.lock();
    expect(await room.vault.status()).toBe('locked');
    const { vault } = await emptyRoom();
    await vault.lock();
    expect(await vault.status()).toBe('missing');
  });

  it('leaves nothing in the session', async () => {
    expect([...room.session.values.keys()].sort()).toEqual(['touched', 'unlocked', 'until']);
    await room.vault.lock();
    expect(room.session.values.size).toBe(0);
  });

  it('in the midst of an unlocking leaves it locked, for the next background too', async () => {
    await room.vault.lock();
    for (const after of [5, 150, 300]) {
      const unlocking = room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
      await soon(after);
      await room.vault.lock();
      await unlocking.catch(() => {});
      expect(await room.vault.status()).toBe('locked');
      expect(await reborn(room).vault.status()).toBe('locked');
    }
  });

  it('is in force at once, however slow the session is to forget', async () => {
    const { session, vault } = reborn(room);
    const remove = session.remove.bind(session);
    session.remove = async name => {
      await soon(30);
      await remove(name);
    };
    const locking = vault.lock();
    expect(await vault.status()).toBe('locked');
    await expect(vault.keys.open(key)).rejects.toEqual(failing('vault-locked'));
    await locking;
    expect(await vault.status()).toBe('locked');
  });

  it('while the next background is reading its state leaves it locked', async () => {
    const next = reborn(room);
    const reading = next.vault.status();
    await next.vault.lock();
    await reading;
    expect(await next.vault.status()).toBe('locked');
    expect(await reborn(room).vault.status()).toBe('locked');
  });
});

describe('unlocking', () => {
  it('gives back every key with its secret', async () => {
    await room.vault.lock();
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect(await room.vault.keys.list()).toMatchObject([{ id: key, label: 'Work', service: 'runware' }]);
    expect(await room.vault.keys.open(key)).toEqual({
      id: key,
      service: 'runware',
      fields: { apiKey: runwareKey().secrets.apiKey },
      origins: runwareKey().origins,
    });
  });

  it.each([
    ['another passphrase', 'seven-green-turtles-read-atlas'],
    ['another case', PASSPHRASE.toUpperCase()],
    ['a space after it', `${PASSPHRASE} `],
  ])('with %s is refused as a wrong passphrase, and leaves it locked', async (_, passphrase) => {
    await room.vault.lock();
    await expect(room.vault.unlock({ by: 'passphrase', passphrase: passphrase })).rejects.toMatchObject({
      report: { code: 'wrong-passphrase', field: 'passphrase' },
    });
    expect(await room.vault.status()).toBe('locked');
    expect(room.session.values.size).toBe(0);
  });

  it('works after a wrong passphrase', async () => {
    await room.vault.lock();
    await expect(room.vault.unlock({ by: 'passphrase', passphrase: 'wrong-passphrase' })).rejects.toThrow();
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect(await room.vault.status()).toBe('unlocked');
  });

  it('does not care whether an accent is typed as one character or as two', async () => {
    const [composed, decomposed] = ['crème-brûlée-à-la-carte', 'crème-brûlée-à-la-carte'].map((text, at) =>
      text.normalize(at === 0 ? 'NFC' : 'NFD'),
    );
    expect(composed).not.toBe(decomposed);
    const one = await roomWithVault(composed);
    await one.vault.lock();
    await one.vault.unlock({ by: 'passphrase', passphrase: decomposed ?? '' });
    const other = await roomWithVault(decomposed);
    await other.vault.lock();
    await other.vault.unlock({ by: 'passphrase', passphrase: composed ?? '' });
    expect([await one.vault.status(), await other.vault.status()]).toEqual(['unlocked', 'unlocked']);
  });

  it('does not take a compatibility look-alike for the passphrase', async () => {
    // NFKC would make the ligature “ﬁ” the same as “fi”.
    const { vault } = await roomWithVault('ﬁve-ﬁne-ﬁnches');
    await vault.lock();
    await expect(vault.unlock({ by: 'passphrase', passphrase: 'five-fine-finches' })).rejects.toEqual(
      failing('wrong-passphrase'),
    );
  });
});

describe('the unlocked state', () => {
  it('outlives the background', async () => {
    const { vault } = reborn(room);
    expect(await vault.status()).toBe('unlocked');
    expect((await vault.keys.open(key)).fields.apiKey).toBe(runwareKey().secrets.apiKey);
  });

  it('is there for whatever is asked first', async () => {
    expect(await reborn(room).vault.keys.list()).toHaveLength(1);
    expect(await reborn(room).vault.keys.add(runwareKey('Home'))).toBeTruthy();
    expect(await reborn(room).vault.keys.list()).toHaveLength(2);
  });

  it('ends with the browser, whose session is empty when it starts', async () => {
    room.session.values.clear();
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('ends with the lock, for every background to come', async () => {
    await room.vault.lock();
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('is nothing without the device’s key', async () => {
    await room.database.clear('device');
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('is nothing in another profile, whose device key is another', async () => {
    const thief = await roomWithVault();
    for (const [name, value] of room.session.values) await thief.session.set({ [name]: value });
    expect(await reborn(thief).vault.status()).toBe('locked');
  });

  it.each([
    ['text', 'x'],
    ['null', null],
    ['an empty object', {}],
    ['no base64', { iv: '!', data: '!' }],
    ['other bytes', { iv: 'AAAAAAAAAAAAAAAA', data: 'AAAA' }],
  ])('is taken for locked when the session holds %s', async (_, junk) => {
    const [kept] = room.session.values.values();
    const { vault } = kept as { vault: string };
    const value = typeof junk === 'object' && junk !== null ? { vault, ...junk } : junk;
    await room.session.set({ unlocked: value });
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('is kept under a device key that cannot be taken out', async () => {
    const [device] = await room.database.getAll('device');
    expect(device?.extractable).toBe(false);
    expect([...(device?.usages ?? [])].sort()).toEqual(['unwrapKey', 'wrapKey']);
  });
});

describe('what is kept on the disk and in the session', () => {
  it('holds no secret, label, field or passphrase in any encoding', async () => {
    const label = 'label-of-the-quiet-heron';
    const field = 'field-of-the-noisy-bittern';
    const secrets = [PASSPHRASE, runwareKey().secrets.apiKey ?? '', label, field];
    await room.vault.keys.add({ ...runwareKey(label), fields: { note: field } });
    const kept = await everythingKept(room);
    const search = searchForLeaks(secrets);
    expect(kept.bytes.length).toBeGreaterThan(6);
    expect(search.texts('text', kept.texts)).toEqual([]);
    expect(kept.bytes.flatMap(bytes => search.bytes('bytes', bytes))).toEqual([]);
  });

  it('would show a secret if it held one', async () => {
    const { apiKey = '' } = runwareKey().secrets;
    const [sealed] = await room.database.getAll('secrets');
    if (sealed) await room.database.put('secrets', { ...sealed, data: utf8(apiKey) }, 'elsewhere');
    const kept = await everythingKept(room);
    expect(kept.bytes.flatMap(bytes => searchForLeaks([apiKey]).bytes('bytes', bytes))).not.toEqual([]);
  });
});

describe('keys', () => {
  it('are listed in the order in which they were added', async () => {
    const labels = ['C', 'A', 'B'];
    for (const label of labels) await room.vault.keys.add(runwareKey(label));
    expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Work', ...labels]);
  });

  it('are listed and looked up without their secrets', async () => {
    expect(JSON.stringify(await room.vault.keys.list())).not.toContain('rk-secret');
    expect(JSON.stringify(await room.vault.keys.entry(key))).not.toContain('rk-secret');
  });

  it('added at the same moment are all kept', async () => {
    const labels = Array.from({ length: 20 }, (_, at) => `Key ${at}`);
    const ids = await Promise.all(
      labels.map((label, at) => room.vault.keys.add(runwareKey(label, `secret-${at}`))),
    );
    expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Work', ...labels]);
    for (const [at, id] of ids.entries()) {
      expect((await room.vault.keys.open(id)).fields.apiKey).toBe(`secret-${at}`);
    }
  });

  it('added, changed and removed at the same moment end as if one came after the other', async () => {
    const [home] = await Promise.all([
      room.vault.keys.add(runwareKey('Home')),
      room.vault.keys.change(key, { label: 'Office', fields: {}, origins: [] }),
      room.vault.keys.add(runwareKey('Boat')),
      room.vault.keys.remove(key),
    ]);
    expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Home', 'Boat']);
    expect((await room.vault.keys.open(home)).fields.apiKey).toBe(runwareKey().secrets.apiKey);
    expect(await room.database.getAllKeys('secrets')).toHaveLength(2);
  });

  it('get another label and other fields while their secret stays', async () => {
    const { created } = await room.vault.keys.entry(key);
    await room.vault.keys.change(key, {
      label: 'Office',
      fields: { note: 'n' },
      origins: ['https://a.example'],
    });
    expect(await room.vault.keys.entry(key)).toMatchObject({
      label: 'Office',
      fields: { note: 'n' },
      created,
    });
    const { fields } = await room.vault.keys.open(key);
    expect(fields).toEqual({ note: 'n', apiKey: runwareKey().secrets.apiKey });
  });

  it('get another secret, and the old one is no longer anywhere', async () => {
    const [before] = await room.database.getAll('secrets');
    const { origins } = runwareKey();
    await room.vault.keys.change(key, {
      label: 'Work',
      fields: {},
      origins,
      secrets: { apiKey: 'rk-new-secret' },
    });
    expect((await room.vault.keys.open(key)).fields).toEqual({ apiKey: 'rk-new-secret' });
    const after = await room.database.getAll('secrets');
    expect(after).toHaveLength(1);
    expect(after[0]?.data).not.toEqual(before?.data);
  });

  it('keep their place in the list when they change', async () => {
    await room.vault.keys.add(runwareKey('Home'));
    await room.vault.keys.change(key, { label: 'Zoo', fields: {}, origins: [] });
    expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Zoo', 'Home']);
  });

  it('that are removed are gone, with their secret', async () => {
    await room.vault.keys.remove(key);
    expect(await room.vault.keys.list()).toEqual([]);
    expect(await room.database.getAll('secrets')).toEqual([]);
    for (const attempt of [
      room.vault.keys.open(key),
      room.vault.keys.entry(key),
      room.vault.keys.remove(key),
    ]) {
      await expect(attempt).rejects.toEqual(failing('key-missing'));
    }
  });

  it('may carry any text', async () => {
    const odd = 'ключ "quoted" \\ \u0000 🗝 \u2028';
    const id = await room.vault.keys.add({ ...runwareKey(odd, odd), fields: { note: odd } });
    expect(await reborn(room).vault.keys.open(id)).toMatchObject({ fields: { apiKey: odd, note: odd } });
    expect((await room.vault.keys.entry(id)).label).toBe(odd);
  });
});

describe('a call’s key', () => {
  const binding = { vault: 'v', record: 'r', purpose: 'p' };

  it('seals what the same key, unwrapped later, opens', async () => {
    const { live, wrapped } = await room.vault.newCallKey('call-1');
    const sealed = await seal(live, utf8('an answer'), binding);
    const later = await reborn(room).vault.openCallKey('call-1', wrapped);
    expect(textOf(await open(later, sealed, binding))).toBe('an answer');
  });

  it('goes on sealing after the lock', async () => {
    const { live, wrapped } = await room.vault.newCallKey('call-1');
    await room.vault.lock();
    const sealed = await seal(live, utf8('an answer'), binding);
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    const later = await room.vault.openCallKey('call-1', wrapped);
    expect(textOf(await open(later, sealed, binding))).toBe('an answer');
  });

  it('opens its own call only', async () => {
    const one = await room.vault.newCallKey('call-1');
    const two = await room.vault.newCallKey('call-2');
    await expect(room.vault.openCallKey('call-2', one.wrapped)).rejects.toThrow();
    await expect(room.vault.openCallKey('call-1', two.wrapped)).rejects.toThrow();
    const sealed = await seal(one.live, utf8('an answer'), binding);
    await expect(open(two.live, sealed, binding)).rejects.toThrow();
  });

  it('is no key of another vault’s', async () => {
    const other = await roomWithVault();
    const { wrapped } = await other.vault.newCallKey('call-1');
    await expect(room.vault.openCallKey('call-1', wrapped)).rejects.toThrow();
  });

  it('cannot be taken out', async () => {
    const { live, wrapped } = await room.vault.newCallKey('call-1');
    await expect(crypto.subtle.exportKey('raw', live)).rejects.toThrow();
    const later = await room.vault.openCallKey('call-1', wrapped);
    await expect(crypto.subtle.exportKey('raw', later)).rejects.toThrow();
  });
});
