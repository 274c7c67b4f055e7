import type { Task, TaskEvent } from '../service';
import { failureOf, standing } from './errors';
import type { Item } from './frames';
import type { Inbox } from './inbox';
import { operationFor } from './operations';

/** A sync task has about 120 s on Runware's side; silence beyond that is a lost answer. Ms. */
export const LONGEST_SILENCE = 150_000;

/** Which items have come, by identity: whatever happens to the link, each counts once. */
export interface Progress {
  readonly seen: Set<string>;
}

/** Takes items until the answer is complete, the link is lost or silence has lasted. Throws the service's error. */
export async function* gather(
  task: Task,
  inbox: Inbox,
  progress: Progress,
  signal: AbortSignal,
  patience: number,
): AsyncGenerator<TaskEvent, 'complete' | 'dropped' | 'silent'> {
  while (progress.seen.size < operationFor(task).expected(task)) {
    const delivery = await inbox.take(patience, signal);
    if (delivery === undefined) return 'silent';
    if (delivery.kind === 'dropped') return 'dropped';
    if (delivery.kind === 'item') yield* takeItems(task, delivery.item, progress, signal);
    // A late answer to a question of the ladder's says nothing of the task itself.
    else if (standing(delivery.error) === undefined) throw failureOf(delivery.error);
  }
  return 'complete';
}

/** Reads the items that have not come before, from an answer or from the archive's copy of it. */
export async function* takeItems(
  task: Task,
  answer: Item,
  { seen }: Progress,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void> {
  const { expected, identity, read } = operationFor(task);
  for (const item of archivedItems(answer)) {
    if (isAcknowledgement(item) || seen.has(identity(item))) continue;
    const event = await read(item, signal);
    seen.add(identity(item));
    yield seen.size === expected(task) ? { ...event, last: true } : event;
  }
}

/** An item that carries no result yet: an acknowledgement, or a poll's "still processing". */
export const isAcknowledgement = (item: Item): boolean =>
  item.status === 'processing' ||
  item.status === 'pending' ||
  Object.keys(item).every(name => name === 'taskType' || name === 'taskUUID' || name === 'status');

/** The items of an answer from the archive (`getTaskDetails`), whose `response` holds the original one; any other is itself. */
function archivedItems(item: Item): Item[] {
  if (item.taskType !== 'getTaskDetails') return [item];
  const response = isObject(item.response) && 'data' in item.response ? item.response.data : item.response;
  return (Array.isArray(response) ? response : [response]).filter(isObject);
}

const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
