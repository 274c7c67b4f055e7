import type { Submission } from './engine';
import { documentation, failedItem, ownedBy } from './failures';
import type { Switches } from './options';
import type { Item, Task } from './wire';
import type { Work } from './work';

/** Answers the two tasks that ask after another: getResponse and getTaskDetails. */
export function recall(task: Task, work: Work | undefined, switches: Switches): Submission {
  if (task.taskType === 'getTaskDetails') {
    return work ? { kind: 'answered', items: [details(work, switches.taskDetails)] } : notFound(task);
  }
  const visible = work && (work.order.delivery === 'async' || switches.pollSync) ? work : undefined;
  if (visible) return { kind: 'answered', items: polled(visible, switches) };
  return switches.unknownTask === 'empty' ? { kind: 'answered', items: [] } : notFound(task);
}

/** Every generation asked for, always in the same order, finished ones again and again. */
function polled(work: Work, switches: Switches): Item[] {
  const { items, failure } = work;
  const { taskType, taskUUID, count } = work.order;
  const ready = items.map(item => ({ ...item, status: 'success' }));
  if (failure) return [...ready, { taskType, ...failedItem({ taskType, taskUUID, ...failure }) }];
  const waiting = {
    taskType,
    taskUUID,
    status: 'processing',
    ...(switches.progress && { progress: work.progress }),
  };
  return [...ready, ...Array.from({ length: count - items.length }, () => waiting)];
}

function details({ order: { task, taskUUID }, items, failure }: Work, form: Switches['taskDetails']): Item {
  const known = { taskType: 'getTaskDetails', taskUUID, request: [task] };
  if (form === 'missing') return known;
  if (form === 'array') return { ...known, response: items };
  return { ...known, response: { data: items, ...(failure && { errors: [failure] }) } };
}

function notFound(task: Task): Submission {
  const message = 'No task with this taskUUID was found.';
  return {
    kind: 'refused',
    failures: [
      ownedBy(task, { code: 'taskNotFound', message, parameter: 'taskUUID', type: 'string', documentation }),
    ],
  };
}
