import { Failure } from '../../failure';
import type { Task, TaskEvent } from '../service';
import { failureOf, standing } from './errors';
import type { Item } from './frames';
import type { Delivery, Inbox } from './inbox';
import { operationFor } from './operations';

/** A sync task has about 120 s on Runware's side; silence beyond that is a lost answer. Ms. */
export const LONGEST_SILENCE = 150_000;

/** How far a task has come, whatever happens to its link. */
export interface Progress {
  /** Items that came, by identity: each counts once. */
  readonly seen: Set<string>;
  /** Why items did not come that never will. */
  refused: Failure[];
}

export const newProgress = (items: readonly string[] = []): Progress => ({
  seen: new Set(items),
  refused: [],
});

/** Nothing more will come. */
export const isSettled = (task: Task, { seen, refused }: Progress): boolean =>
  seen.size + refused.length >= operationFor(task).expected(task);

/** Takes items until the answer is complete, the link is lost or silence has lasted. Throws the service's error. */
export async function* gather(
  task: Task,
  inbox: Inbox,
  progress: Progress,
  signal: AbortSignal,
  patience: number,
): AsyncGenerator<TaskEvent, 'complete' | 'dropped' | 'silent'> {
  while (!isSettled(task, progress)) {
    const delivery = await inbox.take(patience, signal);
    if (delivery === undefined) return 'silent';
    if (delivery.kind === 'dropped') return 'dropped';
    if (delivery.kind === 'item') yield* takeItems(task, delivery.item, progress, signal);
    // A late answer to a question of the ladder's says nothing of the task itself.
    else if (standing(delivery.error) === undefined) refuse(delivery, progress);
  }
  yield* conclude(progress);
  return 'complete';
}

/** Takes an error as that of one item where others came or may come. Throws it as the whole task's otherwise. */
export function refuse({ error, ofItem }: Extract<Delivery, { kind: 'error' }>, progress: Progress): void {
  const failure = failureOf(error);
  if (!ofItem && progress.seen.size === 0) throw failure;
  progress.refused.push(failure);
}

/** The end of a task whose items have all come or been refused. Throws when none came. */
export function* conclude({ seen, refused }: Progress): Generator<TaskEvent, void> {
  const [first] = refused;
  if (!first) return;
  if (seen.size === 0) throw first;
  yield { type: 'refused', count: refused.length, failure: first.report };
}

/** Reads the items that have not come before, from an answer or from the archive's copy of it. */
export async function* takeItems(
  task: Task,
  answer: Item,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void> {
  const { expected, identity, read } = operationFor(task);
  const { seen } = progress;
  for (const item of archivedItems(answer)) {
    if (isAcknowledgement(item) || seen.has(identity(item))) continue;
    try {
      const event = await read(item, signal);
      seen.add(identity(item));
      yield seen.size === expected(task) ? { ...event, last: true } : event;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      // One that cannot be read takes none of its siblings with it.
      progress.refused.push(thrown);
    }
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
