import { signal } from '@preact/signals';
import browser from 'webextension-polyfill';

/** Whether this popup belongs to a private window. */
export const privateWindow = signal(false);

export async function learnOfWindow(): Promise<void> {
  // Firefox for Android has no windows to ask about.
  const { incognito = false } = (await browser.windows?.getCurrent().catch(() => undefined)) ?? {};
  privateWindow.value = incognito;
}
