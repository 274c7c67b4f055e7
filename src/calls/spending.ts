import { Failure } from '../failure';
import { type Database, later, type Stores, type Writing } from '../store/database';
import type { CallState } from './call';

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
    case 'failed':
      return state.cost ?? 0;
    default:
      return 0;
  }
}

/** What is left of a key's day. */
export interface Limit {
  readonly key: string;
  /** The key's label. */
  readonly label: string;
  /** US dollars a day; null: none. */
  readonly dollars: number | null;
}

/** Sums that a transaction knows already, US dollars by key: what has been spent today, and that with what is held. */
const sums = new WeakMap<Writing<Stores>, Map<string, number>>();
const counted = new WeakMap<Writing<Stores>, Map<string, number>>();

/**
 * Throws `daily-limit` where a call expected to cost so much would bring its key over the limit, with what the
 * calls of today have cost and those under way are expected to. In one transaction with the call's first line in
 * the journal, so that no two calls share what is left.
 */
export async function demandRoom(
  transaction: Writing<Stores>,
  { key, label, dollars: limit }: Limit,
  estimate: number,
): Promise<void> {
  if (limit === null || estimate === 0) return;
  const known = counted.get(transaction) ?? new Map<string, number>();
  const before = known.get(key) ?? (await countOf(transaction, key));
  if (before + estimate <= limit + 1e-9) {
    counted.set(transaction, known.set(key, before + estimate));
    return;
  }
  const sum = (dollars: number) => `$${dollars.toFixed(2)}`;
  throw new Failure(
    'daily-limit',
    `“${label}” has a daily limit of ${sum(limit)}. Today ${sum(before)} are spent or under way, and this call may cost ${sum(estimate)}.`,
    {
      next: 'Nothing was sent. Raise the key’s daily limit in the options page, or wait until tomorrow.',
    },
  );
}

/** What a key's calls of today have cost, and those under way are expected to, US dollars. */
async function countOf(transaction: Writing<Stores>, key: string): Promise<number> {
  let sum = (await transaction.objectStore('spending').get([dayOf(Date.now()), key]))?.dollars ?? 0;
  const ofKey = IDBKeyRange.bound([key], [key, []]);
  let cursor = await transaction.objectStore('journal').index('hold').openKeyCursor(ofKey);
  while (cursor) {
    sum += cursor.key[1];
    cursor = await cursor.continue();
  }
  return sum;
}

/** Adds to what a key's day has cost, for a call that ends; days gone by are forgotten. */
export async function addSpending(transaction: Writing<Stores>, key: string, dollars: number): Promise<void> {
  counted.delete(transaction);
  if (dollars === 0) return;
  const day = dayOf(Date.now());
  const store = transaction.objectStore('spending');
  const known = sums.get(transaction) ?? new Map<string, number>();
  if (!sums.has(transaction)) later(store.delete(IDBKeyRange.upperBound([day], true)));
  const before = known.get(key) ?? (await store.get([day, key]))?.dollars ?? 0;
  const sum = Math.max(0, before + dollars);
  later(store.put({ day, key, dollars: sum }));
  sums.set(transaction, known.set(key, sum));
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
  let cursor = await database.transaction('journal').store.index('hold').openKeyCursor();
  while (cursor) {
    add(...cursor.key);
    cursor = await cursor.continue();
  }
  return spent;
}
