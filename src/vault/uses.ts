import * as v from 'valibot';
import { textOf, utf8 } from '../bytes';
import {
  type Database,
  deleteLater,
  putLater,
  type Sealed,
  type StoredUse,
  type Stores,
  type Writing,
  write,
} from '../store/database';
import { type Binding, open, seal } from './seal';

/** One use of a key: where it has been. */
export const Use = v.strictObject({
  /** The operation's name, or `test`. */
  task: v.string(),
  /** Where the call was made from: the origin of a page whose text was selected. */
  site: v.exactOptional(v.string()),
  /** US dollars, where the service said. */
  cost: v.exactOptional(v.number()),
  outcome: v.picklist(['done', 'failed', 'unknown', 'cancelled', 'works', 'rejected', 'could-not-tell']),
});
export type Use = v.InferOutput<typeof Use>;

/** How many uses of a key are kept. */
const KEPT = 200;

const binding = (vault: string, id: string): Binding => ({ vault, record: id, purpose: 'use' });

/** Seals a use with the call's own key, so that it can be noted although the vault has locked meanwhile. */
export const sealUse = (live: CryptoKey, vault: string, id: string, use: Use): Promise<Sealed> =>
  seal(live, utf8(JSON.stringify(use)), binding(vault, id));

const usesOf = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

/** The keys whose uses a transaction has looked through already. */
const trimmed = new WeakMap<Writing<Stores>, Set<string>>();

/**
 * Notes a use. The first of a transaction forgets the oldest of its key beyond those that are kept: looking through
 * them takes longer than noting one, and where many are noted at once the next time is soon enough.
 */
export function putUse(transaction: Writing<Stores>, use: StoredUse): void {
  putLater(transaction, 'uses', use);
  const keys = trimmed.get(transaction) ?? new Set();
  if (keys.has(use.key)) return;
  trimmed.set(transaction, keys.add(use.key));
  trim(transaction, use.key).catch(() => {});
}

async function trim(transaction: Writing<Stores>, key: string): Promise<void> {
  const newest = await transaction.objectStore('uses').openKeyCursor(usesOf(key), 'prev');
  const tooMany = await newest?.advance(KEPT);
  if (tooMany) deleteLater(transaction, 'uses', IDBKeyRange.bound([key], tooMany.primaryKey));
}

/** What is needed of the vault. */
interface Inside {
  id(): Promise<string>;
  openCallKey(call: string, wrapped: Sealed): Promise<CryptoKey>;
  newCallKey(call: string): Promise<{ live: CryptoKey; wrapped: Sealed }>;
}

/** Where each key has been. Everything but `latest` and `forget` throws `vault-locked`. */
export class Uses {
  constructor(
    private readonly database: Database,
    private readonly vault: Inside,
  ) {}

  /** Notes a use that no call in the journal stands for. */
  async note(key: string, at: number, use: Use): Promise<void> {
    const id = crypto.randomUUID();
    const { live, wrapped } = await this.vault.newCallKey(id);
    const sealed = await sealUse(live, await this.vault.id(), id, use);
    const stores: Stores[] = ['uses'];
    await write(this.database, stores, transaction =>
      putUse(transaction, { id, key, at, wrapped, use: sealed }),
    );
  }

  /** The newest first; `at` in ms since the epoch. Those that no longer open are left out, and counted. */
  async of(key: string): Promise<{ uses: (Use & { at: number })[]; unreadable: number }> {
    const stored = await this.database.getAll('uses', usesOf(key));
    const vault = await this.vault.id();
    const uses = await Promise.all(
      stored.reverse().map(async ({ id, at, wrapped, use }) => {
        try {
          const bytes = await open(await this.vault.openCallKey(id, wrapped), use, binding(vault, id));
          return { at, ...v.parse(Use, JSON.parse(textOf(bytes))) };
        } catch {
          return undefined;
        }
      }),
    );
    const readable = uses.flatMap(use => use ?? []);
    return { uses: readable, unreadable: uses.length - readable.length };
  }

  /** When each key was last used, ms since the epoch. One step a key, however many uses it has. */
  async latest(): Promise<Record<string, number>> {
    const found: [string, number][] = [];
    const { store } = this.database.transaction('uses');
    let cursor = await store.openKeyCursor(null, 'prev');
    while (cursor) {
      const [key, at] = cursor.primaryKey;
      found.push([key, at]);
      // Backwards, to the last one of the key before.
      cursor = await store.openKeyCursor(IDBKeyRange.upperBound([key], true), 'prev');
    }
    return Object.fromEntries(found);
  }

  async forget(key: string): Promise<void> {
    await write(this.database, ['uses'], transaction => transaction.objectStore('uses').delete(usesOf(key)));
  }
}
