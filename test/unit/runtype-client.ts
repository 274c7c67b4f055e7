import { randomUUID } from 'node:crypto';
import { initialValues, type Values } from '../../src/services/fields';
import { about } from '../../src/services/runtype/about';
import { service } from '../../src/services/runtype/service';
import type { Task, TaskEvent } from '../../src/services/service';
import type { OpenedKey } from '../../src/vault/key-index';
import { demoKey, demoProduct, demoSurface } from '../emulators/runtype';
import { type Outcome, outcomeOf } from './runware-client';

export const surface = `https://api.runtype.com/v1/products/${demoProduct}/surfaces/${demoSurface}/api`;

export const keyOf = (fields: Values = {}): OpenedKey => ({
  id: randomUUID(),
  service: 'runtype',
  fields: { apiKey: demoKey, endpoint: `${surface}/summarize-article`, ...fields },
  origins: about.origins,
});

/** A task as a person finds its form, with what they put in. */
export function taskOf(operation: string, puts: Values = {}): Task {
  const { fields = [] } = about.operations.find(({ name }) => name === operation) ?? {};
  const values = Object.entries({ ...initialValues(fields), ...puts }).filter(([, value]) => value !== '');
  return { id: randomUUID(), operation, values: Object.fromEntries(values) };
}

const { signal: unstopped } = new AbortController();

export const run = (
  task: Task,
  key = keyOf(),
  heard?: (event: TaskEvent) => unknown,
  signal = unstopped,
): Promise<Outcome> => outcomeOf(service.run(task, key, signal), heard);

/** The text that a task came to; throws what it failed with. */
export async function textOf(task: Task, key = keyOf()): Promise<string> {
  const { items, failure } = await run(task, key);
  if (failure) throw failure;
  const [item] = items;
  if (item?.type !== 'text') throw new Error(`no text but ${item?.type}`);
  return item.text;
}

export const verify = (key = keyOf()) => service.verify(key, unstopped);
