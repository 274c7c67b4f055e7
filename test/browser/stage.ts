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

export const result = (popup: Page) => popup.getByRole('region', { name: 'Result' });
export const alertIn = (page: Page) => page.getByRole('alert');
