import type { Bytes } from '../../bytes';
import { Failure, isFailure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { keptIn } from '../accounts';
import { request, unreachable } from '../egress';
import { redact } from '../redact';
import { cleaned } from './clean';
import { failureOf, textOf, unreadable } from './errors';
import { retryAtOf } from './retry';

export const HOST = 'api.useapi.net';

/** How long an answer may take, ms. A create signs in to Runway first where it must, an upload sends up to 10 MB. */
const LIMITS = { GET: 45_000, DELETE: 45_000, POST: 120_000 } as const;

/** One request, as an operation wishes it. */
export interface Wish {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the host, escaped already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Bytes;
  readonly type?: string;
  /** The field of ours that fills a parameter: errors name that. */
  readonly fieldOf?: (parameter: string) => string;
  /** Secrets in it besides the key's own: no error quotes them. */
  readonly secrets?: readonly string[];
}

export type Reply =
  /** `ahead` is how far the service's clock is before ours, ms. */
  | { readonly kind: 'answer'; readonly body: unknown; readonly ahead: number }
  | {
      readonly kind: 'refusal';
      readonly status: number;
      readonly failure: Failure;
      /** When to come back, ms since the epoch, where it says. */
      readonly retryAt: number | undefined;
    }
  /** Nothing came that could be read: it may have been done or not. */
  | { readonly kind: 'lost'; readonly failure: Failure };

/** Whether the same request may be answered in a while: nobody need mend anything. */
export const isPassing = (reply: Reply): boolean =>
  reply.kind === 'lost' ||
  (reply.kind === 'refusal' &&
    (reply.status === 408 || reply.status === 429 || (reply.status >= 500 && reply.status !== 596)));

export function addressOf({ path, query = {} }: Wish): URL {
  const url = new URL(`https://${HOST}/${path}`);
  url.search = new URLSearchParams(query).toString();
  return url;
}

/**
 * One request and its answer, without what must not go further. Throws `wrong-origin`, or the signal's reason; all
 * else that can happen is a reply.
 */
export async function exchange(key: OpenedKey, wish: Wish, signal: AbortSignal): Promise<Reply> {
  const { method, body, type } = wish;
  const { apiToken = '' } = key.fields;
  const url = addressOf(wish);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LIMITS[method]);
  try {
    const response = await request(key, url, {
      method,
      headers: {
        authorization: `Bearer ${apiToken}`,
        accept: 'application/json',
        ...(type && { 'content-type': type }),
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.any([signal, late.signal]),
    });
    const kept = Object.values(keptIn(key.fields)).map(({ password }) => password);
    return replyOf(response, await response.text(), wish, [apiToken, ...kept, ...(wish.secrets ?? [])]);
  } catch (thrown) {
    signal.throwIfAborted();
    if (isFailure(thrown, 'wrong-origin')) throw thrown;
    return { kind: 'lost', failure: late.signal.aborted ? silent() : unreachable(HOST) };
  } finally {
    clearTimeout(timer);
  }
}

function replyOf(response: Response, text: string, wish: Wish, secrets: readonly string[]): Reply {
  const { ok, status, headers } = response;
  const body = cleaned(text);
  const empty = text.trim() === '';
  if (ok && (body !== undefined || empty)) return { kind: 'answer', body, ahead: aheadOf(headers) };
  if (ok) return { kind: 'lost', failure: unreadable(status) };
  const retryAt = retryAtOf(headers, body);
  // A missing account is told by a sentence. What begins like data or a page is neither JSON nor a sentence.
  const sentence = body === undefined && !/^\s*[<{[]/.test(text) ? text : undefined;
  if (body === undefined && !empty && sentence === undefined) {
    return { kind: 'refusal', status, failure: unreadable(status), retryAt };
  }
  const said = textOf(body ?? sentence);
  const refused = { status, text: said && redact(said, secrets) };
  return { kind: 'refusal', status, failure: failureOf(refused, wish.fieldOf), retryAt };
}

/** The clock of the answer is exact to a second; none is taken for ours. */
function aheadOf(headers: Headers): number {
  const at = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? 0 : at - Date.now();
}

const silent = (): Failure =>
  new Failure('timed-out', `${HOST} did not answer in time.`, { next: 'Run again in a while.' });
