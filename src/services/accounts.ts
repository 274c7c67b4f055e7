import * as v from 'valibot';
import type { OpenedKey } from '../vault/key-index';
import type { Values } from './fields';

/** The shape of an e-mail address: which of them there are only its service knows. */
export const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** An account behind a key, as it is given to the key's service, which signs in with it. */
export const NewAccount = v.strictObject({
  email: v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(254, 'Email can have at most 254 characters.'),
    v.regex(EMAIL, 'Email must be an e-mail address.'),
  ),
  password: v.pipe(
    v.string(),
    v.nonEmpty('Password is empty.'),
    v.maxLength(1000, 'Password can have at most 1000 characters.'),
  ),
  /** How many tasks it may run at once. The service suggests 5. */
  maxJobs: v.pipe(
    v.number('Max jobs must be a number.'),
    v.integer('Max jobs must be a whole number.'),
    v.minValue(1, 'Max jobs must be from 1 to 10.'),
    v.maxValue(10, 'Max jobs must be from 1 to 10.'),
  ),
  /** `true`: the account's paid workspace, found by itself; or the id of one. */
  useWorkspace: v.exactOptional(
    v.union([v.literal(true), v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/, 'Workspace must be an id.'))]),
  ),
});
export type NewAccount = v.InferOutput<typeof NewAccount>;

/** The same as a page puts it in: without a password the one that is kept is meant. */
export const AccountPutIn = v.strictObject({
  ...NewAccount.entries,
  password: v.exactOptional(NewAccount.entries.password),
});
export type AccountPutIn = v.InferOutput<typeof AccountPutIn>;

/** The secret, beside a key's own ones, in which passwords of its accounts are kept: JSON, by e-mail in small letters. */
export const PASSWORDS = 'passwords';

const KeptPassword = v.strictObject({
  password: NewAccount.entries.password,
  /** Tells the secrets of the key with which it was kept: with others it is not used until it is typed again. */
  mark: v.pipe(v.string(), v.maxLength(100)),
});
export type KeptPassword = v.InferOutput<typeof KeptPassword>;

/** As long as a backup can hold for sure. */
export const KeptPasswords = v.pipe(
  v.string(),
  v.maxLength(100_000),
  v.parseJson(),
  v.record(v.pipe(NewAccount.entries.email, v.toLowerCase()), KeptPassword),
);
export type KeptPasswords = v.InferOutput<typeof KeptPasswords>;

/** The passwords that are kept among these secrets. */
export function keptIn({ [PASSWORDS]: text }: Readonly<Values>): KeptPasswords {
  const read = v.safeParse(KeptPasswords, text);
  return read.success ? read.output : {};
}

/** The one that is kept of an account. */
export function keptOf(secrets: Readonly<Values>, email: string): KeptPassword | undefined {
  const [kept, name] = [keptIn(secrets), email.toLowerCase()];
  return Object.hasOwn(kept, name) ? kept[name] : undefined;
}

/** An account as the service has it, and whether its password is kept. Neither password nor session is ever part of it. */
export const Account = v.object({
  email: v.string(),
  maxJobs: v.exactOptional(v.number()),
  /** Of its session with Runway, ms since the epoch. */
  session: v.exactOptional(v.object({ from: v.exactOptional(v.number()), until: v.number() })),
  workspace: v.exactOptional(
    v.object({
      id: v.exactOptional(v.string()),
      name: v.exactOptional(v.string()),
      plan: v.exactOptional(v.string()),
    }),
  ),
  /** What is wrong with it, in the service's words, untrusted: it runs nothing until it is put in anew. */
  error: v.exactOptional(v.string()),
  /** Its password is kept in the vault. */
  kept: v.exactOptional(v.literal(true)),
  /** It was kept before the key's secret was replaced: it must be typed again. */
  stale: v.exactOptional(v.literal(true)),
  /** The service does not have it (any more): only its password is left, in the vault. */
  gone: v.exactOptional(v.literal(true)),
});
export type Account = v.InferOutput<typeof Account>;

/** What a service does with the accounts behind a key. Everything throws the service's failure, `offline`, `unreachable`. */
export interface Accounts {
  list(key: OpenedKey, signal: AbortSignal): Promise<readonly Account[]>;
  /** Adds one or puts it in anew, which also mends one in error. May be repeated. Throws `invalid` with the field. */
  put(key: OpenedKey, account: NewAccount, signal: AbortSignal): Promise<Account>;
  /** Takes one out; one that is not there is out already. */
  remove(key: OpenedKey, email: string, signal: AbortSignal): Promise<void>;
}
