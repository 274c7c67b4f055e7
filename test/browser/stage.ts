import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import {
  type RunwareEmulator,
  type RunwareOptions,
  runwareHosts,
  startRunware,
} from '../emulators/runware/index';
import { certificateFor } from '../emulators/tls';
import { type Chromium, type ChromiumOptions, launchChromium } from './drive/chromium';

export const distOf = (browser: 'chromium' | 'firefox'): string =>
  fileURLToPath(new URL(`../../dist/${browser}`, import.meta.url));

export const POPUP = 'src/popup/index.html';
export const OPTIONS = 'src/options/index.html';

export interface Stage {
  readonly runware: RunwareEmulator;
  readonly chromium: Chromium;
  close(): Promise<Awaited<ReturnType<Chromium['close']>>>;
}

/** The emulator under Runware's own host names. */
export async function emulate(options: Omit<RunwareOptions, 'tls'> = {}) {
  const tls = await certificateFor([...runwareHosts]);
  const runware = await startRunware({ tls, ...options });
  return { runware, hosts: Object.fromEntries(runwareHosts.map(host => [host, runware.port])) };
}

/** The built extension in Chromium, with the emulators behind the services' real host names. */
export async function setStage(
  options: {
    runware?: Omit<RunwareOptions, 'tls'>;
    chromium?: Omit<ChromiumOptions, 'extensionDir' | 'hosts'>;
  } = {},
): Promise<Stage> {
  const { runware, hosts } = await emulate(options.runware);
  const chromium = await launchChromium({ extensionDir: distOf('chromium'), hosts, ...options.chromium });
  chromium.context.setDefaultTimeout(10_000);
  return {
    runware,
    chromium,
    async close() {
      const asked = await chromium.close();
      await runware.close();
      return asked;
    },
  };
}

/** Makes a vault, as a person would, in an open options page. */
export async function createVault(options: Page, passphrase: string): Promise<void> {
  await options.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await options.getByLabel('Repeat passphrase').fill(passphrase);
  await options.getByRole('button', { name: 'Create vault' }).click();
  await options.getByRole('button', { name: 'Add key' }).waitFor();
}

/** Adds a Runware key, as a person would, in an open options page. */
export async function addRunwareKey(options: Page, label: string, apiKey: string): Promise<void> {
  await options.getByRole('button', { name: 'Add key' }).click();
  await options.getByLabel('Service').selectOption({ label: 'Runware' });
  await options.getByLabel('Label').fill(label);
  await options.getByLabel('API key').fill(apiKey);
  await options.getByRole('button', { name: 'Save key' }).click();
  await options.getByRole('heading', { name: label }).waitFor();
}

export async function unlock(page: Page, passphrase: string): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase);
  await page.getByRole('button', { name: 'Unlock' }).click();
}

/** Turns an open options page to one of its sections. */
export async function goTo(options: Page, section: 'Keys' | 'History' | 'Security'): Promise<void> {
  await options.getByRole('link', { name: section, exact: true }).click();
  await options.getByRole('heading', { name: section, exact: true }).waitFor();
}

/** Locks with the button of a page, and waits until it shows so. */
export async function lock(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await page.getByRole('button', { name: 'Unlock' }).waitFor();
}

/** Sends what a page of ours would send, without its form: for what a test needs and does not look at. */
export async function askFrom<Value>(page: Page, ask: string, body: object): Promise<Value> {
  const reply = await page.evaluate(
    message =>
      chrome.runtime.sendMessage<{ ok: boolean; value: unknown; failure?: { message: string } }>(message),
    { ask, body },
  );
  if (!reply.ok) throw new Error(`${ask}: ${reply.failure?.message}`);
  return reply.value as Value;
}

/** Opens a page of the web: the same document at every https address, frames included. */
export async function openSite(stage: Stage, url: string, html = '<p>A page</p>'): Promise<Page> {
  const site = await stage.chromium.context.newPage();
  // Only https: a route for everything would take the extension's own pages too.
  await site.route(/^https:/, route => route.fulfill({ contentType: 'text/html', body: html }));
  await site.goto(url);
  return site;
}

export const result = (popup: Page) => popup.getByRole('region', { name: 'Result' });
export const alertIn = (page: Page) => page.getByRole('alert');
