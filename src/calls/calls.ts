import type { Bytes } from '../bytes';
import { Failure, type FailureCode, type FailureReport, isFailure, reportOf } from '../failure';
import { operationOf } from '../services/abouts';
import { check, type Values } from '../services/fields';
import type { Service, Task, TaskEvent, TaskItem } from '../services/service';
import type { OpenedKey } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, type CallState, type Item, isOpen } from './call';
import type { Entry, Journal } from './journal';

/** Failures with which a service says that the call itself failed. After any other, one that was sent may have run. */
const VERDICTS: readonly FailureCode[] = [
  'rejected-key',
  'quota',
  'rate-limit',
  'safety',
  'timed-out',
  'not-found',
  'invalid',
  'service-error',
  'unreadable-answer',
];

/** How long an answer to what was sent may still come after a lock, ms. */
const AFTER_LOCK = 10 * 60_000;

/** What the disk did not take: the journal's last line stands. */
class Unwritten extends Error {}

interface Live {
  entry: Entry;
  readonly written: Written;
  readonly abort: AbortController;
  /** It is to leave no trace. */
  abandoned?: boolean;
  /** The vault was locked while it ran: this ends its waiting for an answer, unless it is unlocked by then. */
  lastCall?: ReturnType<typeof setTimeout>;
}

/** Told when the call is in the journal for the first time, or that it never got there. */
interface Written {
  resolve(): void;
  reject(reason: unknown): void;
}

/** What a service does with a call: begins it, or goes on with it. */
type Drive = (task: Task, key: OpenedKey, signal: AbortSignal) => AsyncGenerator<TaskEvent, void>;

interface Around {
  readonly journal: Journal;
  readonly vault: Vault;
  /** Throws `bad-request` for a service that there is none of. */
  readonly serviceOf: (name: string) => Service;
  readonly awake: { hold(): void; release(): void };
  /** Names this run of the browser. */
  readonly boot: () => Promise<string>;
  /** Told of every change of a call. */
  readonly changed: (call: Call) => unknown;
}

/** The life of every call: journaled before it leaves, driven to its end, found again after a death. */
export class Calls {
  private readonly live = new Map<string, Live>();
  private recovering: Promise<void> | undefined;
  /** How many have a key of their own already, and no line in the journal yet. */
  private starting = 0;
  private erasures = 0;

  constructor(private readonly around: Around) {
    around.vault.onLock(() => this.locked());
  }

  /**
   * Journals a call and lets it run. Resolves once it is in the journal.
   * Throws `vault-locked`, `key-missing`, `bad-input` (with the field), `storage-full`.
   */
  async start(wish: {
    key: string;
    operation: string;
    values: Values;
    site?: string;
  }): Promise<{ id: string }> {
    const at = Date.now();
    const { journal, vault, boot } = this.around;
    const { service, label } = await vault.keys.entry(wish.key);
    const { values, faults } = check(operationOf(service, wish.operation).fields, wish.values);
    const [fault] = Object.entries(faults);
    if (fault)
      throw new Failure('bad-input', fault[1], { field: fault[0], next: 'Change it and run again.' });

    const { key, operation, site } = wish;
    const made = { service, key, label, operation, values, ...(site && { site }) };
    const request: CallRequest = { ...made, boot: await boot() };
    this.starting++;
    try {
      const { erasures } = this;
      const entry = await journal.prepare(crypto.randomUUID(), at, request);
      if (erasures !== this.erasures) throw erased();
      const run: Drive = (task, opened, signal) => this.serviceOf(entry).run(task, opened, signal);
      await new Promise<void>((resolve, reject) => void this.drive(entry, run, { resolve, reject }));
      return { id: entry.call.id };
    } finally {
      this.starting--;
    }
  }

  /** Stops waiting for a call. What was sent may still run and be billed; its state says so. */
  async cancel(id: string): Promise<void> {
    const live = this.live.get(id);
    if (live) return live.abort.abort(new Failure('cancelled', 'Cancelled.'));
    const entry = await this.around.journal.find(id);
    if (!entry || this.live.has(id)) return;
    const { state } = entry.call;
    await this.conclude(entry, { phase: 'cancelled', sent: state.phase === 'sent', ...answerOf(state) });
  }

