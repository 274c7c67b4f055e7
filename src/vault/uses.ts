import * as v from 'valibot';
import { textOf, utf8 } from '../bytes';
import {
  type Database,
  deleteLater,
  putLater,
  type Sealed,
  type StoredUse,
  type StoredUses,
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

/** How many uses of a key are kept at the least, and shown at the most. */
const KEPT = 200;
/** How many records of a key are written before those that are too many are looked for again. */
const TRIMMED = 20;

const binding = (vault: string, id: string): Binding => ({ vault, record: id, purpose: 'use' });

/** Seals a use with the call's own key, so that it can be noted although the vault has locked meanwhile. */
export const sealUse = (live: CryptoKey, vault: string, id: string, use: Use): Promise<Sealed> =>
  seal(live, utf8(JSON.stringify(use)), binding(vault, id));

const recordsOf = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

/** The uses in a record, which may be damaged. */
export const usesIn = ({ uses }: StoredUses): readonly StoredUse[] =>
  Array.isArray(uses) ? uses.filter(use => typeof use === 'object' && use !== null) : [];

/** How many records of each key this background has written. */
const written = new Map<string, number>();

/**
 * The uses of one transaction. Those of a key share a record: what a hundred calls of one moment write costs as much
 * by the number of records as by their bytes.
 */
export class Noted {
  private readonly byKey = new Map<string, StoredUse[]>();

  constructor(private readonly transaction: Writing<Stores>) {}

  add(key: string, use: StoredUse): void {
    this.byKey.set(key, [...(this.byKey.get(key) ?? []), use]);
  }

  write(): void {
    for (const [key, uses] of this.byKey) {
      // The moment of a call may be damaged.
      const at = Math.max(0, ...uses.map(use => use.at).filter(Number.isFinite));
      const id = crypto.randomUUID();
      putLater(this.transaction, 'uses', { key, at, id, noted: Date.now(), uses });
      const before = written.get(key) ?? 0;
      written.set(key, before + 1);
      if (before % TRIMMED === 0) this.trim(key).catch(() => {});
    }
  }

  /** Deletes the oldest records beyond those that are kept. */
  private async trim(key: string): Promise<void> {
    const newest = await this.transaction.objectStore('uses').openKeyCursor(recordsOf(key), 'prev');
    const tooMany = await newest?.advance(KEPT);
    if (tooMany) deleteLater(this.transaction, 'uses', IDBKeyRange.bound([key], tooMany.primaryKey));
  }
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
    await write(this.database, stores, transaction => {
      const noted = new Noted(transaction);
      noted.add(key, { id, at, wrapped, use: sealed });
      noted.write();
    });
  }

  /** The newest first; `at` in ms since the epoch. Those that no longer open are left out, and counted. */
  async of(key: string): Promise<{ uses: (Use & { at: number })[]; unreadable: number }> {
    const records = await this.database.getAll('uses', recordsOf(key));
    const inTurn = records.sort((one, other) => one.noted - other.noted).flatMap(usesIn);
    // A call that was finished twice is one use.
    const stored = new Map(inTurn.map(use => [use.id, use]));
    const latest = [...stored.values()].sort((one, other) => other.at - one.at).slice(0, KEPT);
    const vault = await this.vault.id();
    const uses = await Promise.all(
      latest.map(async ({ id, at, wrapped, use }) => {
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
    await write(this.database, ['uses'], transaction =>
      transaction.objectStore('uses').delete(recordsOf(key)),
    );
  }
}
