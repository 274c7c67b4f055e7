import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bytes, concat, utf8 } from '../../src/bytes';
import type { Sealed, StoredWay } from '../../src/store/database';
import { codeOf, copyOf, PASSPHRASE, putBoth, type Room, reborn, roomWithVault, runwareKey } from './vaults';

// Every record is kept twice. Here both are damaged; vault-copies.test.ts says what one of them is good for.

let template: Room;
let room: Room;
let work = '';
let home = '';

beforeAll(async () => {
  template = await roomWithVault();
  work = await template.vault.keys.add(runwareKey('Work', 'secret-of-work'));
  home = await template.vault.keys.add(runwareKey('Home', 'secret-of-home'));
});

beforeEach(async () => {
  room = await copyOf(template);
});

async function kept<T>(value: Promise<T | undefined>): Promise<T> {
  const found = await value;
  if (found === undefined) throw new Error('nothing is stored there');
  return found;
}

const header = () => kept(room.database.get('header', 'vault'));
const passphraseWay = async () => kept(Promise.resolve((await header()).ways[0]));
/** The stored header with another passphrase's way. */
const headerWith = async (way: unknown) => ({ ...(await header()), ways: [way] });
const index = () => kept(room.database.get('index', 'keys'));
const secret = (id: string) => kept(room.database.get('secrets', id));

function* flips(bytes: Bytes): Generator<Bytes> {
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [0x01, 0x80]) {
      const copy = bytes.slice();
      copy[at] = (copy[at] ?? 0) ^ bit;
      yield copy;
    }
  }
  yield bytes.slice(0, -1);
  yield bytes.slice(1);
  yield new Uint8Array();
  yield concat(bytes, new Uint8Array(1));
}

function* damagedSealed({ iv, data }: Sealed): Generator<Sealed> {
  for (const flipped of flips(iv)) yield { iv: flipped, data };
  for (const flipped of flips(data)) yield { iv, data: flipped };
}

function* damagedTexts(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    yield text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
    yield text.slice(0, at) + text.slice(at + 1);
  }
  yield '';
  yield `${text} `;
}

const notTheShape: [string, unknown][] = [
  ['null', null],
  ['text', 'header'],
  ['a number', 7],
  ['an empty object', {}],
  ['a list', []],
];

describe('a damaged header', () => {
  const verdict = async (stored: unknown) => {
    await putBoth(room, 'header', 'vault', stored);
    return codeOf(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE }));
  };

  it('is told from a wrong passphrase, whichever byte of its text is another or gone', async () => {
    const { ways, checksum } = await header();
    const { text, wrapped } = await passphraseWay();
    expect(ways).toHaveLength(1);
    for (const damaged of damagedTexts(text)) {
      expect(await verdict({ ways: [{ text: damaged, wrapped }], checksum })).toBe('vault-damaged');
    }
  });

  it('is told from a wrong passphrase, whichever byte of the wrapped key is another or gone', async () => {
    const { checksum } = await header();
    const { text, wrapped } = await passphraseWay();
    for (const damaged of damagedSealed(wrapped)) {
      expect(await verdict({ ways: [{ text, wrapped: damaged }], checksum })).toBe('vault-damaged');
    }
  });

  it('is told from a wrong passphrase, whichever byte of its checksum is another or gone', async () => {
    const { checksum, ...rest } = await header();
    for (const damaged of flips(checksum))
      expect(await verdict({ checksum: damaged, ...rest })).toBe('vault-damaged');
  });

  it.each(notTheShape)('that is %s is damaged, and no crash', async (_, junk) => {
    expect(await verdict(junk)).toBe('vault-damaged');
  });

  it.each(['ways', 'checksum'] as const)('is damaged without its %s', async part => {
    const { [part]: _, ...rest } = await header();
    expect(await verdict(rest)).toBe('vault-damaged');
  });

  it.each(['text', 'wrapped'] as const)('is damaged without the %s of its way', async part => {
    const { [part]: _, ...rest } = await passphraseWay();
    expect(await verdict(await headerWith(rest))).toBe('vault-damaged');
  });

  it('is damaged without any way, or with one twice', async () => {
    const { checksum } = await header();
    const way = await passphraseWay();
    expect(await verdict({ ways: [], checksum })).toBe('vault-damaged');
    expect(await verdict({ ways: [way, way], checksum })).toBe('vault-damaged');
    expect(await verdict(await checked([]))).toBe('vault-damaged');
    expect(await verdict(await checked([way, way]))).toBe('vault-damaged');
  });

  it('shows in the status, for this background and the next', async () => {
    const { text, wrapped } = await passphraseWay();
    await room.vault.lock();
    await putBoth(room, 'header', 'vault', await headerWith({ text: `${text} `, wrapped }));
    expect(await room.vault.status()).toBe('damaged');
    expect(await reborn(room).vault.status()).toBe('damaged');
  });

  it('is not overwritten by a new vault', async () => {
    const { text, wrapped } = await passphraseWay();
    const damaged = await headerWith({ text: `${text} `, wrapped });
    await putBoth(room, 'header', 'vault', damaged);
    expect(await codeOf(reborn(room).vault.create(PASSPHRASE))).toBe('vault-damaged');
    expect(await header()).toEqual(damaged);
  });

  it('tells the person that the passphrase is not at fault', async () => {
    await putBoth(room, 'header', 'vault', await headerWith({ ...(await passphraseWay()), text: '' }));
    await expect(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({
      report: { next: expect.stringContaining('passphrase is not at fault') },
    });
  });
});

