import type { Answer } from '../../loopback/wire';
import { notFound } from '../failures';
import { decoded } from '../ids';
import type { Visit } from '../world';
import { gone } from './accounts';

/** The tasks the API waits for. Those started at Runway's own site are not among them. */
export function listScheduled({ subscriber, world }: Visit): Answer {
  const body = world.tasks.tracked(subscriber).map(({ taskId, replyUrl, replyRef }) => ({
    taskId,
    ...(replyUrl && { replyUrl }),
    ...(replyRef && { replyRef }),
  }));
  return { status: 200, body };
}

/** Frees the job. Runway works on, and what it makes is still paid for. */
export function forgetScheduled({ subscriber, world }: Visit, raw: string): Answer {
  const taskId = decoded(raw, world.switches);
  const task = world.tasks.tracked(subscriber).find(tracked => tracked.taskId === taskId);
  if (!task) throw notFound();
  task.tracked = false;
  return gone(world.switches);
}
