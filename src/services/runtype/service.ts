import { Failure, isFailure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { pause } from '../pause';
import type { Kept, Service, Task, TaskEvent } from '../service';
import { SHORT, waitOf } from './again';
import { failureOf, outcomeUnknown } from './errors';
import { ask } from './http';
import { lookedUp } from './look-up';
import { operationFor, requestOf, type WireRequest } from './operations';
import { outputIn } from './output';
import { sketch } from './sketch';
import { streamed } from './stream';
import { readTrace, type Trace } from './trace';
import { verify } from './verify';

/** Model calls are slow, and the free plan holds each back by ten seconds: only what takes this long, ms, is lost. */
const LONGEST = 10 * 60_000;

async function* run(task: Task, key: OpenedKey, signal: AbortSignal): AsyncGenerator<TaskEvent, void> {
  if (operationFor(task).free) return yield* lookedUp(task, key, signal);
  const wire = requestOf(task, key);
  const trace: Trace = { sent: Date.now() };
  yield { type: 'sending', trace };
  signal.throwIfAborted();
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(), LONGEST);
  const either = AbortSignal.any([signal, abort.signal]);
  try {
    const text = yield* answered(wire, key, trace, either);
    yield { type: 'text', id: 'only', text, last: true };
  } catch (thrown) {
    signal.throwIfAborted();
    throw abort.signal.aborted ? outcomeUnknown('No answer came in ten minutes.') : unsure(thrown);
  } finally {
    clearTimeout(late);
    abort.abort();
  }
}

/** The output of one execution. It is asked for a second time only where it was refused, and soon may be again. */
async function* answered(
  wire: WireRequest,
  key: OpenedKey,
  trace: Trace,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, string> {
  let response = await ask(key, wire, signal);
  const wait = waitOf(response.headers);
  if (response.status === 429 && wait !== undefined && wait <= SHORT) {
    yield { type: 'busy' };
    await response.body?.cancel();
    await pause(wait, signal);
    response = await ask(key, wire, signal);
  }
  const { ok, status, headers, body } = response;
  if (!ok) throw failureOf({ status, body: await response.text(), wait: waitOf(headers), runs: true });
  const streams = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
  if (!streams || !body) return outputIn(await response.text());
  return yield* streamed(body, execution => ({ type: 'sending', trace: { ...trace, execution } }), signal);
}

/** After what the network does with a message that was sent, nobody knows what became of it. */
function unsure(thrown: unknown): Failure {
  const known = thrown instanceof Failure ? thrown : undefined;
  const isNetwork = !known || isFailure(known, 'offline') || isFailure(known, 'unreachable');
  return isNetwork ? outcomeUnknown(known?.message ?? 'The answer broke off.') : known;
}

/** Runtype keeps no answers: of what was sent, only its Logs can tell. */
async function* recover(
  task: Task,
  { trace }: Kept,
  key: OpenedKey,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void> {
  if (operationFor(task).free) return yield* lookedUp(task, key, signal);
  throw outcomeUnknown('The connection was lost, and Runtype keeps no answers.', readTrace(trace)?.execution);
}

export const service: Service = { verify, run, recover, sketch, lock: () => {} };
