import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Bytes, concat, sameBytes } from '../../src/bytes';
import { hkdf } from '../../src/vault/derive';
import { decrypt, encrypt } from '../../src/vault/seal';

const Hex = v.pipe(
  v.string(),
  v.regex(/^(?:[0-9a-f]{2})*$/),
  v.transform((text): Bytes => new Uint8Array(Buffer.from(text, 'hex'))),
);
const about = {
  tcId: v.number(),
  comment: v.string(),
  flags: v.array(v.string()),
  result: v.picklist(['valid', 'invalid']),
};
const AesGcmTest = v.strictObject({ ...about, key: Hex, iv: Hex, aad: Hex, msg: Hex, ct: Hex, tag: Hex });
const HkdfTest = v.strictObject({ ...about, ikm: Hex, salt: Hex, info: Hex, size: v.number(), okm: Hex });
type AesGcmTest = v.InferOutput<typeof AesGcmTest>;
type HkdfTest = v.InferOutput<typeof HkdfTest>;

const linesOf = (file: string): unknown[] =>
  readFileSync(new URL(`vectors/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

/** Nothing where WebCrypto refuses; any other error is one of ours, and fails the test. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'OperationError') return undefined;
    throw thrown;
  }
}

// Bytes of the IV, and how many tests have it. The standard allows all but the empty one; Node refuses what is
// under 12 or over 128 bytes. The vault's own are 12.
const MAY_BE_REFUSED: Readonly<Record<string, number>> = {
  0: 6,
  1: 6,
  2: 6,
  4: 6,
  6: 6,
  8: 7,
  10: 6,
  257: 3,
};

type Verdict = 'as published' | 'refused' | 'other bytes';
const compared = (made: Bytes | undefined, published: Bytes): Verdict => {
  if (!made) return 'refused';
  return sameBytes(made, published) ? 'as published' : 'other bytes';
};

/** What became of every test, by name and count: none can go missing unseen. */
function tally(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const named = ({ tcId, comment, result }: { tcId: number; comment: string; result: string }) =>
  `${tcId} (${result}${comment && `, ${comment}`})`;

describe('the published vectors of AES-GCM', async () => {
  const run = async (test: AesGcmTest) => {
    const key = await crypto.subtle.importKey('raw', test.key, 'AES-GCM', false, ['encrypt', 'decrypt']);
    const sealed = concat(test.ct, test.tag);
    const opening = await unlessRefused(decrypt(key, test.iv, test.aad, sealed));
    const sealing = await unlessRefused(encrypt(key, test.iv, test.aad, test.msg));
    return { test, opened: compared(opening, test.msg), sealedAgain: compared(sealing, sealed) };
  };
  const tests = linesOf('aes-gcm.jsonl').map(line => v.parse(AesGcmTest, line));
  const runs = await Promise.all(tests.map(run));
  const valid = runs.filter(({ test }) => test.result === 'valid');
  const invalid = runs.filter(({ test }) => test.result === 'invalid');

  it('are all 316, each once', () => {
    expect(new Set(tests.map(({ tcId }) => tcId)).size).toBe(316);
    expect(tally(tests.map(({ result }) => result))).toEqual({ valid: 229, invalid: 87 });
  });

  it('open to the published bytes where they are valid, and are sealed to the same bytes again', () => {
    const taken = valid.filter(({ test }) => !(test.iv.length in MAY_BE_REFUSED));
    const wrong = taken.filter(run => run.opened !== 'as published' || run.sealedAgain !== 'as published');
    expect(wrong.map(({ test }) => named(test))).toEqual([]);
    expect(taken.length).toBe(189);
  });

  it('are taken without exception at the sizes that the vault uses: a key of 32 bytes, an IV of 12', () => {
    const ours = runs.filter(({ test: { key, iv } }) => key.length === 32 && iv.length === 12);
    expect(tally(ours.map(run => `${run.test.result}: ${run.opened}`))).toEqual({
      'valid: as published': 39,
      'invalid: refused': 27,
    });
  });

  it('are refused where they are invalid', () => {
    expect(invalid.filter(run => run.opened !== 'refused').map(({ test }) => named(test))).toEqual([]);
    expect(tally(invalid.flatMap(({ test }) => test.flags))).toEqual({ ModifiedTag: 81, ZeroLengthIv: 6 });
  });

  it('may be refused for the length of their IV alone, and then both ways, whatever the key', () => {
    const odd = runs.filter(({ test }) => test.iv.length in MAY_BE_REFUSED);
    const halves = odd.filter(run => run.opened !== run.sealedAgain || run.opened === 'other bytes');
    expect(halves.map(({ test }) => named(test))).toEqual([]);
    expect(tally(odd.map(({ test }) => String(test.iv.length)))).toEqual(MAY_BE_REFUSED);

    const refused = tally(
      runs.filter(run => run.sealedAgain === 'refused').map(run => `${run.test.iv.length}`),
    );
    expect(MAY_BE_REFUSED).toMatchObject(refused);
    expect(refused).toMatchObject({ 0: 6 });
  });

  it('with a changed tag hold a right ciphertext, so that it is the tag that is looked at', () => {
    const changed = invalid.filter(({ test }) => test.flags.includes('ModifiedTag'));
    expect(tally(changed.map(run => run.sealedAgain))).toEqual({ 'other bytes': 81 });
  });
});

describe('the published vectors of HKDF-SHA256', async () => {
  const run = async (test: HkdfTest) => {
    const material = await crypto.subtle.importKey('raw', test.ikm, 'HKDF', false, ['deriveKey']);
    // HMAC takes a key of any length, which makes it the way to see any number of derived bytes.
    const algorithm = { name: 'HMAC', hash: 'SHA-256', length: test.size * 8 };
    const as = { algorithm, extractable: true, usages: ['sign'] } satisfies Parameters<typeof hkdf>[3];
    const key = await unlessRefused(hkdf(material, test.salt, test.info, as));
    const bytes = key && new Uint8Array(await crypto.subtle.exportKey('raw', key));
    return { test, derived: compared(bytes, test.okm) };
  };
  const tests = linesOf('hkdf-sha256.jsonl').map(line => v.parse(HkdfTest, line));
  const runs = await Promise.all(tests.map(run));

  it('are all 86, each once', () => {
    expect(new Set(tests.map(({ tcId }) => tcId)).size).toBe(86);
    expect(tally(tests.map(({ result }) => result))).toEqual({ valid: 83, invalid: 3 });
  });

  it('give the published bytes where they are valid', () => {
    const valid = runs.filter(({ test }) => test.result === 'valid');
    expect(valid.filter(run => run.derived !== 'as published').map(({ test }) => named(test))).toEqual([]);
  });

  it('are refused where they are invalid: more than 255 times 32 bytes', () => {
    const refused = runs.filter(run => run.derived === 'refused');
    expect(refused.map(({ test }) => [test.result, test.size])).toEqual([
      ['invalid', 8161],
      ['invalid', 8161],
      ['invalid', 8161],
    ]);
  });
});
