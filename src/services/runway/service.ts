import { isFailure, reportOf } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { unreachable } from '../egress';
import type { Kept, Service, Task, Verdict } from '../service';
import * as accounts from './accounts';
import { ask } from './ask';
import type { Errand, Events } from './errand';
import { lapsed, outcomeUnknown } from './errors';
import { exchange, HOST, type Reply } from './exchange';
import { poll } from './follow';
import { goOn, offer } from './make';
import { operationFor } from './operations';
import { subscription } from './read';
import { sketch } from './sketch';
import { readTrace } from './trace';
import { isObject } from './values';

async function* run(task: Task, key: OpenedKey, signal: AbortSignal): Events {
  // Known before anything is sent: then it was not sent.
  if (globalThis.navigator?.onLine === false) throw unreachable(HOST);
  const errand: Errand = { task, key, signal, had: [], askOnly: false };
  yield* isRepeatable(task) ? ask(errand) : offer(errand);
}

async function* recover(task: Task, kept: Kept, key: OpenedKey, signal: AbortSignal): Events {
  const errand: Errand = { task, key, signal, had: kept.items, askOnly: kept.askOnly === true };
  const trace = readTrace(kept.trace);
  if (isRepeatable(task)) yield* ask(errand, true);
  else if (trace?.state === 'accepted') yield* poll(errand, trace);
  else if (trace && trace.state !== 'asked') yield* goOn(errand, trace);
  else throw outcomeUnknown();
}

function isRepeatable(task: Task): boolean {
  const { does } = operationFor(task);
  return does === 'asks' || does === 'deletes';
}

/** Who the token is: no Runway account is touched, and no secret comes back. */
async function verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  try {
    const reply = await exchange(key, { method: 'GET', path: 'v2/account' }, signal);
    if (reply.kind !== 'answer') {
      const outcome = isRejection(reply) ? 'rejected' : 'could-not-tell';
      return { outcome, failure: reply.failure.report };
    }
    // Throws where something else than the service answered.
    subscription(reply.body, {});
    const paid = isObject(reply.body) && reply.body.subscriptionIsActive === true;
    return paid ? { outcome: 'works' } : { outcome: 'rejected', failure: lapsed().report };
  } catch (thrown) {
    return { outcome: 'could-not-tell', failure: reportOf(thrown) };
  }
}

/** The service's own word that this token, or its subscription, is no good. */
const isRejection = ({ kind, failure }: Exclude<Reply, { kind: 'answer' }>): boolean =>
  kind === 'refusal' && (isFailure(failure, 'rejected-key') || isFailure(failure, 'quota'));

/** It holds no secret between two calls. */
function lock(): void {}

export const service: Service = {
  verify,
  run,
  recover,
  accounts,
  sketch,
  lock,
};
