import * as v from 'valibot';
import { type Bytes, concat, sameBytes, utf8 } from '../bytes';
import type { StoredHeader, StoredWay } from '../store/database';
import { damaged } from './failures';
import type { Passkey, Proof } from './proof';
import { bytesOf, type Proven, readWay, takeWay, type Way, wrong } from './ways';

/** What must be known before the vault can be opened. Nothing in it is secret. */
export interface Header {
  readonly vault: string;
  /** Always there: whatever becomes of the passkeys. */
  readonly passphrase: Way;
  readonly passkeys: readonly (Way & { readonly passkey: Passkey })[];
  /** When, in ms since the epoch: of two headers of one vault the later holds. 0: not known. */
  readonly written: number;
  readonly stored: StoredHeader;
}

async function checksum(ways: readonly StoredWay[], written: number | undefined): Promise<Bytes> {
  const stamp = written === undefined ? [] : [utf8(String(written))];
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...ways.flatMap(bytesOf), ...stamp)));
}

const Part = v.strictObject({ iv: v.instance(Uint8Array), data: v.instance(Uint8Array) });
const Stored = v.strictObject({
  ways: v.array(v.strictObject({ text: v.string(), wrapped: Part })),
  /** The first versions wrote none. */
  written: v.exactOptional(v.number()),
  checksum: v.instance(Uint8Array),
});

/** A header of these ways, the passphrase's first, written now: after the one before it, whatever the clock says. */
export async function headerOf(ways: readonly StoredWay[], before?: Header): Promise<Header> {
  const written = Math.max(Date.now(), (before?.written ?? 0) + 1);
  const stored = { ways, written, checksum: await checksum(ways, written) };
  return readHeader(stored);
}

/** Reads a stored header. Throws `vault-damaged` when its bytes are not those once written. */
export async function readHeader(stored: StoredHeader): Promise<Header> {
  if (!v.is(Stored, stored)) throw damaged();
  const { ways, written } = stored;
  if (!sameBytes(stored.checksum, await checksum(ways, written))) throw damaged();
  const [passphrase, ...others] = ways.map(readWay);
  if (!passphrase || passphrase.passkey) throw damaged();
  const { vault } = passphrase;
  const passkeys = others.map(way => {
    if (!way?.passkey || way.vault !== vault) throw damaged();
    return { ...way, passkey: way.passkey };
  });
  return { vault, passphrase, passkeys, written: written ?? 0, stored };
}

/** Takes the way that a proof is for. Throws `wrong-passkey` for one that was removed, and as `takeWay`. */
export function take({ passphrase, passkeys }: Header, proof: Proof): Promise<Proven> {
  const way =
    proof.by === 'passphrase' ? passphrase : passkeys.find(({ passkey }) => passkey.id === proof.id);
  if (!way) throw wrong(proof);
  return takeWay(way, proof);
}
