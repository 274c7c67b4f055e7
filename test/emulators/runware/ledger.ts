import type { Task } from './wire';

export interface LedgerEntry {
  readonly taskUUID: string;
  readonly taskType: string;
  /** What was asked for. */
  readonly task: Task;
  /** The label of the key that pays. */
  readonly key: string;
  /** USD. */
  readonly cost: number;
  readonly at: number;
}

/** What was billed. A task is entered when accepted; what it failed to deliver is taken out again. */
export class Ledger {
  #entries: LedgerEntry[] = [];

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Billed tasks, all of them or those under one taskUUID. */
  count(taskUUID?: string): number {
    return taskUUID === undefined
      ? this.#entries.length
      : this.#entries.filter(entry => entry.taskUUID === taskUUID).length;
  }

  /** USD. */
  get total(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.cost, 0);
  }

  enter(entry: LedgerEntry): void {
    this.#entries.push(entry);
  }

  /** Leaves of an entry only what was delivered; nothing when nothing was. */
  reduce(entry: LedgerEntry, cost: number): void {
    this.#entries = this.#entries.flatMap(known => {
      if (known !== entry) return [known];
      return cost > 0 ? [{ ...known, cost }] : [];
    });
  }

  clear(): void {
    this.#entries = [];
  }
}
