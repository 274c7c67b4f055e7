import { type Database, later, type Stores, type Writing, write } from './database';

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

interface Job<S> {
  /** Undefined: only what was written before is to reach the disk. */
  readonly change?: Change<S>;
  resolve(): void;
  reject(reason: unknown): void;
}

/** How many changes share a transaction. */
const AT_ONCE = 50;

/**
 * Writes changes in the order in which they come, one transaction at a time: what comes while one is being written
 * shares the next, so that a hundred calls of one moment do not wait for a hundred commits.
 */
export class Writer<S extends Shared> {
  private readonly jobs: Job<S>[] = [];
  private running = false;

  constructor(
    private readonly database: Database,
    private readonly stores: Stores[],
    private readonly share: (transaction: Writing<Stores>) => S,
  ) {}

  /** Makes a change, all of it or nothing. When this resolves it is with the system; throws as `write` does. */
  write(change: Change<S>): Promise<void> {
    return this.add(change);
  }

  /** Resolves when everything written so far is on the disk. */
  flush(): Promise<void> {
    return this.add();
  }

  private add(change?: Change<S>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.jobs.push({ ...(change && { change }), resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.jobs.length > 0) {
      const jobs = this.jobs.splice(0, AT_ONCE);
      // One that fails takes its transaction along: then each is tried alone, and the others do not suffer.
      if (await this.commit(jobs)) continue;
      for (const job of jobs) await this.commit([job]);
    }
    this.running = false;
  }

  /** False: nothing was written, and there is more than one that may be the reason. */
  private async commit(jobs: readonly Job<S>[]): Promise<boolean> {
    const refused = new Map<Job<S>, unknown>();
    const changes = jobs.filter(({ change }) => change);
    // A strict writing takes to the disk whatever was written before it.
    const strict = changes.length < jobs.length;
    try {
      if (changes.length > 0)
        await write(
          this.database,
          this.stores,
          async transaction => {
            const shared = this.share(transaction);
            for (const job of changes)
              await job.change?.(transaction, shared)?.catch((thrown: unknown) => {
                if (thrown instanceof DOMException) throw thrown;
                refused.set(job, thrown);
              });
            shared.write();
          },
          strict ? 'strict' : 'relaxed',
        );
      // One in which nothing was written takes nothing along.
      if (strict && refused.size === changes.length)
        await write(this.database, ['settings'], touch, 'strict');
    } catch (error) {
      if (jobs.length > 1) return false;
      refused.set(jobs[0] as Job<S>, error);
    }
    for (const job of jobs) refused.has(job) ? job.reject(refused.get(job)) : job.resolve();
    return true;
  }
}

/** A writing that changes nothing that anybody reads. */
const touch = (transaction: Writing<Stores>): void =>
  later(transaction.objectStore('settings').put(0, 'flushed'));
