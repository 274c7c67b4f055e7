import noSimd from 'argon2id/dist/no-simd.wasm?url&inline';
import simd from 'argon2id/dist/simd.wasm?url&inline';
import setupWasm from 'argon2id/lib/setup.js';
import * as v from 'valibot';
import { type Bytes, fromBase64, utf8 } from '../bytes';
import { Failure } from '../failure';

/** Argon2id, RFC 9106. `memory` in KiB. */
export const Parameters = v.strictObject({
  name: v.literal('argon2id'),
  memory: v.pipe(v.number(), v.integer()),
  passes: v.pipe(v.number(), v.integer()),
  lanes: v.pipe(v.number(), v.integer()),
});
export type Parameters = v.InferOutput<typeof Parameters>;

export const CURRENT: Parameters = { name: 'argon2id', memory: 64 * 1024, passes: 3, lanes: 1 };

// No version of Runkey wrote less than the lower bounds; above the upper ones a stored file could
// freeze the browser. Memory in KiB.
const BOUNDS = { memory: [64 * 1024, 1024 * 1024], passes: [3, 20], lanes: [1, 4] } as const;
/** Memory times passes: some twenty times the present work. */
const MOST_WORK = 4 * 1024 * 1024;

/** Throws `vault-parameters` when they are too weak to have been ours, or absurdly large. */
export function checkParameters(parameters: Parameters): void {
  for (const name of ['memory', 'passes', 'lanes'] as const) {
    const [least, most] = BOUNDS[name];
    const value = parameters[name];
    if (value >= least && value <= most) continue;
    const fault =
      value < least
        ? `too weak (${name} ${value}, at least ${least})`
        : `too large (${name} ${value}, at most ${most})`;
    throw outOfBounds(fault);
  }
  const work = parameters.memory * parameters.passes;
  if (work > MOST_WORK) throw outOfBounds(`too large (memory × passes ${work}, at most ${MOST_WORK})`);
}

function outOfBounds(fault: string): Failure {
  return new Failure('vault-parameters', `The vault's key derivation is set ${fault}.`, {
    next: 'Runkey did not write this. Restore your vault from a backup.',
  });
}

// The modules are inlined as data: URLs, and decoded here, since connect-src forbids fetching them.
const load = (url: string) => (imports: WebAssembly.Imports) =>
  WebAssembly.instantiate(fromBase64(url.slice(url.indexOf(',') + 1)), imports);

/** Argon2id over bytes; `secret` and `ad` exist for the RFC's vectors. */
export async function argon2id(
  password: Bytes,
  salt: Bytes,
  parameters: Parameters,
  tagLength = 32,
  more: { secret?: Bytes; ad?: Bytes } = {},
): Promise<Bytes> {
  // Loaded anew each time: the module never gives its 64 MiB back.
  const compute = await setupWasm(load(simd), load(noSimd));
  const { memory: memorySize, passes, lanes: parallelism } = parameters;
  return new Uint8Array(compute({ password, salt, memorySize, passes, parallelism, tagLength, ...more }));
}

/**
 * The key that a passphrase stands for, able only to wrap and unwrap the vault key.
 * The passphrase is taken in Unicode's NFC, so that it is the same on every keyboard.
 */
export async function deriveWrappingKey(
  passphrase: string,
  salt: Bytes,
  parameters: Parameters,
): Promise<CryptoKey> {
  checkParameters(parameters);
  const raw = await argon2id(utf8(passphrase.normalize('NFC')), salt, parameters);
  try {
    return await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['wrapKey', 'unwrapKey']);
  } finally {
    raw.fill(0);
  }
}

/**
 * HKDF-SHA256, RFC 5869, straight into a key: `material` is the input keying material, an 'HKDF' key with the
 * usage `deriveKey`. Throws OperationError beyond 255 * 32 bytes.
 */
export function hkdf(
  material: CryptoKey,
  salt: Bytes,
  info: Bytes,
  as: { algorithm: AesDerivedKeyParams | HmacImportParams; extractable: boolean; usages: KeyUsage[] },
): Promise<CryptoKey> {
  const how = { name: 'HKDF', hash: 'SHA-256', salt, info };
  return crypto.subtle.deriveKey(how, material, as.algorithm, as.extractable, as.usages);
}

/** A sub-key of the vault key: HKDF-SHA256 with the purpose as its info. Not extractable. */
export function deriveSubKey(root: CryptoKey, purpose: string, usages: KeyUsage[]): Promise<CryptoKey> {
  return hkdf(root, new Uint8Array(), utf8(`runkey/1/${purpose}`), {
    algorithm: { name: 'AES-GCM', length: 256 },
    extractable: false,
    usages,
  });
}
