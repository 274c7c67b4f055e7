import { isFailure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import type { Kept, Service, Task, TaskEvent } from '../service';
import { outcomeUnknown } from './errors';
import { ask, forgetTokens, ready } from './http';
import { kindIn } from './kind';
import { countRequestOf, operationFor, requestOf, writes } from './operations';
import { countIn, type Heard } from './read';
import { sketch } from './sketch';
import { verify } from './verify';

/**
 * What only asks may be asked again, and so counts as sent only when its answer is here; what changes something
 * is in the journal before it leaves.
 */
async function* run(task: Task, key: OpenedKey, signal: AbortSignal): AsyncGenerator<TaskEvent, void> {
  yield { type: 'connecting' };
  const { path, read } = operationFor(task);
  const kind = path.includes('{kind}') ? await kindOf(task, key, signal) : undefined;
  const wire = requestOf(task, key, kind);
  if (!writes(wire)) {
    const { text } = await ask(key, wire, signal);
    const { item } = await counted(read(text, task.values), task, key, signal);
    yield { type: 'sending', trace: undefined };
    yield item;
    return;
  }
  await ready(key, signal);
  yield { type: 'sending', trace: undefined };
  signal.throwIfAborted();
  const { item, refused } = read(await written(), task.values);
  yield item;
  if (refused) yield { type: 'refused', ...refused };

  async function written(): Promise<string> {
    try {
      return (await ask(key, wire, signal, { writes: true })).text;
    } catch (thrown) {
      signal.throwIfAborted();
      const isNetwork =
        !isFailure(thrown) || isFailure(thrown, 'offline') || isFailure(thrown, 'unreachable');
      throw isNetwork ? outcomeUnknown(isFailure(thrown) ? thrown.message : 'The answer broke off.') : thrown;
    }
  }
}

/** Which kind the workload is of: its address says so. */
async function kindOf(task: Task, key: OpenedKey, signal: AbortSignal): Promise<string> {
  const { text } = await ask(key, requestOf({ ...task, operation: 'workload' }, key), signal);
  return kindIn(text);
}

/** A list that goes on, with how many there are; it is shown without, where that is not to be had. */
async function counted(heard: Heard, task: Task, key: OpenedKey, signal: AbortSignal): Promise<Heard> {
  const { item, more } = heard;
  const wire = more ? countRequestOf(task, key) : undefined;
  if (!wire || item.type !== 'list') return heard;
  try {
    const total = countIn((await ask(key, wire, signal)).text);
    return { item: { ...item, total: Math.max(total, item.rows.length) } };
  } catch {
    signal.throwIfAborted();
    return heard;
  }
}

/** What only asked is asked anew. */
async function* recover(
  task: Task,
  _kept: Kept,
  key: OpenedKey,
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, void> {
  if (writes(requestOf(task, key))) throw outcomeUnknown('The connection was lost.');
  yield* run(task, key, signal);
}

export const service: Service = { verify, run, recover, sketch, lock: forgetTokens };
