import { type IDBPIndex, unwrap } from 'idb';
import { Failure } from '../failure';
import {
  type Database,
  deleteLater,
  putLater,
  type Schema,
  type Stores,
  type Writing,
} from '../store/database';
import type { CallState } from './call';
import { amount, price } from './dollars';

/** How long what a day has cost is remembered, ms: a clock or a time zone that is set back brings a day again. */
const REMEMBERED = 7 * 24 * 60 * 60_000;

/** The day of a moment where the person is, yyyy-mm-dd. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** What a finished call counts for, US dollars: what it cost, or where nobody said so what it was expected to. */
export function costOf(state: CallState, estimate: number): number {
  switch (state.phase) {
    case 'done':
      return state.cost ?? estimate;
    case 'unknown':
      return Math.max(state.cost ?? 0, estimate);
    case 'cancelled':
      return state.sent ? Math.max(state.cost ?? 0, estimate) : 0;
    case 'failed': {
      // It was made, and could not be read.
      const made = state.failure.code === 'unreadable-answer';
      return Math.max(state.cost ?? 0, made ? estimate : 0);
    }
    default:
      return 0;
  }
}

type Holds = IDBPIndex<Schema, Stores[], 'calls', 'hold', IDBTransactionMode>;

/** What is left of a key's day. */
export interface Limit {
  readonly key: string;
  /** The key's label. */
  readonly label: string;
  /** US dollars a day; null: none. */
  readonly dollars: number | null;
}

/** What is left of a key's day, and what its calls cost, for all changes of one transaction. */
export class Ledger {
  private readonly day = dayOf(Date.now());
  /** What each key has spent today, US dollars, and what its calls under way are expected to cost. */
  private readonly spent = new Map<string, number>();
  private readonly held = new Map<string, number>();
  private readonly changed = new Set<string>();

  constructor(private readonly transaction: Writing<Stores>) {}

  /**
   * Throws `daily-limit` where a call expected to cost so much would bring its key over the limit, with what the
   * calls of today have cost and the others under way are expected to. In one transaction with the call's line in the
   * journal, so that no two calls share what is left; of one that is there already its cost is held back.
   */
  async demandRoom({ key, label, dollars: limit }: Limit, estimate: number, isHeld: boolean): Promise<void> {
    if (limit === null || estimate === 0) return;
    const held = this.held.get(key) ?? (await this.heldBy(key));
    this.held.set(key, held);
    const before = (isHeld ? held - estimate : held) + (await this.spentBy(key));
    if (before + estimate <= limit + 1e-9) return;
    throw new Failure(
      'daily-limit',
      `“${label}” has a daily limit of ${amount(limit)}. Today ${amount(before)} are spent or under way, and this call may cost ${price(estimate)}.`,
      {
        next: 'Nothing was sent. Raise the key’s daily limit in the options page, or wait until tomorrow.',
      },
    );
  }

  /** A call's line comes to hold back so much more, US dollars, or less. */
  hold(key: string, dollars: number): void {
    const held = this.held.get(key);
    // What was not looked up yet is found changed; what is damaged is looked up anew.
    if (held === undefined) return;
    if (Number.isFinite(dollars)) this.held.set(key, Math.max(0, held + dollars));
    else this.held.delete(key);
  }

  /** Adds to what a key's day has cost. */
  async add(key: string, dollars: number): Promise<void> {
    if (dollars === 0) return;
    this.spent.set(key, Math.max(0, (await this.spentBy(key)) + dollars));
    this.changed.add(key);
  }

  /** Each sum once, however many calls it is of; days long gone by are forgotten. */
  write(): void {
    if (this.changed.size === 0) return;
    const { day } = this;
    const old = IDBKeyRange.upperBound([dayOf(Date.now() - REMEMBERED)], true);
    deleteLater(this.transaction, 'spending', old);
    for (const key of this.changed)
      putLater(this.transaction, 'spending', { day, key, dollars: this.spent.get(key) ?? 0 });
  }

  private async spentBy(key: string): Promise<number> {
    const known = this.spent.get(key);
    if (known !== undefined) return known;
    const stored = await this.transaction.objectStore('spending').get([this.day, key]);
    const dollars = stored?.dollars ?? 0;
    this.spent.set(key, dollars);
    return dollars;
  }

  private async heldBy(key: string): Promise<number> {
    const ofKey = IDBKeyRange.bound([key], [key, []]);
    let sum = 0;
    await eachHold(this.transaction.objectStore('calls').index('hold'), ofKey, ([, dollars]) => {
      sum += dollars;
    });
    return sum;
  }
}

/** By the browser's own callbacks: a promise for each step took six times as long. */
function eachHold(
  index: Holds,
  range: IDBKeyRange | null,
  take: (hold: [key: string, dollars: number]) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = unwrap(index).openKeyCursor(range);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      take(cursor.key as [string, number]);
      cursor.continue();
    };
  });
}

/** What each key has spent today, US dollars, calls under way with what they are expected to cost. */
export async function spentToday(database: Database): Promise<Record<string, number>> {
  const day = dayOf(Date.now());
  const spent: Record<string, number> = {};
  const add = (key: string, dollars: number) => {
    spent[key] = (spent[key] ?? 0) + dollars;
  };
  for (const { key, dollars } of await database.getAll('spending', IDBKeyRange.bound([day], [day, []])))
    add(key, dollars);
  await eachHold(database.transaction('calls').store.index('hold'), null, hold => add(...hold));
  return spent;
}
