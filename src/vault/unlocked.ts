import * as v from 'valibot';
import { base64, fromBase64 } from '../bytes';
import type { Database } from '../store/database';
import { write } from '../store/database';
import { ROOT } from './opened';
import { type Binding, unwrap, wrap } from './seal';

/** The part of a storage area that is needed. storage.session: memory only, closed to content scripts. */
export interface Area {
  get(name: string): Promise<Record<string, unknown>>;
  set(values: Record<string, unknown>): Promise<void>;
  remove(name: string): Promise<void>;
}

const NAME = 'unlocked';
const Kept = v.object({ vault: v.string(), iv: v.string(), data: v.string() });

const binding = (vault: string): Binding => ({ vault, record: NAME, purpose: 'session' });

/**
 * The device's wrapping key: not extractable, made once, kept in IndexedDB. The session's memory
 * without it, or it without the session's memory, opens nothing.
 */
async function deviceKey(database: Database): Promise<CryptoKey> {
  // One that cannot be read, or is none, is made anew: all that it costs is another unlocking.
  const kept = await database.get('device', 'wrapper').catch(() => undefined);
  if (kept instanceof CryptoKey) return kept;
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'wrapKey',
    'unwrapKey',
  ]);
  await write(database, ['device'], transaction => transaction.objectStore('device').put(made, 'wrapper'));
  return made;
}

/** The unlocked state, which outlives the background but not the browser. */
export class Unlocked {
  constructor(
    private readonly database: Database,
    private readonly session: Area,
  ) {}

  /** Keeps an extractable vault key. */
  async keep(vault: string, key: CryptoKey): Promise<void> {
    const sealed = await wrap(await deviceKey(this.database), key, binding(vault));
    await this.session.set({ [NAME]: { vault, iv: base64(sealed.iv), data: base64(sealed.data) } });
  }

  /** The vault key as the root of its sub-keys, straight into a key that cannot be extracted. */
  async recall(vault: string): Promise<CryptoKey | undefined> {
    const kept = (await this.session.get(NAME))[NAME];
    if (!v.is(Kept, kept) || kept.vault !== vault) return undefined;
    try {
      const sealed = { iv: fromBase64(kept.iv), data: fromBase64(kept.data) };
      return await unwrap(await deviceKey(this.database), sealed, binding(vault), ROOT);
    } catch {
      // Not what we kept, or another device key: as good as locked.
      return undefined;
    }
  }

  forget(): Promise<void> {
    return this.session.remove(NAME);
  }
}
