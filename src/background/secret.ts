import browser from 'webextension-polyfill';

/** A secret that was selected on a page, until the form of a new key takes it. Memory only, and not for long. */
let offered: { readonly text: string; readonly at: number } | undefined;

/** How long the form may take to come, ms. */
const PATIENCE = 60_000;

/** Opens the form of a new key, which takes the secret; nothing is saved. */
export async function offerSecret(text: string): Promise<void> {
  offered = { text, at: Date.now() };
  await browser.runtime.openOptionsPage();
}

export async function takeSecret(): Promise<{ text: string } | null> {
  const taken = offered && Date.now() - offered.at < PATIENCE ? { text: offered.text } : null;
  offered = undefined;
  return taken;
}
