import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from '../../src/calls/call';
import type { HistoryPage, StateEvent } from '../../src/messages/contract';
import type { Browser } from './browser';
import { digestOf } from './expected';
import { WORD } from './plan';
import type { Found } from './verdict';

/** What Runkey has in its books, read as its options page reads it. */

type Snapshot = Extract<StateEvent, { type: 'snapshot' }>;

async function snapshot(browser: Browser): Promise<Snapshot> {
  const state = await browser.evaluate<StateEvent>(`new Promise((resolve, reject) => {
    const port = chrome.runtime.connect({ name: 'state' });
    port.onDisconnect.addListener(() => reject(new Error('The port closed.')));
    port.onMessage.addListener(event => {
      if (event.type === 'calls') return;
      port.disconnect();
      resolve(event);
    });
  })`);
  if (state.type !== 'snapshot') throw new Error(`The state is ${JSON.stringify(state)}.`);
  return state;
}

const openOnes = (calls: readonly Call[]): Call[] =>
  calls.filter(({ state }) => state.phase === 'queued' || state.phase === 'sent');

/** Waits until no call is open, and gives those that still are after `ms`. */
export async function settled(browser: Browser, ms: number): Promise<Call[]> {
  for (const deadline = Date.now() + ms; ; ) {
    const open = openOnes((await snapshot(browser)).calls);
    if (open.length === 0 || Date.now() > deadline) return open;
    await wait(500);
  }
}

/** The whole history. */
export async function finishedCalls(browser: Browser): Promise<Call[]> {
  const calls: Call[] = [];
  let after: HistoryPage['next'];
  do {
    const page = await browser.ask<HistoryPage>('history.list', { most: 100, ...(after && { after }) });
    calls.push(...page.calls);
    after = page.next;
  } while (after);
  return calls;
}

/** Every call that there is. `port` is where the emulator serves what Runkey knows by address only. */
export async function everyCall(browser: Browser, port: number): Promise<Found[]> {
  const calls = [...openOnes((await snapshot(browser)).calls), ...(await finishedCalls(browser))];
  const found: Found[] = [];
  for (const call of calls) found.push(await lookedAt(browser, call, port));
  return found;
}

async function lookedAt(browser: Browser, { id, request, state }: Call, port: number): Promise<Found> {
  const items = state.phase === 'queued' ? [] : state.items;
  const digests: string[] = [];
  for (const item of items) {
    if (item.kind === 'text') digests.push(digestOf(item.text));
    if (item.kind === 'link') digests.push(digestOf(await fetched(item.url, port)));
    if ('media' in item) digests.push(await digestOfMedia(browser, id, item.media));
  }
  const [word] = WORD.exec(request.values.prompt ?? '') ?? [];
  const says = 'failure' in state ? { says: state.failure.message } : {};
  return { id, word, account: request.label, phase: state.phase, digests, ...says };
}

async function digestOfMedia(browser: Browser, id: string, media: number): Promise<string> {
  const { base64 } = await browser.ask<{ base64: string }>('calls.media', { id, media });
  return digestOf(Buffer.from(base64, 'base64'));
}

/** What lies at an address of the service, from the emulator that stands in for all its hosts. */
function fetched(address: string, port: number): Promise<Buffer> {
  const { hostname, pathname } = new URL(address);
  const options = { host: '127.0.0.1', port, path: pathname, headers: { host: hostname } };
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, rejectUnauthorized: false }, response => {
      const chunks: Buffer[] = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    asked.on('error', reject);
    asked.end();
  });
}
