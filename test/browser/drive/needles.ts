/** Characters of a secret in a row that count as a leak. A shorter secret counts as a whole. */
export const RUN = 12;

/** Below this, chance alone would find a secret in a large file. */
const SHORTEST_SECRET = 8;

export interface Needle {
  bytes: Buffer;
  kind: Kind;
}

/** One object for each secret and encoding, so that findings of overlapping runs can be told to be one. */
export interface Kind {
  secretIndex: number;
  encoding: string;
}

/**
 * Every run of a secret in every form in which a browser may have written it. `publicParts` are texts that
 * anyone may see, such as the prefix all keys of a service share: a run that lies within one is no leak.
 */
export function needlesOf(
  secret: string,
  secretIndex: number,
  publicParts: readonly string[] = [],
): Needle[] {
  const characters = Array.from(secret);
  if (characters.length < SHORTEST_SECRET) {
    throw new Error(
      `Secret ${secretIndex} is shorter than ${SHORTEST_SECRET} characters: chance would find it.`,
    );
  }
  const kinds = new Map<string, Kind>();
  const needles = new Map<string, Needle>();
  for (let start = 0; start === 0 || start + RUN <= characters.length; start += 1) {
    const run = characters.slice(start, start + RUN).join('');
    if (publicParts.some(part => part.includes(run))) continue;
    for (const [encoding, bytes] of encodings(run)) {
      const kind = kinds.get(encoding) ?? { secretIndex, encoding };
      kinds.set(encoding, kind);
      // Encodings often agree, as UTF-8 and Latin-1 do on ASCII. The first name stands.
      const key = bytes.toString('latin1');
      if (!needles.has(key)) needles.set(key, { bytes, kind });
    }
  }
  return [...needles.values()];
}

function* encodings(run: string): Generator<[string, Buffer]> {
  const utf8 = Buffer.from(run, 'utf8');
  yield ['utf-8', utf8];
  yield ['utf-16le', Buffer.from(run, 'utf16le')];
  // IndexedDB and the like write a string without characters beyond Latin-1 one byte each.
  if (/^[\0-\xff]*$/.test(run)) yield ['latin-1', Buffer.from(run, 'latin1')];
  for (const [encoding, text] of textEncodings(utf8)) {
    yield [encoding, Buffer.from(text, 'latin1')];
    // A string that holds one character beyond Latin-1 is written two bytes each, all of it.
    yield [`${encoding} in utf-16le`, Buffer.from(text, 'utf16le')];
  }
}

function* textEncodings(bytes: Buffer): Generator<[string, string]> {
  const hex = bytes.toString('hex');
  yield ['hex', hex];
  yield ['upper-case hex', hex.toUpperCase()];
  for (const before of [0, 1, 2]) {
    const base64 = base64After(before, bytes);
    yield ['base64', base64];
    yield ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_')];
  }
}

/**
 * The base64 characters that these bytes alone decide when `before` more bytes precede them in their group of
 * three. A character carries six bits; one that shares bits with a neighbour is dropped.
 */
function base64After(before: number, bytes: Buffer): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}
