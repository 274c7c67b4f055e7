/** What was done, so that tests can see what was done twice. */
export interface LedgerEntry {
  readonly what: 'token' | 'create' | 'suspend' | 'resume' | 'delete';
  /** Of the application. */
  readonly by: string;
  /** The workload's id; a token has none. */
  readonly id: string | undefined;
  readonly host: string;
  readonly at: number;
}

export class Ledger {
  #entries: LedgerEntry[] = [];

  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  count(what?: LedgerEntry['what']): number {
    return this.#entries.filter(entry => what === undefined || entry.what === what).length;
  }

  enter(entry: Omit<LedgerEntry, 'at'>): void {
    this.#entries.push({ ...entry, at: Date.now() });
  }

  clear(): void {
    this.#entries = [];
  }
}
