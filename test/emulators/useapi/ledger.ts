import type { Form } from './call';

export interface LedgerEntry {
  readonly taskId: string;
  /** The endpoint, such as frames/create. */
  readonly endpoint: string;
  /** What was asked for. */
  readonly form: Form;
  /** The label of the token that asked, and the Runway account that pays. */
  readonly token: string;
  readonly email: string;
  /** Runway credits; none in explore mode. */
  readonly credits: number;
  readonly at: number;
  /** When a task that fails is paid back, if it is. */
  readonly refundAt: number;
}

/** What was billed. A task is entered when accepted; one that fails is taken out again unless failing costs too. */
export class Ledger {
  #entries: LedgerEntry[] = [];

  get entries(): readonly LedgerEntry[] {
    const now = Date.now();
    return this.#entries.filter(({ refundAt }) => refundAt > now);
  }

  /** Billed tasks, all of them or those of one account. */
  count(email?: string): number {
    return this.#of(email).length;
  }

  /** Runway credits. */
  total(email?: string): number {
    return this.#of(email).reduce((sum, { credits }) => sum + credits, 0);
  }

  enter(entry: LedgerEntry): void {
    this.#entries.push(entry);
  }

  clear(): void {
    this.#entries = [];
  }

  #of(email: string | undefined): readonly LedgerEntry[] {
    return this.entries.filter(entry => email === undefined || entry.email === email);
  }
}
