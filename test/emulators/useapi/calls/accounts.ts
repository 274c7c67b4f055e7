import type { Answer } from '../../loopback/wire';
import { type Account, configure, watchPassword } from '../account';
import { demandForm } from '../call';
import { badParam, Refusal, suspended, unconfigured, wrongLogin } from '../failures';
import { decoded } from '../ids';
import { type Switches, suspendedPassword, wrongPassword } from '../options';
import { Params } from '../params';
import type { Visit } from '../world';

/** All of them, keyed by e-mail. */
export function listAccounts({ subscriber: { accounts }, world: { switches } }: Visit): Answer {
  if (accounts.size === 0) return missing(switches);
  const shown = [...accounts.values()].map(account => [account.email, shownOf(account, switches)]);
  return { status: 200, body: Object.fromEntries(shown) };
}

export function readAccount({ subscriber, world: { switches } }: Visit, raw: string): Answer {
  const account = subscriber.accounts.get(decoded(raw, switches));
  return account ? { status: switches.accountStatus, body: shownOf(account, switches) } : missing(switches);
}

/** Creates the account, or changes it and so puts right what was wrong with it. */
export function writeAccount({ call, subscriber, world }: Visit, raw: string): Answer {
  demandForm(call);
  const { switches, secrets } = world;
  const params = Params.ofBody(call, switches);
  const email = params.text('email', { required: true }) ?? '';
  const password = params.text('password', { required: true }) ?? '';
  const maxJobs = params.integer('maxJobs', { required: true, least: 1, most: 10 }) ?? 1;
  const workspace = workspaceOf(call.form.useWorkspace);
  watchPassword(secrets, password, email);
  if (decoded(raw, switches) !== email) throw badParam('Param email must match the email in the URL path');
  const allowed = 3 * subscriber.subscriptions;
  if (!subscriber.accounts.has(email) && subscriber.accounts.size >= allowed) {
    throw new Refusal(switches.tooManyAccounts, `Your subscription allows ${allowed} Runway accounts.`);
  }
  if (password === wrongPassword) throw wrongLogin();
  if (password === suspendedPassword) throw suspended();
  const wanted = { email, password, maxJobs, workspace };
  const dry = switches.dryRun === 'validates' && call.form.dryRun === true;
  const account = configure(dry ? { accounts: new Map() } : subscriber, wanted, switches, secrets);
  return { status: 200, body: shownOf(account, switches) };
}

export function deleteAccount({ subscriber, world: { switches } }: Visit, raw: string): Answer {
  return subscriber.accounts.delete(decoded(raw, switches)) ? gone(switches) : missing(switches);
}

/** How it is said that something was deleted, where no document tells. */
export function gone({ deleted }: Switches): Answer {
  if (deleted === 'no-content') return { status: 204 };
  return deleted === 'empty' ? { status: 200 } : { status: 200, body: { success: true } };
}

/** `true` for the paid one, an id for another, or none. */
const workspaceOf = (wanted: unknown): string | undefined =>
  wanted === undefined || String(wanted) === 'false' ? undefined : String(wanted);

function missing({ missingAccount, codeField }: Switches): Answer {
  if (missingAccount === 'text') return { status: 404, body: unconfigured };
  return { status: 404, body: { error: unconfigured, ...(codeField && { code: 404 }) } };
}

function shownOf({ email, password, maxJobs, session, workspace, error }: Account, switches: Switches) {
  const { token, exp, iat, id } = session;
  return {
    email,
    ...(switches.secretsEchoed && { password }),
    maxJobs,
    jwt: switches.secretsEchoed ? { token, exp, iat, id } : { exp, iat, id },
    ...(switches.workspace && {
      workspace: {
        id: workspace && workspace !== 'true' ? workspace : '7654321',
        name: 'Studio',
        plan: 'pro',
      },
    }),
    ...(error && { error }),
  };
}
