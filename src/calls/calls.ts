import type { Bytes } from '../bytes';
import { Failure } from '../failure';
import type { Operation } from '../services/about';
import { aboutOf, operationOf } from '../services/abouts';
import { check, type Values } from '../services/fields';
import { pause } from '../services/pause';
import type { Service, Task, TaskEvent } from '../services/service';
import type { KeyEntry, OpenedKey } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, type CallState, isLost, isOpen, untraced } from './call';
import type { History } from './history';
import { joined, parted } from './inputs';
import type { Entry, Journal } from './journal';
import type { Preferences } from './preferences';
import { after, answerOf, done, ended, erased, isPassing } from './progress';
import { USUAL_DAILY_LIMIT } from './settings';
import type { Limit } from './spending';
import { Turns } from './turns';

// All in ms.
/** How long an answer to what was sent may still come after a lock. */
const AFTER_LOCK = 10 * 60_000;
/** How long a call may wait for an unlocking or a background before it is no longer what the person wants. */
const STALE = 2 * 60_000;
/** How long a dear call can be undone before it leaves. */
const UNDO = 2_000;
/** How often what a service says all the time goes to whoever watches, and to the disk. */
const TOLD = 100;
const KEPT = 1_000;
/** How often the history is looked through for what is to be kept no longer. */
const TIDIED = 60_000;

/** What the disk did not take: the journal's last line stands. */
class Unwritten extends Error {}

interface Live {
  entry: Entry;
  /** What is still to be done with its first line; undefined: it is in the journal. */
  first: First | undefined;
  readonly abort: AbortController;
  /** When its passing words were last told, and last written. */
  told: number;
  kept: number;
  /** It is to leave no trace. */
  abandoned?: boolean;
  /** The vault was locked while it ran: this ends its waiting for an answer, unless it is unlocked by then. */
  lastCall?: ReturnType<typeof setTimeout>;
}

/** A call that is not in the journal yet. */
interface First {
  readonly values: Values;
  readonly limit: Limit;
  /** Told when it is there, or that it never got there. */
  resolve(): void;
  reject(reason: unknown): void;
}

/** What a service does with a call: begins it, or goes on with it. */
type Drive = (task: Task, key: OpenedKey, signal: AbortSignal) => AsyncGenerator<TaskEvent, void>;

export interface Wish {
  readonly key: string;
  readonly operation: string;
  readonly values: Values;
  readonly site?: string;
  /** From a private window: it never goes into the history. */
  readonly private?: true;
}

interface Around {
  readonly journal: Journal;
  readonly history: History;
  readonly preferences: Preferences;
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
  private readonly turns = new Turns();
  private recovering: Promise<void> | undefined;
  /** How many have a key of their own already, and no line in the journal yet. */
  private starting = 0;
  private erasures = 0;
  private tidied = 0;

  constructor(private readonly around: Around) {
    around.vault.onLock(() => this.locked());
  }

  /**
   * Journals a call and lets it run. Resolves once it is in the journal.
   * Throws `vault-locked`, `key-missing`, `bad-input` (with the field), `daily-limit`, `storage-full`.
   */
  async start(wish: Wish): Promise<{ id: string }> {
    const at = Date.now();
    const { journal, vault, boot, preferences } = this.around;
    const keyEntry = await vault.keys.entry(wish.key);
    const { service, label } = keyEntry;
    const { values: whole, task } = checked(keyEntry, wish);
    const { values, inputs, media } = parted(task.fields, whole);
    const { key, operation, site } = wish;
    const estimate = await preferences.estimate(service, operation, values);
    const { days } = await preferences.retention();
    const request: CallRequest = {
      ...{ service, key, label, operation, values },
      ...(media.length > 0 && { inputs }),
      ...(estimate > 0 && { estimate }),
      ...((wish.private || days === 0) && { private: true }),
      ...(site && !wish.private && { site }),
      boot: await boot(),
    };
    this.starting++;
    try {
      const { erasures } = this;
      const entry = await journal.prepare(crypto.randomUUID(), at, request, media);
      if (erasures !== this.erasures) throw erased();
      const dollars = keyEntry.dailyLimit === undefined ? USUAL_DAILY_LIMIT : keyEntry.dailyLimit;
      const first = { values: whole, limit: { key, label, dollars } };
      const run: Drive = (task, opened, signal) => this.serviceOf(entry).run(task, opened, signal);
      await new Promise<void>((resolve, reject) => {
        void this.drive(entry, run, { ...first, resolve, reject });
      });
      return { id: entry.call.id };
    } finally {
      this.starting--;
    }
  }

  /** Makes the same call anew. Throws `call-missing`, and what `start` throws. */
  async again(id: string): Promise<{ id: string }> {
    const { request } = (await this.found(id)).call;
    const { key, operation, site } = request;
    const values = await joined(request, at => this.media(id, at));
    const kept = { ...(site && { site }), ...(request.private && { private: request.private }) };
    return this.start({ key, operation, values, ...kept });
  }