  /** Whether a call is under way: its record is sealed for the present vault key. */
  get busy(): boolean {
    return this.starting > 0 || this.live.size > 0;
  }

  /** Ends every call that runs and writes nothing more of it: the vault is being erased. */
  abandon(): void {
    this.erasures++;
    for (const live of this.live.values()) {
      live.abandoned = true;
      live.abort.abort(erased());
    }
  }

  /** Carries on with every open call that nobody drives: after a death of the background, or an unlock. */
  recover(): Promise<void> {
    this.recovering ??= this.takeUp().finally(() => {
      this.recovering = undefined;
    });
    return this.recovering;
  }

  /** The open calls and the latest finished ones, newest first. Throws `vault-locked`. */
  latest(finished: number): Promise<Call[]> {
    return this.around.journal.latest(finished);
  }

  /** Throws `call-missing`, `vault-locked`. */
  async media(id: string, at: number): Promise<Bytes> {
    const bytes = await this.around.journal.media(id, at);
    if (bytes) return bytes;
    throw new Failure('call-missing', 'That result is no longer kept.');
  }

  private async takeUp(): Promise<void> {
    const boot = await this.around.boot();
    for (const id of await this.around.journal.unfinished()) {
      // In this order: one that is driven is not read, and one that is read is driven by nobody.
      const entry = this.live.has(id) ? undefined : await this.around.journal.find(id);
      if (!entry) continue;
      const { request, state } = entry.call;
      if (state.phase === 'sent') {
        const kept = { trace: state.trace, items: state.items.map(item => item.id) };
        void this.drive(entry, (task, key, signal) => this.serviceOf(entry).recover(task, kept, key, signal));
      } else if (request.boot === boot) {
        void this.drive(entry, (task, key, signal) => this.serviceOf(entry).run(task, key, signal));
      } else {
        const failure = new Failure(
          'cancelled',
          'The browser closed before this call was sent. Nothing was charged.',
          {
            next: 'Run it again if you still want it.',
          },
        );
        await this.conclude(entry, { phase: 'failed', failure: failure.report, items: [] });
      }
    }
  }

  /** Ends a call that nobody drives. */
  private async conclude(entry: Entry, state: CallState): Promise<void> {
    this.around.changed((await this.around.journal.advance(entry, state)).call);
    await this.around.journal.settle(entry.call.id);
  }

  private serviceOf({ call }: Entry): Service {
    return this.around.serviceOf(call.request.service);
  }

  private async drive(
    entry: Entry,
    events: Drive,
    written: Written = { resolve() {}, reject() {} },
  ): Promise<void> {
    const { id, request } = entry.call;
    const live: Live = { entry, written, abort: new AbortController() };
    const { signal } = live.abort;
    this.live.set(id, live);
    this.around.awake.hold();
    try {
      const key = await this.around.vault.keys.open(request.key);
      const task: Task = { id, operation: request.operation, values: request.values };
      for await (const event of events(task, key, signal)) await this.take(live, event);
      if (isOpen(live.entry.call.state)) await this.move(live, done(live.entry.call));
    } catch (thrown) {
      await this.end(live, signal.aborted ? signal.reason : thrown).catch(({ cause }) =>
        written.reject(cause),
      );
    } finally {
      // What cannot be settled now is when the journal is next read.
      if (!isOpen(live.entry.call.state)) await this.around.journal.settle(id).catch(() => {});
      clearTimeout(live.lastCall);
      this.live.delete(id);
      this.around.awake.release();
    }
    // It waits for an unlocking that has come in the meantime.
    if (live.lastCall && isOpen(live.entry.call.state) && (await this.around.vault.status()) === 'unlocked')
      void this.recover();
  }

