import { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { request, unreachable } from '../egress';
import { type Answer, readFrame } from './frames';

export const ADDRESS = new URL('https://api.runware.ai/v1');

/** What a status means where the body does not say, in the service's own kind of code. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'invalidRequest',
  401: 'unauthorized',
  402: 'insufficientCredits',
  403: 'forbidden',
  404: 'notFound',
  429: 'rateLimitExceeded',
  503: 'serviceUnavailable',
};

interface Wish {
  readonly signal: AbortSignal;
  /** Validates and prices, but neither runs nor charges. */
  readonly dryRun?: boolean;
  readonly accept?: string;
}

/**
 * Posts tasks. The key goes in a header, or in an authentication task before them, as the key's field
 * `connection` says. Throws what `request` throws: then it may or may not have arrived.
 */
export function post(key: OpenedKey, tasks: readonly object[], wish: Wish): Promise<Response> {
  const { apiKey = '', connection } = key.fields;
  const inBody = connection === 'http-body';
  return request(key, ADDRESS, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: wish.accept ?? 'application/json',
      ...(!inBody && { authorization: `Bearer ${apiKey}` }),
      ...(wish.dryRun && { 'x-runware-dry-run': '1' }),
    },
    body: JSON.stringify(inBody ? [{ taskType: 'authentication', apiKey }, ...tasks] : tasks),
    signal: wish.signal,
  });
}

/**
 * Reads what was answered; a refusal that only the status tells becomes an error like any other. Throws
 * `unreachable` where a gateway failed without Runware's word: the task may be there or not.
 */
export async function answersOf(response: Response): Promise<Answer[]> {
  const answers = readFrame(await response.text());
  const { ok, status } = response;
  if (ok || answers.some(({ kind }) => kind === 'error')) return answers;
  const code = STATUSES[status];
  if (code === undefined && status >= 500) throw unreachable(ADDRESS.host);
  return [{ kind: 'error', error: { code: code ?? 'unknownError', text: `HTTP ${status}` } }];
}

/** Asks one thing that costs nothing. Throws the service's failure as `failed` reads it. */
export async function askOnce(
  key: OpenedKey,
  task: object,
  signal: AbortSignal,
  failed: (error: Extract<Answer, { kind: 'error' }>['error']) => Failure,
  dryRun = false,
): Promise<Readonly<Record<string, unknown>>> {
  const answers = await answersOf(await post(key, [task], { signal, dryRun }));
  for (const answer of answers) {
    if (answer.kind === 'error') throw failed(answer.error);
    if (answer.kind === 'item') return answer.item;
  }
  throw new Failure('unreadable-answer', 'Runware answered with nothing that Runkey can read.', {
    next: 'Try again in a moment.',
  });
}
