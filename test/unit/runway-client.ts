import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { type Failure, isFailure } from '../../src/failure';
import { check, initialValues } from '../../src/services/fields';
import { about } from '../../src/services/runway/about';
import { service } from '../../src/services/runway/service';
import type { Kept, Task, TaskEvent } from '../../src/services/service';
import type { OpenedKey } from '../../src/vault/key-index';
import { demoToken } from '../emulators/useapi/line';

export const keyOf = (fields: Record<string, string> = {}): OpenedKey => ({
  id: randomUUID(),
  service: 'runway',
  fields: { apiToken: demoToken, ...fields },
  origins: about.origins,
});

/** A task whose form was filled in and checked as a person's is. */
export function taskOf(operation: string, puts: Record<string, string> = {}): Task {
  const fields = about.operations.find(({ name }) => name === operation)?.fields ?? [];
  const { values, faults } = check(fields, { ...initialValues(fields), ...puts });
  if (Object.keys(faults).length > 0) throw new Error(JSON.stringify(faults));
  return { id: randomUUID(), operation, values };
}

export interface Outcome {
  readonly events: readonly TaskEvent[];
  readonly types: readonly string[];
  /** What a person gets to see. */
  readonly items: readonly TaskEvent[];
  readonly failure: Failure | undefined;
  /** What is in the journal: the last trace, and the ids of the items. */
  readonly kept: Kept;
  /** When it wants to go on, ms since the epoch. */
  readonly later: number | undefined;
}

const PASSING = ['sending', 'reconnecting', 'busy', 'progress', 'later'];
const { signal: unstopped } = new AbortController();

async function outcomeOf(events: AsyncGenerator<TaskEvent, void>, before: Kept): Promise<Outcome> {
  const all: TaskEvent[] = [];
  let failure: Failure | undefined;
  try {
    for await (const event of events) all.push(event);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    failure = thrown;
  }
  const items = all.filter(({ type }) => !PASSING.includes(type));
  const sent = all.findLast(event => event.type === 'sending');
  const ids = items.flatMap(item => ('id' in item ? item.id : []));
  const last = all.at(-1);
  return {
    events: all,
    types: all.map(({ type }) => type),
    items,
    failure,
    // As it comes back from the disk.
    kept: JSON.parse(
      JSON.stringify({ ...before, trace: sent?.trace ?? before.trace, items: [...before.items, ...ids] }),
    ),
    later: last?.type === 'later' ? last.at : undefined,
  };
}

export const begin = (task: Task, key = keyOf(), signal = unstopped): Promise<Outcome> =>
  outcomeOf(service.run(task, key, signal), { trace: undefined, items: [] });

export const goOn = (task: Task, kept: Kept, key = keyOf(), signal = unstopped): Promise<Outcome> =>
  outcomeOf(service.recover(task, kept, key, signal), kept);

/**
 * Runs a task to its end as a background does that is asleep between two steps: what one step leaves in the journal
 * is all that the next one knows. The clock is set forward to when it wants to go on, so it must be a false one.
 */
export async function drive(task: Task, key = keyOf(), from?: Outcome): Promise<Outcome & { steps: number }> {
  let step = from ?? (await begin(task, key));
  const events = [...step.events];
  let steps = 1;
  for (; step.later !== undefined; steps += 1) {
    if (steps > 500) throw new Error('It never ends');
    vi.setSystemTime(Math.max(Date.now(), step.later));
    step = await goOn(task, step.kept, key);
    events.push(...step.events);
  }
  const items = events.filter(({ type }) => !PASSING.includes(type));
  return { ...step, events, types: events.map(({ type }) => type), items, steps };
}

/** From here on the clock stands, and goes on when it is set; the emulator's is the same. */
export const stopClock = (): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
};
