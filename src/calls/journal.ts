import * as v from 'valibot';
import { type Bytes, textOf, utf8 } from '../bytes';
import { Failure, isFailure } from '../failure';
import {
  type Database,
  deleteLater,
  eachAlone,
  inPlace,
  passing,
  putLater,
  type Sealed,
  type StoredCall,
  type Stores,
  unfiled,
  type Writing,
  write,
} from '../store/database';
import { Writer } from '../store/writer';
import { type Binding, open, seal } from '../vault/seal';
import { Noted, sealUse, type Use } from '../vault/uses';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, CallState, isOpen, Request } from './call';
import { costOf, dayOf, Ledger, type Limit } from './spending';

/** A call in hand: its record as stored, and the live key that seals it, which a lock does not take. */
export interface Entry {
  readonly call: Call;
  readonly vault: string;
  readonly key: CryptoKey;
  readonly stored: Omit<StoredCall, 'state'>;
  /** Media that are sealed and not written yet. */
  readonly unwritten?: readonly Sealed[];
}

/** What the changes of one transaction know together. */
interface Shared {
  readonly ledger: Ledger;
  readonly uses: Noted;
  write(): void;
}

/** Each part of a call has a purpose of its own, so that none passes for another. */
const bindings = (vault: string, record: string) => ({
  request: { vault, record, purpose: 'call-request' },
  state: { vault, record, purpose: 'call-state' },
  media: (at: number): Binding => ({ vault, record, purpose: `call-media/${at}` }),
});
const sealJson = (key: CryptoKey, value: unknown, binding: Binding): Promise<Sealed> =>
  seal(key, utf8(JSON.stringify(value)), binding);

/** All media of one call. */
export const mediaOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

/**
 * Calls at rest. Each is sealed with a key of its own, so that an answer can be kept although the vault
 * locked meanwhile.
 */
export class Journal {
  private readonly writer: Writer<Shared>;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {
    const stores: Stores[] = ['calls', 'media', 'uses', 'spending'];
    this.writer = new Writer(database, stores, transaction => {
      const [ledger, uses] = [new Ledger(transaction), new Noted(transaction)];
      const write = () => {
        uses.write();
        ledger.write();
      };
      return { ledger, uses, write };
    });
  }

  /**
   * Makes the entry of a call that was asked for `at` (ms since the epoch), with the pictures it is given;
   * `advance` writes it. Throws `vault-locked`.
   */
  async prepare(id: string, at: number, request: CallRequest, inputs: readonly Bytes[] = []): Promise<Entry> {
    const vault = await this.vault.id();
    const { live, wrapped } = await this.vault.newCallKey(id);
    const bind = bindings(vault, id);
    const call: Call = { id, at, request, state: { phase: 'queued' } };
    const sealed = await sealJson(live, request, bind.request);
    const { key, estimate: dollars = 0 } = request;
    const unwritten = await Promise.all(inputs.map((bytes, place) => seal(live, bytes, bind.media(place))));
    const hold = { key, dollars };
    const stored = {
      id,
      place: 'open',
      at,
      key: wrapped,
      request: sealed,
      media: inputs.length,
      hold,
    } as const;
    return { call, vault, key: live, stored, unwritten };
  }

  /**
   * Writes where a call has come to. When this resolves it is with the system, where it outlives the browser,
   * and on its way to the disk, where it arrives before any server could answer; a finished one is on the disk
   * after `settle`. Waiting for the disk would more than double the time that a call takes here.
   * With a `limit`, which goes with every line of a call until it has left, it throws `daily-limit` where that
   * forbids it.
   */
  async advance(
    { call, vault, key, stored: before, unwritten }: Entry,
    state: CallState,
    media: readonly Bytes[] = [],
    limit?: Limit,
  ): Promise<Entry> {
    const bind = bindings(vault, call.id);
    const first = before.media;
    const sealed = await Promise.all(media.map((bytes, at) => seal(key, bytes, bind.media(first + at))));
    const next = {
      ...before,
      state: await sealJson(key, state, bind.state),
      media: first + sealed.length,
    };
    const moved: Entry = { call: { ...call, state }, vault, key, stored: next };
    const fresh = [...(unwritten ?? []), ...sealed];
    const leaves = call.state.phase === 'queued' && state.phase === 'sent';
    const isHeld = !unwritten;
    if (isOpen(state)) {
      await this.putOpen(next, fresh, leaves, isHeld, limit);
      return moved;
    }
    const { hold, ...stored } = next;
    return { ...moved, stored: await this.finish(moved, stored, fresh, isHeld ? hold : undefined) };
  }

