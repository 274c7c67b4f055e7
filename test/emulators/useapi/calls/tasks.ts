import type { Answer } from '../../loopback/wire';
import { badParam } from '../failures';
import { decoded } from '../ids';
import { Params } from '../params';
import { accountRead } from '../selection';
import { type Status, statuses, statusOf } from '../tasks';
import type { Visit } from '../world';
import { shownTask } from './shown';

export function listTasks(visit: Visit): Answer {
  const { call, subscriber, world } = visit;
  const params = Params.ofQuery(call);
  // An older form of reading one task.
  const taskId = params.text('taskId');
  if (taskId !== undefined) return readTask(visit, taskId);
  const { offset, limit } = pageOf(params);
  const wanted = statusesOf(params.text('statuses'));
  const { email } = accountRead(subscriber, params.text('email'));
  const tasks = world.tasks
    .of(subscriber, email)
    .filter(task => wanted.includes(statusOf(task)))
    .slice(offset, offset + limit)
    .map(task => shownTask(task, world));
  return { status: 200, body: world.switches.listForm === 'bare' ? tasks : { tasks } };
}

export function readTask({ subscriber, world }: Visit, raw: string): Answer {
  const task = world.tasks.find(decoded(raw, world.switches), subscriber);
  accountRead(subscriber, task.email);
  return { status: 200, body: shownTask(task, world) };
}

export function deleteTask({ subscriber, world }: Visit, raw: string): Answer {
  const task = world.tasks.find(decoded(raw, world.switches), subscriber);
  accountRead(subscriber, task.email);
  world.tasks.remove(task);
  return { status: 200, body: { success: true } };
}

/** Both are required. */
export function pageOf(params: Params): { offset: number; limit: number } {
  const offset = params.integer('offset', { required: true, least: 0, most: 1000 }) ?? 0;
  const limit = params.integer('limit', { required: true, least: 1, most: 1000 }) ?? 1;
  return { offset, limit };
}

function statusesOf(csv: string | undefined): readonly Status[] {
  if (csv === undefined) return statuses;
  return csv.split(',').map(name => {
    const status = statuses.find(known => known === name);
    if (!status)
      throw badParam(`Param statuses value ${name} is not supported, supported values: ${statuses}`);
    return status;
  });
}
