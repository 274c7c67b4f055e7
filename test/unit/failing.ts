import { wrap } from 'idb';
import type { MemoryArea } from './vaults';

/** What becomes of a step of which something stops it. */
export type Fault = 'throws' | 'has no room' | 'gives up' | 'gives up once it is done' | 'dies';
export const FAULTS: Fault[] = ['throws', 'has no room', 'gives up', 'gives up once it is done', 'dies'];

const REQUESTS = {
  store: [
    'put',
    'add',
    'delete',
    'clear',
    'get',
    'getAll',
    'getAllKeys',
    'getKey',
    'count',
    'openCursor',
    'openKeyCursor',
  ],
  index: ['get', 'getAll', 'getAllKeys', 'getKey', 'count', 'openCursor', 'openKeyCursor'],
} as const;

type Method = (...values: unknown[]) => IDBRequest;

/** A transaction that only reads has nobody who waits for its end. */
function abort(transaction: IDBTransaction): void {
  wrap(transaction).done.catch(() => {});
  transaction.abort();
}

export interface Steps {
  /** So many there have been. */
  readonly count: number;
  /** Everything works again. */
  mend(): void;
}

/**
 * Counts every step that reaches what is kept: each request of the database, each writing of a storage area. The one
 * of number `at` goes wrong. After `dies` nothing reaches it any more, as when the background is gone.
 */
export function failAt(at: number, fault: Fault, areas: readonly MemoryArea[] = []): Steps {
  const steps = { count: 0 };
  let dead = false;
  const undo: (() => void)[] = [];
  const isIt = () => steps.count++ === at;
  const gone = () => new DOMException('the background is gone', 'AbortError');
  const failed = () =>
    fault === 'has no room'
      ? new DOMException('no room', 'QuotaExceededError')
      : new DOMException('out of order', 'UnknownError');

  const watch = (prototype: IDBObjectStore | IDBIndex, name: string) => {
    const original: Method = Reflect.get(prototype, name);
    const replaced = function (this: IDBObjectStore | IDBIndex, ...values: unknown[]) {
      const { transaction } = 'objectStore' in this ? this.objectStore : this;
      if (dead) throw gone();
      if (!isIt()) return original.apply(this, values);
      if (fault === 'dies') {
        dead = true;
        abort(transaction);
        throw gone();
      }
      if (fault === 'throws' || fault === 'has no room') throw failed();
      const request = original.apply(this, values);
      if (fault === 'gives up') abort(transaction);
      else request.addEventListener('success', () => abort(transaction));
      return request;
    };
    Object.defineProperty(prototype, name, { value: replaced, configurable: true, writable: true });
    undo.push(() => {
      Object.defineProperty(prototype, name, { value: original, configurable: true, writable: true });
    });
  };
  for (const name of REQUESTS.store) watch(IDBObjectStore.prototype, name);
  for (const name of REQUESTS.index) watch(IDBIndex.prototype, name);

  const step = () => {
    if (dead) throw gone();
    if (!isIt()) return;
    dead = fault === 'dies';
    throw failed();
  };
  for (const area of areas) {
    area.beforeWriting = step;
    undo.push(() => {
      area.beforeWriting = () => {};
    });
  }
  return {
    get count() {
      return steps.count;
    },
    mend() {
      for (const back of undo) back();
    },
  };
}
