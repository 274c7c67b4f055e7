import { randomBytes } from 'node:crypto';
import { plays } from './hosts';
import type { Switches } from './options';
import type { Secrets } from './secrets';
import type { Subscriber } from './subscribers';

/** A Runway account as useapi.net keeps it. */
export interface Account {
  readonly email: string;
  readonly password: string;
  readonly maxJobs: number;
  readonly session: Session;
  readonly workspace: string | undefined;
  /** What is wrong with it, in useapi's words. Nothing works until it is configured anew. */
  error: string | undefined;
}

/** `exp` and `iat` are seconds with a fraction. */
export interface Session {
  readonly token: string;
  readonly exp: number;
  readonly iat: number;
  readonly id: number;
}

export type Configuration = Pick<Account, 'email' | 'password' | 'maxJobs' | 'workspace'>;

/** Signs in to Runway and keeps the account; whatever was wrong with it is over. */
export function configure(
  { accounts }: Pick<Subscriber, 'accounts'>,
  wanted: Configuration,
  { sessionSeconds }: Pick<Switches, 'sessionSeconds'>,
  secrets: Secrets,
): Account {
  const account: Account = { ...wanted, error: undefined, session: newSession(sessionSeconds) };
  watchPassword(secrets, wanted.password, wanted.email);
  // A client is shown the session and never has to send it.
  secrets.watch(account.session.token, `session of ${account.email}`);
  accounts.set(account.email, account);
  return account;
}

/** A Runway password belongs into the body of the one call that configures its account. */
export function watchPassword(secrets: Secrets, password: string, email: string): void {
  secrets.watch(
    password,
    `password of ${email}`,
    ({ where, host, method, path }) =>
      where === 'body' &&
      method === 'POST' &&
      path.startsWith('/v1/runwayml/accounts/') &&
      plays(host, 'api'),
  );
}

function newSession(seconds: number): Session {
  const iat = Date.now() / 1000;
  const exp = iat + seconds;
  const id = 100_000 + Math.floor(Math.random() * 900_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signature = randomBytes(32).toString('base64url');
  return {
    token: `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ id, exp, iat })}.${signature}`,
    exp,
    iat,
    id,
  };
}
