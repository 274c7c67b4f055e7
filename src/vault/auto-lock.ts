import * as v from 'valibot';
import { type Database, write } from '../store/database';
import { Locking, USUAL } from './locking';
import type { Area } from './unlocked';

const NAME = 'until';

/**
 * The moment at which the vault locks: absolute, and moved only by input of the person. Whoever uses the
 * vault asks whether it has passed, since alarms fire late after a suspend.
 */
export class AutoLock {
  /** Ms since the epoch. What the session kept; undefined: not read yet. */
  private until: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly session: Area,
    /** Told of every new moment; undefined: there is none. */
    private readonly moved: (until: number | undefined) => void,
  ) {}

  /** What is damaged is as good as never set. */
  async locking(): Promise<Locking> {
    const stored = await this.database.get('settings', 'locking').catch(() => undefined);
    return v.is(Locking, stored) ? stored : USUAL;
  }

  /** Takes effect at once. Throws `storage-full`. */
  async change(locking: Locking): Promise<void> {
    await write(this.database, ['settings'], transaction =>
      transaction.objectStore('settings').put(locking, 'locking'),
    );
    await this.touch();
  }

  /** The person did something, now. */
  async touch(): Promise<void> {
    const { minutes } = await this.locking();
    this.until = minutes === 0 ? Number.MAX_SAFE_INTEGER : Date.now() + minutes * 60_000;
    await this.session.set({ [NAME]: this.until });
    this.moved(minutes === 0 ? undefined : this.until);
  }

  /** Whether the moment has passed. A session that does not know it is one that should be locked. */
  async isDue(): Promise<boolean> {
    if (this.until === undefined) {
      const kept = (await this.session.get(NAME))[NAME];
      this.until = typeof kept === 'number' ? kept : 0;
    }
    return Date.now() >= this.until;
  }

  async forget(): Promise<void> {
    this.until = 0;
    this.moved(undefined);
    await this.session.remove(NAME);
  }
}
