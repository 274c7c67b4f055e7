import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchForLeaks } from '../browser/drive/leaks';

const secret = 'rk-canary-7Qd2vXw9LrT4mZkB';
const run = secret.slice(7, 19);
const MEGABYTE = 1024 * 1024;

/** Bytes that repeat nothing and hold no secret: a small generator, so that failures can be repeated. */
function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let place = 0; place < length; place += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[place] = state >>> 24;
  }
  return bytes;
}

const between = (middle: Uint8Array, before = 1000, after = 1000) =>
  Buffer.concat([noise(before, 2), middle, noise(after, 3)]);

const ways: Record<string, (text: string) => Buffer> = {
  'utf-8': text => Buffer.from(text),
  'utf-16le': text => Buffer.from(text, 'utf16le'),
  hex: text => Buffer.from(Buffer.from(text).toString('hex')),
  'upper-case hex': text => Buffer.from(Buffer.from(text).toString('hex').toUpperCase()),
  'hex in utf-16le': text => Buffer.from(Buffer.from(text).toString('hex'), 'utf16le'),
  base64: text => Buffer.from(Buffer.from(text).toString('base64')),
  base64url: text => Buffer.from(Buffer.from(text).toString('base64url')),
};

describe('a secret in bytes', () => {
  const search = searchForLeaks(['a secret that is not there', secret]);

  it.each(Object.keys(ways))('is found as %s, whole or twelve characters of it', encoding => {
    for (const text of [secret, run]) {
      const [finding, ...more] = search.bytes('here', between(ways[encoding]?.(text) ?? Buffer.of()));
      expect(more).toEqual([]);
      // Without + and / both alphabets of base64 are one.
      expect(finding).toEqual({
        where: 'here',
        offset: 1000,
        encoding: encoding.replace('64url', '64'),
        secretIndex: 1,
      });
    }
  });

  it.each([0, 1, 2, 3, 4, 5])('is found in base64 with %i bytes before it', before => {
    const body = Buffer.concat([noise(before), Buffer.from(run), noise(5, 9)]);
    for (const alphabet of ['base64', 'base64url'] as const) {
      const text = body.toString(alphabet);
      expect(search.texts('body', [text])).toMatchObject([{ where: 'body 0', secretIndex: 1 }]);
      expect(search.bytes('file', Buffer.from(text, 'utf16le'))).toHaveLength(1);
    }
  });

  it('is told apart by the alphabet of base64', () => {
    // The characters ? and > become / and + in base64.
    const odd = searchForLeaks(['??>>??>>??>>??>>']);
    expect(odd.bytes('x', Buffer.from('Pz8+Pj8/Pj4/Pz4+'))).toMatchObject([{ encoding: 'base64' }]);
    expect(odd.bytes('x', Buffer.from('Pz8-Pj8_Pj4_Pz4-'))).toMatchObject([{ encoding: 'base64url' }]);
  });

  it('is found as one byte a character when it has accents', () => {
    const accents = searchForLeaks(['pâté-crème-brûlée-été']);
    const stored = Buffer.from('crème-brûlée', 'latin1');
    expect(accents.bytes('x', between(stored))).toMatchObject([{ encoding: 'latin-1', offset: 1000 }]);
  });

  it('is found beyond the basic plane without being cut inside a character', () => {
    const keys = searchForLeaks(['🗝️🔒🔑🧂🫙🐢🦎🐍🌵🌴🌱🌿🍀']);
    expect(keys.texts('dom', ['<p>🔒🔑🧂🫙🐢🦎🐍🌵🌴🌱🌿🍀</p>'])).toHaveLength(1);
  });

  it('is not found when only eleven characters of it are there', () => {
    for (const encode of Object.values(ways)) {
      expect(search.bytes('here', between(encode(secret.slice(7, 18))))).toEqual([]);
    }
  });

  it('is found each time it is there, and names its place rather than itself', () => {
    const twice = Buffer.concat([Buffer.from(secret), noise(50), Buffer.from(secret)]);
    const findings = search.bytes('here', twice);
    expect(findings.map(({ offset }) => offset)).toEqual([0, secret.length + 50]);
    expect(JSON.stringify(findings)).not.toContain(run.slice(0, 4));
  });

  it('may share a public part with what everyone can read', () => {
    const withPrefix = searchForLeaks([`public-service-prefix-${secret}`], ['public-service-prefix-']);
    expect(withPrefix.texts('dom', ['starts with public-service-prefix-'])).toEqual([]);
    expect(withPrefix.texts('dom', [`service-prefix-${secret.slice(0, 4)}`])).toHaveLength(1);
  });

  it('must be long enough that chance does not find it', () => {
    expect(() => searchForLeaks(['1234567'])).toThrow('shorter than 8');
    expect(searchForLeaks(['12345678']).texts('x', ['-12345678-'])).toHaveLength(1);
  });
});