  private async putOpen(
    next: StoredCall,
    fresh: readonly Sealed[],
    leaves: boolean,
    isHeld: boolean,
    limit: Limit | undefined,
  ): Promise<void> {
    const { key = '', dollars = 0 } = next.hold ?? {};
    await this.writer.write(async (transaction, { ledger }) => {
      if (limit) await ledger.demandRoom(limit, dollars, isHeld);
      if (!isHeld) ledger.hold(key, dollars);
      putLater(transaction, 'calls', next);
      putMedia(transaction, next, fresh);
    });
    if (leaves) void this.settle().catch(() => {});
  }

  /** Into the history, to where its key has been, if it was sent at all, and to what its day has cost. */
  private async finish(
    { call, vault, key }: Entry,
    stored: StoredCall,
    fresh: readonly Sealed[],
    held: StoredCall['hold'],
  ): Promise<StoredCall> {
    const { id, at, request, state } = call;
    const dollars = costOf(state, request.estimate ?? 0);
    const use = request.private ? undefined : useOf(call);
    const sealed = use && (await sealUse(key, vault, id, use));
    const passing = request.private ? 'private' : 'unkept';
    const place = request.unkept ? passing : 'history';
    const next: StoredCall = { ...stored, place, counted: dollars, ended: Date.now() };
    await this.writer.write(async (transaction, { ledger, uses }) => {
      const more = dollars - (stored.counted ?? 0);
      // What was counted too much on another day is not given back on this one.
      const counts = more > 0 || (more < 0 && dayOf(at) === dayOf(Date.now()));
      await ledger.add(request.key, counts ? more : 0);
      if (held) ledger.hold(held.key, -held.dollars);
      putMedia(transaction, next, fresh);
      putLater(transaction, 'calls', next);
      if (sealed) uses.add(request.key, { id, at, wrapped: next.key, use: sealed });
    });
    return next;
  }

  /** Counts what a key paid for that no call in here stands for, US dollars. Throws `storage-full`. */
  charge(key: string, dollars: number): Promise<void> {
    return this.writer.write((_, { ledger }) => ledger.add(key, dollars));
  }

  /** Resolves when everything written of calls so far is on the disk. */
  settle(): Promise<void> {
    return this.writer.flush();
  }

  /** Takes a finished call out of the history, to be asked after. Undefined when it is not there any more. */
  async reopen(entry: Entry, state: CallState): Promise<Entry | undefined> {
    const bind = bindings(entry.vault, entry.call.id);
    const hold = { key: entry.call.request.key, dollars: 0 };
    const sealed = await sealJson(entry.key, state, bind.state);
    const next: StoredCall = { ...entry.stored, place: 'open', hold, state: sealed };
    let finished = false;
    await write(this.database, ['calls'], async transaction => {
      const store = transaction.objectStore('calls');
      const stored = await store.get(next.id);
      // Somebody else may have reopened or deleted it.
      finished = stored !== undefined && stored.place !== 'open';
      if (finished) await store.put(next);
    });
    return finished ? { ...entry, call: { ...entry.call, state }, stored: next } : undefined;
  }

  /** The ids of the open calls, oldest first. */
  unfinished(): Promise<string[]> {
    return this.database.getAllKeysFromIndex('calls', 'place', inPlace('open'));
  }

  /** A call, wherever it is; undefined when there is none, or it no longer opens. Throws `vault-locked`. */
  async find(id: string): Promise<Entry | undefined> {
    const stored = await this.stored(id);
    return stored && this.read(stored);
  }

  /**
   * Every call that is not in the history and the latest that are, newest first; those in hand are given. Throws
   * `vault-locked`.
   */
  async latest(finished: number, inHand: ReadonlyMap<string, Call> = new Map()): Promise<Call[]> {
    const found = await this.latestStored(finished).catch(() => this.latestReadable(finished));
    const calls = await Promise.all(
      found.map(async stored => inHand.get(stored.id) ?? (await this.read(stored))?.call),
    );
    return calls.flatMap(call => call ?? []).sort((a, b) => b.at - a.at);
  }

  private async latestStored(finished: number): Promise<StoredCall[]> {
    const index = this.database.transaction('calls').store.index('place');
    const found = await index.getAll(unfiled());
    let cursor = await index.openCursor(inPlace('history'), 'prev');
    for (let taken = 0; cursor && taken < finished; taken++) {
      found.push(cursor.value);
      cursor = await cursor.continue();
    }
    return found;
  }

