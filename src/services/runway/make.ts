import { Failure } from '../../failure';
import { type Errand, type Events, later, sending, wishFor } from './errand';
import { outcomeUnknown } from './errors';
import { exchange, isPassing, type Reply } from './exchange';
import { accepted } from './follow';
import { jobOf } from './job';
import { operationFor } from './operations';
import { isPart } from './path';
import { findAsset, findTask } from './search';
import type { Offered, Trace } from './trace';
import { isObject, words } from './values';

// All in ms.
/** How long a call that is turned away for lack of room is offered again. */
const PATIENCE = 60 * 60_000;
/** When it is offered again where the service does not say. */
const USUAL = 15_000;
/** Some of a waiting call's time is its own, so that calls which wait for the same moment come apart. */
const SPREAD = 2_000;
/** What was just made may not be listed yet: so often, and for so long after it was sent, it is looked for. */
const LOOKED = 10_000;
const LISTED_BY = 2 * 60_000;
/** Lists that cannot be read are tried less and less often, until the service keeps the task no longer. */
const SELDOM = 5 * 60_000;
const LONGEST = 7 * 24 * 60 * 60_000;

/** Sends what must not be sent twice. `first` is when that was tried first. */
export async function* offer(errand: Errand, first = Date.now()): Events {
  const { key, signal } = errand;
  const wish = wishFor(errand);
  const offered: Offered = { state: 'offered', first, sent: Date.now() };
  yield sending(offered);
  signal.throwIfAborted();
  const reply = await exchange(key, wish, signal);
  if (reply.kind === 'refusal' && !isAmbiguous(reply)) return yield* refused(first, reply);
  const made = reply.kind === 'answer' ? madeIn(errand, reply.body) : undefined;
  if (made && reply.kind === 'answer') yield* taken(errand, offered.sent, made, reply.body);
  else yield* lookFor(errand, offered);
}

/** Whether it may have been done all the same. */
const isAmbiguous = (reply: Reply): boolean =>
  isPassing(reply) && !(reply.kind === 'refusal' && reply.status === 429);

async function* refused(first: number, reply: Reply & { kind: 'refusal' }): Events {
  const { status, failure } = reply;
  const retryAt = reply.retryAt ?? Date.now() + USUAL;
  if (status !== 429 || retryAt - first > PATIENCE) throw failure;
  yield sending({ state: 'turned-away', first, retryAt });
  yield { type: 'busy' };
  yield { type: 'later', at: Math.round(retryAt + Math.random() * SPREAD) };
}

/** Goes on with what is sent, or was about to be. */
export async function* goOn(errand: Errand, trace: Exclude<Trace, { state: 'accepted' | 'asked' }>): Events {
  if (trace.state === 'offered') return yield* lookFor(errand, trace);
  const { first, retryAt } = trace;
  if (errand.askOnly) {
    throw new Failure('rate-limit', 'Every Runway account was busy, and this call was never taken.', {
      next: 'Nothing was charged. Run it again when there is room.',
    });
  }
  const wait = retryAt - Date.now();
  // A clock that was set back would let it wait for ages; without a network it would be lost.
  if (wait > 0 && wait <= PATIENCE) yield { type: 'later', at: retryAt };
  else if (globalThis.navigator?.onLine === false) yield later(USUAL);
  else yield* offer(errand, first);
}

/** It may have been taken, or not: the service's lists are consulted, and nothing is sent anew. */
async function* lookFor(errand: Errand, offered: Offered): Events {
  const { sent } = offered;
  const does = operationFor(errand.task).does;
  const found = await (does === 'uploads' ? findAsset : findTask)(errand, sent);
  if (found.kind === 'found') return yield* taken(errand, sent, found.id, found.body);
  const age = Date.now() - sent;
  const over = found.kind === 'barred' || age > (found.kind === 'nothing' ? LISTED_BY : LONGEST);
  if (over) throw outcomeUnknown(found.failure);
  yield { type: 'reconnecting' };
  yield later(found.kind === 'nothing' ? LOOKED : Math.max(LOOKED, Math.min(age / 4, SELDOM)));
}

/** The id of what an answer says was made; one that could never be asked after is none. */
function madeIn({ task }: Errand, body: unknown): string | undefined {
  const uploads = operationFor(task).does === 'uploads';
  const id = uploads ? isObject(body) && words(body.assetId) : jobOf(body)?.id;
  return id && isPart(id) ? id : undefined;
}

async function* taken(errand: Errand, sent: number, id: string, body: unknown): Events {
  const { task } = errand;
  const { does, read } = operationFor(task);
  if (does !== 'uploads') return yield* accepted(errand, sent, id, body);
  for (const item of read(body, task.values)) yield { ...item, last: true };
}
