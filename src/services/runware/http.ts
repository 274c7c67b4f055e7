import { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { request, unreachable } from '../egress';
import { type Answer, type Item, parsed, type RunwareError, readFrame } from './frames';

export const ADDRESS = new URL('https://api.runware.ai/v1');

/** How long a service may take to show that it can be reached over HTTP, ms. */
export const PROBE = 5_000;
/** How long an answer over HTTP shows that the next request gets through, ms. */
const FRESH = 60_000;

/** When a request got through last, ms since the epoch; 0 once one did not. */
let answeredAt = 0;
/** Statuses with which something before Runware turns a request away, or may. */
const isBlocked = (status: number): boolean => status === 403 || status === 407 || status >= 500;

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
  const asked = request(key, ADDRESS, {
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
  return noted(asked);
}

export const isOffline = (): boolean => globalThis.navigator?.onLine === false;

/** Whether HTTP got through a moment ago: otherwise it is to be tried out first. */
export const isReached = (): boolean => !isOffline() && Math.abs(Date.now() - answeredAt) < FRESH;

/** Whether HTTP gets through: tried out, unless it did a moment ago, by a request with neither key nor task. */
export async function reached(key: OpenedKey, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE)]);
  try {
    if (!isReached()) await noted(request(key, ADDRESS, { method: 'HEAD', signal: limit }));
    return isReached();
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

const noted = (asked: Promise<Response>): Promise<Response> =>
  asked.then(
    response => {
      answeredAt = isBlocked(response.status) ? 0 : Date.now();
      return response;
    },
    thrown => {
      answeredAt = 0;
      throw thrown;
    },
  );

/**
 * Reads what was answered; a refusal that only the status tells becomes an error like any other. Throws
 * `unreachable` where something before Runware answered, whose word it is not: the task may be there or not.
 */
export async function answersOf(response: Response): Promise<Answer[]> {
  const body = await response.text();
  const answers = readFrame(body);
  const { ok, status } = response;
  if (ok || answers.some(({ kind }) => kind === 'error')) return answers;
  const code = STATUSES[status];
  const isPage = body.trim() !== '' && parsed(body) === undefined;
  if (isPage || (code === undefined && status >= 500)) throw unreachable(ADDRESS.host);
  return [{ kind: 'error', error: { code: code ?? 'unknownError', text: `HTTP ${status}` } }];
}

/** Asks one thing that costs nothing, for the items of its answer. Throws the service's failure as `failed` reads it. */
export async function askOnce(
  key: OpenedKey,
  task: object,
  signal: AbortSignal,
  failed: (error: RunwareError) => Failure,
  dryRun = false,
): Promise<readonly [Item, ...Item[]]> {
  const answers = await answersOf(await post(key, [task], { signal, dryRun }));
  const [first, ...others] = answers.flatMap(answer => (answer.kind === 'item' ? [answer.item] : []));
  if (first) return [first, ...others];
  for (const answer of answers) if (answer.kind === 'error') throw failed(answer.error);
  throw new Failure('unreadable-answer', 'Runware answered with nothing that Runkey can read.', {
    next: 'Try again in a moment.',
  });
}
