import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { launchUnattached } from './drive/chromium-unattached';
import { addRunwareKey, createVault, distOf, emulate, OPTIONS, result, type Stage, setStage } from './stage';

let stage: Stage;
let popup: Page;
beforeAll(async () => {
  stage = await setStage();
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, 'plum anchor violin north');
  await addRunwareKey(options, 'Work', demoKey);
  popup = await stage.chromium.openPopup();
  await popup.getByLabel('Task').selectOption({ label: 'Text' });
});
afterAll(() => stage.close());

const answers = (prompt: string) =>
  expect.poll(() => result(popup).locator('.answer').innerText(), { timeout: 30_000 }).toContain(prompt);

test('killed between unlock and Run: the vault is still unlocked, and the call works', async () => {
  await stage.chromium.killWorker();
  await popup.getByLabel('Prompt').fill('After a death');
  await popup.getByRole('button', { name: 'Run' }).click();
  await answers('After a death');
});

test('killed between Run and the answer: the open popup gets it, and it was billed once', async () => {
  stage.runware.switches.taskMs = 3_000;
  stage.runware.ledger.clear();
  await popup.getByLabel('Prompt').fill('Across a death');
  await popup.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => stage.runware.ledger.count()).toBe(1);
  await stage.chromium.killWorker();
  await answers('Across a death');
  expect(stage.runware.ledger.count()).toBe(1);
  stage.runware.switches.taskMs = 60;
});

test('killed with nobody watching: the result waits in the next popup, billed once', async () => {
  stage.runware.switches.taskMs = 2_000;
  stage.runware.ledger.clear();
  await popup.getByLabel('Prompt').fill('Unseen');
  await popup.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => stage.runware.ledger.count()).toBe(1);
  await popup.close();
  await stage.chromium.killWorker();
  await new Promise(resolve => setTimeout(resolve, 3_000));
  popup = await stage.chromium.openPopup();
  await answers('Unseen');
  expect(stage.runware.ledger.count()).toBe(1);
  stage.runware.switches.taskMs = 60;
});

test.each(['before-auth', 'same-frame', 'twice'] as const)(
  'a resumed session may replay “%s”',
  async replay => {
    stage.runware.switches.replay = replay;
    stage.runware.switches.resumeId = replay === 'twice' ? 'new' : 'same';
    stage.runware.switches.taskMs = 1_000;
    stage.runware.ledger.clear();
    await popup.getByLabel('Prompt').fill(`Replay ${replay}`);
    await popup.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => stage.runware.ledger.count()).toBe(1);
    await stage.chromium.killWorker();
    await answers(`Replay ${replay}`);
    expect(stage.runware.ledger.count()).toBe(1);
  },
);

test('a server that forgot the session is asked for the answer', async () => {
  stage.runware.switches.bufferMs = 0;
  stage.runware.switches.taskMs = 300;
  stage.runware.ledger.clear();
  await popup.getByLabel('Prompt').fill('Forgotten session');
  await popup.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => stage.runware.ledger.count()).toBe(1);
  await stage.chromium.killWorker();
  await answers('Forgotten session');
  expect(stage.runware.ledger.count()).toBe(1);
});

test('with nothing to do the background goes to sleep, an open page or not', {
  timeout: 90_000,
}, async () => {
  // No debugger is attached here, for one would keep the worker awake.
  const { runware, hosts } = await emulate();
  const browser = await launchUnattached({ extensionDir: distOf('chromium'), hosts });
  try {
    await browser.openTab(OPTIONS);
    await expect.poll(() => browser.isWorkerAlive()).toBe(true);
    await expect.poll(() => browser.isWorkerAlive(), { timeout: 45_000, interval: 1_000 }).toBe(false);
    await new Promise(resolve => setTimeout(resolve, 3_000));
    expect(await browser.isWorkerAlive()).toBe(false);
  } finally {
    await browser.close();
    await runware.close();
  }
});
