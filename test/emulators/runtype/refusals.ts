import type { Answer } from '../loopback/wire';
import type { Switches } from './options';

/** A missing header, a wrong form, a key that is revoked. */
export const badKey = ({ challenge }: Switches): Answer => ({
  status: 401,
  body: { error: 'Invalid or missing API key' },
  headers: challenge ? { 'www-authenticate': 'Bearer realm="api.runtype.com"' } : {},
});

/** A key that is limited to something else. */
export const noPermission = (): Answer => ({
  status: 403,
  body: { error: 'API key does not have permission to access this resource' },
});

interface More {
  readonly code?: string;
  readonly executionId?: string;
}

/** Any other failure, in the wording that the switch chooses. */
export function refusal(status: number, sentence: string, { errorForm }: Switches, more: More = {}): Answer {
  const { code, executionId } = more;
  const rest = { ...(code && { code }), ...(executionId && { executionId }) };
  if (errorForm === 'message') return { status, body: { message: sentence, ...rest } };
  if (errorForm === 'error') return { status, body: { error: sentence, ...rest } };
  const object = { message: sentence, ...(code && { code }) };
  return { status, body: { error: object, ...(executionId && { executionId }) } };
}

/** Too much, and when it may be enough again. */
export function tooMany(sentence: string, seconds: number, switches: Switches, code?: string): Answer {
  const answer = refusal(429, sentence, switches, code ? { code } : {});
  if (switches.retryAfter === 'absent') return answer;
  const at = new Date(Date.now() + seconds * 1000).toUTCString();
  return { ...answer, headers: { 'retry-after': switches.retryAfter === 'date' ? at : String(seconds) } };
}
