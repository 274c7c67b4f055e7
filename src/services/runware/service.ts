import { isFailure, reportOf } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { abortable } from '../abortable';
import { fingerprint } from '../fingerprint';
import { pause } from '../pause';
import type { Kept, Service, Task, TaskEvent, Verdict } from '../service';
import { Access } from './access';
import { balanceOf, priceOf } from './account';
import { type Chased, chase, LONGEST, RESEND } from './chase';
import { outcomeUnknown } from './errors';
import { isReached } from './http';
import { Inbox } from './inbox';
import { type Heard, listen, newProgress } from './listen';
import { operationFor, requestOf } from './operations';
import { sketch } from './sketch';
import { stream } from './stream';
import { readTrace, type Trace } from './trace';

/** How long a call may wait for a line before it is given up, ms. Nothing has left by then. */
const PATIENCE = 20_000;
/** A sync task has about 120 s on Runware's side; silence beyond that is a lost answer. Ms. */
const LONGEST_SILENCE = 150_000;
/** How often a task that Runware is too busy for is offered again, after at most so many ms at first. */
const OFFERS = 4;
const FIRST_WAIT = 1_000;

/** The one access a key that its new calls use; two keys never share one. */
const accesses = new Map<string, Access>();
/**
 * All that hold a key still: besides those one for each older session whose answers may still come, and those of a
 * key that was changed, which finish their work.
 */
const holding = new Set<Access>();

function accessOf(key: OpenedKey, resume?: string): Access {
  const usual = accesses.get(key.id);
  const resuming = resume
    ? [...holding].find(access => access.of === key.id && access.serves(key) && access.resumes(resume))
    : undefined;
  if (resuming) return resuming;
  const apart = resume && usual?.serves(key);
  if (!apart && usual?.serves(key)) return usual;
  const made = new Access(key, resume, gone);
  holding.add(made);
  if (apart) return made;
  usual?.retire();
  accesses.set(key.id, made);
  return made;
}

function gone(access: Access): void {
  holding.delete(access);
  for (const [id, known] of accesses) if (known === access) accesses.delete(id);
}

async function* run(task: Task, key: OpenedKey, signal: AbortSignal): AsyncGenerator<TaskEvent, void> {
  const access = accessOf(key);
  access.hold();
  const chased = chasedOf(task, access, signal, { session: undefined, sent: 0 });
  try {
    const streamed = operationFor(task).delivery === 'stream';
    const ready = access.standing !== undefined || (streamed && isReached());
    // It is in the journal then, however long a way is looked for.
    if (!ready) yield { type: 'connecting' };
    const streams = streamed && (await access.streams(signal));
    if (!streams) {
      if (ready && !access.standing) yield { type: 'connecting' };
      chased.line = await access.line(Date.now() + PATIENCE, signal);
      chased.line.attach(task.id, operationFor(task).taskType, chased.inbox);
    }
    chased.trace = { session: chased.line?.session, sent: Date.now(), by: byWhom(key) };
    yield { type: 'sending', trace: chased.trace };
    signal.throwIfAborted();
    const heard = yield* offer(chased, streams);
    if (heard !== 'complete') yield* chase(chased, heard);
  } finally {
    chased.line?.detach(task.id, signal.aborted);
    access.release();
  }
}

/** Sends the task, and again where Runware is too busy for it, a few times with growing waits. */
async function* offer(chased: Chased, streams: boolean): AsyncGenerator<TaskEvent, Heard> {
  const { task, signal, progress, trace, access } = chased;
  for (let attempt = 1; ; attempt++) {
    progress.turnedAway = undefined;
    const sent = streams || chased.line?.send(requestOf(task)) === true;
    progress.sent ||= sent;
    let heard: Heard = 'dropped';
    if (streams) heard = yield* stream(task, access, progress, signal);
    else if (sent) heard = yield* listen(chased, LONGEST_SILENCE, 'task', trace.sent + LONGEST);
    if (heard !== 'busy') return heard;
    // Full jitter, so that calls which were turned away together do not come back together.
    const wait = Math.random() * FIRST_WAIT * 2 ** attempt;
    const late = Date.now() + wait - trace.sent > RESEND;
    // It is asked after before that is believed: what turned it away may have stood before Runware.
    if (attempt === OFFERS || late) return 'busy';
    yield { type: 'busy' };
    await pause(wait, signal);
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
  // Another account may have neither the task nor the session, and must not run it once more.
  const another = trace.by !== undefined && trace.by !== byWhom(key);
  const access = accessOf(key, another ? undefined : trace.session);
  access.hold();
  const askOnly = another || kept.askOnly === true;
  const chased = { ...chasedOf(task, access, signal, trace, kept.items), askOnly };
  chased.progress.sent = true;
  try {
    yield* chase(chased, 'dropped');
  } finally {
    chased.line?.detach(task.id, signal.aborted);
    access.release();
  }
}

/** Tells one secret of a key from the next. */
const byWhom = ({ fields }: OpenedKey): string => fingerprint(fields.apiKey ?? '');

function chasedOf(
  task: Task,
  access: Access,
  signal: AbortSignal,
  trace: Trace,
  items: readonly string[] = [],
): Chased {
  const progress = newProgress(items);
  return { task, access, signal, trace, progress, inbox: new Inbox(), line: undefined, askOnly: false };
}

/** A fresh connection: a session that stands proves only that the key was good once. */
async function verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict> {
  const access = new Access(key, undefined, gone);
  holding.add(access);
  try {
    await abortable(access.proven(signal), signal);
    return { outcome: 'works' };
  } catch (thrown) {
    const failure = reportOf(thrown);
    return isFailure(thrown, 'rejected-key')
      ? { outcome: 'rejected', failure }
      : { outcome: 'could-not-tell', failure };
  } finally {
    access.forget();
  }
}

function lock(): void {
  for (const access of [...holding]) access.forget();
  accesses.clear();
}

export const service: Service = { verify, run, recover, price: priceOf, balance: balanceOf, sketch, lock };
