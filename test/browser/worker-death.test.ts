import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { addRunwareKey, createVault, OPTIONS, result, type Stage, setStage } from './stage';

let stage: Stage;
let popup: Page;
beforeAll(async () => {
  stage = await setStage();
  const options = await stage.chromium.page(OPTIONS);
  await createVault(options, 'plum anchor violin north');
  await addRunwareKey(options, 'Work', demoKey);
  popup = await stage.chromium.openPopup();
});
afterAll(() => stage.close());
afterEach(() => void Object.assign(stage.runware.switches, { taskMs: 60 }));

/** One that is pushed over the socket, and one that comes in pieces over HTTP. */
const TASKS = ['Enhance prompt', 'Text'] as const;

async function run(task: (typeof TASKS)[number], prompt: string): Promise<void> {
  await popup.getByLabel('Task').selectOption({ label: task });
  await popup.getByLabel('Prompt', { exact: true }).fill(prompt);
  await popup.getByRole('button', { name: 'Run' }).click();
}

const billed = (prompt: string) =>
  stage.runware.ledger.entries.filter(({ task }) => JSON.stringify(task).includes(prompt)).length;

/** The whole answer is there, and was paid for once. */
async function answers(prompt: string): Promise<void> {
  await expect
    .poll(() => result(popup).innerText(), { timeout: 30_000 })
    .toMatch(new RegExp(`${prompt}[^]* · \\d+\\.\\d s · `));
  expect(billed(prompt)).toBe(1);
}

describe.each(TASKS)('%s', task => {
  test('killed between unlock and Run: the vault is still unlocked, and the call works', async () => {
    await stage.chromium.killWorker();
    await run(task, `After a death of ${task}`);
    await answers(`After a death of ${task}`);
  });

  test('killed between Run and the answer: the open popup gets it', async () => {
    const prompt = `Across a death of ${task}`;
    stage.runware.switches.taskMs = 2_000;
    await run(task, prompt);
    await expect.poll(() => billed(prompt)).toBe(1);
    await stage.chromium.killWorker();
    await answers(prompt);
  });

  test('killed with nobody watching: the result waits in the next popup', async () => {
    const prompt = `Unseen by ${task}`;
    stage.runware.switches.taskMs = 1_500;
    await run(task, prompt);
    await expect.poll(() => billed(prompt)).toBe(1);
    await popup.close();
    await stage.chromium.killWorker();
    await new Promise(resolve => setTimeout(resolve, 2_000));
    popup = await stage.chromium.openPopup();
    await answers(prompt);
  });

  test('killed while a server forgets its session: the answer is asked for', async () => {
    const prompt = `Forgotten session of ${task}`;
    Object.assign(stage.runware.switches, { bufferMs: 0, taskMs: 800 });
    await run(task, prompt);
    await expect.poll(() => billed(prompt)).toBe(1);
    await stage.chromium.killWorker();
    await answers(prompt);
    stage.runware.switches.bufferMs = 120_000;
  });
});

test('killed in the middle of a stream: the whole of it is there in the end', async () => {
  stage.runware.switches.deltaMs = 100;
  await run('Text', 'Half a stream');
  await expect.poll(() => result(popup).locator('.answer').innerText()).toContain('This is the');
  await stage.chromium.killWorker();
  await answers('Half a stream');
  stage.runware.switches.deltaMs = 5;
});

test.each(['before-auth', 'same-frame', 'twice'] as const)(
  'a resumed session may replay “%s”',
  async replay => {
    const prompt = `Replay ${replay}`;
    Object.assign(stage.runware.switches, {
      replay,
      resumeId: replay === 'twice' ? 'new' : 'same',
      taskMs: 1_000,
    });
    await run('Enhance prompt', prompt);
    await expect.poll(() => billed(prompt)).toBe(1);
    const { opened } = stage.runware;
    await stage.chromium.killWorker();
    await answers(prompt);
    expect(stage.runware.opened).toBe(opened + 1);
  },
);
