import { Failure } from '../../failure';
import { pause } from '../pause';
import type { TaskEvent } from '../service';
import type { Access } from './access';
import { outcomeUnknown } from './errors';
import type { Line } from './line';
import { type Heard, type Hearer, listen } from './listen';
import { operationFor, requestOf } from './operations';
import type { Trace } from './trace';

// All in ms.
/** How long a resumed session is given to replay what it kept. */
const REPLAY = 2_000;
/** How long an answer to a question of ours may take. */
const ANSWER = 5_000;
/** A task may be sent again, under its own id, this long after it was sent first. */
export const RESEND = 120_000;
/** After this long since the first sending nothing more is hoped for, but any recovery gets a minute. */
const HOPE = 180_000;
const LEAST = 60_000;
/** No round of asking takes so long. */
const SLEPT = 100_000;
/** However often Runware says that it works on it. */
export const LONGEST = 600_000;
/** How long altogether a line is waited for. */
const LONGEST_OUTAGE = 3_600_000;
/** The waits between questions. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 10_000;

/** A task that was sent, and whose answer has not come. */
export interface Chased extends Hearer {
  readonly access: Access;
  /** What it was last said over; undefined: none stands. */
  line: Line | undefined;
  trace: Trace;
  /** Only asks after it, and never sends it again. */
  readonly askOnly: boolean;
}

/**
 * Finds the answer of a task that was sent: resume the session, ask for the response, ask the archive, send
 * again under the same taskUUID, which Runware refuses with `conflictTaskUUID` when it has the task already.
 * `heard` is what sending it ended with. Throws `outcome-unknown` when all of it fails, and why it could not be sent
 * where it never left.
 */
export async function* chase(chased: Chased, heard: Heard): AsyncGenerator<TaskEvent, void> {
  const { task, progress, signal } = chased;
  // A clock that was set back since makes no longer wait.
  const sent = Math.min(chased.trace.sent, Date.now());
  const longest = operationFor(task).longest ?? LONGEST;
  /** It may be there from before: that it is turned away now is not its end. */
  const mayBeThere = progress.sent && heard !== 'busy';
  /** Whether one that was turned away is not there: over HTTP something before Runware may have answered for it. */
  let isSure = chased.line?.session !== undefined;
  let deadline = Math.max(sent + HOPE, Date.now() + LEAST);
  /** Whether it is only asked after: because it was wished so, was sent again already, or was turned away too often. */
  let askOnly = chased.askOnly || heard === 'busy';
  let patience = FIRST_PAUSE;
  let now = heard;
  let drops = 0;
  /** How long there has been no line, altogether. */
  let outage = 0;
  /** Since when nothing was heard over the present line. */
  let silentSince = Date.now();
  let turn = Date.now();
  /** Whether there is something to ask about before any more listening. */
  let atOnce = heard !== 'processing';

  for (;;) {
    // A computer that slept in between has its minute anew.
    if (Date.now() - turn > SLEPT) deadline = Math.max(deadline, Date.now() + LEAST);
    if (Date.now() >= deadline) break;
    turn = Date.now();
    if (now === 'taken' || now === 'processing') {
      progress.taken = true;
      // As long as Runware says that it works on it, there is something to wait for.
      deadline = Math.min(Math.max(deadline, Date.now() + LEAST), sent + outage + longest);
    }
    if (now === 'dropped') {
      // What was sent again may not have arrived.
      askOnly = chased.askOnly || heard === 'busy';
      yield { type: 'reconnecting' };
      // The first time at once. A line that goes again and again is not hurried.
      if (drops > 0) await pause(Math.random() * Math.min(LONGEST_PAUSE, 250 * 2 ** drops), signal);
      drops++;
      now = yield* reconnect(chased, Date.now() + LEAST);
      // Without a line the time stands still; over one that was given up unheard an answer may have been on its way.
      const spent = Date.now() - silentSince;
      outage += spent;
      if (outage < LONGEST_OUTAGE) deadline += spent;
      silentSince = Date.now();
    } else if (!atOnce) {
      now = yield* listen(chased, patience, 'task', Date.now() + patience);
      patience = Math.min(patience * 1.5, LONGEST_PAUSE);
    }
    atOnce = false;
    if (now === 'complete') return;
    if (now === 'dropped') continue;
    // It was sent again, and not taken.
    if (now === 'busy') askOnly = chased.askOnly || heard === 'busy';

    now = yield* ask(chased, 'getResponse');
    if (now === 'silent' || now === 'unknown') now = yield* ask(chased, 'getTaskDetails');
    if (now !== 'silent' && now !== 'dropped') silentSince = Date.now();
    isSure ||= now === 'unknown';
    if ((now === 'silent' || now === 'unknown') && (yield* resume(chased))) {
      now = yield* listen(chased, REPLAY, 'task', Date.now() + REPLAY);
      if (now === 'complete') return;
      if (now === 'dropped') continue;
    }
    if (now === 'silent' || now === 'unknown') {
      if (heard === 'busy' && progress.turnedAway && !progress.taken && isSure) break;
      // A key that may not ask does not tell whether it is there.
      if (!askOnly && !progress.taken && !progress.barred) {
        const age = Date.now() - chased.trace.sent;
        // A clock that was set back tells no age.
        if (age >= 0 && age <= RESEND) {
          now = yield* resend(chased);
          // Taken now, or had already: either way it is there to be asked for.
          askOnly = now !== 'dropped' && now !== 'busy';
        } else if (now === 'unknown') break;
      }
    }
    if (now === 'complete') return;
  }
  const isNowhere = !progress.taken && !mayBeThere && (isSure || !progress.sent);
  throw (isNowhere && progress.turnedAway) || outcomeUnknown(progress.barred);
}

