import * as v from 'valibot';
import { type Bytes, textOf, utf8 } from '../bytes';
import { type Database, type Sealed, type StoredCall, write } from '../store/database';
import { type Binding, open, seal } from '../vault/seal';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, CallState, isOpen, Request } from './call';

/** A call in hand: its record as stored, and the live key that seals it, which a lock does not take. */
export interface Entry {
  readonly call: Call;
  readonly vault: string;
  readonly key: CryptoKey;
  readonly stored: StoredCall;
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
 * locked meanwhile. The journal holds the open ones, the history the finished ones.
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
    const [sealedRequest, state] = await Promise.all([
      sealJson(live, request, bind.request),
      sealJson(live, call.state, bind.state),
    ]);
    return {
      call,
      vault,
      key: live,
      stored: { id, at, key: wrapped, request: sealedRequest, state, media: [] },
    };
  }

  /** Writes where a call has come to; a finished one moves to the history in the same change. */
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
    await write(this.database, ['journal', 'history'], async transaction => {
      if (isOpen(state)) return transaction.objectStore('journal').put(next);
      await transaction.objectStore('journal').delete(id);
      return transaction.objectStore('history').put(next);
    });
    return { call: { ...call, state }, vault, key, stored: next };
  }

  /** The ids of the open calls, oldest first. */
  unfinished(): Promise<string[]> {
    return this.database.getAllKeysFromIndex('journal', 'at');
  }

  /** An open call; undefined when it is finished, or no longer opens. Throws `vault-locked`. */
  async find(id: string): Promise<Entry | undefined> {
    const stored = await this.database.get('journal', id);
    return stored && this.read(stored);
  }

  /** Every open call and the latest finished ones, newest first. Throws `vault-locked`. */
  async latest(finished: number): Promise<Call[]> {
    // In one transaction: between two reads a call could move from one store to the other.
    const reading = this.database.transaction(['journal', 'history']);
    const found = await reading.objectStore('journal').getAll();
    const open = found.length;
    let cursor = await reading.objectStore('history').index('at').openCursor(null, 'prev');
    while (cursor && found.length < open + finished) {
      found.push(cursor.value);
      cursor = await cursor.continue();
    }
    const entries = await Promise.all(found.map(stored => this.read(stored)));
    return entries.flatMap(entry => (entry ? [entry.call] : [])).sort((a, b) => b.at - a.at);
  }

  /** One medium's bytes, from wherever the call is now. Throws `vault-locked`. */
  async media(id: string, at: number): Promise<Bytes | undefined> {
    // In one transaction, as above.
    const reading = this.database.transaction(['history', 'journal']);
    const [finished, unfinished] = await Promise.all([
      reading.objectStore('history').get(id),
      reading.objectStore('journal').get(id),
    ]);
    const stored = finished ?? unfinished;
    const sealed = stored?.media[at];
    if (!stored || !sealed) return undefined;
    const key = await this.vault.openCallKey(id, stored.key);
    return open(key, sealed, bindings(await this.vault.id(), id).media(at));
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

function parse<S extends v.GenericSchema>(schema: S, bytes: Bytes): v.InferOutput<S> {
  return v.parse(v.pipe(v.string(), v.parseJson(), schema), textOf(bytes));
}
