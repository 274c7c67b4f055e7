import * as v from 'valibot';
import { base64, sameBytes, utf8 } from '../bytes';
import {
  type Database,
  reading,
  type Sealed,
  type StoredHeader,
  type Stores,
  type Writing,
  write,
} from '../store/database';
import { damaged } from './failures';
import { type Header, readHeader } from './header';
import { type KeyIndex, readIndex, readSecret, type Secret } from './key-index';
import { indexBinding, type Open, secretBinding } from './opened';
import { open, seal } from './seal';

/** Records to be written together; a secret that is undefined is deleted. */
export interface Changes {
  readonly header?: StoredHeader;
  readonly index?: Sealed;
  readonly secrets?: ReadonlyMap<string, Sealed | undefined>;
}

export const RECORDS: readonly Stores[] = [
  'header',
  'header copy',
  'index',
  'index copy',
  'secrets',
  'secrets copy',
];

/** Puts every record twice. */
export async function putRecords(
  transaction: Writing<Stores>,
  { header, index, secrets = new Map() }: Changes,
): Promise<void> {
  const writes: (() => Promise<unknown>)[] = [];
  if (header) {
    writes.push(() => transaction.objectStore('header').put(header, 'vault'));
    writes.push(() => transaction.objectStore('header copy').put(header, 'vault'));
  }
  if (index) {
    writes.push(() => transaction.objectStore('index').put(index, 'keys'));
    writes.push(() => transaction.objectStore('index copy').put(index, 'keys'));
  }
  for (const [id, secret] of secrets) {
    for (const store of ['secrets', 'secrets copy'] as const) {
      const target = transaction.objectStore(store);
      writes.push(() => (secret ? target.put(secret, id) : target.delete(id)));
    }
  }
  // `async`, so that one that throws at once leaves none of the others to reject unheard.
  await Promise.all(writes.map(async put => put()));
}

/** The two records of something, as far as the browser reads them, and why it would not. */
async function both<T>(
  first: Promise<T | undefined>,
  second: Promise<T | undefined>,
): Promise<{ stored: (T | undefined)[]; faults: unknown[] }> {
  const read = await Promise.allSettled([reading(first), reading(second)]);
  return {
    stored: read.map(one => (one.status === 'fulfilled' ? one.value : undefined)),
    faults: read.flatMap(one => (one.status === 'rejected' ? [one.reason] : [])),
  };
}

const Part = v.object({ iv: v.instance(Uint8Array), data: v.instance(Uint8Array) });
const areSame = (one: Sealed | undefined, other: Sealed): boolean =>
  v.is(Part, one) && sameBytes(one.iv, other.iv) && sameBytes(one.data, other.data);

/** An older header would let an old passphrase in, and forget the passkeys added since. */
const supersedes = (one: Header, other: Header): boolean =>
  one.vault === other.vault && one.written > other.written;

/**
 * The vault's records at rest. Each is kept twice and written in one strict transaction; where the first is
 * missing, damaged, foreign or older, the second is used and written over it.
 */
export class Records {
  constructor(private readonly database: Database) {}

  write(changes: Changes): Promise<void> {
    return write(this.database, [...RECORDS], transaction => putRecords(transaction, changes));
  }

  /** Puts these records in the place of every other, and of the calls that only those could open. */
  begin(changes: Required<Changes>): Promise<void> {
    const stores: Stores[] = [...RECORDS, 'calls', 'media', 'spending', 'uses'];
    return write(this.database, stores, async transaction => {
      await Promise.all(stores.map(async store => transaction.objectStore(store).clear()));
      await putRecords(transaction, changes);
    });
  }

