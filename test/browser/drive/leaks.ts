import { open, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isLevelTable, levelTableBlocks } from './level-table';
import { type Kind, type Needle, needlesOf } from './needles';

/** Where a part of a secret was found. It never holds the secret itself, so it may be printed. */
export interface Finding {
  where: string;
  /** In bytes, of the text as UTF-8 or of the file. */
  offset: number;
  encoding: string;
  /** The place of the secret in the list that was searched for. */
  secretIndex: number;
}

export interface LeakSearch {
  /**
   * Looks into every file below a folder, and at its name. Close the browser first: it writes late. Compressed
   * blocks of LevelDB tables are unpacked. What else is compressed is searched as it lies on disk: values in
   * Firefox's SQLite files (snappy) and its session files (lz4) still show what repeats nothing before it, as a
   * random key does, while gzip in a cache hides all. A record of a LevelDB log may be cut in two every 32 KiB;
   * one of the halves still shows a run of a long secret.
   */
  folder(folder: string): Promise<Finding[]>;
  /** Looks into console lines, serialised documents, addresses, bodies: `where` names the sort of text. */
  texts(where: string, texts: readonly string[]): Finding[];
  bytes(where: string, bytes: Uint8Array): Finding[];
}

/**
 * Prepares a search for any twelve characters in a row of any of the secrets: as UTF-8, UTF-16, Latin-1, hex or
 * base64 in every alignment. `publicParts` are texts anyone may see, like the prefix of a service's keys.
 */
export function searchForLeaks(secrets: readonly string[], publicParts: readonly string[] = []): LeakSearch {
  const index = new NeedleIndex(secrets.flatMap((secret, place) => needlesOf(secret, place, publicParts)));
  const bytes = (where: string, haystack: Uint8Array) => {
    const scan = new Scan(index, where);
    scan.read(haystack, 0);
    return scan.findings;
  };
  const texts = (where: string, list: readonly string[]) =>
    list.flatMap((text, place) => bytes(`${where} ${place}`, Buffer.from(text, 'utf8')));

  return {
    bytes,
    texts,
    async folder(folder) {
      const findings: Finding[] = [];
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const [place, entry] of entries.entries()) {
        const path = join(entry.parentPath, entry.name);
        const inName = bytes(`the name of entry ${place}`, Buffer.from(relative(folder, path)));
        findings.push(...inName);
        if (!entry.isFile()) continue;
        // A path that holds a secret must not be printed.
        const where = inName.length > 0 ? `entry ${place}` : relative(folder, path);
        findings.push(...(await searchFile(index, path, where)));
        if (isLevelTable(path)) {
          for (const block of levelTableBlocks(await readFile(path))) {
            findings.push(...bytes(`${where}, unpacked block at ${block.offset}`, block.bytes));
          }
        }
      }
      return findings;
    },
  };
}

const CHUNK = 4 * 1024 * 1024;

async function searchFile(index: NeedleIndex, path: string, where: string): Promise<Finding[]> {
  const scan = new Scan(index, where);
  const file = await open(path, 'r');
  try {
    // What a chunk cuts off is kept in front of the next one.
    const overlap = index.longest - 1;
    const buffer = Buffer.alloc(overlap + CHUNK);
    let kept = 0;
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(buffer, kept, CHUNK, position);
      if (bytesRead === 0) return scan.findings;
      const filled = kept + bytesRead;
      scan.read(buffer.subarray(0, filled), position - kept);
      position += bytesRead;
      kept = Math.min(overlap, filled);
      buffer.copyWithin(0, filled - kept, filled);
    }
  } finally {
    await file.close();
  }
}

/** Finds thousands of needles in one pass: by their first four bytes, after a filter that turns most bytes away. */
class NeedleIndex {
  readonly longest: number;
  readonly #byPrefix = new Map<number, Needle[]>();
  readonly #filter = new Uint8Array(1 << 20);

  constructor(needles: readonly Needle[]) {
    this.longest = needles.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 1);
    for (const needle of needles) {
      const prefix = needle.bytes.readInt32BE(0);
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), needle]);
      this.#filter[slot(prefix)] = 1;
    }
  }

  search(haystack: Uint8Array, found: (needle: Needle, offset: number) => void): void {
    const filter = this.#filter;
    let prefix = 0;
    for (let end = 0; end < haystack.length; end += 1) {
      prefix = (prefix << 8) | (haystack[end] ?? 0);
      if (filter[slot(prefix)] === 0 || end < 3) continue;
      const offset = end - 3;
      for (const needle of this.#byPrefix.get(prefix) ?? []) {
        if (isAt(haystack, offset, needle.bytes)) found(needle, offset);
      }
    }
  }
}

function isAt(haystack: Uint8Array, offset: number, needle: Uint8Array): boolean {
  // The first four bytes are known to agree. Past its end a haystack is undefined, which equals no byte.
  for (let place = 4; place < needle.length; place += 1) {
    if (haystack[offset + place] !== needle[place]) return false;
  }
  return true;
}

/** Twenty bits out of thirty-two, spread by a multiplication with an odd constant near 2^32 / golden ratio. */
const slot = (prefix: number) => Math.imul(prefix, 0x9e3779b1) >>> 12;

/** The search through one file or text, which may come in overlapping pieces. */
class Scan {
  readonly findings: Finding[] = [];
  readonly #index: NeedleIndex;
  readonly #where: string;
  /** How far the last finding of each kind reaches, so that a whole secret is one finding and not fifty. */
  readonly #reach = new Map<Kind, number>();

  constructor(index: NeedleIndex, where: string) {
    this.#index = index;
    this.#where = where;
  }

  read(piece: Uint8Array, start: number): void {
    this.#index.search(piece, ({ bytes, kind }, offset) => {
      const from = start + offset;
      const reach = this.#reach.get(kind) ?? -1;
      this.#reach.set(kind, Math.max(reach, from + bytes.length));
      if (from >= reach) this.findings.push({ where: this.#where, offset: from, ...kind });
    });
  }
}
