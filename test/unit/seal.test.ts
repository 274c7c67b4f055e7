import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, sameBytes, utf8 } from '../../src/bytes';
import { type Binding, decrypt, encrypt, open, seal, unwrap, wrap } from '../../src/vault/seal';

const aesKey = (extractable = false) =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, extractable, ['encrypt', 'decrypt']);
const wrappingKey = () =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey']);

const bytes = fc.uint8Array({ maxLength: 200 }).map(array => new Uint8Array(array) as Bytes);
const bindings = fc.record({ vault: fc.string(), record: fc.string(), purpose: fc.string() });

/** One byte changed, wherever `at` falls, to something that it was not. */
function changed(original: Bytes, at: number, by: number): Bytes {
  const copy = original.slice();
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by;
  return copy;
}

describe('what is sealed', () => {
  it('opens again as it was, whatever it is and wherever it belongs', async () => {
    const key = await aesKey();
    await fc.assert(
      fc.asyncProperty(bytes, bindings, async (plain, binding) => {
        expect(sameBytes(await open(key, await seal(key, plain, binding), binding), plain)).toBe(true);
      }),
    );
  });

  it('has an IV of twelve bytes that never comes twice, and a tag of sixteen', async () => {
    const key = await aesKey();
    const binding = { vault: 'v', record: 'r', purpose: 'p' };
    const ivs = new Set<string>();
    for (let round = 0; round < 500; round++) {
      const sealed = await seal(key, new Uint8Array(3), binding);
      expect([sealed.iv.length, sealed.data.length]).toEqual([12, 19]);
      ivs.add(String(sealed.iv));
    }
    expect(ivs.size).toBe(500);
  });

  it('is AES-GCM, with the format, the vault, the record and the purpose as additional data', async () => {
    const key = await aesKey();
    const binding = { vault: 'one', record: '"two"', purpose: 'três' };
    const additionalData = utf8('[1,"one","\\"two\\"","três"]');
    const plain = utf8('hello');
    const { iv, data } = await seal(key, plain, binding);
    expect([...(await decrypt(key, iv, additionalData, data))]).toEqual([...plain]);
    expect([...data]).toEqual([...(await encrypt(key, iv, additionalData, plain))]);
  });

  it('does not open with another key', async () => {
    const [one, other] = [await aesKey(), await aesKey()];
    await fc.assert(
      fc.asyncProperty(bytes, bindings, async (plain, binding) => {
        await expect(open(other, await seal(one, plain, binding), binding)).rejects.toThrow();
      }),
    );
  });

  it('does not open in another vault, as another record or for another purpose', async () => {
    const key = await aesKey();
    await fc.assert(
      fc.asyncProperty(bytes, bindings, bindings, async (plain, binding, other) => {
        const sealed = await seal(key, plain, binding);
        for (const name of ['vault', 'record', 'purpose'] as const) {
          if (binding[name] === other[name]) continue;
          await expect(open(key, sealed, { ...binding, [name]: other[name] })).rejects.toThrow();
        }
      }),
    );
  });

  it('does not open when text moves from one part of the binding to the next', async () => {
    const key = await aesKey();
    const sealed = await seal(key, new Uint8Array(8), { vault: 'ab', record: 'c', purpose: 'd' });
    const moved: Binding[] = [
      { vault: 'a', record: 'bc', purpose: 'd' },
      { vault: 'ab', record: 'cd', purpose: '' },
      { vault: 'ab","c', record: '', purpose: 'd' },
      { vault: 'c', record: 'ab', purpose: 'd' },
    ];
    for (const binding of moved) await expect(open(key, sealed, binding)).rejects.toThrow();
  });

  it('does not open with any byte of its IV or its data changed, or with some of it gone', async () => {
    const key = await aesKey();
    await fc.assert(
      fc.asyncProperty(
        bytes,
        bindings,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (plain, binding, at, by) => {
          const { iv, data } = await seal(key, plain, binding);
          await expect(open(key, { iv: changed(iv, at, by), data }, binding)).rejects.toThrow();
          await expect(open(key, { iv, data: changed(data, at, by) }, binding)).rejects.toThrow();
          const less = data.slice(0, at % data.length);
          await expect(open(key, { iv, data: less }, binding)).rejects.toThrow();
          const more = new Uint8Array([...data, by]);
          await expect(open(key, { iv, data: more }, binding)).rejects.toThrow();
        },
      ),
    );
  });
});

describe('a wrapped key', () => {
  const binding = { vault: 'v', record: 'r', purpose: 'p' };
  const as = {
    algorithm: 'AES-GCM',
    extractable: false,
    usages: ['encrypt', 'decrypt'],
  } satisfies Parameters<typeof unwrap>[3];

  it('comes back as the same key', async () => {
    const [by, key] = [await wrappingKey(), await aesKey(true)];
    const again = await unwrap(by, await wrap(by, key, binding), binding, as);
    const sealed = await seal(key, new Uint8Array([1, 2, 3]), binding);
    expect([...(await open(again, sealed, binding))]).toEqual([1, 2, 3]);
  });

  it('is what sealing its bytes gives, and comes back from such a seal', async () => {
    const by = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
      'wrapKey',
      'unwrapKey',
    ]);
    const key = await aesKey(true);
    const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key));
    expect([...(await open(by, await wrap(by, key, binding), binding))]).toEqual([...raw]);
    const again = await unwrap(by, await seal(by, raw, binding), binding, { ...as, extractable: true });
    expect([...new Uint8Array(await crypto.subtle.exportKey('raw', again))]).toEqual([...raw]);
  });

  it('comes back as one that cannot be taken out', async () => {
    const [by, key] = [await wrappingKey(), await aesKey(true)];
    const again = await unwrap(by, await wrap(by, key, binding), binding, as);
    await expect(crypto.subtle.exportKey('raw', again)).rejects.toThrow();
  });

  it('does not come back by another key, elsewhere, or with a byte changed', async () => {
    const [by, other, key] = [await wrappingKey(), await wrappingKey(), await aesKey(true)];
    const wrapped = await wrap(by, key, binding);
    await expect(unwrap(other, wrapped, binding, as)).rejects.toThrow();
    for (const name of ['vault', 'record', 'purpose'] as const) {
      await expect(unwrap(by, wrapped, { ...binding, [name]: 'x' }, as)).rejects.toThrow();
    }
    for (let at = 0; at < wrapped.data.length; at++) {
      await expect(
        unwrap(by, { ...wrapped, data: changed(wrapped.data, at, 1) }, binding, as),
      ).rejects.toThrow();
    }
  });
});
