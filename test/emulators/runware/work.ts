import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from './accounts';
import type { FaultOf } from './faults';
import type { Delivery } from './tasks/kind';
import type { Failure, Item, Task } from './wire';

export interface Watcher {
  item?(item: Item): void;
  /** After the last item, or the failure. */
  done?(work: Work): void;
}

export interface WorkOrder {
  readonly task: Task;
  readonly taskType: string;
  readonly taskUUID: string;
  readonly account: Account;
  /** Results asked for. */
  readonly count: number;
  readonly delivery: Delivery;
  /** From acceptance to the first result, ms. */
  readonly taskMs: number;
  /** Between two results, ms. */
  readonly gapMs: number;
  /** A scripted failure and after how many results it comes. */
  readonly breakdown:
    | { readonly after: number; readonly failure: Failure; readonly fault: FaultOf<'error'> }
    | undefined;
}

/** One accepted task on its way to its results. */
export class Work {
  readonly order: WorkOrder;
  readonly acceptedAt = Date.now();
  readonly items: Item[] = [];
  failure: Failure | undefined;
  state: 'processing' | 'success' | 'error' | 'stopped' = 'processing';
  readonly #watchers: Watcher[] = [];
  readonly #abort = new AbortController();

  constructor(order: WorkOrder) {
    this.order = order;
  }

  /** 0 to 100, by the clock. */
  get progress(): number {
    return Math.min(99, Math.floor((100 * (Date.now() - this.acceptedAt)) / Math.max(1, this.order.taskMs)));
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  finished(): Promise<this> {
    return new Promise(resolve => {
      if (this.state === 'processing') this.watch({ done: () => resolve(this) });
      else resolve(this);
    });
  }

  /** Results are drawn during the waiting time, so that the pace stays what was asked for. */
  async run(make: (index: number) => Item): Promise<void> {
    const drawn = new Map<number, Item>();
    const { count, taskMs, gapMs, breakdown } = this.order;
    const total = Math.min(count, breakdown?.after ?? count);
    const due = this.acceptedAt + taskMs;
    try {
      for (let index = 0; index < total; index += 1) {
        await wait(0, undefined, { signal: this.#abort.signal });
        drawn.set(index, make(index));
      }
      await wait(Math.max(0, due - Date.now()), undefined, { signal: this.#abort.signal });
      for (const [index, item] of drawn) {
        if (index > 0 && gapMs > 0) await wait(gapMs, undefined, { signal: this.#abort.signal });
        this.items.push(item);
        for (const watcher of this.#watchers) watcher.item?.(item);
      }
    } catch (reason) {
      if (this.#abort.signal.aborted) this.state = 'stopped';
      else this.failure = { code: 'taskFailed', message: String(reason), taskUUID: this.order.taskUUID };
    }
    if (breakdown && this.state === 'processing') this.failure = breakdown.failure;
    if (this.state === 'processing') this.state = this.failure ? 'error' : 'success';
    for (const watcher of this.#watchers) watcher.done?.(this);
  }

  stop(): void {
    this.#abort.abort();
  }
}
