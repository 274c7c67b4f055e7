import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Selecting, setSelecting } from './drive/selecting';

// A person who selects far more than anybody would: by the mouse and by the keyboard, in turn.
const SECONDS = process.env.RUNKEY_SOAK ? 60 : 3;
const A_SECOND = 20;
vi.setConfig({ testTimeout: (SECONDS + 60) * 1_000 });

let selecting: Selecting;
beforeAll(async () => {
  selecting = await setSelecting();
});
afterAll(() => selecting?.stage.close());

/** What the page's process holds once everything that nobody holds is collected, bytes. */
async function heap(session: CDPSession): Promise<number> {
  for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

async function select(page: Page, turn: number): Promise<void> {
  if (turn % 2 === 1) return page.keyboard.press('Shift+ArrowRight');
  const words = page.locator(turn % 4 === 0 ? '#first' : '#second');
  await words.dblclick({ position: { x: 40 + (turn % 3), y: 10 } });
}

test(`${A_SECOND} selections a second for ${SECONDS} s leave nothing behind, hold nothing up and ask for nothing`, async () => {
  const { page, ours } = await selecting.open('text.html');
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  // The bubble's code comes with the first of them.
  for (let turn = 0; turn < A_SECOND; turn++) await select(page, turn);
  await ours.button('Runkey');
  const before = await heap(session);
  const { runware } = selecting.stage;
  const asked = runware.traffic.length;
  const requests = selecting.stage.chromium.requests.length;
  await page.evaluate('tasks.length = 0');

  const began = performance.now();
  for (let turn = 0; turn < SECONDS * A_SECOND; turn++) {
    await select(page, turn);
    await sleep(Math.max(0, began + ((turn + 1) * 1_000) / A_SECOND - performance.now()));
  }
  // Another one than before: what was sent away stays away.
  await page.locator('h1').dblclick({ position: { x: 60, y: 20 } });
  await ours.button('Runkey');

  expect((await heap(session)) - before).toBeLessThan(1_000_000);
  // On a busy machine a task takes long that is not.
  if (process.env.RUNKEY_SOAK) expect(await page.evaluate('tasks')).toEqual([]);
  expect(selecting.stage.chromium.requests.length).toBe(requests);
  expect(runware.traffic.length).toBe(asked);
});
