import type { Account } from './account';
import { ambiguous, badParam, broken, busy, noAccounts, notFound } from './failures';
import { ownerOf } from './ids';
import type { Subscriber } from './subscribers';
import type { World } from './world';

/** Refuses an account that Runway does not let in any more. */
export function demandSound(account: Account): Account {
  if (account.error) throw broken(account.error);
  return account;
}

/** The account a reading call means: the one named, or the only one. */
export function accountRead({ accounts }: Subscriber, email: string | undefined): Account {
  if (accounts.size === 0) throw noAccounts();
  if (email !== undefined) return demandSound(known(accounts, email));
  const [only] = accounts.values();
  if (!only || accounts.size > 1) throw ambiguous();
  return demandSound(only);
}

export interface Wish {
  readonly email: string | undefined;
  /** Assets the task works on. */
  readonly assetIds: readonly string[];
  /** Instead of the account's own maxJobs. */
  readonly maxJobs: number | undefined;
}

/**
 * The account that runs a task: the owner of its assets, or the one named, or any with free capacity.
 * The order of the refusals is our own.
 */
export function accountToRun(subscriber: Subscriber, wish: Wish, world: World): Account {
  const { accounts } = subscriber;
  if (accounts.size === 0) throw noAccounts();
  const candidates = candidatesFor(subscriber, wish);
  const sound = candidates.filter(({ error }) => !error);
  if (sound.length === 0) candidates.forEach(demandSound);
  const free = sound.filter(account => hasCapacity(subscriber, account, wish.maxJobs, world));
  const taken = free[world.switches.pick(free.length)];
  if (!taken) throw busy(world.switches);
  return taken;
}

function candidatesFor(subscriber: Subscriber, { email, assetIds }: Wish): readonly Account[] {
  const owners = new Set(assetIds.map(assetId => ownerOf('asset', assetId, subscriber)));
  if (owners.size > 1) throw badParam('All assets must belong to the same account');
  if (owners.size === 1) return [...owners];
  return email === undefined ? [...subscriber.accounts.values()] : [known(subscriber.accounts, email)];
}

function hasCapacity(subscriber: Subscriber, account: Account, maxJobs: number | undefined, world: World) {
  const { tasks } = world;
  if (tasks.tracked(subscriber, account.email).length >= (maxJobs ?? account.maxJobs)) return false;
  return world.switches.beyond === 'throttled' || !isBeyond(subscriber, account, world);
}

/** Runway is working on as much as it does at once for this account. */
export const isBeyond = (subscriber: Subscriber, { email }: Account, { tasks, switches }: World): boolean =>
  tasks.atWork(subscriber, email).length >= switches.jobsAtOnce;

function known(accounts: ReadonlyMap<string, Account>, email: string): Account {
  const account = accounts.get(email);
  if (!account) throw notFound();
  return account;
}