describe('a folder', () => {
  let folder = '';
  const search = searchForLeaks([secret]);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runkey-leaks-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('without the secret has no findings', async () => {
    await mkdir(join(folder, 'deep', 'er'), { recursive: true });
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'deep', 'er', 'noise'), noise(9 * MEGABYTE));
    await writeFile(join(folder, 'broken.ldb'), noise(300));
    expect(await search.folder(folder)).toEqual([]);
  });

  it('is searched through all its depth', async () => {
    await mkdir(join(folder, 'deep', 'er'), { recursive: true });
    await writeFile(join(folder, 'deep', 'er', 'log'), between(Buffer.from(run)));
    expect(await search.folder(folder)).toEqual([
      { where: join('deep', 'er', 'log'), offset: 1000, encoding: 'utf-8', secretIndex: 0 },
    ]);
  });

  it('is searched at every place where a file is read in pieces', async () => {
    const piece = 4 * MEGABYTE;
    const offsets = [
      piece - 48,
      piece - 47,
      piece - 12,
      piece - 11,
      piece - 1,
      piece,
      2 * piece - 5,
      2 * piece + 40,
    ];
    for (const [encoding, encode] of Object.entries(ways)) {
      const big = noise(9 * MEGABYTE);
      // The places lie close together, so each gets a file of its own.
      for (const offset of offsets) {
        const canary = encode(run);
        canary.copy(big, offset);
        await writeFile(join(folder, 'big'), big);
        noise(canary.length, 5).copy(big, offset);
        const [finding, ...more] = await search.folder(folder);
        expect({ encoding, ...finding }, `${encoding} at ${offset}`).toMatchObject({ where: 'big', offset });
        expect(more).toEqual([]);
      }
    }
  });

  it('does not give the secret away when a name holds it', async () => {
    await writeFile(join(folder, `${secret}.txt`), secret);
    const findings = await search.folder(folder);
    expect(findings.map(({ where }) => where)).toEqual(['the name of entry 0', 'entry 0']);
  });
});

describe('any secret in any surroundings', () => {
  const secrets = fc.string({ unit: 'binary', minLength: 12, maxLength: 60 });
  const surroundings = fc.uint8Array({ maxLength: 400 });

  it('is found by any twelve of its characters, in any encoding, where it was put', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.nat(),
        fc.constantFrom(...Object.values(ways)),
        surroundings,
        surroundings,
        (text, start, encode, before, after) => {
          const characters = Array.from(text);
          const from = start % (characters.length - 11);
          const planted = encode(characters.slice(from, from + 12).join(''));
          const haystack = Buffer.concat([before, planted, after]);
          // Not always at its own place: what stands before a secret of one repeated byte may begin it.
          expect(searchForLeaks([text]).bytes('here', haystack).length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is found inside base64 of anything that holds it', () => {
    fc.assert(
      fc.property(secrets, surroundings, surroundings, fc.boolean(), (text, before, after, forUrls) => {
        const body = Buffer.concat([before, Buffer.from(text), after]);
        const sent = body.toString(forUrls ? 'base64url' : 'base64');
        expect(searchForLeaks([text]).texts('body', [sent]).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('is not found where it is not', () => {
    const printable = fc.string({ minLength: 12, maxLength: 60 });
    fc.assert(
      fc.property(printable, fc.array(printable), (text, others) => {
        const runs = Array.from({ length: text.length - 11 }, (_, place) => text.slice(place, place + 12));
        fc.pre(!others.some(other => runs.some(part => other.includes(part))));
        expect(searchForLeaks([text]).texts('line', others)).toEqual([]);
      }),
    );
  });
});
