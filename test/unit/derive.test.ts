import { describe, expect, it } from 'vitest';
import { type Bytes, textOf, utf8 } from '../../src/bytes';
import {
  argon2id,
  CURRENT,
  checkParameters,
  deriveSubKey,
  deriveWrappingKey,
  type Parameters,
} from '../../src/vault/derive';
import { open, seal } from '../../src/vault/seal';

const repeated = (length: number, byte: number): Bytes => new Uint8Array(length).fill(byte);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const small: Parameters = { name: 'argon2id', memory: 32, passes: 3, lanes: 4 };

describe('Argon2id', () => {
  it('gives the tag of RFC 9106, section 5.3', async () => {
    const more = { secret: repeated(8, 3), ad: repeated(12, 4) };
    expect(hex(await argon2id(repeated(32, 1), repeated(16, 2), small, 32, more))).toBe(
      '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
    );
  });

  it('gives another tag for another password, salt, memory, passes or lanes', async () => {
    const tags = [
      await argon2id(repeated(32, 1), repeated(16, 2), small),
      await argon2id(repeated(32, 9), repeated(16, 2), small),
      await argon2id(repeated(32, 1), repeated(16, 9), small),
      await argon2id(repeated(32, 1), repeated(16, 2), { ...small, memory: 64 }),
      await argon2id(repeated(32, 1), repeated(16, 2), { ...small, passes: 4 }),
      await argon2id(repeated(32, 1), repeated(16, 2), { ...small, lanes: 2 }),
    ].map(hex);
    expect(new Set(tags).size).toBe(tags.length);
  });
});

describe('the parameters of a derivation', () => {
  it('are those that a new vault gets: 64 MiB, three passes', () => {
    expect(CURRENT).toEqual({ name: 'argon2id', memory: 65_536, passes: 3, lanes: 1 });
    expect(() => checkParameters(CURRENT)).not.toThrow();
  });

  it.each([
    ['memory', 65_535, 'too weak (memory 65535, at least 65536)'],
    ['memory', 1_048_577, 'too large (memory 1048577, at most 1048576)'],
    ['passes', 2, 'too weak (passes 2, at least 3)'],
    ['passes', 21, 'too large (passes 21, at most 20)'],
    ['lanes', 0, 'too weak (lanes 0, at least 1)'],
    ['lanes', 5, 'too large (lanes 5, at most 4)'],
    ['memory', -1, 'too weak'],
    ['memory', Number.NaN, 'too large'],
    ['passes', Number.POSITIVE_INFINITY, 'too large'],
  ] as const)('with %s %d are refused, and say why', (name, value, why) => {
    const refusal = expect.objectContaining({
      report: expect.objectContaining({
        code: 'vault-parameters',
        message: expect.stringContaining(why),
        next: expect.stringContaining('backup'),
      }),
    });
    expect(() => checkParameters({ ...CURRENT, [name]: value })).toThrow(refusal);
  });

  it.each([
    ['memory', 1_048_576],
    ['passes', 20],
    ['lanes', 4],
  ] as const)('may be raised to %s %d', (name, value) => {
    expect(() => checkParameters({ ...CURRENT, [name]: value })).not.toThrow();
  });

  it('are refused by the derivation itself, before it begins', async () => {
    const began = performance.now();
    const absurd = { ...CURRENT, memory: 2 ** 30 };
    await expect(deriveWrappingKey('long enough', repeated(16, 0), absurd)).rejects.toMatchObject({
      code: 'vault-parameters',
    });
    expect(performance.now() - began).toBeLessThan(50);
  });
});

describe('the wrapping key', () => {
  it('cannot be taken out, and can only wrap and unwrap', async () => {
    const key = await deriveWrappingKey('long enough', repeated(16, 0), CURRENT);
    expect(key.extractable).toBe(false);
    expect([...key.usages].sort()).toEqual(['unwrapKey', 'wrapKey']);
    expect(key.algorithm).toMatchObject({ name: 'AES-GCM', length: 256 });
  });
});

describe('sub-keys', () => {
  const root = crypto.subtle.importKey('raw', repeated(32, 7), 'HKDF', false, ['deriveKey']);
  const binding = { vault: 'v', record: 'r', purpose: 'p' };
  const subKey = async (purpose: string) => deriveSubKey(await root, purpose, ['encrypt', 'decrypt']);

  it('of one purpose are the same key', async () => {
    const sealed = await seal(await subKey('index'), utf8('hello'), binding);
    expect(textOf(await open(await subKey('index'), sealed, binding))).toBe('hello');
  });

  it('differ by purpose', async () => {
    const sealed = await seal(await subKey('index'), utf8('hello'), binding);
    for (const purpose of ['secrets', 'calls', 'Index', 'index ', '']) {
      await expect(open(await subKey(purpose), sealed, binding)).rejects.toThrow();
    }
  });

  it('are HKDF-SHA256 without salt, with “runkey/1/” and the purpose as info', async () => {
    const material = await crypto.subtle.importKey('raw', repeated(32, 7), 'HKDF', false, ['deriveBits']);
    const info = utf8('runkey/1/index');
    const bits = await crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
      material,
      256,
    );
    const same = await crypto.subtle.importKey('raw', bits, 'AES-GCM', false, ['decrypt']);
    const sealed = await seal(await subKey('index'), utf8('hello'), binding);
    expect(textOf(await open(same, sealed, binding))).toBe('hello');
  });

  it('cannot be taken out', async () => {
    const key = await subKey('index');
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  });
});
