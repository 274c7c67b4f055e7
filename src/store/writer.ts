import { type Database, putLater, type Stores, type Writing, write } from './database';

/** What the changes of one transaction know together. */
interface Shared {
  /** Writes what they came to, once all have been made. */
  write(): void;
}

/**
 * One change of many that may share a transaction: it awaits what it reads of the transaction and never what it
 * writes. It may throw a `Failure` before its first writing, which refuses this change and no other.
 */
type Change<S> = (transaction: Writing<Stores>, shared: S) => Promise<void> | void;

interface Waiting {
  resolve(): void;
  reject(reason: unknown): void;
}

interface Job<S> extends Waiting {
  readonly change: Change<S>;
}

interface Flush extends Waiting {
  /** How many jobs there had been when it was asked for. */
  readonly after: number;
}

/** How many changes share a transaction. */
const AT_ONCE = 50;
/** How many transactions go before a flush that waits for a pause between them. */
const BEFORE_FLUSH = 5;

/**
 * Writes changes in the order in which they come, one transaction at a time: what comes while one is being written
 * shares the next, so that a hundred calls of one moment do not wait for a hundred commits.
 */
export class Writer<S extends Shared> {
  private readonly jobs: Job<S>[] = [];
  private readonly flushes: Flush[] = [];
  /** How many jobs there have been, and how many of them are over. */
  private asked = 0;
  private over = 0;
  private running = false;

  constructor(
    private readonly database: Database,
    private readonly stores: Stores[],
    private readonly share: (transaction: Writing<Stores>) => S,
  ) {}

  /** Makes a change, all of it or nothing. When this resolves it is with the system; throws as `write` does. */
  write(change: Change<S>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.asked++;
      this.jobs.push({ change, resolve, reject });
      void this.run();
    });
  }

  /** Resolves when everything written so far is on the disk, which is once for all that asked in a busy moment. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.flushes.push({ after: this.asked, resolve, reject });
      void this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let written = 0; this.jobs.length + this.flushes.length > 0; written++) {
      if (this.jobs.length === 0 || written >= BEFORE_FLUSH) {
        const due = this.flushes.filter(({ after }) => after <= this.over).length;
        if (due > 0) {
          await this.settle(this.flushes.splice(0, due));
          written = 0;
        }
      }
      const jobs = this.jobs.splice(0, AT_ONCE);
      // One that fails takes its transaction along: then each is tried alone, and the others do not suffer.
      if (!(await this.commit(jobs))) for (const job of jobs) await this.commit([job]);
      this.over += jobs.length;
    }
    this.running = false;
  }

  /** A strict writing takes to the disk whatever was written before it. */
  private async settle(waiting: readonly Waiting[]): Promise<void> {
    try {
      await write(this.database, ['settings'], touch, 'strict');
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** False: nothing was written, and there is more than one that may be the reason. */
  private async commit(jobs: readonly Job<S>[]): Promise<boolean> {
    if (jobs.length === 0) return true;
    const refused = new Map<Job<S>, unknown>();
    try {
      await write(
        this.database,
        this.stores,
        async transaction => {
          const shared = this.share(transaction);
          for (const job of jobs)
            await job.change(transaction, shared)?.catch((thrown: unknown) => {
              if (thrown instanceof DOMException) throw thrown;
              refused.set(job, thrown);
            });
          shared.write();
        },
        'relaxed',
      );
    } catch (error) {
      if (jobs.length > 1) return false;
      refused.set(jobs[0] as Job<S>, error);
    }
    for (const job of jobs) refused.has(job) ? job.reject(refused.get(job)) : job.resolve();
    return true;
  }
}

/** A writing that changes nothing that anybody reads. */
const touch = (transaction: Writing<Stores>): void => putLater(transaction, 'settings', 0, 'flushed');
