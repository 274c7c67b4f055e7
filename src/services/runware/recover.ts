import { Failure, isFailure } from '../../failure';
import { abortable } from '../abortable';
import type { Task, TaskEvent } from '../service';
import { outcomeUnknown, standing } from './errors';
import { conclude, gather, isAcknowledgement, isSettled, type Progress, refuse, takeItems } from './gather';
import type { Inbox } from './inbox';
import { operationFor } from './operations';
import type { Session } from './session';
import type { Trace } from './trace';

// All in ms.
/** How long a resumed session is given to replay what it kept. */
const REPLAY = 2_000;
/** How long an answer to a question of ours may take. */
const ANSWER = 5_000;
/** A task may be sent again, under its own id, this long after it was sent first. */
const RESEND = 120_000;
/** After this long since the first sending nothing more is hoped for, but any recovery gets a minute. */
const HOPE = 180_000;
const LEAST = 60_000;
/** However often Runware says that it works on it. */
const LONGEST = 600_000;

interface Lost {
  readonly task: Task;
  readonly session: Session;
  readonly inbox: Inbox;
  readonly trace: Trace;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** How a rung of the ladder ended. `unknown-task` is the server's word, `silent` its lack of one. */
type Heard = 'complete' | 'dropped' | 'silent' | 'processing' | 'unknown-task';

/**
 * Finds the answer of a task that was sent and whose link was lost: resume the session, ask for the
 * response, ask the archive, send again under the same taskUUID, which Runware refuses with
 * `conflictTaskUUID` when it has the task already. Throws `outcome-unknown` when all of it fails.
 */
export async function* recoverLost(lost: Lost): AsyncGenerator<TaskEvent, void> {
  const { task, session, trace, signal } = lost;
  let deadline = Math.max(trace.sent + HOPE, Date.now() + LEAST);
  let linked = false;
  let accepted = false;
  let pause = 1_000;

  while (Date.now() < deadline) {
    let heard: Heard;
    if (!linked) {
      yield { type: 'reconnecting' };
      await reconnect(session, deadline, signal);
      linked = true;
      yield { type: 'sending', trace: { ...trace, session: session.id } satisfies Trace };
      heard = yield* gather(task, lost.inbox, lost.progress, signal, REPLAY);
    } else {
      heard = yield* gather(task, lost.inbox, lost.progress, signal, pause);
      pause = Math.min(pause * 1.5, 10_000);
    }

    if (heard === 'silent') heard = yield* ask(lost, { taskType: 'getResponse', taskUUID: task.id });
    if (heard === 'silent' || heard === 'unknown-task') {
      heard = yield* ask(lost, { taskType: 'getTaskDetails', taskUUID: task.id });
    }
    if ((heard === 'silent' || heard === 'unknown-task') && !accepted) {
      if (Date.now() - trace.sent > RESEND) break;
      heard = yield* ask(lost, operationFor(task).request(task));
      // Taken now, or had already: either way it is there to be asked for, and is not sent once more.
      accepted = heard !== 'dropped';
    }

    if (heard === 'complete') return;
    if (heard === 'processing') {
      accepted = true;
      // As long as Runware says that it works on it, there is something to wait for.
      deadline = Math.min(Math.max(deadline, Date.now() + LEAST), trace.sent + LONGEST);
    }
    if (heard === 'dropped') linked = false;
  }
  throw outcomeUnknown();
}

/** Sends one question and takes what comes of it, however many items that is. */
async function* ask(
  { task, session, inbox, progress, signal }: Lost,
  question: object,
): AsyncGenerator<TaskEvent, Heard> {
  if (!session.send(question)) return 'dropped';
  // Every answer lists all items anew, the refused ones too.
  progress.refused = [];
  while (!isSettled(task, progress)) {
    const delivery = await inbox.take(ANSWER, signal);
    if (delivery === undefined) return 'silent';
    if (delivery.kind === 'dropped') return 'dropped';
    if (delivery.kind === 'error') {
      const stands = standing(delivery.error);
      if (stands) return stands === 'taken' ? 'processing' : 'unknown-task';
      refuse(delivery, progress);
    } else if (isAcknowledgement(delivery.item)) return 'processing';
    else yield* takeItems(task, delivery.item, progress, signal);
  }
  yield* conclude(progress);
  return 'complete';
}

/** At once, then after growing waits with full jitter, until the deadline. */
async function reconnect(session: Session, deadline: number, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await abortable(session.ready(), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (isFailure(thrown, 'vault-locked')) throw thrown;
      // The key no longer opens the account that has the answer.
      if (isFailure(thrown, 'rejected-key')) throw outcomeUnknown();
      if (!(thrown instanceof Failure)) throw thrown;
    }
    const wait = Math.random() * Math.min(10_000, 500 * 2 ** attempt);
    if (Date.now() + wait > deadline) throw outcomeUnknown();
    await abortable(new Promise(resolve => setTimeout(resolve, wait)), signal);
  }
}
