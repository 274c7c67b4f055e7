import { Failure } from '../../failure';
import { fingerprint } from '../fingerprint';
import type { Task, TaskEvent } from '../service';
import { failureOf, isPassing, standing } from './errors';
import type { Item } from './frames';
import type { Delivery, Inbox } from './inbox';
import { expected, operationFor } from './operations';
import { costOf, mediaId } from './read';

/** How far a task has come, whatever happens to its line. */
export interface Progress {
  /** Items that came, by identity: each counts once. */
  readonly seen: Set<string>;
  /** Items that came, cannot be read, and whose cost was told. */
  readonly charged: Set<string>;
  /** Why items did not come that never will. */
  refused: Failure[];
  /** It left, as far as is known: the service may have it. */
  sent: boolean;
  /** The server has shown that it has the task: it is never sent again. */
  taken: boolean;
  /** Why it was not taken when it was last sent, if it was not. */
  turnedAway?: Failure | undefined;
  /** Why the key may not ask after it, if it was rejected when it last did. */
  barred?: Failure | undefined;
}

export const newProgress = (items: readonly string[] = []): Progress => ({
  seen: new Set(items),
  charged: new Set(),
  refused: [],
  sent: false,
  taken: items.length > 0,
});

/** One task's place in the conversation. */
export interface Hearer {
  readonly task: Task;
  readonly inbox: Inbox;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * What listening ended with. `processing`, `taken`, `unknown` are the server's word on where the task stands;
 * `busy`: it takes nothing just now; `silent`: its lack of a word; `dropped`: the line is lost; `doubt`: an
 * error came that may be this task's.
 */
export type Heard = 'complete' | 'processing' | 'taken' | 'unknown' | 'busy' | 'silent' | 'dropped' | 'doubt';

/** What was sent before: the task itself, or a question after it. */
export type Said = 'task' | 'question';

/**
 * Takes what comes about a task until the answer is complete, `patience` ms of silence have passed, or
 * something was said that asks for more than listening; until `until` (ms since the epoch) at the latest. Throws
 * the service's failure where it is the task's.
 */
export async function* listen(
  hearer: Hearer,
  patience: number,
  said: Said,
  until = Number.POSITIVE_INFINITY,
): AsyncGenerator<TaskEvent, Heard> {
  const { task, inbox, progress, signal } = hearer;
  if (said === 'question') {
    // Every answer to a question lists all items anew, the refused ones too.
    progress.refused = [];
    progress.barred = undefined;
  }
  let came = 0;
  while (!isSettled(hearer)) {
    const left = until - Date.now();
    const delivery = left > 0 ? await inbox.take(Math.min(patience, left), signal) : undefined;
    if (delivery === undefined || delivery.kind === 'nothing') return 'silent';
    if (delivery.kind === 'dropped') return 'dropped';
    if (delivery.kind === 'doubt') {
      if (said === 'task') return 'doubt';
    } else if (delivery.kind === 'error') {
      const heard = takeError(hearer, delivery, said);
      if (heard) return heard;
    } else {
      progress.taken = true;
      const working = yield* takeItems(hearer, delivery.items, said);
      came += delivery.items.filter(item => !isAcknowledgement(item)).length;
      // As many as were asked for, but some alike: two that are the same, or one that came twice.
      if (said === 'task' && came >= expected(task) && !working && !isSettled(hearer)) return 'doubt';
      if (working && (said === 'question' || operationFor(task).delivery === 'async')) return 'processing';
    }
  }
  if (said === 'task' && hasTwins(progress.refused)) return 'doubt';
  yield* conclude(progress);
  return 'complete';
}

/** Nothing more will come. */
const isSettled = ({ task, progress: { seen, refused } }: Hearer): boolean =>
  seen.size + refused.length >= expected(task);

/** Whether two refusals are alike, and may be one that came twice. */
const hasTwins = (refused: readonly Failure[]): boolean =>
  new Set(refused.map(({ report }) => JSON.stringify(report.service))).size < refused.length;

/** Takes an error as that of one item where others came or may come. Throws it as the whole task's otherwise. */
function takeError(
  { task, progress }: Hearer,
  { error, of }: Extract<Delivery, { kind: 'error' }>,
  said: Said,
): Heard | undefined {
  const stands = standing(error);
  if (stands === 'taken') progress.taken = true;
  // A late answer to a question says nothing of the task itself.
  if (stands) return said === 'task' && stands === 'unknown' ? undefined : stands;
  const failure = failureOf(error, task.operation);
  if (of === 'question' || (!of && said === 'question' && isAboutQuestion(failure))) {
    if (said === 'task') return undefined;
    if (failure.code === 'rejected-key') progress.barred = failure;
    return 'silent';
  }
  if (of !== 'item' && progress.seen.size === 0) {
    if (of || !isPassing(error)) throw failure;
    // A late answer to a question, of a task that was taken.
    if (said === 'task' && progress.taken) return undefined;
    // Of a question it says nothing of the task.
    if (said === 'task') progress.turnedAway = failure;
    return 'busy';
  }
  const missing = expected(task) - progress.seen.size - progress.refused.length;
  // What is in the archive is over: nothing more comes of it.
  const gone = of === 'archive' ? missing : 1;
  progress.refused.push(...Array<Failure>(gone).fill(failure));
  // It may be one item's, or the end of all that were still to come.
  return said === 'task' && !of && gone < missing ? 'doubt' : undefined;
}

/** Whether it is the question that was refused, not the task: the key, the credit and the pace concern whoever asks. */
const isAboutQuestion = ({ code }: Failure): boolean =>
  code === 'rejected-key' || code === 'quota' || code === 'rate-limit' || code === 'invalid';

/** The end of a task whose items have all come or been refused. Throws when none came. */
function* conclude({ seen, refused }: Progress): Generator<TaskEvent, void> {
  const [first] = refused;
  if (!first) return;
  if (seen.size === 0) throw first;
  yield { type: 'refused', count: refused.length, failure: first.report };
}

/** Reads the items that have not come before. True where one says that it is being worked on. */
async function* takeItems(
  { task, progress, signal }: Hearer,
  answer: readonly Item[],
  said: Said,
): AsyncGenerator<TaskEvent, boolean> {
  const { read } = operationFor(task);
  const { seen } = progress;
  let working = false;
  for (const [item, id] of identified(task, answer, said)) {
    if (isAcknowledgement(item)) {
      working = true;
      const { progress: percent } = item;
      if (typeof percent === 'number' && percent >= 0 && percent <= 100) yield { type: 'progress', percent };
      continue;
    }
    if (seen.has(id)) continue;
    try {
      const event = await read(item, id, signal);
      seen.add(id);
      yield seen.size === expected(task) ? { ...event, last: true } : event;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      // One that cannot be read takes none of its siblings with it, and was paid for.
      progress.refused.push(thrown);
      const { cost } = costOf(item);
      if (!cost || progress.charged.has(id)) continue;
      progress.charged.add(id);
      yield { type: 'charged', id, cost };
    }
  }
  return working;
}

/**
 * Each item with what tells it from the others: its medium's id, or of texts, which have none, their words. Two
 * alike are one that came twice, unless they stand in an answer that lists every item once.
 */
function identified(task: Task, items: readonly Item[], said: Said): [Item, string][] {
  const lists = said === 'question' && items.length === expected(task);
  const alike = new Map<string, number>();
  return items.map(item => {
    const id = mediaId(item);
    if (id !== undefined) return [item, id];
    if (expected(task) === 1) return [item, 'only'];
    const words = fingerprint(JSON.stringify(item.text ?? item.seed ?? ''));
    const before = lists ? (alike.get(words) ?? 0) : 0;
    alike.set(words, before + 1);
    return [item, `${words}/${before}`];
  });
}

/** An item that carries no result yet: an acknowledgement, whatever else it says, or a poll's "still processing". */
const isAcknowledgement = (item: Item): boolean =>
  item.status === 'processing' ||
  item.status === 'pending' ||
  !Object.keys(item).some(name => name !== 'taskUUID' && RESULT.test(name));
const RESULT = /(UUID|URL|URI|Data|Content)$|^(text|results)$/;
