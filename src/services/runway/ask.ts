import { Failure } from '../../failure';
import { pause } from '../pause';
import { type Errand, type Events, sending, wishFor } from './errand';
import { exchange, isPassing, type Reply } from './exchange';
import { operationFor } from './operations';

/** The waits before each attempt of a question that nobody answers, ms. */
const WAITS = [0, 500, 2_000];

/** Asks one thing, or deletes one: it costs nothing and may be repeated. `anew`: it may have been done before. */
export async function* ask(errand: Errand, anew = false): Events {
  const { task, signal } = errand;
  const { read, does, none } = operationFor(task);
  // Before anything is sent: what cannot be said ends it here.
  const wish = wishFor(errand);
  yield sending({ state: 'asked' });
  let repeated = anew;
  let reply: Reply | undefined;
  for (const wait of WAITS) {
    if (wait) await pause(wait, signal);
    repeated ||= reply !== undefined;
    reply = await exchange(errand.key, wish, signal);
    if (!isWorthRepeating(reply)) break;
  }
  const items = read(answerTo(reply, none, does === 'deletes' && repeated), task.values);
  for (const [at, item] of items.entries()) {
    yield at === items.length - 1 ? { ...item, last: true } : item;
  }
}

/** One that is told to come back later is not asked at once. */
const isWorthRepeating = (reply: Reply): boolean =>
  isPassing(reply) && !(reply.kind === 'refusal' && reply.status === 429);

/** What was answered. A second deletion finds nothing: the first was done. */
function answerTo(reply: Reply | undefined, none: unknown, gone: boolean): unknown {
  if (reply?.kind === 'answer') return reply.body;
  if (reply?.kind === 'refusal' && reply.status === 404 && (none !== undefined || gone)) return none;
  throw costless(reply?.failure);
}

/** Of what costs nothing one need not be told that it may have been charged. */
function costless(failure = new Failure('service-error', 'useapi.net did not answer.')): Failure {
  const { code, message, ...more } = failure.report;
  const unsaid = code === 'unreachable' || code === 'offline';
  return unsaid ? new Failure('service-error', message, more) : failure;
}