  private async take(live: Live, event: TaskEvent): Promise<void> {
    const { state } = live.entry.call;
    switch (event.type) {
      case 'connecting':
        return this.move(live, state);
      case 'sending':
        return this.move(live, { phase: 'sent', trace: event.trace, ...answerOf(state) });
      case 'reconnecting':
        return state.phase === 'sent' ? this.move(live, { ...state, note: 'reconnecting' }) : undefined;
      case 'refused': {
        const { count, failure } = event;
        return this.move(live, { ...done(live.entry.call), refused: { count, failure } });
      }
      default: {
        if (state.phase !== 'sent') return;
        if (state.items.some(({ id }) => id === event.id)) return;
        const { item, media } = itemOf(event, live.entry.stored.media.length);
        const cost = event.cost === undefined ? costOf(state.cost) : { cost: (state.cost ?? 0) + event.cost };
        const items = [...state.items, item];
        const next: CallState = { phase: 'sent', trace: state.trace, items, ...cost };
        // In one writing with the end of the call, where it is the last.
        return this.move(live, event.last ? done({ ...live.entry.call, state: next }) : next, media);
      }
    }
  }

  private async move(live: Live, state: CallState, media: Bytes[] = []): Promise<void> {
    if (live.abandoned) throw live.abort.signal.reason;
    live.entry = await this.around.journal.advance(live.entry, state, media).catch(cause => {
      throw new Unwritten('not written', { cause });
    });
    live.written.resolve();
    this.around.changed(live.entry.call);
  }

  private end(live: Live, thrown: unknown): Promise<void> {
    if (live.abandoned) return Promise.reject(new Unwritten('not written', { cause: thrown }));
    const { state } = live.entry.call;
    // It was cancelled when its answer was complete already.
    if (!isOpen(state)) return Promise.resolve();
    const sent = state.phase === 'sent';
    if (thrown instanceof Unwritten) {
      if (!sent) return Promise.reject(thrown);
      // It stays in the journal as it was, and is asked after anew when the background starts next.
      this.around.changed({ ...live.entry.call, state: { ...state, note: 'unsaved' } });
      return Promise.resolve();
    }
    const failure = reportOf(thrown);
    if (failure.code === 'cancelled') {
      return this.move(live, { phase: 'cancelled', sent, ...answerOf(state) });
    }
    // It stays in the journal, and goes on when the vault is unlocked.
    if (sent && isFailure(thrown, 'vault-locked')) return this.move(live, { ...state, note: 'locked' });
    if (!sent || VERDICTS.includes(failure.code)) {
      return this.move(live, { phase: 'failed', failure, ...answerOf(state) });
    }
    return this.move(live, { phase: 'unknown', failure: unknown(failure), ...answerOf(state) });
  }

  /** What had not left by the time of the lock does not leave after it. */
  private locked(): void {
    for (const live of this.live.values()) {
      clearTimeout(live.lastCall);
      live.lastCall = setTimeout(() => !this.around.vault.isOpen && live.abort.abort(waits()), AFTER_LOCK);
      if (live.entry.call.state.phase !== 'queued') continue;
      live.abort.abort(
        new Failure('vault-locked', 'The vault was locked before this call was sent. Nothing was charged.', {
          next: 'Unlock it and run again.',
        }),
      );
    }
  }
}

const erased = (): Failure => new Failure('cancelled', 'The vault was erased.');

/** It stays in the journal, and is asked after once the vault is unlocked. */
const waits = (): Failure => new Failure('vault-locked', 'The vault is locked.');

/** Whatever stopped it, of a call that was sent one must be told that it may have been charged. */
function unknown(failure: FailureReport): FailureReport {
  if (failure.code === 'outcome-unknown') return failure;
  return {
    ...failure,
    code: 'outcome-unknown',
    message: `${failure.message} What became of this call is not known.`,
    next: 'It may have run and been charged: look at the service’s usage page before you run it again.',
  };
}

/** What has come of a call so far. */
function answerOf(state: CallState): { items: Item[]; cost?: number } {
  if (state.phase === 'queued') return { items: [] };
  return { items: state.items, ...costOf(state.cost) };
}

const costOf = (cost: number | undefined): { cost?: number } => (cost === undefined ? {} : { cost });

const done = ({ at, state }: Call): Extract<CallState, { phase: 'done' }> => ({
  phase: 'done',
  tookMs: Date.now() - at,
  ...answerOf(state),
});

function itemOf(event: TaskItem, place: number): { item: Item; media: Bytes[] } {
  const { id } = event;
  if (event.type === 'text') return { item: { kind: 'text', id, text: event.text }, media: [] };
  const seed = event.seed === undefined ? {} : { seed: event.seed };
  return { item: { kind: 'image', id, type: event.mime, media: place, ...seed }, media: [event.bytes] };
}