/** Makes a line anew, and hears what its session kept. */
async function* reconnect(chased: Chased, deadline: number): AsyncGenerator<TaskEvent, Heard> {
  const { access, signal, progress } = chased;
  let line: Line;
  try {
    line = await access.line(deadline, signal);
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof Failure) || thrown.code === 'vault-locked') throw thrown;
    if (!progress.sent) progress.turnedAway = thrown;
    // The key no longer opens the account that has the answer.
    if (thrown.code === 'rejected-key') throw progress.sent ? outcomeUnknown(thrown) : thrown;
    return 'dropped';
  }
  yield* goOnOver(chased, line);
  return line.session ? yield* listen(chased, REPLAY, 'task', Date.now() + REPLAY) : 'silent';
}

/** Over HTTP nothing comes that a session keeps: tries for its socket again. True where there is one now. */
async function* resume(chased: Chased): AsyncGenerator<TaskEvent, boolean> {
  const { access, trace, signal } = chased;
  if (!trace.session || chased.line?.session) return false;
  const line = await access.socketAgain(signal);
  if (line) yield* goOnOver(chased, line);
  return line !== undefined;
}

/** Goes on over a line. The session that it was sent in stays known, whatever the line. */
function* goOnOver(chased: Chased, line: Line): Generator<TaskEvent, void> {
  const { task, inbox, trace } = chased;
  if (chased.line !== line) {
    chased.line?.detach(task.id, false);
    line.attach(task.id, operationFor(task).taskType, inbox);
    chased.line = line;
  }
  inbox.forgetDrops();
  yield { type: 'sending', trace: { ...trace, session: line.session ?? trace.session } satisfies Trace };
}

async function* ask(
  chased: Chased,
  question: 'getResponse' | 'getTaskDetails',
): AsyncGenerator<TaskEvent, Heard> {
  const sent = chased.line?.send({ taskType: question, taskUUID: chased.task.id });
  return sent ? yield* listen(chased, ANSWER, 'question', Date.now() + ANSWER) : 'dropped';
}

async function* resend(chased: Chased): AsyncGenerator<TaskEvent, Heard> {
  const { line, task, progress } = chased;
  if (!line?.send(requestOf(task))) return 'dropped';
  progress.sent = true;
  progress.turnedAway = undefined;
  return yield* listen(chased, ANSWER, 'task', Date.now() + ANSWER);
}
