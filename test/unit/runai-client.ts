import { randomUUID } from 'node:crypto';
import { initialValues, type Values } from '../../src/services/fields';
import { about } from '../../src/services/runai/about';
import { originsOf } from '../../src/services/runai/address';
import { service } from '../../src/services/runai/service';
import type { Row, Task, TaskEvent } from '../../src/services/service';
import type { OpenedKey } from '../../src/vault/key-index';
import { demoApplication } from '../emulators/runai';
import { cluster, saas } from './emulators/runai-line';
import { type Outcome, outcomeOf } from './runware-client';

export function keyOf(fields: Values = {}): OpenedKey {
  const { id, secret } = demoApplication;
  const all = { url: saas, application: id, secretKey: secret, cluster, ...fields };
  return { id: randomUUID(), service: 'runai', fields: all, origins: originsOf(all) };
}

/** A task as a person finds its form, with what they put in. */
export function taskOf(operation: string, puts: Values = {}): Task {
  const { fields = [] } = about.operations.find(({ name }) => name === operation) ?? {};
  const values = Object.entries({ ...initialValues(fields), ...puts }).filter(([, value]) => value !== '');
  return { id: randomUUID(), operation, values: Object.fromEntries(values) };
}

const { signal: unstopped } = new AbortController();

export const run = (
  task: Task,
  key: OpenedKey,
  heard?: (event: TaskEvent) => unknown,
  signal = unstopped,
): Promise<Outcome> => outcomeOf(service.run(task, key, signal), heard);

/** The lines of a list; throws what it failed with. */
export async function rowsOf(task: Task, key: OpenedKey): Promise<{ rows: readonly Row[]; total: number }> {
  const { items, failure } = await run(task, key);
  if (failure) throw failure;
  const [item] = items;
  if (item?.type !== 'list') throw new Error(`no list but ${item?.type}`);
  return item;
}

/** The text of an answer; throws what it failed with. */
export async function textOf(task: Task, key: OpenedKey): Promise<string> {
  const { items, failure } = await run(task, key);
  if (failure) throw failure;
  const [item] = items;
  if (item?.type !== 'text') throw new Error(`no text but ${item?.type}`);
  return item.text;
}

export const verify = (key: OpenedKey) => service.verify(key, unstopped);
