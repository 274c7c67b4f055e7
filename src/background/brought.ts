import * as v from 'valibot';
import browser from 'webextension-polyfill';
import type { Brought } from '../messages/contract';
import { PAGES } from '../messages/sender';
import { handOver, takeOver } from './handed-over';
import { PRIVATE_OFFERED } from './passing';

export const OFFERED = 'offered';

const Kept = v.object({
  text: v.exactOptional(v.string()),
  site: v.exactOptional(v.string()),
  call: v.exactOptional(v.string()),
  offer: v.exactOptional(v.string()),
});

/** What is selected in private windows is for these alone. */
const nameFor = (incognito = false): string => (incognito ? PRIVATE_OFFERED : OFFERED);

/** Opens the popup with what a page brings to it. It is kept in memory only, for it may be private. */
export async function bring(brought: Brought, incognito = false): Promise<void> {
  await handOver(nameFor(incognito), brought);
  await openPopup();
}

/** Where the browser opens no popup by itself, the same page opens in a tab. */
export async function openPopup(): Promise<void> {
  const inTab = () => browser.tabs.create({ url: browser.runtime.getURL(PAGES.popup) });
  await browser.action.openPopup().catch(inTab);
}

export async function takeBrought({ private: incognito }: { private?: true }): Promise<Brought | null> {
  const kept = await takeOver(nameFor(incognito));
  return v.is(Kept, kept) ? kept : null;
}
