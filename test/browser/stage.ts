import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Field } from '../../src/services/about';
import { abouts } from '../../src/services/abouts';
import type { Values } from '../../src/services/fields';
import type { RunwareEmulator, RunwareOptions } from '../emulators/runware/index';
import { type Chromium, type ChromiumOptions, launchChromium } from './drive/chromium';
import { emulate, emulateOthers, type Others, type OthersOptions } from './emulate';

export { emulate } from './emulate';

export const distOf = (browser: 'chromium' | 'firefox'): string =>
  fileURLToPath(new URL(`../../dist/${browser}`, import.meta.url));

export const POPUP = 'src/popup/index.html';
export const OPTIONS = 'src/options/index.html';

export interface Stage {
  readonly runware: RunwareEmulator;
  readonly chromium: Chromium;
  close(): Promise<Awaited<ReturnType<Chromium['close']>>>;
}

interface StageOptions {
  runware?: Omit<RunwareOptions, 'tls'>;
  chromium?: Partial<Omit<ChromiumOptions, 'hosts'>>;
}

/** The built extension in Chromium, with the emulator of Runware behind its real host names. */
export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const { runware, hosts } = await emulate(options.runware);
  const chromium = await launchChromium({ extensionDir: distOf('chromium'), hosts, ...options.chromium });
  chromium.context.setDefaultTimeout(20_000);
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

/**
 * The same with the emulators of all four services. What is `permitted` the browser does not ask for: nothing of
 * Run:ai's is reached without, its own `*.run.ai` neither.
 */
export async function setWholeStage(
  options: StageOptions & OthersOptions & { permitted?: readonly string[] } = {},
): Promise<Stage & Others> {
  const { runware, hosts } = await emulate(options.runware);
  const { hosts: more, ...others } = await emulateOthers(options);
  const { dir, forget } = await permitting(options.permitted ?? []);
  const chromium = await launchChromium({
    extensionDir: dir,
    hosts: { ...hosts, ...more },
    ...options.chromium,
  });
  chromium.context.setDefaultTimeout(20_000);
  return {
    runware,
    ...others,
    chromium,
    async close() {
      const asked = await chromium.close();
      for (const emulator of [runware, ...Object.values(others)]) await emulator.close();
      await forget();
      return asked;
    },
  };
}

/**
 * The built extension, for which the browser has been told already that it may reach these hosts: nobody can press
 * Allow in a browser without a window. (With one it is pressed in `permission.test.ts`.)
 */
export async function permitting(
  hosts: readonly string[],
): Promise<{ dir: string; forget(): Promise<void> }> {
  const built = distOf('chromium');
  if (hosts.length === 0) return { dir: built, forget: async () => {} };
  const dir = await mkdtemp(join(tmpdir(), 'runkey-permitted-'));
  await cp(built, dir, { recursive: true });
  const file = join(dir, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  // A host, or a whole pattern.
  const patterns = hosts.map(host => (host.includes('://') ? host : `https://${host}/*`));
  manifest.host_permissions.push(...patterns);
  await writeFile(file, JSON.stringify(manifest));
  return { dir, forget: () => rm(dir, { recursive: true, force: true }) };
}

/** Makes a vault, as a person would, in an open options page. */
export async function createVault(options: Page, passphrase: string): Promise<void> {
  await options.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await options.getByLabel('Repeat passphrase').fill(passphrase);
  await options.getByRole('button', { name: 'Create vault' }).click();
  await options.getByRole('button', { name: 'Add key' }).waitFor();
}

/** Adds a key of any service, as a person would; values by the names of the service's key fields. */
export async function addKey(options: Page, service: string, label: string, values: Values): Promise<void> {
  const about = abouts.find(({ name }) => name === service);
  if (!about) throw new Error(`There is no service ${service}.`);
  const unknown = Object.keys(values).filter(name => about.keyFields.every(field => field.name !== name));
  if (unknown.length > 0) throw new Error(`A key of ${service} has no ${unknown.join(', ')}.`);
  await options.getByRole('button', { name: 'Add key' }).click();
  await options.getByLabel('Service').selectOption({ label: about.label });
  await options.getByLabel('Label', { exact: true }).fill(label);
  const given = about.keyFields.filter(({ name }) => values[name] !== undefined);
  if (given.some(({ advanced }) => advanced)) await options.getByText('More options').click();
  for (const field of given) await fill(options, field, values[field.name] ?? '');
  await options.getByRole('button', { name: 'Save key' }).click();
  await options.getByRole('heading', { name: label, exact: true }).waitFor();
}

export const addRunwareKey = (options: Page, label: string, apiKey: string): Promise<void> =>
  addKey(options, 'runware', label, { apiKey });

/** Fills one field of an open form. */
export async function fill(page: Page, field: Field, value: string): Promise<void> {
  const control = page.getByLabel(field.label, { exact: true });
  if (field.kind === 'choice') await control.selectOption({ value });
  else await control.fill(value);
}

export async function unlock(page: Page, passphrase: string): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase);
  await page.getByRole('button', { name: 'Unlock' }).click();
}

/** Turns an open options page to one of its sections. */
export async function goTo(
  options: Page,
  section: 'Keys' | 'Prompts' | 'Selection' | 'Security' | 'History',
): Promise<void> {
  await options.getByRole('link', { name: section, exact: true }).click();
  await options.getByRole('heading', { name: section, exact: true }).waitFor();
}

/** Locks with the button of a page, and waits until it shows so. */
export async function lock(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Lock', exact: true }).click();
  await page.getByRole('button', { name: 'Unlock' }).waitFor();
}

/** Shows the rarer fields of the popup's form, which are in sight already where one is set. */
export const openMore = (popup: Page): Promise<void> =>
  popup.locator('details').evaluate((it: HTMLDetailsElement) => {
    it.open = true;
  });

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