  /**
   * Every header that is whole, none twice, and of one vault only the latest. Empty when there is no vault at all.
   * Throws `vault-damaged` when there is one, and no header of it is whole, and `vault-unreadable`.
   */
  async headers(): Promise<Header[]> {
    const { stored, faults } = await this.storedHeaders();
    const found: Header[] = [];
    for (const header of stored) {
      const read = header && (await readHeader(header).catch(() => undefined));
      if (
        read &&
        !found.some(({ stored: { checksum } }) => base64(checksum) === base64(read.stored.checksum))
      ) {
        found.push(read);
      }
    }
    if (found.length > 0) return found.filter(one => !found.some(other => supersedes(other, one)));
    if (faults.length > 0) throw faults[0];
    if (await this.somethingIsLeft()) throw damaged();
    return [];
  }

  /** Writes what was found good over what was not. What cannot be mended now is when it is next read. */
  async mend(changes: Changes): Promise<void> {
    await this.write(changes).catch(() => {});
  }

  /** Writes the header that opened the vault over a record of it that is another, or none. */
  async mendHeader({ stored: { checksum }, stored: header }: Header): Promise<void> {
    const { stored } = await this.storedHeaders();
    const read = await Promise.all(stored.map(one => one && readHeader(one).catch(() => undefined)));
    if (read.every(one => one && sameBytes(one.stored.checksum, checksum))) return;
    await this.mend({ header });
  }

  private storedHeaders() {
    return both(this.database.get('header', 'vault'), this.database.get('header copy', 'vault'));
  }

  /** Opens the index, the newer one of the two. Throws `vault-damaged`, `vault-unreadable`. */
  async index(opened: Open): Promise<KeyIndex> {
    const { vault } = opened.header;
    const { stored, faults } = await both(
      this.database.get('index', 'keys'),
      this.database.get('index copy', 'keys'),
    );
    const read = await Promise.all(
      stored.map(async sealed => {
        try {
          if (!sealed) return undefined;
          return { sealed, index: readIndex(await open(opened.index, sealed, indexBinding(vault))) };
        } catch {
          return undefined;
        }
      }),
    );
    const [best, other] = read.flatMap(one => one ?? []).sort((a, b) => b.index.revision - a.index.revision);
    if (!best) throw faults[0] ?? damaged();
    if (other?.index.revision !== best.index.revision) await this.mend({ index: best.sealed });
    return best.index;
  }

  /** Opens the secret with that IV. Undefined when neither copy is it. Throws `vault-unreadable`. */
  async secret(
    opened: Open,
    id: string,
    iv: string,
  ): Promise<{ sealed: Sealed; secret: Secret } | undefined> {
    const { stored, faults } = await both(
      this.database.get('secrets', id),
      this.database.get('secrets copy', id),
    );
    for (const sealed of stored) {
      try {
        if (!sealed || base64(sealed.iv) !== iv) continue;
        const secret = await openSecret(opened, id, sealed);
        const agree = stored.every(one => areSame(one, sealed));
        if (!agree) await this.mend({ secrets: new Map([[id, sealed]]) });
        return { sealed, secret };
      } catch {}
    }
    if (faults.length > 0) throw faults[0];
    return undefined;
  }

  /** Whether any record of a vault is there. */
  private async somethingIsLeft(): Promise<boolean> {
    const counts = await reading(Promise.all(RECORDS.map(store => this.database.count(store))));
    return counts.some(count => count > 0);
  }
}

/** Throws rather than seal what could not be read again. */
export async function sealIndex(opened: Open, index: KeyIndex): Promise<Sealed> {
  const plain = utf8(JSON.stringify(index));
  readIndex(plain);
  return seal(opened.index, plain, indexBinding(opened.header.vault));
}

/** Throws rather than seal what could not be read again. */
export async function sealSecret(opened: Open, id: string, secret: Secret): Promise<Sealed> {
  const plain = utf8(JSON.stringify(secret));
  readSecret(plain);
  return seal(opened.secrets, plain, secretBinding(opened.header.vault, id));
}

/** Throws when it is not that key's secret. */
export const openSecret = async (opened: Open, id: string, sealed: Sealed): Promise<Secret> =>
  readSecret(await open(opened.secrets, sealed, secretBinding(opened.header.vault, id)));
