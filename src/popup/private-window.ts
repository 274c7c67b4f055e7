import { signal } from '@preact/signals';
import browser from 'webextension-polyfill';
import type { Call } from '../calls/call';
import type { Waiting } from '../messages/contract';

/** Whether this popup belongs to a private window. */
export const privateWindow = signal(false);

/** What was made in private windows is for these alone. */
export const ofThisWindow = (calls: readonly Call[]): readonly Call[] =>
  privateWindow.value ? calls : calls.filter(({ request }) => !request.private);

export const waitingHere = (waiting: readonly Waiting[]): readonly Waiting[] =>
  privateWindow.value ? waiting : waiting.filter(one => !one.private);

export async function learnOfWindow(): Promise<void> {
  // Firefox for Android has no windows to ask about.
  const { incognito = false } = (await browser.windows?.getCurrent().catch(() => undefined)) ?? {};
  privateWindow.value = incognito;
}