  /** Asks what became of a call, without sending it anew. Throws `call-missing`, `bad-request`, `vault-locked`. */
  async ask(id: string): Promise<void> {
    const entry = await this.found(id);
    const { state } = entry.call;
    const nothing = new Failure('bad-request', 'There is nothing to ask after.');
    if (!isLost(state) || this.live.has(id)) throw nothing;
    const sent: CallState = { phase: 'sent', trace: state.trace, askOnly: true, ...answerOf(state) };
    const reopened = await this.around.journal.reopen(entry, sent);
    if (!reopened) throw nothing;
    void this.carryOn(reopened);
  }

  /**
   * What a call would cost, US dollars; null where the service does not say. Throws what `start` throws of the
   * values, and what the service throws.
   */
  async price(wish: Wish, signal: AbortSignal): Promise<number | null> {
    const { vault, preferences, serviceOf } = this.around;
    const { service } = await vault.keys.entry(wish.key);
    const { values } = checked({ service }, wish);
    const { operation } = wish;
    const task: Task = { id: crypto.randomUUID(), operation, values };
    const price = await serviceOf(service).price?.(task, await vault.keys.open(wish.key), signal);
    if (price === undefined) return null;
    await preferences.learn(service, operation, values, price);
    return price;
  }

  /** Stops waiting for a call. What was sent may still run and be billed; its state says so. */
  async cancel(id: string): Promise<void> {
    const live = this.live.get(id);
    if (live) return live.abort.abort(new Failure('cancelled', 'Cancelled.'));
    const entry = await this.around.journal.find(id);
    if (!entry || this.live.has(id) || !isOpen(entry.call.state)) return;
    await this.conclude(entry, ended(entry.call.state, new Failure('cancelled', 'Cancelled.')));
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

  /** The calls in the journal and the latest finished ones, newest first, for pages. Throws `vault-locked`. */
  async latest(finished: number): Promise<Call[]> {
    const inHand = new Map([...this.live].map(([id, { entry }]) => [id, entry.call]));
    return (await this.around.journal.latest(finished, inHand)).map(untraced);
  }

  /** Throws `call-missing`, `vault-locked`. */
  async media(id: string, at: number): Promise<Bytes> {
    const bytes = await this.around.journal.media(id, at);
    if (bytes) return bytes;
    throw missing();
  }

  private async found(id: string): Promise<Entry> {
    const entry = await this.around.journal.find(id);
    if (entry) return entry;
    throw missing();
  }

  private async takeUp(): Promise<void> {
    const boot = await this.around.boot();
    for (const id of await this.around.journal.unfinished()) {
      // In this order: one that is driven is not read, and one that is read is driven by nobody.
      if (this.live.has(id)) continue;
      const entry = await this.around.journal.find(id);
      // What no longer opens must not weigh on its key's daily limit for ever.
      if (!entry) await this.around.journal.letGo(id);
      if (!entry || !isOpen(entry.call.state)) continue;
      const { at, request, state } = entry.call;
      const fresh = request.boot === boot && Math.abs(Date.now() - at) < STALE;
      if (state.phase === 'sent') void this.carryOn(entry);
      else if (fresh) {
        void this.drive(entry, (task, key, signal) => this.serviceOf(entry).run(task, key, signal));
      } else {
        const why = request.boot === boot ? 'This call waited too long' : 'The browser closed';
        const failure = new Failure('cancelled', `${why} before it was sent. Nothing was charged.`, {
          next: 'Run it again if you still want it.',
        });
        await this.conclude(entry, { phase: 'failed', failure: failure.report, items: [] });
      }
    }
  }

  private carryOn(entry: Entry): Promise<void> {
    const { state } = entry.call;
    if (state.phase !== 'sent') return Promise.resolve();
    const { trace, askOnly, items } = state;
    const kept = { trace, items: items.map(item => item.id), ...(askOnly && { askOnly }) };
    return this.drive(entry, (task, key, signal) => this.serviceOf(entry).recover(task, kept, key, signal));
  }

  /** Ends a call that nobody drives. */
  private async conclude(entry: Entry, state: CallState): Promise<void> {
    this.around.changed((await this.around.journal.advance(entry, state)).call);
    await this.around.journal.settle();
  }

  private serviceOf({ call }: Entry): Service {
    return this.around.serviceOf(call.request.service);
  }

  private async drive(entry: Entry, events: Drive, first?: First): Promise<void> {
    const { id, request } = entry.call;
    const live: Live = { entry, first, abort: new AbortController(), told: 0, kept: 0 };
    const { signal } = live.abort;
    this.live.set(id, live);
    this.around.awake.hold();
    let leave = () => {};
    try {
      const { vault } = this.around;
      leave = await this.turn(live, await vault.keys.entry(request.key));
      const key = await vault.keys.open(request.key);
      const values = first?.values ?? (await joined(request, at => this.media(id, at)));
      const task: Task = { id, operation: request.operation, values };
      for await (const event of events(task, key, signal)) await this.take(live, event);
      if (isOpen(live.entry.call.state)) await this.move(live, done(live.entry.call));
    } catch (thrown) {
      await this.end(live, signal.aborted ? signal.reason : thrown).catch(({ cause }) =>
        first?.reject(cause),
      );
    } finally {
      leave();
      // What cannot be settled now is when the journal is next read.
      if (!isOpen(live.entry.call.state)) await this.finished(live.entry).catch(() => {});
      clearTimeout(live.lastCall);
      this.live.delete(id);
      this.around.awake.release();
    }
    // It waits for an unlocking that has come in the meantime.
    if (live.lastCall && isOpen(live.entry.call.state) && (await this.around.vault.status()) === 'unlocked')
      void this.recover();
  }

  /** Waits until a call may leave: until it can be undone no more, and has a place among its key's. */
  private async turn(live: Live, { id, service, fields }: KeyEntry): Promise<() => void> {
    const { request, state } = live.entry.call;
    // The service has it already.
    if (state.phase !== 'queued') return this.turns.enter(id);
    const atOnce = Number(fields.atOnce) || aboutOf(service).atOnce;
    const { estimate = 0 } = request;
    const { dear } = await this.around.preferences.money();
    const isDear = estimate > 0 && estimate >= dear;
    if (isDear || state.until) {
      const until = state.until ?? Date.now() + UNDO;
      await this.move(live, { phase: 'queued', note: 'undo', until });
      await pause(Math.max(0, until - Date.now()), live.abort.signal);
    }
    if (this.turns.full(id, atOnce)) await this.move(live, { phase: 'queued', note: 'waiting' });
    return this.turns.take(id, atOnce, live.abort.signal);
  }

  private async take(live: Live, event: TaskEvent): Promise<void> {
    const { call, stored } = live.entry;
    // It has not left: then it need not.
    if (call.state.phase === 'queued') live.abort.signal.throwIfAborted();
    const next = after(call, stored.media, event);
    if (!next) return;
    if (isPassing(event)) await this.pass(live, next.state);
    else await this.move(live, next.state, next.media);
  }

  /** Takes what is said so often that not every word of it is told or written. */
  private async pass(live: Live, state: CallState): Promise<void> {
    const now = Date.now();
    if (now - live.kept >= KEPT) {
      live.kept = now;
      await this.move(live, state);
      return;
    }
    live.entry = { ...live.entry, call: { ...live.entry.call, state } };
    if (now - live.told < TOLD) return;
    live.told = now;
    this.around.changed(live.entry.call);
  }

  private async move(live: Live, state: CallState, media: Bytes[] = []): Promise<void> {
    if (live.abandoned) throw live.abort.signal.reason;
    const { first } = live;
    live.entry = await this.around.journal.advance(live.entry, state, media, first?.limit).catch(cause => {
      throw new Unwritten('not written', { cause });
    });
    live.first = undefined;
    first?.resolve();
    this.around.changed(live.entry.call);
  }

  private end(live: Live, thrown: unknown): Promise<void> {
    if (live.abandoned) return Promise.reject(new Unwritten('not written', { cause: thrown }));
    const { state } = live.entry.call;
    // It was cancelled when its answer was complete already.
    if (!isOpen(state)) return Promise.resolve();
    if (!(thrown instanceof Unwritten)) return this.move(live, ended(state, thrown));
    if (state.phase !== 'sent') return Promise.reject(thrown);
    // It stays in the journal as it was, and is asked after anew when the background starts next.
    this.around.changed({ ...live.entry.call, state: { ...state, note: 'unsaved' } });
    return Promise.resolve();
  }

  /** What there is to do once a call is over. */
  private async finished({ call }: Entry): Promise<void> {
    const { journal, history, preferences } = this.around;
    const { state, request } = call;
    await journal.settle();
    const { service, operation, values } = request;
    // Of a call from a private window nothing stays.
    const price = state.phase === 'done' && !state.refused && !request.private ? state.cost : undefined;
    if (price !== undefined && price !== request.estimate)
      await preferences.learn(service, operation, values, price);
    const now = Date.now();
    if (Math.abs(now - this.tidied) < TIDIED) return;
    this.tidied = now;
    await history.keep(await preferences.retention());
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

/** A form's checked values, and the task that they are for. Throws `bad-input` with the field, `bad-request`. */
function checked(
  { service }: { service: string },
  { operation, values: given }: Wish,
): { values: Values; task: Operation } {
  const task = operationOf(service, operation);
  const { values, faults } = check(task.fields, given);
  const [fault] = Object.entries(faults);
  if (fault) throw new Failure('bad-input', fault[1], { field: fault[0], next: 'Change it and run again.' });
  return { values, task };
}

/** It stays in the journal, and is asked after once the vault is unlocked. */
const waits = (): Failure => new Failure('vault-locked', 'The vault is locked.');

const missing = (): Failure => new Failure('call-missing', 'That result is no longer kept.');
