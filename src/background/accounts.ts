import { Failure, isFailure, reportOf } from '../failure';
import type { BodyOf, PageAsks } from '../messages/contract';
import {
  type Account,
  type Accounts,
  type KeptPassword,
  type KeptPasswords,
  keptIn,
  keptOf,
} from '../services/accounts';
import { keeping, markOf, passwordFor } from '../services/kept-passwords';
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

  /** Keeps or forgets a password, once the service has done its part, which `done` says. */
  const keep = async (key: OpenedKey, email: string, password: KeptPassword | undefined, done: string) => {
    try {
      await (await ready()).keys.changeBeside(key.id, secrets => keeping(secrets, email, password));
    } catch (thrown) {
      const matters = password || keptOf(key.fields, email);
      if (matters) throw unchanged(done, thrown);
    }
  };

  return {
    'accounts.list': async ({
      key: id,
    }: Body<'accounts.list'>): Promise<{ accounts: readonly Account[] }> => {
      const { accounts, key } = await of(id);
      const listed = await within(LIMIT, signal => accounts.list(key, signal));
      return { accounts: withKept(listed, keptIn(key.fields), await markOf(key)) };
    },
    'accounts.put': async ({
      key: id,
      account: { password: typed, ...wanted },
      keep: wished,
    }: Body<'accounts.put'>): Promise<void> => {
      const { accounts, key } = await of(id);
      const password = typed ?? (await passwordFor(key, wanted.email));
      const kept = wished && { password, mark: await markOf(key) };
      // What cannot be kept is told of before anything is sent.
      keeping(key.fields, wanted.email, kept);
      await within(SIGNING_IN, signal => accounts.put(key, { ...wanted, password }, signal));
      await keep(key, wanted.email, kept, 'The account was put in.');
    },
    'accounts.remove': async ({ key: id, email }: Body<'accounts.remove'>): Promise<void> => {
      const { accounts, key } = await of(id);
      await within(LIMIT, signal => accounts.remove(key, email, signal));
      await keep(key, email, undefined, 'The account was removed.');
    },
  };
}

/** The accounts as the service has them, and which passwords are kept: also of one that it has no longer. */
function withKept(listed: readonly Account[], kept: KeptPasswords, mark: string): Account[] {
  const left = new Map(Object.entries(kept));
  const found = listed.map((account): Account => {
    const name = account.email.toLowerCase();
    const one = Object.hasOwn(kept, name) ? kept[name] : undefined;
    left.delete(name);
    return one ? { ...account, ...told(one, mark) } : account;
  });
  return [...found, ...[...left].map(([email, one]) => ({ email, ...told(one, mark), gone: true as const }))];
}

/** All that is told of a kept password. */
const told = (one: KeptPassword, mark: string): Pick<Account, 'kept' | 'stale'> => ({
  kept: true,
  ...(one.mark !== mark && { stale: true }),
});

/** What the vault keeps did not change: that must not sound as if the service had not done its part. */
function unchanged(done: string, thrown: unknown): Failure {
  const { code, message, next } = reportOf(thrown);
  if (isFailure(thrown, 'vault-locked'))
    return new Failure(
      code,
      `${done} But the vault was locked meanwhile: what it keeps is as it was before.`,
      {
        next: 'Unlock it, look at the accounts, and do the same once more.',
      },
    );
  if (isFailure(thrown, 'key-missing'))
    return new Failure(
      code,
      `${done} But its key was deleted from the vault meanwhile: no password is kept.`,
      {
        next: 'To manage the accounts of this key, add it again.',
      },
    );
  return new Failure(
    code,
    `${done} But what the vault keeps of its password could not be changed. ${message}`,
    {
      ...(next && { next }),
    },
  );
}
