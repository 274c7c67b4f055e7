import type { Bytes } from '../bytes';
import { Failure } from '../failure';
import type { Values } from '../services/fields';
import type { Service } from '../services/service';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, type CallState, isLost, isOpen, untraced } from './call';
import type { History } from './history';
import { joined, parted } from './inputs';
import { type Entry, type Journal, missing } from './journal';
import type { Preferences } from './preferences';
import { Prices } from './prices';
import { answerOf, ended, erased } from './progress';
import { type Drive, type First, Run } from './run';
import { Turns } from './turns';
import { checked, type Wish } from './wish';

// All in ms.
/** How long a call may wait for an unlocking or a background before it is no longer what the person wants. */
const STALE = 2 * 60_000;
/** What is to rest for longer is gone on with: the clock may have been set back. */
const LONGEST_REST = 60 * 60_000;
/** How often the history is looked through for what is to be kept no longer. */
const TIDIED = 60_000;

interface Around {
  readonly journal: Journal;
  readonly history: History;
  readonly preferences: Preferences;
  readonly vault: Vault;
  /** Throws `bad-request` for a service that there is none of. */
  readonly serviceOf: (name: string) => Service;
  readonly awake: { hold(): void; release(): void; wakeBy(at: number, go: () => void): void };
  /** Names this run of the browser. */
  readonly boot: () => Promise<string>;
  /** Told of every change of a call. */
  readonly changed: (call: Call) => unknown;
}

/** The life of every call: journaled before it leaves, driven to its end, found again after a death. */
export class Calls {
  private readonly live = new Map<string, Run>();
  private readonly driven = new Set<Promise<void>>();
  private readonly turns = new Turns();
  private recovering: Promise<void> | undefined;
  /** Those that are being started under an id that was given, by it. */
  private readonly begun = new Map<string, Promise<{ id: string }>>();
  /** Those that are being ended without having run. */
  private readonly ending = new Set<string>();
  /** How many are on their way into the journal. */
  private starting = 0;
  private erasures = 0;
  private tidied = 0;

  private readonly prices: Prices;

  constructor(private readonly around: Around) {
    this.prices = new Prices(around);
    around.vault.onLock(() => {
      for (const run of this.live.values()) run.locked();
    });
  }

  /**
   * Journals a call and lets it run. Resolves once it is in the journal; where one of this id is there already, with
   * that one: whoever asked for it may not have heard the answer.
   * Throws `vault-locked`, `key-missing`, `bad-input` (with the field), `daily-limit`, `storage-full`.
   */
  start(wish: Wish): Promise<{ id: string }> {
    const { id } = wish;
    if (id === undefined) return this.begin(crypto.randomUUID(), wish);
    const begun = this.begun.get(id) ?? this.beginOnce(id, wish).finally(() => this.begun.delete(id));
    this.begun.set(id, begun);
    return begun;
  }

  private async beginOnce(id: string, wish: Wish): Promise<{ id: string }> {
    const { vault, journal } = this.around;
    await vault.id();
    return this.live.has(id) || (await journal.has(id)) ? { id } : this.begin(id, wish);
  }