  private async latestReadable(finished: number): Promise<StoredCall[]> {
    const index = this.database.transaction('calls').store.index('place');
    const ids = await index.getAllKeys(unfiled());
    let cursor = await index.openKeyCursor(inPlace('history'), 'prev');
    for (let taken = 0; cursor && taken < finished; taken++) {
      ids.push(cursor.primaryKey);
      cursor = await cursor.continue();
    }
    return (await eachAlone(ids, id => this.stored(id))).flatMap(one => one ?? []);
  }

  /** One medium's bytes, from wherever the call is now. Throws `call-missing`, `vault-locked`. */
  async media(id: string, at: number): Promise<Bytes> {
    const [stored, sealed] = await Promise.all([this.stored(id), this.database.get('media', [id, at])]);
    if (!stored || !sealed) throw missing();
    const key = await this.vault.openCallKey(id, stored.key);
    return open(key, sealed, bindings(await this.vault.id(), id).media(at));
  }

  /** Of a call that no longer opens: what it was expected to cost is held back no more. */
  async letGo(id: string): Promise<void> {
    await write(this.database, ['calls'], async transaction => {
      const store = transaction.objectStore('calls');
      const stored = await store.get(id);
      if (!stored?.hold) return;
      const { hold: _, ...kept } = stored;
      await store.put(kept);
    });
  }

  /** Deletes a call of whose line the browser itself says that it is lost for good. */
  async dropLost(id: string): Promise<void> {
    const why: unknown = await this.database.get('calls', id).then(
      () => undefined,
      thrown => thrown,
    );
    if (!(why instanceof DOMException) || why.name !== 'NotReadableError') return;
    const stores: Stores[] = ['calls', 'media'];
    await write(this.database, stores, transaction => {
      deleteLater(transaction, 'calls', id);
      deleteLater(transaction, 'media', mediaOf(id));
    });
  }

  /** The ids of finished calls of which nothing is kept. */
  passing(): Promise<string[]> {
    return this.database.getAllKeysFromIndex('calls', 'place', passing());
  }

  /** Forgets finished calls of which nothing is kept: all, or those of private windows. */
  async forgetPassing(only?: 'private'): Promise<void> {
    const stores: Stores[] = ['calls', 'media'];
    await write(this.database, stores, async transaction => {
      const index = transaction.objectStore('calls').index('place');
      for (const id of await index.getAllKeys(only ? inPlace(only) : passing())) {
        deleteLater(transaction, 'calls', id);
        deleteLater(transaction, 'media', mediaOf(id));
      }
    });
  }

  /** Whether there is such a call, finished or not. */
  async has(id: string): Promise<boolean> {
    return (await this.database.getKey('calls', id)) !== undefined;
  }

  private stored(id: string): Promise<StoredCall | undefined> {
    return this.database.get('calls', id);
  }

  /** Undefined when it does not open. Throws `vault-locked`. */
  async read(stored: StoredCall): Promise<Entry | undefined> {
    const { id, at } = stored;
    const vault = await this.vault.id();
    const bind = bindings(vault, id);
    try {
      const key = await this.vault.openCallKey(id, stored.key);
      const request = parse(Request, await open(key, stored.request, bind.request));
      const state = parse(CallState, await open(key, stored.state, bind.state));
      return { call: { id, at, request, state }, vault, key, stored };
    } catch (thrown) {
      if (isFailure(thrown, 'vault-locked')) throw thrown;
      return undefined;
    }
  }
}

export const missing = (): Failure => new Failure('call-missing', 'That result is no longer kept.');

/** Writes the last media of a call. */
function putMedia(transaction: Writing<Stores>, { id, media }: StoredCall, fresh: readonly Sealed[]): void {
  for (const [at, part] of fresh.entries())
    putLater(transaction, 'media', part, [id, media - fresh.length + at]);
}

/** What a finished call means for its key; undefined: it never left this machine. */
function useOf({ request, state }: Call): Use | undefined {
  if (state.phase === 'queued' || state.phase === 'sent') return undefined;
  if (state.phase === 'cancelled' && !state.sent) return undefined;
  const { operation: task, site } = request;
  const { cost } = state;
  return { task, outcome: state.phase, ...(site && { site }), ...(cost !== undefined && { cost }) };
}

function parse<S extends v.GenericSchema>(schema: S, bytes: Bytes): v.InferOutput<S> {
  return v.parse(v.pipe(v.string(), v.parseJson(), schema), textOf(bytes));
}
