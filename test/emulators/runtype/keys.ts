import { trapHost } from '../loopback/redirect';
import type { Secrets } from '../loopback/secrets';
import { type Ask, bearerOf } from '../loopback/wire';
import { demoSurface, type KeySettings } from './options';

export interface Key {
  readonly text: string;
  readonly label: string;
  readonly surface: string;
  readonly scopes: readonly string[] | undefined;
  readonly perMinute: number;
  readonly perDay: number;
  readonly expiresAt: number;
  revoked: boolean;
  /** When it was let through, ms. */
  uses: number[];
}

/** The keys of the product's API surfaces. */
export class Keys {
  readonly #known = new Map<string, Key>();

  constructor(settings: Readonly<Record<string, KeySettings>>, secrets: Secrets) {
    for (const [text, key] of Object.entries(settings)) {
      const { label = `${text.slice(0, 5)}****`, surface = demoSurface, scopes } = key;
      const { perMinute = Infinity, perDay = Infinity, expiresAt = Infinity } = key;
      const limits = { perMinute, perDay, expiresAt };
      this.#known.set(text, { text, label, surface, scopes, ...limits, revoked: false, uses: [] });
      secrets.know(
        text,
        `key ${label}`,
        ({ header, host }) => host !== trapHost && (header === 'authorization' || header === 'x-api-key'),
      );
    }
  }

  of(text: string): Key {
    const key = this.#known.get(text);
    if (!key) throw new Error('The emulator was not given this key');
    return key;
  }

  /** The key a request carries in either header, while it is good. */
  in(ask: Ask): Key | undefined {
    const text = ask.headers.authorization === undefined ? ask.headers['x-api-key'] : bearerOf(ask);
    const key = typeof text === 'string' ? this.#known.get(text) : undefined;
    return key && !key.revoked && Date.now() < key.expiresAt ? key : undefined;
  }
}
