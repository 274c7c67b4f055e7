import { Failure } from '../failure';
import type { BodyOf, PageAsks } from '../messages/contract';
import type { Account, Accounts } from '../services/accounts';
import { serviceOf } from '../services/services';
import type { OpenedKey } from '../vault/key-index';
import type { Vault } from '../vault/vault';
import { within } from './within';

type Body<N extends keyof PageAsks> = BodyOf<PageAsks, N>;

// All in ms.
const LIMIT = 20_000;
/** The service signs in with what it is given before it answers. */
const SIGNING_IN = 55_000;

/** The handlers of the door that concern the accounts behind a key. */
export function accountHandlers(ready: () => Promise<Vault>) {
  const of = async (id: string): Promise<{ accounts: Accounts; key: OpenedKey }> => {
    const key = await (await ready()).keys.open(id);
    const { accounts } = serviceOf(key.service);
    if (!accounts) throw new Failure('bad-request', 'That service has no accounts behind a key.');
    return { accounts, key };
  };

  return {
    'accounts.list': async ({
      key: id,
    }: Body<'accounts.list'>): Promise<{ accounts: readonly Account[] }> => {
      const { accounts, key } = await of(id);
      return { accounts: await within(LIMIT, signal => accounts.list(key, signal)) };
    },
    'accounts.put': async ({ key: id, account }: Body<'accounts.put'>): Promise<void> => {
      const { accounts, key } = await of(id);
      await within(SIGNING_IN, signal => accounts.put(key, account, signal));
    },
    'accounts.remove': async ({ key: id, email }: Body<'accounts.remove'>): Promise<void> => {
      const { accounts, key } = await of(id);
      await within(LIMIT, signal => accounts.remove(key, email, signal));
    },
  };
}
