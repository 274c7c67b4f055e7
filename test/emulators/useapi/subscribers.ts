import { type Account, configure } from './account';
import { plays } from './hosts';
import type { Switches, TokenSettings } from './options';
import type { Secrets } from './secrets';

/** Someone with an API token. */
export interface Subscriber {
  readonly token: string;
  readonly label: string;
  /** The number in the token, and in every id. */
  readonly id: string;
  readonly subscriptions: number;
  readonly accounts: Map<string, Account>;
  readonly plans: Map<string, Plan>;
  active: boolean;
  revoked: boolean;
}

/** What a Runway account has, however often it is configured. */
export interface Plan {
  credits: number;
  unlimited: boolean;
}

export class Subscribers {
  readonly #byToken = new Map<string, Subscriber>();

  constructor(tokens: Readonly<Record<string, TokenSettings>>, switches: Switches, secrets: Secrets) {
    for (const [token, settings] of Object.entries(tokens)) {
      const subscriber = subscribed(token, settings);
      this.#byToken.set(token, subscriber);
      secrets.watch(
        token,
        `token ${subscriber.label}`,
        ({ where, header, host }) => where === 'header' && header === 'authorization' && plays(host, 'api'),
      );
      for (const [email, account] of Object.entries(settings.accounts ?? {})) {
        const { password = `password-of-${email}`, maxJobs = 5, credits = 2250, unlimited = false } = account;
        subscriber.plans.set(email, { credits, unlimited });
        configure(subscriber, { email, password, maxJobs, workspace: undefined }, switches, secrets);
      }
    }
  }

  /** Whom a token stands for, unless it is unknown or revoked. */
  find(token: string): Subscriber | undefined {
    const subscriber = this.#byToken.get(token);
    return subscriber?.revoked ? undefined : subscriber;
  }

  of(token: string): Subscriber {
    const subscriber = this.#byToken.get(token);
    if (!subscriber) throw new Error('The emulator was not given this API token');
    return subscriber;
  }
}

function subscribed(token: string, { label, subscriptions = 1 }: TokenSettings): Subscriber {
  const id = /^user:(\d+)-\S+$/.exec(token)?.[1];
  if (!id) throw new Error('An API token looks like user:1234-abc');
  return {
    token,
    label: label ?? `user ${id}`,
    id,
    subscriptions,
    accounts: new Map(),
    plans: new Map(),
    active: true,
    revoked: false,
  };
}

export function planOf({ plans }: Subscriber, email: string): Plan {
  const plan = plans.get(email) ?? { credits: 2250, unlimited: false };
  plans.set(email, plan);
  return plan;
}
