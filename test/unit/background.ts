import { expect, vi } from 'vitest';
import type { Bytes } from '../../src/bytes';
import type { Call } from '../../src/calls/call';
import { Calls } from '../../src/calls/calls';
import { History } from '../../src/calls/history';
import { Journal } from '../../src/calls/journal';
import { Preferences } from '../../src/calls/preferences';
import { spentToday } from '../../src/calls/spending';
import type { FailureCode } from '../../src/failure';
import { operationOf } from '../../src/services/abouts';
import { initialValues, type Values } from '../../src/services/fields';
import type { Kept, Ran, Service, Task, TaskEvent } from '../../src/services/service';
import type { Room } from './vaults';

export type Events = AsyncGenerator<TaskEvent, void>;

export const connecting: TaskEvent = { type: 'connecting' };
export const sending = (trace: unknown = { session: 's-1' }): TaskEvent => ({ type: 'sending', trace });
export const said = (text: string, cost?: number, last = false): TaskEvent => ({
  type: 'text',
  id: text,
  text,
  last,
  ...(cost === undefined ? {} : { cost }),
});
export const drawn = (id: string, bytes: Bytes, cost?: number): TaskEvent => ({
  type: 'image',
  id,
  mime: 'image/png',
  bytes,
  seed: 7,
  ...(cost === undefined ? {} : { cost }),
});

/** A busy machine takes its time. */
const PATIENCE = { timeout: 8_000, interval: 10 };

export const never = new Promise<never>(() => {});
export const failing = (code: FailureCode) =>
  expect.objectContaining({ report: expect.objectContaining({ code }) });

/** Ends as services do when they are told to stop. */
export const stopped = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

export function gate() {
  let open = () => {};
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** The form of a task as a person finds it, with what they put in. */
export function formOf(operation: string, values: Values = {}): Values {
  const { fields } = operationOf('runware', operation);
  const filled = Object.entries({ ...initialValues(fields), ...values });
  return Object.fromEntries(filled.filter(([, value]) => value !== ''));
}

/** One background: its calls, and a service that does what the test scripts. */
export function background(
  { database, vault }: Room,
  boot = 'boot-1',
  journal = new Journal(database, vault),
) {
  const seen = {
    run: [] as Task[],
    recover: [] as { task: Task; kept: Kept }[],
    changes: [] as Call[],
    held: 0,
    /** What rests: until when, and how it goes on. */
    due: [] as { at: number; go: () => void }[],
  };
  const script: {
    run: (task: Task, signal: AbortSignal) => Events;
    recover: (task: Task, kept: Kept, signal: AbortSignal) => Events;
    price: (task: Task) => Promise<number | Ran | undefined>;
  } = {
    run: async function* () {
      yield sending();
    },
    recover: async function* () {},
    price: async () => undefined,
  };
  const service: Service = {
    verify: async () => ({ outcome: 'works' }),
    run: (task, _key, signal) => {
      seen.run.push(task);
      return script.run(task, signal);
    },
    recover: (task, kept, _key, signal) => {
      seen.recover.push({ task, kept });
      return script.recover(task, kept, signal);
    },
    price: task => script.price(task),
    sketch: () => ({ secrets: [], steps: [] }),
    lock: () => {},
  };
  const history = new History(database, journal);
  const preferences = new Preferences(database);
  const calls = new Calls({
    journal,
    history,
    preferences,
    vault,
    serviceOf: () => service,
    awake: {
      hold: () => seen.held++,
      release: () => seen.held--,
      wakeBy: (at, go) => seen.due.push({ at, go }),
    },
    boot: async () => boot,
    changed: call => seen.changes.push(call),
  });
  const stateOf = (id: string) => seen.changes.findLast(call => call.id === id)?.state;
  /** Resolves once the call has come to a phase. */
  const reaches = (id: string, phase: Call['state']['phase']) =>
    vi.waitFor(() => {
      const state = stateOf(id);
      if (state?.phase !== phase) throw new Error(`${state?.phase} is not ${phase}`);
      return state;
    }, PATIENCE);
  const idle = () => vi.waitFor(() => expect(seen.held).toBe(0), PATIENCE);
  const spent = () => spentToday(database);
  return { calls, journal, history, preferences, seen, script, stateOf, reaches, idle, spent };
}
