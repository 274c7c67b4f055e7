import { isFailure, reportOf } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import type { Kept, Service, Task, TaskEvent, Verdict } from '../service';
import { outcomeUnknown } from './errors';
import { gather, LONGEST_SILENCE, type Progress } from './gather';
import { operationFor } from './operations';
import { recoverLost } from './recover';
import { Session } from './session';
import { readTrace, type Trace } from './trace';

/** One session a key; two keys never share one. */
const sessions = new Map<string, Session>();

function sessionOf(key: OpenedKey, resume?: string): Session {
  const known = sessions.get(key.id);
  if (known?.serves(key)) return known;
  known?.forget();
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
    const progress: Progress = { seen: new Set() };
    const sent = session.send(operationFor(task).request(task));
    const heard = sent ? yield* gather(task, inbox, progress, signal, LONGEST_SILENCE) : 'dropped';
    if (heard !== 'complete') yield* recoverLost({ task, session, inbox, trace, progress, signal });
  } finally {
    session.release(task.id);
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
    yield* recoverLost({ task, session, inbox, trace, progress: { seen: new Set(kept.items) }, signal });
  } finally {
    session.release(task.id);
  }
}

/** A fresh connection: a session that stands proves only that the key was good once. */
async function verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  const session = new Session(key);
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
  }
}

function lock(): void {
  for (const session of sessions.values()) session.forget();
  sessions.clear();
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export const service: Service = { verify, run, recover, lock };
