import type { Sealed } from '../store/database';
import { deriveSubKey } from './derive';
import type { Header } from './header';
import type { KeyIndex } from './key-index';
import type { Binding, unwrap } from './seal';

/** What is in memory while the vault is open. */
export interface Open {
  /** Another after a change of the ways to open it. */
  header: Header;
  readonly index: CryptoKey;
  readonly secrets: CryptoKey;
  readonly calls: CryptoKey;
  /** The index as last read or written: nobody else writes it. */
  keys?: KeyIndex;
  /** The reading of it under way. */
  reading?: Promise<KeyIndex>;
  /** Secrets as read or written, still sealed. */
  readonly sealed: Map<string, Sealed>;
}

/** What an unwrapped key is for. */
export type As = Parameters<typeof unwrap>[3];
/** The vault key as what the sub-keys are derived from, and as what can be wrapped anew. */
export const ROOT: As = { algorithm: 'HKDF', extractable: false, usages: ['deriveKey'] };
export const EXTRACTABLE: As = { algorithm: 'AES-GCM', extractable: true, usages: ['encrypt', 'decrypt'] };
/** A call's key, live. */
export const LIVE: As = { algorithm: 'AES-GCM', extractable: false, usages: ['encrypt', 'decrypt'] };

export const newKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);

/** The vault, opened by its key. */
export async function subKeys(header: Header, root: CryptoKey): Promise<Open> {
  return {
    header,
    index: await deriveSubKey(root, 'index', ['encrypt', 'decrypt']),
    secrets: await deriveSubKey(root, 'secrets', ['encrypt', 'decrypt']),
    calls: await deriveSubKey(root, 'calls', ['wrapKey', 'unwrapKey']),
    sealed: new Map(),
  };
}

/** Where each sealed thing belongs. */
export const indexBinding = (vault: string): Binding => ({ vault, record: 'keys', purpose: 'index' });
export const secretBinding = (vault: string, id: string): Binding => ({
  vault,
  record: id,
  purpose: 'secret',
});
export const callBinding = (vault: string, call: string): Binding => ({
  vault,
  record: call,
  purpose: 'call-key',
});
