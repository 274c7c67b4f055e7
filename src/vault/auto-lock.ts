import * as v from 'valibot';
import { type Database, write } from '../store/database';
import { Locking, USUAL } from './locking';
import type { Area } from './unlocked';

const UNTIL = 'until';
const TOUCHED = 'touched';

/** How far a clock may be put right without locking, ms. */
const DRIFT = 60_000;
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * The moment at which the vault locks: absolute, and moved only by input of the person. Whoever uses the
 * vault asks whether it has passed, since alarms fire late after a suspend.
 */
export class AutoLock {
  /** Ms since the epoch. What the session kept; undefined: not read yet. */
  private until: number | undefined;
  private touched = 0;

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
    this.touched = Date.now();
    this.until = minutes === 0 ? NEVER : this.touched + minutes * 60_000;
    await this.session.set({ [UNTIL]: this.until, [TOUCHED]: this.touched });
    this.remind();
  }

  /** Tells the moment once more: an alarm may come early. */
  remind(): void {
    this.moved(this.until === NEVER || !this.until ? undefined : this.until);
  }

  /**
   * Whether the moment has passed, or the clock was set back to put it off. A session that does not know the
   * moment is one that should be locked.
   */
  async isDue(): Promise<boolean> {
    if (this.until === undefined) {
      this.until = await this.kept(UNTIL);
      this.touched = await this.kept(TOUCHED);
    }
    const now = Date.now();
    return now >= this.until || now < this.touched - DRIFT;
  }

  private async kept(name: string): Promise<number> {
    const { [name]: kept } = await this.session.get(name);
    return typeof kept === 'number' ? kept : 0;
  }

  async forget(): Promise<void> {
    this.until = 0;
    this.moved(undefined);
    await this.session.remove(UNTIL);
    await this.session.remove(TOUCHED);
  }
}
