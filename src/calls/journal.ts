import * as v from 'valibot';
import { type Bytes, textOf, utf8 } from '../bytes';
import { type Database, type Sealed, type StoredCall, type Stores, write } from '../store/database';
import { type Binding, open, seal } from '../vault/seal';
import { putUse, sealUse, type Use } from '../vault/uses';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, CallState, isOpen, Request } from './call';

/** A call in hand: its record as stored, and the live key that seals it, which a lock does not take. */
export interface Entry {
  readonly call: Call;
  readonly vault: string;
  readonly key: CryptoKey;
  readonly stored: Omit<StoredCall, 'state'>;
}

/** Each part of a call has a purpose of its own, so that none passes for another. */
const bindings = (vault: string, record: string) => ({
  request: { vault, record, purpose: 'call-request' },
  state: { vault, record, purpose: 'call-state' },
  media: (at: number): Binding => ({ vault, record, purpose: `call-media/${at}` }),
});
const sealJson = (key: CryptoKey, value: unknown, binding: Binding): Promise<Sealed> =>
  seal(key, utf8(JSON.stringify(value)), binding);

/**
 * Calls at rest. Each is sealed with a key of its own, so that an answer can be kept although the vault
 * locked meanwhile. The journal holds the open ones, the history the finished ones; a finished one is in
 * the history first, and then leaves the journal: of one that is in both, the history is right.
 */
export class Journal {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** Makes the entry of a call that was asked for `at` (ms since the epoch); `advance` writes it. Throws `vault-locked`. */
  async prepare(id: string, at: number, request: CallRequest): Promise<Entry> {
    const vault = await this.vault.id();
    const { live, wrapped } = await this.vault.newCallKey(id);
    const bind = bindings(vault, id);
    const call: Call = { id, at, request, state: { phase: 'queued' } };
    const sealed = await sealJson(live, request, bind.request);
    return { call, vault, key: live, stored: { id, at, key: wrapped, request: sealed, media: [] } };
  }

  /**
   * Writes where a call has come to. When this resolves it is with the system, where it outlives the browser,
   * and on its way to the disk, where it arrives before any server could answer; a finished one is on the disk
   * after `settle`. Waiting for the disk would more than double the time that a call takes here.
   */
  async advance(
    { call, vault, key, stored }: Entry,
    state: CallState,
    media: readonly Bytes[] = [],
  ): Promise<Entry> {
    const { id } = call;
    const bind = bindings(vault, id);
    const first = stored.media.length;
    const sealed = await Promise.all(media.map((bytes, at) => seal(key, bytes, bind.media(first + at))));
    const next = {
      ...stored,
      state: await sealJson(key, state, bind.state),
      media: [...stored.media, ...sealed],
    };
    const moved: Entry = { call: { ...call, state }, vault, key, stored: next };
    if (isOpen(state)) {
      const put = (durability: 'relaxed' | 'strict') =>
        write(this.database, ['journal'], to => to.objectStore('journal').put(next), durability);
      await put('relaxed');
      void put('strict').catch(() => {});
    } else {
      await this.finish(moved, next);
    }
    return moved;
  }

  /** Into the history, and to where its key has been, if it was sent at all. */
  private async finish({ call, vault, key }: Entry, next: StoredCall): Promise<void> {
    const { id, at, request } = call;
    const use = useOf(call);
    const sealed = use && (await sealUse(key, vault, id, use));
    const stores: Stores[] = ['history', 'uses'];
    await write(
      this.database,
      stores,
      async transaction => {
        await transaction.objectStore('history').put(next);
        if (sealed) await putUse(transaction, { id, key: request.key, at, wrapped: next.key, use: sealed });
      },
      'relaxed',
    );
  }

  /** Takes a finished call out of the journal, and its last writing to the disk. */
  settle(id: string): Promise<void> {
    return write(this.database, ['journal'], transaction => transaction.objectStore('journal').delete(id));
  }

  /** The ids of the open calls, oldest first. */
  unfinished(): Promise<string[]> {
    return this.database.getAllKeysFromIndex('journal', 'at');
  }

  /** An open call; undefined when it is finished, or no longer opens. Throws `vault-locked`. */
  async find(id: string): Promise<Entry | undefined> {
    const { finished, open } = await this.stored(id);
    if (finished) await this.settle(id).catch(() => {});
    return open && !finished ? this.read(open) : undefined;
  }

  /** Every open call and the latest finished ones, newest first. Throws `vault-locked`. */
  async latest(finished: number): Promise<Call[]> {
    const reading = this.database.transaction(['journal', 'history']);
    const found = new Map((await reading.objectStore('journal').getAll()).map(stored => [stored.id, stored]));
    let cursor = await reading.objectStore('history').index('at').openCursor(null, 'prev');
    for (let taken = 0; cursor && taken < finished; taken++) {
      found.set(cursor.value.id, cursor.value);
      cursor = await cursor.continue();
    }
    const entries = await Promise.all([...found.values()].map(stored => this.read(stored)));
    return entries.flatMap(entry => (entry ? [entry.call] : [])).sort((a, b) => b.at - a.at);
  }

  /** One medium's bytes, from wherever the call is now. Throws `vault-locked`. */
  async media(id: string, at: number): Promise<Bytes | undefined> {
    const { finished, open: unfinished } = await this.stored(id);
    const stored = finished ?? unfinished;
    const sealed = stored?.media[at];
    if (!stored || !sealed) return undefined;
    const key = await this.vault.openCallKey(id, stored.key);
    return open(key, sealed, bindings(await this.vault.id(), id).media(at));
  }

  /** In one transaction: between two reads a call could move from one store to the other. */
  private async stored(
    id: string,
  ): Promise<{ finished: StoredCall | undefined; open: StoredCall | undefined }> {
    const reading = this.database.transaction(['history', 'journal']);
    const [finished, open] = await Promise.all([
      reading.objectStore('history').get(id),
      reading.objectStore('journal').get(id),
    ]);
    return { finished, open };
  }

  /** Throws `vault-locked`. */
  private async read(stored: StoredCall): Promise<Entry | undefined> {
    const { id, at } = stored;
    const vault = await this.vault.id();
    const bind = bindings(vault, id);
    try {
      const key = await this.vault.openCallKey(id, stored.key);
      const request = parse(Request, await open(key, stored.request, bind.request));
      const state = parse(CallState, await open(key, stored.state, bind.state));
      return { call: { id, at, request, state }, vault, key, stored };
    } catch {
      return undefined;
    }
  }
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
