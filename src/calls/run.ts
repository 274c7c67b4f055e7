import type { Bytes } from '../bytes';
import { Failure } from '../failure';
import { aboutOf, operationOf } from '../services/abouts';
import type { Values } from '../services/fields';
import { pause } from '../services/pause';
import type { Task, TaskEvent } from '../services/service';
import type { KeyEntry, OpenedKey } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { type Call, type CallState, isOpen } from './call';
import { joined } from './inputs';
import type { Entry, Journal } from './journal';
import type { Preferences } from './preferences';
import { after, done, ended, isPassing } from './progress';
import { USUAL_DAILY_LIMIT } from './settings';
import type { Limit } from './spending';
import type { Turns } from './turns';

// All in ms.
/** How long an answer to what was sent may still come after a lock. */
const AFTER_LOCK = 10 * 60_000;
/** How long a dear call, or one that destroys something, can be undone before it leaves. */
const UNDO = 2_000;
/** How often what a service says all the time goes to whoever watches, and to the disk. */
const TOLD = 100;
const KEPT = 1_000;

/** What the disk did not take: the journal's last line stands. */
class Unwritten extends Error {}

/** A call that is not in the journal yet. */
export interface First {
  readonly values: Values;
  /** Told when it is there, or that it never got there. */
  resolve(): void;
  reject(reason: unknown): void;
}

/** What a service does with a call: begins it, or goes on with it. */
export type Drive = (task: Task, key: OpenedKey, signal: AbortSignal) => AsyncGenerator<TaskEvent, void>;

interface Around {
  readonly journal: Journal;
  readonly preferences: Preferences;
  readonly vault: Vault;
  readonly turns: Turns;
  /** Told of every change of the call. */
  readonly changed: (call: Call) => unknown;
}

