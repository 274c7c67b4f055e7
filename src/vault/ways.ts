import * as v from 'valibot';
import { type Bytes, base64, fromBase64, randomBytes, utf8 } from '../bytes';
import { Failure } from '../failure';
import type { StoredWay } from '../store/database';
import { CURRENT, deriveSubKey, deriveWrappingKey, Parameters } from './derive';
import type { As } from './opened';
import { Encoded, Passkey, type Proof } from './proof';
import { type Binding, FORMAT, unwrap, wrap } from './seal';

const common = { format: v.literal(FORMAT), vault: v.pipe(v.string(), v.uuid()) };

const PassphraseText = v.strictObject({ ...common, derivation: Parameters, salt: Encoded(16) });

const PasskeyText = v.strictObject({ ...common, passkey: Passkey });

/** A way as read: where it leads, and how to take it. */
export interface Way {
  readonly vault: string;
  readonly stored: StoredWay;
  readonly passkey?: Passkey;
  /** The key that wraps the vault key. Throws `vault-parameters`. */
  readonly wrapping: (proof: Proof) => Promise<CryptoKey>;
}

const binding = (vault: string, text: string): Binding => ({ vault, record: text, purpose: 'vault-key' });

const passphraseWrapping = (proof: Proof, salt: Bytes, derivation: Parameters): Promise<CryptoKey> => {
  if (proof.by !== 'passphrase') throw new Error('not a passphrase');
  return deriveWrappingKey(proof.passphrase, salt, derivation);
};

async function passkeyWrapping(proof: Proof): Promise<CryptoKey> {
  if (proof.by !== 'passkey') throw new Error('not a passkey');
  const bytes = fromBase64(proof.secret);
  const root = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
  bytes.fill(0);
  return deriveSubKey(root, 'passkey', ['wrapKey', 'unwrapKey']);
}

/** Reads a stored way. Undefined when its text is none that Runkey writes. */
export function readWay(stored: StoredWay): Way | undefined {
  const read = v.safeParse(
    v.pipe(v.string(), v.parseJson(), v.union([PassphraseText, PasskeyText])),
    stored.text,
  );
  if (!read.success) return undefined;
  const { vault } = read.output;
  if ('passkey' in read.output) {
    return { vault, stored, passkey: read.output.passkey, wrapping: passkeyWrapping };
  }
  const { derivation, salt } = read.output;
  return { vault, stored, wrapping: proof => passphraseWrapping(proof, fromBase64(salt), derivation) };
}

async function wrapped(vault: string, text: string, by: CryptoKey, key: CryptoKey): Promise<StoredWay> {
  return { text, wrapped: await wrap(by, key, binding(vault, text)) };
}

/** The passphrase's way to an extractable vault key, at today's strength; and that key, taken by it. */
export async function passphraseWay(
  vault: string,
  passphrase: string,
  key: CryptoKey,
): Promise<{ way: StoredWay; proven: Proven }> {
  const salt = randomBytes(16);
  const text = JSON.stringify({ format: FORMAT, vault, derivation: CURRENT, salt: base64(salt) });
  const by = await deriveWrappingKey(passphrase, salt, CURRENT);
  const way = await wrapped(vault, text, by, key);
  return { way, proven: as => unwrap(by, way.wrapped, binding(vault, text), as) };
}

/** A passkey's way to an extractable vault key; `secret` is what its function gave at its salt. */
export async function passkeyWay(
  vault: string,
  passkey: Passkey,
  secret: string,
  key: CryptoKey,
): Promise<StoredWay> {
  const text = JSON.stringify({ format: FORMAT, vault, passkey });
  return wrapped(vault, text, await passkeyWrapping({ by: 'passkey', id: passkey.id, secret }), key);
}

/** The vault key, for whoever gave the proof of it; asked for in as many forms as are needed. */
export type Proven = (as: As) => Promise<CryptoKey>;

/** Takes a way with a proof. Throws `wrong-passphrase`, `wrong-passkey`, `vault-parameters`. */
export async function takeWay(way: Way, proof: Proof): Promise<Proven> {
  const by = await way.wrapping(proof);
  const { text, wrapped: sealed } = way.stored;
  const proven: Proven = as => unwrap(by, sealed, binding(way.vault, text), as);
  // The header's checksum held, so the bytes are as written: only the proof can be at fault.
  await proven({ algorithm: 'AES-GCM', extractable: false, usages: ['encrypt'] }).catch(() => {
    throw wrong(proof);
  });
  return proven;
}

export function wrong(proof: Proof): Failure {
  return proof.by === 'passphrase'
    ? new Failure('wrong-passphrase', 'That is not the passphrase of this vault.', {
        next: 'Check Caps Lock and the keyboard layout, and type it again.',
        field: 'passphrase',
      })
    : new Failure('wrong-passkey', 'That passkey does not open this vault.', {
        next: 'Use another passkey, or your passphrase.',
      });
}

/** Everything of a way that is stored. */
export const bytesOf = ({ text, wrapped: { iv, data } }: StoredWay): Bytes[] => [utf8(text), iv, data];
