import { type Bytes, randomBytes, utf8 } from '../bytes';
import type { Sealed } from '../store/database';

/** What a ciphertext is and where it belongs; moved anywhere else it does not open. */
export interface Binding {
  readonly vault: string;
  readonly record: string;
  readonly purpose: string;
}

export const FORMAT = 1;

const additionalData = ({ vault, record, purpose }: Binding): Bytes =>
  utf8(JSON.stringify([FORMAT, vault, record, purpose]));

const gcm = (iv: Bytes, additionalData: Bytes): AesGcmParams => ({ name: 'AES-GCM', iv, additionalData });

/** AES-GCM; the 16-byte tag comes last. An IV must never meet the same key twice: `seal` sees to that. */
export async function encrypt(
  key: CryptoKey,
  iv: Bytes,
  additionalData: Bytes,
  plain: Bytes,
): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.encrypt(gcm(iv, additionalData), key, plain));
}

/** Throws OperationError when any of the four is not what `encrypt` was given or gave. */
export async function decrypt(key: CryptoKey, iv: Bytes, additionalData: Bytes, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.decrypt(gcm(iv, additionalData), key, data));
}

/** AES-256-GCM with a random 12-byte IV. */
export async function seal(key: CryptoKey, plain: Bytes, binding: Binding): Promise<Sealed> {
  const iv = randomBytes(12);
  return { iv, data: await encrypt(key, iv, additionalData(binding), plain) };
}

/** Throws OperationError when the key, the bytes or the binding is not the one it was sealed with. */
export async function open(key: CryptoKey, sealed: Sealed, binding: Binding): Promise<Bytes> {
  return await decrypt(key, sealed.iv, additionalData(binding), sealed.data);
}

/** Wraps a key without its bytes ever being in JavaScript's hands. `key` must be extractable. */
export async function wrap(by: CryptoKey, key: CryptoKey, binding: Binding): Promise<Sealed> {
  const iv = randomBytes(12);
  const algorithm = gcm(iv, additionalData(binding));
  return { iv, data: new Uint8Array(await crypto.subtle.wrapKey('raw', key, by, algorithm)) };
}

/** Throws OperationError as `open` does. */
export async function unwrap(
  by: CryptoKey,
  sealed: Sealed,
  binding: Binding,
  as: { algorithm: 'AES-GCM' | 'HKDF'; extractable: boolean; usages: KeyUsage[] },
): Promise<CryptoKey> {
  return crypto.subtle.unwrapKey(
    'raw',
    sealed.data,
    by,
    gcm(sealed.iv, additionalData(binding)),
    as.algorithm,
    as.extractable,
    as.usages,
  );
}
