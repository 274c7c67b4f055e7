import { scrub } from '../../guard/shapes';
import { type Account, EMAIL } from '../accounts';
import { isObject, numberOf, textsOf, words } from './values';

/** One account of an answer; undefined for what is none. Only what is named here is taken. */
export function accountOf(item: unknown, named?: string): Account | undefined {
  if (!isObject(item)) return undefined;
  const email = words(item.email) ?? named;
  if (!email || email.length > 254 || !EMAIL.test(email)) return undefined;
  const maxJobs = numberOf(item.maxJobs);
  const error = words(item.error);
  const { exp, iat } = isObject(item.jwt) ? item.jwt : {};
  const [until, from] = [exp, iat].map(at => milliseconds(numberOf(at)));
  const workspace = isObject(item.workspace) ? textsOf(item.workspace, ['id', 'name', 'plan']) : {};
  return {
    email,
    ...(maxJobs !== undefined && { maxJobs }),
    ...(until !== undefined && { session: { until, ...(from !== undefined && { from }) } }),
    ...(Object.keys(workspace).length > 0 && {
      workspace: Object.fromEntries(Object.entries(workspace).map(([name, text]) => [name, scrub(text)])),
    }),
    ...(error && { error: scrub(error) }),
  };
}

/** All accounts, which come by their e-mails. */
export const accountsOf = (body: unknown): readonly Account[] =>
  Object.entries(isObject(body) ? body : {}).flatMap(([email, item]) => accountOf(item, email) ?? []);

/** The service counts in seconds, with a fraction; undefined for what no calendar has. */
function milliseconds(seconds: number | undefined): number | undefined {
  const at = seconds === undefined ? Number.NaN : Math.round(seconds * 1000);
  return Math.abs(at) <= 8.64e15 ? at : undefined;
}