/** A header of these ways, with the checksum that Runkey would have written. */
async function checked(ways: StoredWay[]) {
  const bytes = concat(...ways.flatMap(({ text, wrapped: { iv, data } }) => [utf8(text), iv, data]));
  return { ways, checksum: new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) };
}

describe('a header that someone wrote with a true checksum', () => {
  const forged = async (change: (fields: Record<string, unknown>) => void) => {
    const { text, wrapped } = await passphraseWay();
    const fields = JSON.parse(text);
    change(fields);
    await putBoth(room, 'header', 'vault', await checked([{ text: JSON.stringify(fields), wrapped }]));
  };

  it.each([
    ['weak memory', { memory: 8 }, 'too weak'],
    ['a single pass', { passes: 1 }, 'too weak'],
    ['no lane', { lanes: 0 }, 'too weak'],
    ['negative memory', { memory: -65_536 }, 'too weak'],
    ['absurd memory', { memory: 2 ** 31 }, 'too large'],
    ['endless passes', { passes: 10 ** 9 }, 'too large'],
    ['absurd lanes', { lanes: 2 ** 20 }, 'too large'],
  ])('with %s is refused with the reason, before anything is derived', async (_, derivation, reason) => {
    await forged(fields => Object.assign(fields.derivation as object, derivation));
    const deriving = vi.spyOn(WebAssembly, 'instantiate');
    await expect(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE })).rejects.toMatchObject({
      report: { code: 'vault-parameters', message: expect.stringContaining(reason) },
    });
    expect(deriving).not.toHaveBeenCalled();
    deriving.mockRestore();
  });

  it.each([
    ['a fraction of memory', { derivation: { name: 'argon2id', memory: 65_536.5, passes: 3, lanes: 1 } }],
    ['memory that is text', { derivation: { name: 'argon2id', memory: '65536', passes: 3, lanes: 1 } }],
    ['another derivation', { derivation: { name: 'pbkdf2', memory: 65_536, passes: 3, lanes: 1 } }],
    ['another format', { format: 2 }],
    ['no id', { vault: '' }],
    ['a short salt', { salt: 'AAAA' }],
    ['a salt that is no base64', { salt: '!'.repeat(24) }],
    ['a field more', { more: 1 }],
  ])('with %s is not taken for ours', async (_, fields) => {
    await forged(stored => Object.assign(stored, fields));
    expect(await codeOf(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE }))).toBe(
      'vault-damaged',
    );
  });

  it.each([
    ['another salt', { salt: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
    ['another id', { vault: '00000000-0000-4000-8000-000000000000' }],
    ['more passes', { derivation: { name: 'argon2id', memory: 65_536, passes: 4, lanes: 1 } }],
  ])('with %s does not open with the passphrase: it is bound to the wrapped key', async (_, fields) => {
    await forged(stored => Object.assign(stored, fields));
    expect(await codeOf(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE }))).toBe(
      'wrong-passphrase',
    );
  });
});

