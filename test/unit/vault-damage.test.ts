import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bytes, concat, utf8 } from '../../src/bytes';
import { isFailure } from '../../src/failure';
import type { Sealed, StoredHeader } from '../../src/store/database';
import { copyOf, PASSPHRASE, type Room, reborn, roomWithVault, runwareKey } from './vaults';

let template: Room;
let room: Room;
let work = '';
let home = '';

beforeAll(async () => {
  template = await roomWithVault();
  work = await template.vault.add(runwareKey('Work', 'secret-of-work'));
  home = await template.vault.add(runwareKey('Home', 'secret-of-home'));
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
const index = () => kept(room.database.get('index', 'keys'));
const secret = (id: string) => kept(room.database.get('secrets', id));

/** The code of the failure that something ends in; anything else than a failure of ours is an error. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no failure';
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.code;
    throw thrown;
  }
}

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
    await room.database.put('header', stored as StoredHeader, 'vault');
    return codeOf(room.vault.unlock(PASSPHRASE));
  };

  it('is told from a wrong passphrase, whichever byte of its text is another or gone', async () => {
    const { text, ...rest } = await header();
    for (const damaged of damagedTexts(text))
      expect(await verdict({ text: damaged, ...rest })).toBe('vault-damaged');
  });

  it('is told from a wrong passphrase, whichever byte of the wrapped key is another or gone', async () => {
    const { wrapped, ...rest } = await header();
    for (const damaged of damagedSealed(wrapped)) {
      expect(await verdict({ wrapped: damaged, ...rest })).toBe('vault-damaged');
    }
  });

  it('is told from a wrong passphrase, whichever byte of its checksum is another or gone', async () => {
    const { checksum, ...rest } = await header();
    for (const damaged of flips(checksum))
      expect(await verdict({ checksum: damaged, ...rest })).toBe('vault-damaged');
  });

  it.each(notTheShape)('that is %s is damaged, and no crash', async (_, junk) => {
    const code = await verdict(junk);
    expect(code).toBe(junk === null ? 'vault-missing' : 'vault-damaged');
  });

  it.each(['text', 'wrapped', 'checksum'] as const)('is damaged without its %s', async part => {
    const { [part]: _, ...rest } = await header();
    expect(await verdict(rest)).toBe('vault-damaged');
  });

  it('shows in the status, for this background and the next', async () => {
    const stored = await header();
    await room.vault.lock();
    await room.database.put('header', { ...stored, text: `${stored.text} ` }, 'vault');
    expect(await room.vault.status()).toBe('damaged');
    expect(await reborn(room).vault.status()).toBe('damaged');
  });

  it('is not overwritten by a new vault', async () => {
    const stored = await header();
    await room.database.put('header', { ...stored, text: `${stored.text} ` }, 'vault');
    expect(await codeOf(reborn(room).vault.create(PASSPHRASE))).toBe('vault-exists');
  });

  it('tells the person that the passphrase is not at fault', async () => {
    const stored = await header();
    await room.database.put('header', { ...stored, text: '' }, 'vault');
    await expect(room.vault.unlock(PASSPHRASE)).rejects.toMatchObject({
      report: { next: expect.stringContaining('passphrase is not at fault') },
    });
  });
});

describe('a header that someone wrote with a true checksum', () => {
  const forged = async (change: (fields: Record<string, unknown>) => void) => {
    const { text, wrapped } = await header();
    const fields = JSON.parse(text);
    change(fields);
    const other = JSON.stringify(fields);
    const sum = await crypto.subtle.digest('SHA-256', concat(utf8(other), wrapped.iv, wrapped.data));
    await room.database.put('header', { text: other, wrapped, checksum: new Uint8Array(sum) }, 'vault');
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
    await expect(room.vault.unlock(PASSPHRASE)).rejects.toMatchObject({
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
    expect(await codeOf(room.vault.unlock(PASSPHRASE))).toBe('vault-damaged');
  });

  it.each([
    ['another salt', { salt: 'AAAAAAAAAAAAAAAAAAAAAA==' }],
    ['another id', { vault: '00000000-0000-4000-8000-000000000000' }],
    ['more passes', { derivation: { name: 'argon2id', memory: 65_536, passes: 4, lanes: 1 } }],
  ])('with %s does not open with the passphrase: it is bound to the wrapped key', async (_, fields) => {
    await forged(stored => Object.assign(stored, fields));
    expect(await codeOf(room.vault.unlock(PASSPHRASE))).toBe('wrong-passphrase');
  });
});

describe('a damaged index', () => {
  const verdicts = async () => [await codeOf(room.vault.list()), await codeOf(room.vault.open(work))];

  it('is damage, whichever byte of it is another or gone', async () => {
    for (const damaged of damagedSealed(await index())) {
      await room.database.put('index', damaged, 'keys');
      expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
    }
  });

  it('is damage when it is missing', async () => {
    await room.database.clear('index');
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });

  it.each(notTheShape)('is damage when it is %s', async (_, junk) => {
    await room.database.put('index', junk as Sealed, 'keys');
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });

  it('is never written over by a new key or a change', async () => {
    const damaged = { ...(await index()), iv: new Uint8Array(12) };
    await room.database.put('index', damaged, 'keys');
    expect(await codeOf(room.vault.add(runwareKey('New')))).toBe('vault-damaged');
    expect(await codeOf(room.vault.remove(work))).toBe('vault-damaged');
    expect(await codeOf(room.vault.change(work, { label: 'x', fields: {}, origins: [] }))).toBe(
      'vault-damaged',
    );
    expect(await index()).toEqual(damaged);
    expect(await room.database.getAllKeys('secrets')).toHaveLength(2);
  });

  it('is damage at the unlocking too, with the right passphrase', async () => {
    await room.vault.lock();
    await room.database.put('index', { ...(await index()), iv: new Uint8Array(12) }, 'keys');
    expect(await codeOf(room.vault.unlock(PASSPHRASE))).toBe('vault-damaged');
    expect(await room.vault.status()).toBe('locked');
  });

  it('is damage when it is another vault’s', async () => {
    const other = await roomWithVault();
    await room.database.put('index', await kept(other.database.get('index', 'keys')), 'keys');
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });

  it('is damage when a secret lies in its place', async () => {
    await room.database.put('index', await secret(work), 'keys');
    expect(await verdicts()).toEqual(['vault-damaged', 'vault-damaged']);
  });
});

describe('a damaged secret', () => {
  it('is that key’s damage, whichever byte of it is another or gone, and no other’s', async () => {
    for (const damaged of damagedSealed(await secret(work))) {
      await room.database.put('secrets', damaged, work);
      expect(await codeOf(room.vault.open(work))).toBe('key-damaged');
    }
    expect((await room.vault.open(home)).fields.apiKey).toBe('secret-of-home');
  });

  it('is named by its label, so that the person knows which', async () => {
    await room.database.delete('secrets', work);
    await expect(room.vault.open(work)).rejects.toMatchObject({
      report: { code: 'key-damaged', message: expect.stringContaining('“Work”') },
    });
  });

  it.each(notTheShape)('that is %s is damage, and no crash', async (_, junk) => {
    await room.database.put('secrets', junk as Sealed, work);
    expect(await codeOf(room.vault.open(work))).toBe('key-damaged');
  });

  it('is what two secrets are that were swapped', async () => {
    const [one, other] = [await secret(work), await secret(home)];
    await room.database.put('secrets', other, work);
    await room.database.put('secrets', one, home);
    expect(await codeOf(room.vault.open(work))).toBe('key-damaged');
    expect(await codeOf(room.vault.open(home))).toBe('key-damaged');
  });

  it('is what an older secret is that was put back', async () => {
    const older = await secret(work);
    const { origins } = runwareKey();
    await room.vault.change(work, { label: 'Work', fields: {}, origins, secrets: { apiKey: 'rotated' } });
    expect((await room.vault.open(work)).fields.apiKey).toBe('rotated');
    await room.database.put('secrets', older, work);
    expect(await codeOf(reborn(room).vault.open(work))).toBe('key-damaged');
  });

  it('is what a removed key’s secret is not: it stays gone when it is put back', async () => {
    const older = await secret(work);
    await room.vault.remove(work);
    await room.database.put('secrets', older, work);
    expect(await codeOf(room.vault.open(work))).toBe('key-missing');
  });

  it('keeps its label from being changed without a new secret, and takes a new secret', async () => {
    await room.database.delete('secrets', work);
    const to = { label: 'Mended', fields: {}, origins: runwareKey().origins };
    expect(await codeOf(room.vault.change(work, to))).toBe('key-damaged');
    await room.vault.change(work, { ...to, secrets: { apiKey: 'made-anew' } });
    expect((await room.vault.open(work)).fields.apiKey).toBe('made-anew');
  });

  it('can be removed', async () => {
    await room.database.delete('secrets', work);
    await room.vault.remove(work);
    expect((await room.vault.list()).map(({ label }) => label)).toEqual(['Home']);
  });
});
