import { claim } from './claims';
import { type Errand, type Events, later, sending } from './errand';
import { outcomeUnknown } from './errors';
import { exchange, isPassing } from './exchange';
import { failureOfJob, jobOf } from './job';
import { operationFor } from './operations';
import { part } from './path';
import type { Accepted } from './trace';

// All in ms.
/** The least and the most between two questions after a task: the older it is, the less often. */
const SOONEST = 10_000;
const SELDOM = 5 * 60_000;
const SHARE = 12;
/** useapi.net keeps a task for seven days. */
const LONGEST = 7 * 24 * 60 * 60_000;

const ENDED = /^(FAILED|CANCELL?ED|ABORTED|DELETED)$/;

/** A task was taken, as the service tells it: its id is written before anything else. */
export async function* accepted(errand: Errand, sent: number, taskId: string, body: unknown): Events {
  claim(taskId, errand.task.id);
  const trace: Accepted = { state: 'accepted', sent, taskId };
  yield sending(trace);
  yield* told(errand, trace, body);
}

/** Asks once where a task stands. */
export async function* poll(errand: Errand, trace: Accepted): Events {
  const { key, task, signal } = errand;
  const { taskId, sent } = trace;
  claim(taskId, task.id);
  const path = `v1/runwayml/tasks/${part(taskId, 'task')}`;
  const reply = await exchange(key, { method: 'GET', path }, signal);
  if (reply.kind === 'answer' && jobOf(reply.body)) return yield* told(errand, trace, reply.body);
  const failure = reply.kind === 'answer' ? undefined : reply.failure;
  // It goes on at Runway whatever this means, and may be asked after again once that is mended.
  const refused = reply.kind === 'refusal' && !isPassing(reply);
  if (refused || isTooOld(sent)) throw outcomeUnknown(failure);
  yield { type: 'reconnecting' };
  const retryAt = reply.kind === 'refusal' ? reply.retryAt : undefined;
  yield retryAt === undefined ? later(interval(sent)) : { type: 'later', at: retryAt };
}

async function* told(errand: Errand, { sent }: Accepted, body: unknown): Events {
  const job = jobOf(body);
  if (job?.status === 'SUCCEEDED') return yield* delivered(errand, body);
  if (job && ENDED.test(job.status)) throw failureOfJob(job);
  if (isTooOld(sent)) throw outcomeUnknown();
  if (job?.status === 'THROTTLED') yield { type: 'busy' };
  else yield { type: 'progress', percent: job?.percent ?? 0 };
  yield later(Math.max(interval(sent), Math.min(job?.startsIn ?? 0, SELDOM)));
}

async function* delivered({ task, had }: Errand, body: unknown): Events {
  const items = operationFor(task).read(body, task.values);
  // Done, as it says, and nothing to show for it: that may be asked after once more.
  if (items.length === 0) throw outcomeUnknown();
  for (const [at, item] of items.entries()) {
    if (!had.includes(item.id)) yield at === items.length - 1 ? { ...item, last: true } : item;
  }
}

const isTooOld = (sent: number): boolean => Date.now() - sent > LONGEST;

const interval = (sent: number): number => Math.min(Math.max((Date.now() - sent) / SHARE, SOONEST), SELDOM);
