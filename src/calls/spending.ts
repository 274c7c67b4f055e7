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

type Holds = IDBPIndex<Schema, Stores[], 'journal', 'hold', IDBTransactionMode>;

/** What is left of a key's day. */
export interface Limit {
  readonly key: string;
  /** The key's label. */
  readonly label: string;
  /** US dollars a day; null: none. */
  readonly dollars: number | null;
}

/** What a background remembers between its transactions. */
export class Held {
  /** Names the background: after another one's changes nothing is known. */
  readonly by = crypto.randomUUID();
  /** What the calls of each key that are under way hold back, US dollars. */
  readonly known = new Map<string, number>();
}

/** What is left of a key's day, and what its calls cost, for all changes of one transaction. */
export class Ledger {
  private readonly day = dayOf(Date.now());
  /** What each key has spent today, US dollars, and what its calls under way are expected to cost. */
  private readonly spent = new Map<string, number>();
  private readonly held = new Map<string, number>();
  private readonly looked = new Map<string, Promise<{ dollars: number; by?: string }>>();
  private readonly changed = new Set<string>();

  constructor(
    private readonly transaction: Writing<Stores>,
    private readonly before: Held,
  ) {
    const keep = () => {
      for (const [key, dollars] of this.held) before.known.set(key, dollars);
    };
    transaction.done.then(keep, () => {});
  }

  /**
   * Throws `daily-limit` where a call expected to cost so much would bring its key over the limit, with what the
   * calls of today have cost and the others under way are expected to. In one transaction with the call's line in the
   * journal, so that no two calls share what is left; of one that is there already its cost is held back.
   */
  async demandRoom({ key, label, dollars: limit }: Limit, estimate: number, isHeld: boolean): Promise<void> {
    if (limit === null || estimate === 0) return;
    const held = await this.heldBy(key);
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

  /** The calls of a key hold back so much more, US dollars, or less: told before the journal is. */
  async hold(key: string, dollars: number): Promise<void> {
    if (dollars === 0) return;
    const held = await this.knownOf(key);
    // What is not known is looked up when it is needed.
    if (held !== undefined) this.held.set(key, held + dollars);
    this.changed.add(key);
  }

  /** Adds to what a key's day has cost. */
  async add(key: string, dollars: number): Promise<void> {
    if (dollars === 0) return;
    this.spent.set(key, Math.max(0, (await this.spentBy(key)) + dollars));
    this.changed.add(key);
  }

  /** What the journal holds back is changed otherwise: it is looked up anew. */
  forgetHeld(): void {
    this.held.clear();
    this.before.known.clear();
  }

  /** Each sum once, however many calls it is of; days long gone by are forgotten. */
  async write(): Promise<void> {
    if (this.changed.size === 0) return;
    const { day, transaction } = this;
    const { by } = this.before;
    const old = IDBKeyRange.upperBound([dayOf(Date.now() - REMEMBERED)], true);
    deleteLater(transaction, 'spending', old);
    for (const key of this.changed)
      putLater(transaction, 'spending', { day, key, dollars: await this.spentBy(key), by });
  }

  private async spentBy(key: string): Promise<number> {
    return this.spent.get(key) ?? (await this.look(key)).dollars;
  }

  private async heldBy(key: string): Promise<number> {
    const held = (await this.knownOf(key)) ?? (await this.sumOf(key));
    this.held.set(key, held);
    return held;
  }

  /** What the calls of a key hold back, where it was looked up and nobody else has changed it since. */
  private async knownOf(key: string): Promise<number | undefined> {
    const { by, known } = this.before;
    return this.held.get(key) ?? ((await this.look(key)).by === by ? known.get(key) : undefined);
  }

  /** What is written of the key's day. */
  private look(key: string): Promise<{ dollars: number; by?: string }> {
    const store = this.transaction.objectStore('spending');
    const looked = this.looked.get(key) ?? store.get([this.day, key]).then(day => day ?? { dollars: 0 });
    this.looked.set(key, looked);
    return looked;
  }

  private async sumOf(key: string): Promise<number> {
    const ofKey = IDBKeyRange.bound([key], [key, []]);
    let sum = 0;
    await eachHold(this.transaction.objectStore('journal').index('hold'), ofKey, ([, dollars]) => {
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
    if (dollars > 0) add(key, dollars);
  await eachHold(database.transaction('journal').store.index('hold'), null, hold => add(...hold));
  return spent;
}
