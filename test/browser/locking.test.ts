import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { addRunwareKey, createVault, OPTIONS, POPUP, result, type Stage, setStage, unlock } from './stage';

const PASSPHRASE = 'plum anchor violin north';

let stage: Stage;
let popup: Page;
beforeAll(async () => {
  stage = await setStage();
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  popup = await stage.chromium.openPopup();
  await popup.getByLabel('Task').selectOption({ label: 'Text' });
});
afterAll(() => stage.close());

async function run(prompt: string): Promise<void> {
  stage.runware.ledger.clear();
  await popup.getByLabel('Prompt').fill(prompt);
  await popup.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => stage.runware.ledger.count()).toBe(1);
}

async function lock(): Promise<void> {
  await popup.getByRole('button', { name: 'Lock' }).click();
  await popup.getByRole('button', { name: 'Unlock' }).waitFor();
}

const answers = (prompt: string) =>
  expect.poll(() => result(popup).locator('.answer').innerText(), { timeout: 30_000 }).toContain(prompt);

test('a call that was sent before the lock is kept, and shown after the unlock', async () => {
  stage.runware.switches.taskMs = 1_500;
  await run('Across a lock');
  await lock();
  await new Promise(resolve => setTimeout(resolve, 2_000));
  expect(await popup.locator('body').innerText()).not.toContain('Across a lock');
  await unlock(popup, PASSPHRASE);
  await answers('Across a lock');
  expect(stage.runware.ledger.count()).toBe(1);
});

test('a link that drops while locked is made again only after the unlock', async () => {
  stage.runware.switches.taskMs = 1_000;
  await run('Dropped while locked');
  await lock();
  const { opened } = stage.runware;
  stage.runware.drop();
  await new Promise(resolve => setTimeout(resolve, 3_000));
  expect(stage.runware.opened).toBe(opened);
  await unlock(popup, PASSPHRASE);
  await answers('Dropped while locked');
  expect(stage.runware.ledger.count()).toBe(1);
});

test('a background that dies while locked finds the call after the unlock', async () => {
  stage.runware.switches.taskMs = 1_000;
  await run('Died while locked');
  await lock();
  await stage.chromium.killWorker();
  await unlock(popup, PASSPHRASE);
  await answers('Died while locked');
  expect(stage.runware.ledger.count()).toBe(1);
});

test('a key edited during its call: the call still gets its answer over a link that dropped', async () => {
  stage.runware.switches.taskMs = 2_000;
  await run('Edited meanwhile');
  const options = stage.chromium.context.pages().find(page => page.url().endsWith(OPTIONS));
  if (!options) throw new Error('the options page is gone');
  await options.getByRole('button', { name: 'Edit' }).click();
  await options.getByLabel('API key', { exact: true }).fill('another-key-that-is-wrong');
  await options.getByRole('button', { name: 'Save key' }).click();
  await options.getByText('“Work” was saved.').waitFor();
  await options.getByRole('button', { name: 'Test' }).click();
  await options.getByText('Rejected', { exact: true }).waitFor();
  stage.runware.drop();
  // The popup closed when the options page was clicked.
  popup = await stage.chromium.page(POPUP);
  await answers('Edited meanwhile');
  expect(stage.runware.ledger.count()).toBe(1);
});
