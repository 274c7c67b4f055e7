import type { Fields } from '../loopback/wire';

/** One execution: it is counted, and paid for, from its start, whatever becomes of it. */
export interface Execution {
  readonly executionId: string;
  readonly capability: string;
  /** The label of the key. */
  readonly key: string;
  readonly input: Fields;
  readonly streamed: boolean;
  readonly at: number;
  outcome: 'running' | 'completed' | 'failed';
}

export class Ledger {
  #entries: Execution[] = [];

  get entries(): readonly Readonly<Execution>[] {
    return this.#entries;
  }

  /** Executions, all of them or a capability's, by its slug. */
  count(capability?: string): number {
    return this.#entries.filter(entry => capability === undefined || entry.capability === capability).length;
  }

  enter(entry: Execution): void {
    this.#entries.push(entry);
  }

  clear(): void {
    this.#entries = [];
  }
}
