import { randomUUID } from 'node:crypto';
import { type Failure, isFailure } from '../../src/failure';
import { about } from '../../src/services/runware/about';
import { service } from '../../src/services/runware/service';
import type { Kept, Task, TaskEvent } from '../../src/services/service';
import type { OpenedKey } from '../../src/vault/key-index';
import { demoKey } from '../emulators/runware';
import { formOf } from './background';

export const keyOf = (fields: Record<string, string> = {}): OpenedKey => ({
  id: randomUUID(),
  service: 'runware',
  fields: { apiKey: demoKey, ...fields },
  origins: about.origins,
});

export const taskOf = (operation: string, puts: Record<string, string> = {}): Task => ({
  id: randomUUID(),
  operation,
  values: formOf(operation, { ...small(operation), ...puts }),
});

/** The least that each task draws, so that tests take no time. */
function small(operation: string): Record<string, string> {
  if (operation === 'image') return { prompt: 'a heron', width: '128', height: '128', format: 'PNG' };
  return operation === 'text' ? { prompt: 'What is a heron?' } : {};
}

/** Everything that came of a task, and how it ended. */
export interface Outcome {
  readonly events: readonly TaskEvent[];
  readonly types: readonly string[];
  /** What a person gets to see. */
  readonly items: readonly TaskEvent[];
  readonly failure: Failure | undefined;
}

const PASSING = ['connecting', 'sending', 'reconnecting', 'busy', 'progress', 'partial'];

/** Takes a task's events to their end; `heard` is told of each. Throws what is not a failure of ours. */
export async function outcomeOf(
  events: AsyncGenerator<TaskEvent, void>,
  heard: (event: TaskEvent) => unknown = () => {},
): Promise<Outcome> {
  const all: TaskEvent[] = [];
  let failure: Failure | undefined;
  try {
    for await (const event of events) {
      all.push(event);
      await heard(event);
    }
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    failure = thrown;
  }
  return {
    events: all,
    types: all.map(({ type }) => type),
    items: all.filter(({ type }) => !PASSING.includes(type)),
    failure,
  };
}

const { signal: unstopped } = new AbortController();

export const run = (
  task: Task,
  key: OpenedKey,
  heard?: (event: TaskEvent) => unknown,
  signal = unstopped,
): Promise<Outcome> => outcomeOf(service.run(task, key, signal), heard);

export const recover = (task: Task, kept: Kept, key: OpenedKey, signal = unstopped): Promise<Outcome> =>
  outcomeOf(service.recover(task, kept, key, signal));
