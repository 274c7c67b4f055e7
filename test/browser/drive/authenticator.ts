import type { CDPSession, Page } from 'playwright-core';

export interface AuthenticatorOptions {
  /** Built into the computer, or on a plug. A page takes one that is built in, and many on plugs. */
  transport: 'internal' | 'usb';
  /** Whether it knows WebAuthn's PRF extension. */
  hasPrf?: boolean;
}

/** A virtual authenticator. It answers at once, as if a finger rested on it, and knows who that is. */
export interface Authenticator {
  /** While nobody touches it, whoever asks for a passkey waits; after five times in a row it refuses for good. */
  touched(isTouched: boolean): Promise<void>;
  /** A finger that it does not know makes it refuse, from then on for good. */
  recognises(isKnown: boolean): Promise<void>;
  /** How many passkeys it holds. */
  count(): Promise<number>;
  /** The ids of those, base64. */
  ids(): Promise<string[]>;
  /** Deletes one, as a person would in its manager. */
  forget(id: string): Promise<void>;
  unplug(): Promise<void>;
}

/**
 * Gives a page virtual authenticators in the place of the computer's own. The page must be at the front whenever
 * it asks for a passkey.
 */
export async function socketFor(
  page: Page,
): Promise<(options: AuthenticatorOptions) => Promise<Authenticator>> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  return options => plug(session, options);
}

async function plug(
  session: CDPSession,
  { transport, hasPrf = true }: AuthenticatorOptions,
): Promise<Authenticator> {
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf,
    },
  });
  return {
    async touched(enabled) {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    async recognises(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async count() {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.length;
    },
    async ids() {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.map(({ credentialId }) => credentialId);
    },
    async forget(credentialId) {
      await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
    },
    async unplug() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}
