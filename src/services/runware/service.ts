import { isFailure, reportOf } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { abortable } from '../abortable';
import type { Kept, Service, Task, TaskEvent, Verdict } from '../service';
import { outcomeUnknown } from './errors';
import { gather, LONGEST_SILENCE, newProgress } from './gather';
import { operationFor } from './operations';
import { recoverLost } from './recover';
import { Session } from './session';
import { readTrace, type Trace } from './trace';

/** One session a key; two keys never share one. */
const sessions = new Map<string, Session>();
/** Those whose key was changed: each finishes what it has with the key it had. */
const retired = new Set<Session>();
/** Those of keys that are being tested. */
const testing = new Set<Session>();

function sessionOf(key: OpenedKey, resume?: string): Session {
  const known = sessions.get(key.id);
  if (known?.serves(key)) return known;
  if (known?.busy) retired.add(known.retire());
  const made = new Session(key, resume);
  sessions.set(key.id, made);
  return made;
}

async function* run(task: Task, key: OpenedKey, signal: AbortSignal): AsyncGenerator<TaskEvent, void> {
  const session = sessionOf(key);
  const inbox = session.inbox(task.id);
  try {
    if (!session.up) {
      yield { type: 'connecting' };
      await abortable(session.ready(), signal);
    }
    const trace: Trace = { session: session.id, sent: Date.now() };
    yield { type: 'sending', trace };
    signal.throwIfAborted();
    const progress = newProgress();
    const sent = session.send(operationFor(task).request(task));
    const heard = sent ? yield* gather(task, inbox, progress, signal, LONGEST_SILENCE) : 'dropped';
    if (heard !== 'complete') yield* recoverLost({ task, session, inbox, trace, progress, signal });
  } finally {
    session.release(task.id, signal.aborted);
  }
}

async function* recover(
  task: Task,
  kept: Kept,
  key: OpenedKey,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void> {
  const trace = readTrace(kept.trace);
  if (!trace) throw outcomeUnknown();
  const session = sessionOf(key, trace.session);
  const inbox = session.inbox(task.id);
  try {
    yield* recoverLost({ task, session, inbox, trace, progress: newProgress(kept.items), signal });
  } finally {
    session.release(task.id, signal.aborted);
  }
}

/** A fresh connection: a session that stands proves only that the key was good once. */
async function verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  const session = new Session(key);
  testing.add(session);
  try {
    await abortable(session.ready(), signal);
    return { outcome: 'works' };
  } catch (thrown) {
    const failure = reportOf(thrown);
    return isFailure(thrown, 'rejected-key')
      ? { outcome: 'rejected', failure }
      : { outcome: 'could-not-tell', failure };
  } finally {
    session.forget();
    testing.delete(session);
  }
}

function lock(): void {
  for (const session of [...sessions.values(), ...retired, ...testing]) session.forget();
  sessions.clear();
  retired.clear();
}

export const service: Service = { verify, run, recover, lock };
