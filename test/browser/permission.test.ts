import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { demoApplication } from '../emulators/runai/index';
import { ensureXvfb, startXvfb } from '../machine.mjs';
import { snapshotOf } from './drive/calls';
import { type Question, questionsOn } from './drive/question';
import type { Others } from './emulate';
import { alertIn, createVault, OPTIONS, type Stage, setWholeStage } from './stage';

// The browser's own question, which only a window shows.
vi.setConfig({ testTimeout: 60_000 });

let screen: Awaited<ReturnType<typeof startXvfb>>;
let stage: Stage & Others;
let options: Page;
let question: Question;

beforeAll(async () => {
  ensureXvfb({ xdotool: true });
  screen = await startXvfb();
  stage = await setWholeStage({
    chromium: { headless: false, display: screen.display, colorScheme: 'light' },
  });
  question = questionsOn(screen);
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, 'plum anchor violin north');
}, 60_000);
afterAll(async () => {
  await stage.close();
  await screen.stop();
});

const button = (name: string) => options.getByRole('button', { name, exact: true });
const mayReach = () =>
  options.evaluate<boolean>(`chrome.permissions.contains({ origins: ['https://acme.run.ai/*'] })`);
const labels = async () => (await snapshotOf(options)).keys.map(({ label }) => label);

test('a key for a host of one’s own is saved once the browser has been told to let Runkey reach it', async () => {
  await button('Add key').click();
  await options.getByLabel('Service').selectOption({ label: 'Run:ai' });
  await options.getByLabel('Label').fill('Cluster');
  await options.getByLabel('URL', { exact: true }).fill('https://acme.run.ai/');
  await options.getByLabel('Application').fill(demoApplication.id);
  await options.getByLabel('Secret key').fill(demoApplication.secret);

  await button('Save key').click();
  await question.deny();
  await alertIn(options).getByText('Runkey may not reach acme.run.ai.').waitFor();
  expect(await labels()).toEqual([]);
  expect(await mayReach()).toBe(false);

  await button('Save key').click();
  await question.allow();
  await options.getByRole('heading', { name: 'Cluster' }).waitFor();
  expect(await labels()).toEqual(['Cluster']);
  expect(await mayReach()).toBe(true);
  await button('Test').click();
  await options.getByText('Works', { exact: true }).waitFor();
});

test('a permission that was taken away is told of at the key, which cannot go there', async () => {
  await options.evaluate(`chrome.permissions.remove({ origins: ['https://acme.run.ai/*'] })`);
  await options.getByText('The browser keeps Runkey from acme.run.ai.').waitFor();
  await options.screenshot({ path: 'out/permission-barred.png' });
  // What was allowed once, Chromium gives again without asking.
  await button('Allow').click();
  await expect.poll(mayReach).toBe(true);
  await expect.poll(() => button('Allow').count()).toBe(0);
});

test('it is given back with the key', async () => {
  await button('Delete').click();
  await button('Yes, delete').press('Enter');
  await expect.poll(labels).toEqual([]);
  await expect.poll(mayReach).toBe(false);
});
