import type { BrowserContext, Page } from 'playwright-core';
import { OPTIONS, type Stage } from '../browser/stage';
import { demoKeys, passphrase, setUp } from './set-up';
import { sayStep, shown } from './steps';
import { downloadInto } from './window';

/** Sets Runkey up, then leaves the browser to the person until they close it or press Ctrl+C. */
export async function attended({ chromium }: Stage, page: Page, folder: string): Promise<void> {
  const ended = endOf(chromium.context);
  await downloadInto(folder, page);
  await setUp(await chromium.page(OPTIONS), sayStep);
  await page.bringToFront();
  console.log(`
Chromium is yours. Runkey is in its toolbar, under the puzzle piece, and in the right-click menu of selected text.

  Passphrase  ${passphrase}
  Keys        ${demoKeys.map(({ label }) => label).join(', ')}
  Saved files ${shown(folder)}

Nothing leaves this computer and nothing is paid: the keys open only stand-ins for the services that run here,
and this browser reaches no other place.

Close the browser or press Ctrl+C to end the tour.`);
  await ended;
}

/** The browser closed, its last page closed, or somebody asked this process to end. */
function endOf(context: BrowserContext): Promise<void> {
  return new Promise(resolve => {
    const end = () => resolve();
    context.once('close', end);
    for (const page of context.pages()) page.once('close', () => context.pages().length === 0 && end());
    context.on('page', page => page.once('close', () => context.pages().length === 0 && end()));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // Playwright's own listeners would end this process with an error before anything is put away.
      process.removeAllListeners(signal);
      // Not once: npm passes on what the terminal has sent already.
      process.on(signal, end);
    }
  });
}
