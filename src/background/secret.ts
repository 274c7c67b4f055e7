import * as v from 'valibot';
import browser from 'webextension-polyfill';
import { handOver, takeOver } from './handed-over';

/** In storage.session, which is never on the disk: until the form of a new key takes it. */
export const SECRET = 'offered secret';
/** How long the form may take to come, ms. */
const PATIENCE = 10 * 60_000;

const Offered = v.object({ text: v.string(), at: v.number() });

/** Opens the form of a new key, which takes the secret; nothing is saved. */
export async function offerSecret(text: string): Promise<void> {
  await handOver(SECRET, { text, at: Date.now() });
  await browser.runtime.openOptionsPage();
}

export async function takeSecret(): Promise<{ text: string } | null> {
  const offered = await takeOver(SECRET);
  const good = v.is(Offered, offered) && Math.abs(Date.now() - offered.at) < PATIENCE;
  return good ? { text: offered.text } : null;
}
