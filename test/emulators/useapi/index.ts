import { converse } from '../loopback/converse';
import { type Fault as FaultIn, Faults } from '../loopback/faults';
import { listen } from '../loopback/listen';
import { Traffic, type TrafficRecord } from '../loopback/traffic';
import type { Ask } from '../loopback/wire';
import { type Account, watchPassword } from './account';
import { isCall, respond, scripted } from './api';
import { Assets } from './assets';
import { callOf } from './call';
import type { UseapiFault } from './faults';
import { Ledger } from './ledger';
import { Shelf } from './media';
import {
  defaultSwitches,
  demoEmail,
  demoPassword,
  demoToken,
  type Switches,
  type UseapiOptions,
} from './options';
import { Secrets } from './secrets';
import { planOf, Subscribers } from './subscribers';
import { type Status, statusOf, Tasks } from './tasks';

export type { TrafficRecord } from '../loopback/traffic';
export { apiHost, mediaHosts, trapHost, useapiHosts } from './hosts';
export type { LedgerEntry } from './ledger';
export {
  type AccountSettings,
  demoEmail,
  demoPassword,
  demoToken,
  type Switches,
  suspendedPassword,
  type TokenSettings,
  type UseapiOptions,
  wrongPassword,
} from './options';
export type { Place, Sighting } from './secrets';
export type { Status } from './tasks';

export type Fault = FaultIn<UseapiFault>;

export interface UseapiEmulator {
  /** One TLS port for the API, the results and the trap. */
  readonly port: number;
  readonly ledger: Ledger;
  readonly traffic: readonly TrafficRecord[];
  readonly faults: Faults<UseapiFault>;
  /** May be changed at any time. */
  readonly switches: Switches;
  /** Where secrets were seen; `strays` are those seen where they do not belong. */
  readonly secrets: Secrets;
  /** Every task accepted and not deleted, oldest first. */
  readonly tasks: readonly { readonly taskId: string; readonly email: string; readonly status: Status }[];
  /** The configured accounts of a token. */
  accountsOf(token: string): readonly Pick<Account, 'email' | 'maxJobs' | 'error'>[];
  revoke(token: string): void;
  restore(token: string): void;
  /** The subscription has run out, or is paid again. */
  lapse(token: string): void;
  renew(token: string): void;
  /** Runway credits still there. */
  setCredits(token: string, email: string, credits: number): void;
  creditsOf(token: string, email: string): number;
  /** Something is wrong with the account until it is configured anew. */
  breakAccount(token: string, email: string, error?: string): void;
  /** For so many ms whoever comes is turned away, and whoever is there loses the connection. */
  refuse(ms: number): void;
  close(): Promise<void>;
}

const demo = { [demoToken]: { label: 'demo', accounts: { [demoEmail]: { password: demoPassword } } } };

export async function startUseapi(options: UseapiOptions): Promise<UseapiEmulator> {
  const { tls, tokens = demo, port = 0, ...chosen } = options;
  const switches: Switches = { ...defaultSwitches, ...chosen };
  const [secrets, ledger, faults] = [new Secrets(), new Ledger(), new Faults<UseapiFault>()];
  const subscribers = new Subscribers(tokens, switches, secrets);
  const traffic = new Traffic(secrets);
  const shelf = new Shelf(switches, secrets);
  const [assets, tasks] = [new Assets(shelf), new Tasks(switches)];
  const world = { switches, subscribers, tasks, assets, shelf, ledger, faults, secrets };
  const listener = await listen(tls, port, (request, response) =>
    converse(request, response, {
      secrets: { look: ask => looked(ask, secrets) },
      traffic,
      faults,
      spares: ask => !isCall(ask),
      scripted,
      respond: ask => respond(ask, world),
    }),
  );
  const accountOf = (token: string, email: string): Account => {
    const account = subscribers.of(token).accounts.get(email);
    if (!account) throw new Error('No such account is configured');
    return account;
  };

  return {
    port: listener.port,
    ledger,
    faults,
    switches,
    secrets,
    traffic: traffic.records,
    get tasks() {
      return tasks.all.map(task => ({
        taskId: task.taskId,
        email: task.email,
        status: statusOf(task),
      }));
    },
    accountsOf: token =>
      [...subscribers.of(token).accounts.values()].map(({ email, maxJobs, error }) => ({
        email,
        maxJobs,
        error,
      })),
    revoke(token) {
      subscribers.of(token).revoked = true;
    },
    restore(token) {
      subscribers.of(token).revoked = false;
    },
    lapse(token) {
      subscribers.of(token).active = false;
    },
    renew(token) {
      subscribers.of(token).active = true;
    },
    setCredits(token, email, credits) {
      planOf(subscribers.of(token), email).credits = credits + ledger.total(email);
    },
    creditsOf: (token, email) => planOf(subscribers.of(token), email).credits - ledger.total(email),
    breakAccount(token, email, error = 'Session refresh failed.') {
      accountOf(token, email).error = error;
    },
    refuse(ms) {
      listener.refuse(ms);
      listener.drop();
    },
    close: () => listener.close(),
  };
}

/** A new password is a secret from here on, and so is one that comes where none should. */
async function looked(ask: Ask, secrets: Secrets): Promise<void> {
  const { password, email } = (await callOf(ask)).form;
  if (typeof password === 'string') watchPassword(secrets, password, String(email));
  secrets.look(ask);
}
