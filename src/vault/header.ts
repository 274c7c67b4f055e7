import * as v from 'valibot';
import { type Bytes, base64, concat, fromBase64, randomBytes, sameBytes, utf8 } from '../bytes';
import { Failure } from '../failure';
import type { Sealed, StoredHeader } from '../store/database';
import { CURRENT, Parameters } from './derive';
import { type Binding, FORMAT } from './seal';

const SALT_LENGTH = 16;

const Header = v.strictObject({
  format: v.literal(FORMAT),
  vault: v.pipe(v.string(), v.uuid()),
  derivation: Parameters,
  salt: v.pipe(v.string(), v.base64(), v.length(24)),
});

/** What must be known before the vault can be opened. Nothing in it is secret. */
export interface Header {
  readonly vault: string;
  readonly derivation: Parameters;
  readonly salt: Bytes;
  /** The exact stored text: the additional data of the wrapped vault key. */
  readonly text: string;
}

export function newHeader(): Header {
  const fields = { format: FORMAT, vault: crypto.randomUUID(), derivation: CURRENT } as const;
  const salt = randomBytes(SALT_LENGTH);
  return { ...fields, salt, text: JSON.stringify({ ...fields, salt: base64(salt) }) };
}

export const headerBinding = (header: Header): Binding => ({
  vault: header.vault,
  record: header.text,
  purpose: 'vault-key',
});

async function checksum(text: string, wrapped: Sealed): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(utf8(text), wrapped.iv, wrapped.data)));
}

export async function toStored(header: Header, wrapped: Sealed): Promise<StoredHeader> {
  return { text: header.text, wrapped, checksum: await checksum(header.text, wrapped) };
}

const Part = v.strictObject({ iv: v.instance(Uint8Array), data: v.instance(Uint8Array) });
const Stored = v.strictObject({ text: v.string(), wrapped: Part, checksum: v.instance(Uint8Array) });

/** Reads a stored header. Throws `vault-damaged` when its bytes are not those once written. */
export async function fromStored(stored: StoredHeader): Promise<Header> {
  if (!v.is(Stored, stored)) throw damaged();
  if (!sameBytes(stored.checksum, await checksum(stored.text, stored.wrapped))) throw damaged();
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Header), stored.text);
  if (!read.success) throw damaged();
  return { ...read.output, salt: fromBase64(read.output.salt), text: stored.text };
}

export function damaged(): Failure {
  return new Failure(
    'vault-damaged',
    'The stored vault is damaged: its bytes are not those that Runkey wrote.',
    {
      next: 'Your passphrase is not at fault. Restore the vault from a backup.',
    },
  );
}