/** One call under way, from its first line in the journal to its last. */
export class Run {
  private readonly abort = new AbortController();
  /** When its passing words were last told, and last written. */
  private told = 0;
  private kept = 0;
  private abandoned = false;
  /** What its key may spend in a day, once the key was looked up. */
  private limit: Limit | undefined;
  /** The vault was locked while it ran: this ends its waiting for an answer, unless it is unlocked by then. */
  private lastCall: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly around: Around,
    private current: Entry,
    /** What is still to be done with its first line; undefined: it is in the journal. */
    private first: First | undefined,
  ) {}

  /** Where it has come to. */
  get entry(): Entry {
    return this.current;
  }

  /** Whether it waits for an unlocking. */
  get waits(): boolean {
    return this.lastCall !== undefined && isOpen(this.state);
  }

  /** Until when there is nothing to do for it, ms since the epoch; undefined: it does not rest. */
  get rests(): number | undefined {
    return this.state.phase === 'sent' ? this.state.rests : undefined;
  }

  stop(reason: Failure): void {
    this.abort.abort(reason);
  }

  /** Ends it, and writes nothing more of it. */
  abandon(reason: Failure): void {
    this.abandoned = true;
    this.stop(reason);
  }

  /** What had not left by the time of the lock does not leave after it. */
  locked(): void {
    clearTimeout(this.lastCall);
    this.lastCall = setTimeout(
      // It stays in the journal, and is asked after once the vault is unlocked.
      () => !this.around.vault.isOpen && this.stop(new Failure('vault-locked', 'The vault is locked.')),
      AFTER_LOCK,
    );
    if (this.state.phase !== 'queued') return;
    this.stop(
      new Failure('vault-locked', 'The vault was locked before this call was sent. Nothing was charged.', {
        next: 'Unlock it and run again.',
      }),
    );
  }

  /** Resolves when there is no more to do. Never rejects: who waits for its first line hears of it. */
  async drive(events: Drive): Promise<void> {
    const { vault, journal } = this.around;
    const { id, request } = this.current.call;
    const { signal } = this.abort;
    const { first } = this;
    let leave = () => {};
    try {
      const entry = await vault.keys.entry(request.key);
      this.limit = limitOf(entry);
      leave = await this.turn(entry);
      const key = await vault.keys.open(request.key);
      const values = first?.values ?? (await joined(request, at => journal.media(id, at)));
      const task: Task = { id, operation: request.operation, values };
      // It may have been locked meanwhile: in the moment in which a service is given the key it is not.
      if (!vault.isOpen) throw new Failure('vault-locked', 'The vault is locked.');
      for await (const event of events(task, key, signal)) await this.take(event);
      // Cancelled in the very moment in which it was to rest.
      if (this.rests !== undefined) signal.throwIfAborted();
      if (isOpen(this.state) && this.rests === undefined) await this.move(done(this.current.call));
    } catch (thrown) {
      await this.end(signal.aborted ? signal.reason : thrown).catch(({ cause }) => this.unwritten(cause));
    } finally {
      leave();
      clearTimeout(this.lastCall);
    }
  }

  /** Not even its end could be written: whoever waits for its first line hears of it, or whoever watches. */
  private unwritten(cause: unknown): void {
    if (this.first) this.first.reject(cause);
    else if (!this.abandoned) this.around.changed({ ...this.current.call, state: ended(this.state, cause) });
  }

  private get state(): CallState {
    return this.current.call.state;
  }

  /** Waits until it may leave: until it can be undone no more, and has a place among its key's. */
  private async turn({ id, service, fields }: KeyEntry): Promise<() => void> {
    const { turns, preferences } = this.around;
    const { request } = this.current.call;
    const { state } = this;
    // The service has it already.
    if (state.phase !== 'queued') return turns.enter(id);
    const atOnce = Number(fields.atOnce) || aboutOf(service).atOnce;
    const { estimate = 0, operation, values } = request;
    const { dear } = await preferences.money();
    const isDear = estimate > 0 && estimate >= dear;
    if (isDear || operationOf(service, operation).destroys?.(values) || state.until) {
      const until = state.until ?? Date.now() + UNDO;
      await this.move({ phase: 'queued', note: 'undo', until });
      await pause(Math.max(0, until - Date.now()), this.abort.signal);
    }
    if (turns.full(id, atOnce)) await this.move({ phase: 'queued', note: 'waiting' });
    return turns.take(id, atOnce, this.abort.signal);
  }

  private async take(event: TaskEvent): Promise<void> {
    const { call, stored } = this.current;
    // It has not left: then it need not.
    if (call.state.phase === 'queued') this.abort.signal.throwIfAborted();
    const next = after(call, stored.media, event);
    if (!next) return;
    if (isPassing(event)) await this.pass(next.state);
    else await this.move(next.state, next.media);
  }

  /** Takes what is said so often that not every word of it is told or written. */
  private async pass(state: CallState): Promise<void> {
    const now = Date.now();
    if (now - this.kept >= KEPT) {
      this.kept = now;
      await this.move(state);
      return;
    }
    this.current = { ...this.current, call: { ...this.current.call, state } };
    if (now - this.told < TOLD) return;
    this.told = now;
    this.around.changed(this.current.call);
  }

  private async move(state: CallState, media: Bytes[] = []): Promise<void> {
    if (this.abandoned) throw this.abort.signal.reason;
    const { journal, changed } = this.around;
    const { first } = this;
    // Until it has left, others may spend what was left for it.
    const limit = this.state.phase === 'queued' && isOpen(state) ? this.limit : undefined;
    this.current = await journal.advance(this.current, state, media, limit).catch(cause => {
      throw new Unwritten('not written', { cause });
    });
    this.first = undefined;
    first?.resolve();
    changed(this.current.call);
  }

  private async end(thrown: unknown): Promise<void> {
    if (this.abandoned) throw new Unwritten('not written', { cause: thrown });
    const { state } = this;
    // It was cancelled when its answer was complete already.
    if (!isOpen(state)) return;
    const isUnwritten = thrown instanceof Unwritten;
    // It was never in the journal.
    if (isUnwritten && this.first) throw thrown;
    // It has not left, and does not.
    if (state.phase === 'queued') return this.move(ended(state, isUnwritten ? thrown.cause : thrown));
    if (!isUnwritten) return this.move(ended(state, thrown));
    // It stays in the journal as it was, and is asked after anew when the background starts next.
    this.around.changed({ ...this.current.call, state: { ...state, note: 'unsaved' } });
  }
}

const limitOf = ({ id: key, label, dailyLimit: dollars = USUAL_DAILY_LIMIT }: KeyEntry): Limit => ({
  key,
  label,
  dollars,
});
