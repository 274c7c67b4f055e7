import * as v from 'valibot';
import { type Bytes, textOf, utf8 } from '../bytes';
import { type Database, type Sealed, type StoredCall, write } from '../store/database';
import { type Binding, open, seal } from '../vault/seal';
import type { Vault } from '../vault/vault';
import { type Call, type CallRequest, CallState, isOpen, Request } from './call';

/** A call in hand: its record as stored, and the live key that seals it, which a lock does not take. */
export interface Entry {
  readonly call: Call;
  readonly key: CryptoKey;
  readonly stored: StoredCall;
}

const binding = (call: string, purpose: string): Binding => ({ vault: '', record: call, purpose });
const sealJson = (key: CryptoKey, call: string, purpose: string, value: unknown): Promise<Sealed> =>
  seal(key, utf8(JSON.stringify(value)), binding(call, purpose));

/**
 * Calls at rest. Each is sealed with a key of its own, so that an answer can be kept although the vault
 * locked meanwhile. The journal holds the open ones, the history the finished ones.
 */
export class Journal {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** Writes a call that has not left yet. Throws `vault-locked`, `storage-full`. */
  async begin(id: string, request: CallRequest): Promise<Entry> {
    const { live, wrapped } = await this.vault.newCallKey(id);
    const call: Call = { id, at: Date.now(), request, state: { phase: 'queued' } };
    const stored: StoredCall = {
      id,
      at: call.at,
      key: wrapped,
      request: await sealJson(live, id, 'request', request),
      state: await sealJson(live, id, 'state', call.state),
      media: [],
    };
    await write(this.database, ['journal'], transaction => transaction.objectStore('journal').add(stored));
    return { call, key: live, stored };
  }

  /** Writes where a call has come to; a finished one moves to the history in the same change. */
  async advance({ call, key, stored }: Entry, state: CallState, media: readonly Bytes[] = []): Promise<Entry> {
    const { id } = call;
    const sealed = await Promise.all(
      media.map((bytes, at) => seal(key, bytes, binding(id, `media/${stored.media.length + at}`))),
    );
    const next = { ...stored, state: await sealJson(key, id, 'state', state), media: [...stored.media, ...sealed] };
    await write(this.database, ['journal', 'history'], async transaction => {
      if (isOpen(state)) return transaction.objectStore('journal').put(next);
      await transaction.objectStore('journal').delete(id);
      return transaction.objectStore('history').put(next);
    });
    return { call: { ...call, state }, key, stored: next };
  }

  /** Every open call, oldest first. One that no longer opens is left where it is. Throws `vault-locked`. */
  async unfinished(): Promise<Entry[]> {
    return this.readAll(await this.database.getAllFromIndex('journal', 'at'));
  }

  /** The latest finished calls, newest first. Throws `vault-locked`. */
  async latest(count: number): Promise<Call[]> {
    const found: StoredCall[] = [];
    let cursor = await this.database.transaction('history').store.index('at').openCursor(null, 'prev');
    while (cursor && found.length < count) {
      found.push(cursor.value);
      cursor = await cursor.continue();
    }
    return (await this.readAll(found)).map(({ call }) => call);
  }

  /** One medium's bytes, from wherever the call is now. Throws `vault-locked`. */
  async media(id: string, at: number): Promise<Bytes | undefined> {
    const stored = (await this.database.get('history', id)) ?? (await this.database.get('journal', id));
    const sealed = stored?.media[at];
    if (!stored || !sealed) return undefined;
    return open(await this.vault.openCallKey(id, stored.key), sealed, binding(id, `media/${at}`));
  }

  private async readAll(stored: StoredCall[]): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (const one of stored) {
      const entry = await this.read(one);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  private async read(stored: StoredCall): Promise<Entry | undefined> {
    const { id, at } = stored;
    await this.vault.demandUnlocked();
    try {
      const key = await this.vault.openCallKey(id, stored.key);
      const part = async <S extends v.GenericSchema>(schema: S, sealed: Sealed, purpose: string) =>
        v.parse(v.pipe(v.string(), v.parseJson(), schema), textOf(await open(key, sealed, binding(id, purpose))));
      const request = await part(Request, stored.request, 'request');
      const state = await part(CallState, stored.state, 'state');
      return { call: { id, at, request, state }, key, stored };
    } catch {
      return undefined;
    }
  }
}
