import type { KeySettings } from './options';

export interface Account {
  readonly apiKey: string;
  readonly label: string;
  /** USD. */
  balance: number;
  revoked: boolean;
}

/** Each accepted key stands for an account of its own. */
export class Accounts {
  readonly #byKey = new Map<string, Account>();

  constructor(keys: Readonly<Record<string, KeySettings>>) {
    for (const [apiKey, { balance = 25, label }] of Object.entries(keys)) {
      this.#byKey.set(apiKey, { apiKey, label: label ?? masked(apiKey), balance, revoked: false });
    }
  }

  /** The account a key opens, unless the key is unknown or revoked. */
  find(apiKey: unknown): Account | undefined {
    const account = typeof apiKey === 'string' ? this.#byKey.get(apiKey) : undefined;
    return account?.revoked ? undefined : account;
  }

  of(apiKey: string): Account {
    const account = this.#byKey.get(apiKey);
    if (!account) throw new Error('The emulator was not given this API key');
    return account;
  }

  get all(): readonly Account[] {
    return [...this.#byKey.values()];
  }
}

export const masked = (apiKey: string): string => `${apiKey.slice(0, 4)}****${apiKey.slice(-4)}`;
