import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import {
  addRunwareKey,
  createVault,
  lock,
  OPTIONS,
  POPUP,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';

let stage: Stage;
let popup: Page;
beforeAll(async () => {
  stage = await setStage();
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  popup = await stage.chromium.openPopup();
  // By then it has asked how its key stands.
  await popup.getByText(/Works · balance/).waitFor();
});
afterAll(() => stage.close());

/** One that is pushed over the socket, and one that comes in pieces over HTTP. */
const TASKS = ['Enhance prompt', 'Text'] as const;

const billed = (prompt: string) =>
  stage.runware.ledger.entries.filter(({ task }) => JSON.stringify(task).includes(prompt)).length;

async function run(task: (typeof TASKS)[number], prompt: string): Promise<void> {
  await popup.getByLabel('Task').selectOption({ label: task });
  await popup.getByLabel('Prompt', { exact: true }).fill(prompt);
  await popup.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => billed(prompt)).toBe(1);
}

/** The whole answer is there, and was paid for once. */
async function answers(prompt: string): Promise<void> {
  await expect
    .poll(() => result(popup).innerText(), { timeout: 30_000 })
    .toMatch(new RegExp(`${prompt}[^]* · \\d+\\.\\d s · `));
  expect(billed(prompt)).toBe(1);
}

describe.each(TASKS)('%s', task => {
  test('a call that was sent before the lock is kept, and shown after the unlock', async () => {
    const prompt = `Across a lock of ${task}`;
    stage.runware.switches.taskMs = 1_500;
    await run(task, prompt);
    await lock(popup);
    await new Promise(resolve => setTimeout(resolve, 2_000));
    expect(await popup.locator('body').innerText()).not.toContain(prompt);
    const heard = stage.runware.traffic.length;
    await unlock(popup, PASSPHRASE);
    await answers(prompt);
    // It had come while locked, and was not asked for again.
    const asked = stage.runware.traffic.slice(heard).filter(({ text }) => text.includes('getResponse'));
    expect(asked).toEqual([]);
  });

  test('a link that drops while locked is made again only after the unlock', async () => {
    const prompt = `Dropped while locked by ${task}`;
    stage.runware.switches.taskMs = 1_500;
    stage.runware.faults.add({ kind: 'sse-cut', after: 3 });
    await run(task, prompt);
    await lock(popup);
    stage.runware.drop();
    const { opened, traffic } = stage.runware;
    const heard = () => traffic.filter(({ direction }) => direction === 'in').length;
    const before = heard();
    await new Promise(resolve => setTimeout(resolve, 3_000));
    expect(stage.runware.opened).toBe(opened);
    expect(heard()).toBe(before);
    await unlock(popup, PASSPHRASE);
    await answers(prompt);
    stage.runware.faults.clear();
  });

  test('a background that dies while locked finds the call after the unlock', async () => {
    const prompt = `Died while locked with ${task}`;
    stage.runware.switches.taskMs = 1_000;
    await run(task, prompt);
    await lock(popup);
    await stage.chromium.killWorker();
    await unlock(popup, PASSPHRASE);
    await answers(prompt);
  });
});

test('a key edited during its calls: they still get their answers over links that dropped', async () => {
  stage.runware.switches.taskMs = 2_000;
  stage.runware.faults.add({ kind: 'sse-cut', after: 3 });
  for (const task of TASKS) await run(task, `Edited meanwhile by ${task}`);
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
  await answers('Edited meanwhile by Text');
  await popup
    .getByRole('region', { name: 'Recent' })
    .getByRole('listitem')
    .filter({ hasText: 'Edited meanwhile by Enhance' })
    .getByRole('button', { name: 'Show' })
    .click();
  await answers('Edited meanwhile by Enhance prompt');
});
