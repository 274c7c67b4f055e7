import { base64, fromBase64, randomBytes } from '../bytes';
import { Failure } from '../failure';
import type { Passkey, Proof } from '../vault/proof';

/** Firefox refuses WebAuthn on extension pages, and a popup closes under the browser's own dialog. */
export const passkeysWork =
  location.protocol === 'chrome-extension:' && typeof PublicKeyCredential === 'function';

/** Milliseconds that the browser waits for the person. */
const TIMEOUT = 60_000;
/** ES256, EdDSA, RS256: nothing is ever signed for anyone, so whatever the authenticator has will do. */
const ALGORITHMS = [-7, -8, -257];

const base64url = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/**
 * Has a passkey's pseudo-random function evaluated (WebAuthn PRF). The extension's own id is the relying
 * party. Throws `passkey-failed`.
 */
export async function passkeyProof(passkeys: readonly Pick<Passkey, 'id' | 'salt'>[]): Promise<Proof> {
  const credential = await ceremony(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: randomBytes(32),
        timeout: TIMEOUT,
        userVerification: 'required',
        allowCredentials: passkeys.map(({ id }) => ({ type: 'public-key', id: fromBase64(id) })),
        extensions: {
          prf: {
            evalByCredential: Object.fromEntries(
              passkeys.map(({ id, salt }) => [base64url(id), { first: fromBase64(salt) }]),
            ),
          },
        },
      },
    }),
  );
  const secret = resultOf(credential);
  if (!secret) throw withoutPrf();
  return { by: 'passkey', id: base64(new Uint8Array(credential.rawId)), secret };
}

/**
 * Makes a passkey that can open a vault. Throws `passkey-failed`, also for an authenticator without the
 * function, whose passkey is then of no use.
 */
export async function makePasskey(
  label: string,
  known: readonly Passkey[],
): Promise<{ passkey: Omit<Passkey, 'created'>; secret: string }> {
  const salt = randomBytes(32);
  const credential = await ceremony(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: randomBytes(32),
        timeout: TIMEOUT,
        rp: { name: 'Runkey' },
        // Random, so that no passkey takes the place of another.
        user: { id: randomBytes(32), name: label, displayName: label },
        pubKeyCredParams: ALGORITHMS.map(alg => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        excludeCredentials: known.map(({ id }) => ({ type: 'public-key', id: fromBase64(id) })),
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const id = base64(new Uint8Array(credential.rawId));
  if (!credential.getClientExtensionResults().prf?.enabled) {
    await forgetCredential(id);
    throw withoutPrf();
  }
  const passkey = { id, label, salt: base64(salt) };
  const secret = resultOf(credential);
  if (secret) return { passkey, secret };
  // Some authenticators evaluate it only when asked for the passkey.
  const proof = await passkeyProof([passkey]);
  if (proof.by !== 'passkey') throw withoutPrf();
  return { passkey, secret: proof.secret };
}

async function ceremony(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'InvalidStateError') {
      throw new Failure('passkey-failed', 'That passkey opens this vault already.', {
        next: 'Choose another device or passkey manager.',
      });
    }
  }
  throw new Failure('passkey-failed', 'No passkey was used: it was cancelled, not found, or took too long.', {
    next: 'Try again, or use your passphrase.',
  });
}

function resultOf(credential: PublicKeyCredential): string | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return undefined;
  const bytes = ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength)
    : new Uint8Array(first);
  return base64(new Uint8Array(bytes));
}

/**
 * Where the browser can, the passkey manager is told that the passkey it just made is of no use. `id` is the
 * credential's, base64. Never throws, and may come to nothing: Chromium 156 keeps an extension's passkeys under
 * its origin and takes only its id here, so whoever asks must tell the person as well.
 */
export async function forgetCredential(id: string): Promise<void> {
  const { signalUnknownCredential } = PublicKeyCredential as unknown as {
    signalUnknownCredential?: (of: { rpId: string; credentialId: string }) => Promise<void>;
  };
  await signalUnknownCredential
    ?.call(PublicKeyCredential, { rpId: location.hostname, credentialId: base64url(id) })
    .catch(() => {});
}

function withoutPrf(): Failure {
  return new Failure(
    'passkey-failed',
    'That passkey cannot open a vault: its device or manager lacks WebAuthn’s PRF extension.',
    {
      next: 'Use another passkey manager or security key. The new passkey is of no use: you can delete it there.',
    },
  );
}