describe('a damaged index', () => {
  const verdicts = async () => {
    // A background that has read it already goes on with what it read.
    const { vault } = reborn(room);
    return [await codeOf(vault.keys.list()), await codeOf(vault.keys.open(work))];
  };

  it('is damage, whichever byte of it is another or gone', async () => {
    for (const damaged of damagedSealed(await index())) {
      await putBoth(room, 'index', 'keys', damaged);
      expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
    }
  });

  it('is damage when it is missing', async () => {
    await putBoth(room, 'index', 'keys', undefined);
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });

  it.each(notTheShape)('is damage when it is %s', async (_, junk) => {
    await putBoth(room, 'index', 'keys', junk);
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });

  it('is never written over by a new key or a change', async () => {
    const damaged = { ...(await index()), iv: new Uint8Array(12) };
    await putBoth(room, 'index', 'keys', damaged);
    expect(await codeOf(room.vault.keys.add(runwareKey('New')))).toBe('vault-damaged');
    expect(await codeOf(room.vault.keys.remove(work))).toBe('vault-damaged');
    expect(await codeOf(room.vault.keys.change(work, { label: 'x', fields: {}, origins: [] }))).toBe(
      'vault-damaged',
    );
    expect(await index()).toEqual(damaged);
    expect(await room.database.getAllKeys('secrets')).toHaveLength(2);
  });

  it('is damage at the unlocking too, with the right passphrase', async () => {
    await room.vault.lock();
    await putBoth(room, 'index', 'keys', { ...(await index()), iv: new Uint8Array(12) });
    expect(await codeOf(room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE }))).toBe(
      'vault-damaged',
    );
    expect(await room.vault.status()).toBe('locked');
  });

  it('is damage when it is another vault’s', async () => {
    const other = await roomWithVault();
    await putBoth(room, 'index', 'keys', await other.database.get('index', 'keys'));
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });

  it('is damage when a secret lies in its place', async () => {
    await putBoth(room, 'index', 'keys', await secret(work));
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });
});

describe('a damaged secret', () => {
  it('is that key’s damage, whichever byte of it is another or gone, and no other’s', async () => {
    for (const damaged of damagedSealed(await secret(work))) {
      await putBoth(room, 'secrets', work, damaged);
      expect(await codeOf(reborn(room).vault.keys.open(work))).toBe('key-damaged');
    }
    expect((await room.vault.keys.open(home)).fields.apiKey).toBe('secret-of-home');
  });

  it('is named by its label, so that the person knows which', async () => {
    await putBoth(room, 'secrets', work, undefined);
    await expect(room.vault.keys.open(work)).rejects.toMatchObject({
      report: { code: 'key-damaged', message: expect.stringContaining('“Work”') },
    });
  });

  it.each(notTheShape)('that is %s is damage, and no crash', async (_, junk) => {
    await putBoth(room, 'secrets', work, junk);
    expect(await codeOf(room.vault.keys.open(work))).toBe('key-damaged');
  });

  it('is what two secrets are that were swapped', async () => {
    const [one, other] = [await secret(work), await secret(home)];
    await putBoth(room, 'secrets', work, other);
    await putBoth(room, 'secrets', home, one);
    expect(await codeOf(room.vault.keys.open(work))).toBe('key-damaged');
    expect(await codeOf(room.vault.keys.open(home))).toBe('key-damaged');
  });

  it('is what an older secret is that was put back', async () => {
    const older = await secret(work);
    const { origins } = runwareKey();
    await room.vault.keys.change(work, {
      label: 'Work',
      fields: {},
      origins,
      secrets: { apiKey: 'rotated' },
    });
    expect((await room.vault.keys.open(work)).fields.apiKey).toBe('rotated');
    await putBoth(room, 'secrets', work, older);
    expect(await codeOf(reborn(room).vault.keys.open(work))).toBe('key-damaged');
  });

  it('is what a removed key’s secret is not: it stays gone when it is put back', async () => {
    const older = await secret(work);
    await room.vault.keys.remove(work);
    await putBoth(room, 'secrets', work, older);
    expect(await codeOf(room.vault.keys.open(work))).toBe('key-missing');
  });

  it('keeps its label from being changed without a new secret, and takes a new secret', async () => {
    await putBoth(room, 'secrets', work, undefined);
    const to = { label: 'Mended', fields: {}, origins: runwareKey().origins };
    expect(await codeOf(room.vault.keys.change(work, to))).toBe('key-damaged');
    await room.vault.keys.change(work, { ...to, secrets: { apiKey: 'made-anew' } });
    expect((await room.vault.keys.open(work)).fields.apiKey).toBe('made-anew');
  });

  it('can be removed', async () => {
    await putBoth(room, 'secrets', work, undefined);
    await room.vault.keys.remove(work);
    expect((await room.vault.keys.list()).map(({ label }) => label)).toEqual(['Home']);
  });
});
