import { Failure } from '../../failure';
import type { Task, TaskEvent } from '../service';
import { messages } from '../sse';
import type { Access } from './access';
import { LONGEST } from './chase';
import { failureOf, isPassing, standing } from './errors';
import { isItem, parsed, readFrame } from './frames';
import { answersOf, post } from './http';
import type { Heard, Progress } from './listen';
import { requestOf } from './operations';
import { costOf, cutOf } from './read';

/** A stream that does not begin, or says nothing, for this long, ms, is dead: Runware keeps one alive by comments. */
const SILENCE = 60_000;

/**
 * Runs a task whose answer comes in pieces (server-sent events over HTTP), and yields the text so far and,
 * at its end, whole. Ends with `dropped` or `taken` where the stream broke: the task is then to be asked after.
 * Throws the service's failure.
 */
export async function* stream(
  task: Task,
  access: Access,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, Heard> {
  const abort = new AbortController();
  const either = AbortSignal.any([signal, abort.signal]);
  let begun = false;
  const late = setTimeout(() => abort.abort(), SILENCE);
  const longest = setTimeout(() => abort.abort(), LONGEST);
  const told: Told = { text: '', ended: false, cost: {}, cut: {} };
  try {
    const response = await post(access.key, [requestOf(task, true)], {
      signal: either,
      accept: 'text/event-stream',
    });
    begun = true;
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (!response.ok || !streams || !response.body) return yield* whole(task, response, progress);
    clearTimeout(late);
    for await (const { data } of messages(response.body, SILENCE)) {
      if (data === '[DONE]') {
        told.ended = true;
        break;
      }
      const before = told.text;
      const heard = take(told, data, task, progress);
      if (heard) return heard;
      progress.taken ||= told.text !== '';
      if (told.text !== before) yield { type: 'partial', text: told.text };
    }
  } catch (thrown) {
    signal.throwIfAborted();
    // Whatever the network did: the service's own failures are told in the stream.
    if (thrown instanceof Failure && isTold(thrown)) throw thrown;
    if (!begun) access.streamsFailed();
    return broken(told);
  } finally {
    clearTimeout(late);
    clearTimeout(longest);
    abort.abort();
  }
  // One that says nothing, nor why, may be of another shape than is known.
  if (!told.ended || (told.text === '' && !told.cut.cut)) return broken(told);
  progress.seen.add('only');
  yield { type: 'text', id: 'only', text: told.text, ...told.cut, ...told.cost, last: true };
  return 'complete';
}

interface Told {
  text: string;
  ended: boolean;
  cost: { cost?: number };
  cut: { cut?: 'length' | 'filter' };
}

/** A task that has begun to be answered was taken: it is never sent again. */
const broken = ({ text }: Told): Heard => (text === '' ? 'dropped' : 'taken');

/** Failures that the network makes say nothing of the task. */
const isTold = ({ code }: Failure): boolean => code !== 'offline' && code !== 'unreachable';

/** Takes one event's data. What it says beyond text, or gives nothing of, is left alone. */
function take(told: Told, data: string, task: Task, progress: Progress): Heard | undefined {
  for (const answer of readFrame(data)) {
    if (answer.kind !== 'error') continue;
    const heard = refusal(answer.error, task, progress);
    if (heard) return heard;
  }
  const chunk = parsed(data);
  if (!isItem(chunk)) return undefined;
  const delta = isItem(chunk.delta) ? chunk.delta : {};
  if (typeof delta.text === 'string') told.text += delta.text;
  told.cut = { ...told.cut, ...cutOf(chunk.finishReason) };
  told.cost = { ...told.cost, ...costOf(chunk) };
  return undefined;
}

/** What came instead of a stream: an error before it began, or the whole answer at once. */
async function* whole(task: Task, response: Response, progress: Progress): AsyncGenerator<TaskEvent, Heard> {
  for (const answer of await answersOf(response)) {
    if (answer.kind === 'error') {
      const heard = refusal(answer.error, task, progress);
      if (heard) return heard;
    }
    if (answer.kind !== 'item' || answer.task !== task.id || typeof answer.item.text !== 'string') continue;
    const { text, finishReason } = answer.item;
    progress.seen.add('only');
    yield { type: 'text', id: 'only', text, ...cutOf(finishReason), ...costOf(answer.item), last: true };
    return 'complete';
  }
  return 'dropped';
}

/** Throws what is the task's failure, unless it passes or says where the task stands. */
function refusal(error: Parameters<typeof failureOf>[0], task: Task, progress: Progress): Heard | undefined {
  const stands = standing(error);
  if (stands === 'taken') return 'taken';
  const failure = failureOf(error, task.operation);
  if (!isPassing(error)) throw failure;
  // It has begun to be answered.
  if (progress.taken) return 'taken';
  progress.turnedAway = failure;
  return 'busy';
}
