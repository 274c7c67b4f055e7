import type { Page } from 'playwright-core';
import type { Call, CallState } from '../../../src/calls/call';
import type { StateEvent } from '../../../src/messages/contract';
import { tasks } from '../../../src/services/runware/tasks';
import { askFrom } from '../stage';

// Calls as a page of ours makes and sees them, without its forms: for tests that are not about these.

type Values = Readonly<Record<string, string>>;
export type Snapshot = Extract<StateEvent, { type: 'snapshot' }>;
type In<Phase> = Call & { state: Extract<CallState, { phase: Phase }> };

/** A picture as small as the service takes it. */
const SMALL: Values = { width: '128', height: '128', format: 'PNG' };

/** What the form of a task would hold, with these values put in. */
export function valuesOf(operation: string, values: Values): Record<string, string> {
  const fields = tasks.find(({ name }) => name === operation)?.fields ?? [];
  const whole = fields.flatMap(({ name, initial, optional }) => {
    const value = values[name] ?? (operation === 'image' ? SMALL[name] : undefined) ?? initial;
    return value === undefined || (optional && value === '') ? [] : [[name, value]];
  });
  return Object.fromEntries(whole);
}

/** Adds a Runware key; gives its id. */
export async function addKey(
  options: Page,
  label: string,
  apiKey: string,
  more: Values = {},
): Promise<string> {
  const values = { apiKey, ...more };
  const body = { service: 'runware', notes: { label }, values };
  return (await askFrom<{ id: string }>(options, 'keys.add', body)).id;
}

/** Makes a call; gives its id once it is in the journal. */
export async function startCall(
  page: Page,
  key: string,
  operation: string,
  values: Values,
  more: { private?: true } = {},
): Promise<string> {
  const body = { key, operation, values: valuesOf(operation, values), ...more };
  return (await askFrom<{ id: string }>(page, 'calls.start', body)).id;
}

export const cancelCall = (page: Page, id: string): Promise<void> => askFrom(page, 'calls.cancel', { id });

/** What a page is told when it begins to watch. */
export const snapshotOf = (page: Page): Promise<Snapshot> =>
  page.evaluate<Snapshot>(`new Promise(resolve => {
    const port = chrome.runtime.connect({ name: 'state' });
    port.onMessage.addListener(event => {
      if (event.type !== 'snapshot') return;
      port.disconnect();
      resolve(event);
    });
  })`);

/** The call once `seen` says so, watched as a page watches it, over deaths of the background too. */
async function watchFor(page: Page, id: string, seen: string, timeout: number): Promise<Call> {
  const found = await page.evaluate<{ call?: Call; last?: Call }>(`new Promise(resolve => {
    let port, last, waiting;
    const end = outcome => {
      clearTimeout(timer);
      clearTimeout(waiting);
      port.disconnect();
      resolve(outcome);
    };
    const timer = setTimeout(() => end({ last }), ${timeout});
    const watch = () => {
      port = chrome.runtime.connect({ name: 'state' });
      port.onMessage.addListener(event => {
        const calls = event.calls ?? [];
        const call = calls.find(({ id }) => id === '${id}');
        if (!call) return;
        last = call;
        if ((${seen})(call.state)) end({ call });
      });
      port.onDisconnect.addListener(() => {
        waiting = setTimeout(watch, 50);
      });
    };
    watch();
  })`);
  if (found.call) return found.call;
  throw new Error(`Waited ${timeout} ms in vain; the call is at ${JSON.stringify(found.last?.state)}`);
}

/** A call once it is over, in whatever way. */
export const ended = (page: Page, id: string, timeout = 20_000): Promise<Call> =>
  watchFor(page, id, `({ phase }) => phase !== 'queued' && phase !== 'sent'`, timeout);

/** A call once it is done. Throws when it ends otherwise. */
export async function done(page: Page, id: string, timeout?: number): Promise<In<'done'>> {
  return demand(await ended(page, id, timeout), 'done');
}

/** A call once it has failed, or once its outcome is unknown. Throws when it ends otherwise. */
export async function failed(page: Page, id: string, timeout?: number): Promise<In<'failed'>> {
  return demand(await ended(page, id, timeout), 'failed');
}
export async function lost(page: Page, id: string, timeout?: number): Promise<In<'unknown'>> {
  return demand(await ended(page, id, timeout), 'unknown');
}

/** A call once it is under way with that note, or sent where there is none. */
export const noted = (page: Page, id: string, note?: string, timeout = 10_000): Promise<Call> =>
  watchFor(
    page,
    id,
    note === undefined ? `({ phase }) => phase === 'sent'` : `({ note }) => note === '${note}'`,
    timeout,
  );

/** The text of a call's answer, its versions one a line. */
export function textOf({ state }: Call): string {
  if (state.phase === 'queued') return '';
  return state.items.flatMap(item => (item.kind === 'text' ? [item.text] : [])).join('\n');
}

function demand<Phase extends CallState['phase']>(call: Call, phase: Phase): In<Phase> {
  if (isIn(call, phase)) return call;
  throw new Error(`The call is not ${phase}: ${JSON.stringify(call.state)}`);
}

const isIn = <Phase extends CallState['phase']>(call: Call, phase: Phase): call is In<Phase> =>
  call.state.phase === phase;
