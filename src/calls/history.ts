import {
  type Database,
  deleteLater,
  eachAlone,
  inPlace,
  type StoredCall,
  type Stores,
  type Writing,
  write,
} from '../store/database';
import { type Call, type CallFilter, fits, untraced } from './call';
import { type Journal, mediaOf } from './journal';
import type { HistoryPlace, Retention } from './settings';

// In ms.
const DAY = 24 * 60 * 60_000;
/** How long what has just been finished can be seen at the least. */
const SEEN = 10 * 60_000;

/** How many calls are looked at for one page: a filter may let few of them through. */
const LOOKED_AT = 400;
const STORES: Stores[] = ['calls', 'media'];
/** How many are deleted in one transaction. */
const AT_ONCE = 200;

export interface Wish extends CallFilter {
  readonly after?: HistoryPlace;
  readonly most: number;
}

/** The finished calls. */
export class History {
  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
  ) {}

  /**
   * Calls, newest first, from beyond `after`. A page may be short of `most`, or empty, and `next` still say where to
   * go on. Throws `vault-locked`.
   */
  async list(wish: Wish): Promise<{ calls: Call[]; next?: HistoryPlace }> {
    const calls: Call[] = [];
    let next = wish.after;
    for (let looked = 0; looked < LOOKED_AT; ) {
      const batch = await this.batch(next, Math.min(wish.most, 100));
      if (batch.length === 0) return { calls };
      const found = await this.stored(batch.map(({ id }) => id));
      const entries = await Promise.all(found.map(stored => stored && this.journal.read(stored)));
      looked += batch.length;
      for (const [at, place] of batch.entries()) {
        next = place;
        const call = entries[at]?.call;
        if (!call || !fits(call, wish)) continue;
        calls.push(untraced(call));
        if (calls.length === wish.most) return { calls, next };
      }
    }
    return { calls, ...(next && { next }) };
  }

  async delete(id: string): Promise<void> {
    await write(this.database, STORES, async transaction => {
      const open = await transaction.objectStore('calls').index('place').getAllKeys(inPlace('open'));
      if (!open.includes(id)) remove(transaction, id);
    });
  }

  /** Deletes every finished call, those too of which nothing is kept. */
  async clear(): Promise<void> {
    await this.journal.forgetPassing();
    await this.clearBefore(Number.POSITIVE_INFINITY);
  }

  /** Deletes what was finished before, ms since the epoch. */
  private async clearBefore(before: number): Promise<void> {
    const all = before === Number.POSITIVE_INFINITY;
    // None was finished before it was made.
    let next: HistoryPlace | undefined = all ? undefined : { at: before, id: '' };
    for (;;) {
      const places = await this.batch(next, AT_ONCE);
      next = places.at(-1);
      if (!next) return;
      const found = all ? [] : await this.stored(places.map(({ id }) => id));
      await write(this.database, STORES, async transaction => {
        const index = transaction.objectStore('calls').index('place');
        for (const [place, { at, id }] of places.entries()) {
          const stored = found[place];
          // What cannot be read may have ended just now; what says nothing of its end is old enough.
          const isOld = all || (stored && !((stored.ended ?? stored.at) >= before));
          // One that was reopened meanwhile is not finished.
          if (isOld && (await index.getAllKeys(IDBKeyRange.only(['history', at]))).includes(id))
            remove(transaction, id);
        }
      });
    }
  }

  /** Deletes what is to be kept no longer, once there was time to see it. */
  async keep({ days }: Retention): Promise<void> {
    if (days !== null) await this.clearBefore(Date.now() - Math.max(SEEN, days * DAY));
  }

  private async batch(after: HistoryPlace | undefined, most: number): Promise<HistoryPlace[]> {
    const found: HistoryPlace[] = [];
    const index = this.database.transaction('calls').store.index('place');
    const range = after ? IDBKeyRange.bound(['history'], ['history', after.at]) : inPlace('history');
    let cursor = await index.openKeyCursor(range, 'prev');
    while (cursor && found.length < most) {
      const { key, primaryKey: id } = cursor;
      const [, at] = key;
      // In the order of the index, be a moment damaged.
      if (!after || indexedDB.cmp([at, id], [after.at, after.id]) < 0) found.push({ at, id });
      cursor = await cursor.continue();
    }
    return found;
  }

  private async stored(ids: readonly string[]): Promise<readonly (StoredCall | undefined)[]> {
    const { store } = this.database.transaction('calls');
    try {
      return await Promise.all(ids.map(id => store.get(id)));
    } catch {
      return eachAlone(ids, id => this.database.get('calls', id));
    }
  }
}

function remove(transaction: Writing<Stores>, id: string): void {
  deleteLater(transaction, 'calls', id);
  deleteLater(transaction, 'media', mediaOf(id));
}
