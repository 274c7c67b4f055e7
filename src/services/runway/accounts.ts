import type { OpenedKey } from '../../vault/key-index';
import type { Account, NewAccount } from '../accounts';
import { incomplete } from './errors';
import { exchange, type Wish } from './exchange';
import { part } from './path';
import { accountOf, accountsOf } from './read-account';

const PLACE = 'v1/runwayml/accounts';

/** The answer, or undefined where the service knows of none. Throws the service's failure, `offline`, `unreachable`. */
async function asked(
  key: OpenedKey,
  wish: Wish,
  signal: AbortSignal,
): Promise<{ body: unknown } | undefined> {
  const reply = await exchange(key, wish, signal);
  if (reply.kind === 'answer') return reply;
  if (reply.kind === 'refusal' && reply.status === 404) return undefined;
  throw reply.failure;
}

/** Every Runway account that useapi.net has for this token. Throws as `asked` does. */
export async function list(key: OpenedKey, signal: AbortSignal): Promise<readonly Account[]> {
  const reply = await asked(key, { method: 'GET', path: PLACE }, signal);
  return accountsOf(reply?.body);
}

/**
 * Adds an account or puts it in anew, which also mends one in error. May be repeated. Throws `invalid` with the field,
 * and as `asked` does.
 */
export async function put(key: OpenedKey, wanted: NewAccount, signal: AbortSignal): Promise<Account> {
  const { email, password } = wanted;
  const wish: Wish = {
    method: 'POST',
    path: `${PLACE}/${part(email, 'email')}`,
    body: JSON.stringify(wanted),
    type: 'application/json',
    secrets: [password],
  };
  const reply = await exchange(key, wish, signal);
  if (reply.kind !== 'answer') throw reply.failure;
  const stored = accountOf(reply.body, email);
  if (stored) return stored;
  throw incomplete('the account');
}

/** Takes an account out of useapi.net; one that is not there is out already. Throws as `asked` does. */
export async function remove(key: OpenedKey, email: string, signal: AbortSignal): Promise<void> {
  await asked(key, { method: 'DELETE', path: `${PLACE}/${part(email, 'email')}` }, signal);
}