  private async begin(id: string, wish: Wish): Promise<{ id: string }> {
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
      ...(wish.private && { private: true }),
      ...((wish.private || days === 0) && { unkept: true }),
      ...(site && !wish.private && { site }),
      boot: await boot(),
    };
    this.starting++;
    try {
      const { erasures } = this;
      const entry = await journal.prepare(id, at, request, media);
      if (erasures !== this.erasures) throw erased();
      const run: Drive = (task, opened, signal) => this.serviceOf(entry).run(task, opened, signal);
      await new Promise<void>((resolve, reject) => {
        void this.drive(entry, run, { values: whole, resolve, reject });
      });
      return { id: entry.call.id };
    } finally {
      this.starting--;
    }
  }

  /** Makes the same call anew, as one of this id. Throws `call-missing`, and what `start` throws. */
  async again(id: string, as: string = crypto.randomUUID()): Promise<{ id: string }> {
    const { request, values } = await this.made(id);
    const { key, operation, site } = request;
    const kept = { ...(site && { site }), ...(request.private && { private: request.private }) };
    return this.start({ id: as, key, operation, values, ...kept });
  }

  /** What a call was made of, the pictures among its values too. Throws `call-missing`, `vault-locked`. */
  async made(id: string): Promise<{ request: CallRequest; values: Values }> {
    const { request } = (await this.found(id)).call;
    return { request, values: await joined(request, at => this.media(id, at)) };
  }

  /** Asks what became of a call, without sending it anew. Throws `call-missing`, `bad-request`, `vault-locked`. */
  async ask(id: string): Promise<void> {
    const entry = await this.found(id);
    const { state } = entry.call;
    const nothing = new Failure('bad-request', 'There is nothing to ask after.');
    if (!isLost(state) || this.live.has(id)) throw nothing;
    const sent: CallState = { phase: 'sent', trace: state.trace, askOnly: true, ...answerOf(state) };
    this.starting++;
    try {
      const reopened = await this.around.journal.reopen(entry, sent);
      if (!reopened) throw nothing;
      void this.carryOn(reopened);
    } finally {
      this.starting--;
    }
  }

  /** What a call would cost: see `Prices`. */
  price(wish: Wish, signal: AbortSignal): Promise<number | null> {
    return this.prices.of(wish, signal);
  }

  /** Stops waiting for a call. What was sent may still run and be billed; its state says so. */
  async cancel(id: string): Promise<void> {
    const run = this.live.get(id);
    if (run) return run.stop(cancelled());
    const entry = await this.around.journal.find(id);
    // It may have been woken meanwhile, or cancelled already.
    const woken = this.live.get(id);
    if (woken) return woken.stop(cancelled());
    if (this.ending.has(id) || !entry || !isOpen(entry.call.state)) return;
    await this.conclude(entry, ended(entry.call.state, cancelled()));
  }

  /** Whether a call is under way: its record is sealed for the present vault key. */
  get busy(): boolean {
    return this.starting > 0 || this.live.size > 0;
  }

  /** Ends every call that runs, and resolves when nothing more is written of them: the vault is being erased. */
  async abandon(): Promise<void> {
    this.erasures++;
    await this.recovering?.catch(() => {});
    for (const run of this.live.values()) run.abandon(erased());
    await Promise.allSettled(this.driven);
    await this.around.journal.settle().catch(() => {});
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

  /** A call as pages see it. Throws `call-missing`, `vault-locked`. */
  async look(id: string): Promise<Call> {
    return untraced((this.live.get(id)?.entry ?? (await this.found(id))).call);
  }

  /** Throws `call-missing`, `vault-locked`. */
  media(id: string, at: number): Promise<Bytes> {
    return this.around.journal.media(id, at);
  }

  private async found(id: string): Promise<Entry> {
    const entry = await this.around.journal.find(id);
    if (entry) return entry;
    throw missing();
  }

  private async takeUp(): Promise<void> {
    const { erasures } = this;
    const boot = await this.around.boot();
    for (const id of await this.around.journal.unfinished()) {
      // In this order: one that is driven is not read, and one that is read is driven by nobody.
      if (this.live.has(id)) continue;
      const entry = await this.around.journal.find(id).catch(skipped);
      // Of a vault that is being erased nothing is gone on with.
      if (erasures !== this.erasures) return;
      if (entry === 'skipped') {
        // Whoever reads all of them would get none.
        await this.around.journal.dropLost(id).catch(() => {});
        continue;
      }
      // What no longer opens must not weigh on its key's daily limit for ever.
      if (!entry) await this.around.journal.letGo(id);
      if (!entry || !isOpen(entry.call.state) || this.ending.has(id)) continue;
      const { at, request, state } = entry.call;
      if (state.phase === 'sent' && isResting(state.rests)) {
        this.rest(state.rests);
        continue;
      }
      const untaken = state.phase === 'sent' && state.untaken;
      const fresh = request.boot === boot && Math.abs(Date.now() - at) < (untaken ? LONGEST_REST : STALE);
      // What was refused would be offered anew.
      if (state.phase === 'sent' && (fresh || !untaken)) void this.carryOn(entry);
      else if (fresh) {
        void this.drive(entry, (task, key, signal) => this.serviceOf(entry).run(task, key, signal));
      } else {
        const why = request.boot === boot ? 'This call waited too long' : 'The browser closed';
        const what = untaken ? 'the service took it' : 'it was sent';
        const failure = new Failure('cancelled', `${why} before ${what}. Nothing was charged.`, {
          next: 'Run it again if you still want it.',
        });
        await this.conclude(entry, { phase: 'failed', failure: failure.report, items: [] });
      }
    }
  }

  /** Goes on then with whatever is due. */
  private rest(until: number): void {
    this.around.awake.wakeBy(until, async () => {
      // One that is under way may have passed it by.
      await this.recovering?.catch(() => {});
      await this.recover().catch(() => {});
    });
  }

  private carryOn(entry: Entry): Promise<void> {
    const { state } = entry.call;
    if (state.phase !== 'sent') return Promise.resolve();
    const { rests: _, ...awake } = state;
    const { trace, askOnly, items } = awake;
    const rested: Entry = { ...entry, call: { ...entry.call, state: awake } };
    const kept = { trace, items: items.map(item => item.id), ...(askOnly && { askOnly }) };
    return this.drive(rested, (task, key, signal) => this.serviceOf(entry).recover(task, kept, key, signal));
  }

  /** Ends a call that nobody drives. */
  private async conclude(entry: Entry, state: CallState): Promise<void> {
    const { journal, changed } = this.around;
    const { id } = entry.call;
    this.ending.add(id);
    try {
      changed((await journal.advance(entry, state)).call);
      await journal.settle();
    } finally {
      this.ending.delete(id);
    }
  }

  private serviceOf({ call }: Entry): Service {
    return this.around.serviceOf(call.request.service);
  }

  private drive(entry: Entry, events: Drive, first?: First): Promise<void> {
    const driven = this.driveOne(entry, events, first).finally(() => {
      this.driven.delete(driven);
    });
    this.driven.add(driven);
    return driven;
  }

  private async driveOne(entry: Entry, events: Drive, first?: First): Promise<void> {
    const { id } = entry.call;
    const { awake, vault } = this.around;
    const run = new Run({ ...this.around, turns: this.turns }, entry, first);
    this.live.set(id, run);
    awake.hold();
    await run.drive(events);
    // What cannot be settled now is when the journal is next read.
    if (!isOpen(run.entry.call.state)) await this.finished(run.entry).catch(() => {});
    this.live.delete(id);
    awake.release();
    if (run.rests !== undefined) this.rest(run.rests);
    // The unlocking that it waits for has come in the meantime.
    if (run.waits && (await vault.status()) === 'unlocked') void this.recover();
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
}

function isResting(until: number | undefined): until is number {
  const left = (until ?? 0) - Date.now();
  return left > 0 && left <= LONGEST_REST;
}

/** What the browser cannot read keeps none of the others waiting. */
function skipped(thrown: unknown): 'skipped' {
  if (thrown instanceof DOMException) return 'skipped';
  throw thrown;
}

const cancelled = (): Failure => new Failure('cancelled', 'Cancelled.');
