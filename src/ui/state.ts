import { signal } from '@preact/signals';
import browser from 'webextension-polyfill';
import { type Call, isOpen } from '../calls/call';
import type { FailureReport } from '../failure';
import { ask, watchState } from '../messages/client';
import type { BodyOf, PageAsks, ReplyOf, StateEvent } from '../messages/contract';

type Snapshot = Extract<StateEvent, { type: 'snapshot' }>;

/** What a page has to show. `waiting` lasts until the background's first word, `silent` is its lack of one. */
export type Face =
  | { readonly type: 'waiting' }
  | { readonly type: 'silent' }
  | { readonly type: 'failed'; readonly failure: FailureReport }
  | Snapshot;

/** How long the background may take to its first word before the page says that it is silent, ms. */
const PATIENCE = 5_000;

export const face = signal<Face>({ type: 'waiting' });

let watching: { stop: () => void } | undefined;
let drops = 0;

/** Watches the background from now on. */
export function watch(): void {
  if (watching) return;
  const patience = setTimeout(() => {
    // What is shown stays, with what is typed into it: whoever does something hears that nobody answers.
    if (face.value.type !== 'snapshot') face.value = { type: 'silent' };
  }, PATIENCE);
  watching = watchState({
    event: event => {
      clearTimeout(patience);
      drops = 0;
      take(event);
    },
    gone: () => {
      clearTimeout(patience);
      watching = undefined;
      // Watching wakes the background. With nothing open it may sleep until someone does something.
      if (face.value.type === 'waiting' || openCall()) setTimeout(watch, Math.min(50 * 2 ** drops++, 5_000));
    },
  });
}

/** Gives the present watch up, since nothing comes of it, and begins another. */
export function watchAnew(): void {
  watching?.stop();
  watching = undefined;
  face.value = { type: 'waiting' };
  watch();
}

/** Resolves when the state shows a call, or after the background's usual patience. */
export function callShown(id: string): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, PATIENCE);
    const stop = face.subscribe(state => {
      if (state.type !== 'snapshot' || !state.calls.some(call => call.id === id)) return;
      clearTimeout(timer);
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** Asks the background, which wakes it, and watches it again if it had gone. */
export async function act<N extends keyof PageAsks>(
  name: N,
  body: BodyOf<PageAsks, N>,
): Promise<ReplyOf<PageAsks, N>> {
  try {
    return await ask(name, body);
  } finally {
    watch();
  }
}

function take(event: StateEvent): void {
  if (event.type !== 'calls') face.value = event;
  else if (face.value.type === 'snapshot')
    face.value = { ...face.value, calls: changed(face.value.calls, event.calls) };
}

function changed(calls: readonly Call[], by: readonly Call[]): Call[] {
  const anew = new Set(by.map(({ id }) => id));
  return [...by, ...calls.filter(({ id }) => !anew.has(id))].sort((a, b) => b.at - a.at);
}

const openCall = (): boolean =>
  face.value.type === 'snapshot' && face.value.calls.some(({ state }) => isOpen(state));

// A page that slept through a change of the vault hears of it without the background.
browser.storage.session.onChanged.addListener(changes => {
  if ('unlocked' in changes) watch();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') watch();
});
