import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { runnerImport } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inPage } from '../bench/in-page';
import { snapshotOf } from './drive/calls';
import { askFrom, OPTIONS, type Stage, setStage, unlock } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const ENTRIES = 150;

let stage: Stage;
let page: Page;

beforeAll(async () => {
  // Written by the journal itself, whose modules only Vite can load.
  const { module: past } = await runnerImport<typeof import('../bench/past')>(
    fileURLToPath(new URL('../bench/past.ts', import.meta.url)),
    { root: fileURLToPath(new URL('../..', import.meta.url)), configFile: false, logLevel: 'error' },
  );
  const records = await past.makePast(ENTRIES, PASSPHRASE);
  stage = await setStage();
  page = await stage.chromium.page(OPTIONS);
  await page.getByRole('button', { name: 'Create vault' }).waitFor();
  await page.evaluate(`${await inPage('put-records.js')}(${JSON.stringify(records)})`);
  await stage.chromium.killWorker();
  await page.goto(`${page.url().split('#')[0]}#history`);
  await page.reload();
  await unlock(page, PASSPHRASE);
  await page.locator('.call').first().waitFor();
}, 60_000);
afterAll(() => stage.close());

beforeEach(async () => {
  await page.setViewportSize({ width: 900, height: 700 });
  await page.reload();
  await page.locator('.call').first().waitFor();
});

const Looks = v.object({
  /** The groups: how many cards each shows, and how high it is. */
  groups: v.array(v.object({ cards: v.number(), height: v.number() })),
  overflow: v.number(),
  y: v.number(),
  focused: v.string(),
});
const look = async () =>
  v.parse(
    Looks,
    await page.evaluate(`({
      groups: [...document.querySelectorAll('.calls ul')].map(group => ({
        cards: group.children.length,
        height: Math.round(group.getBoundingClientRect().height),
      })),
      overflow: document.documentElement.scrollWidth - innerWidth,
      y: scrollY,
      focused: document.activeElement.id,
    })`),
  );

async function toTheEnd(): Promise<void> {
  await page.locator('.call button').nth(2).focus();
  for (let times = 0; times < 8; times++) {
    await page.keyboard.press('End');
    await sleep(300);
  }
}

describe('a long history', () => {
  test('keeps only what is near, and is no wider for it', async () => {
    await toTheEnd();
    const { groups, overflow } = await look();
    expect(groups.length).toBeGreaterThan(8);
    expect(groups.filter(({ cards }) => cards === 0).length).toBeGreaterThan(4);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.screenshot({ path: 'out/history-long.png' });
  });

  test('lets go of whole shelves that are far, which stay as high, and finds them again', async () => {
    const first = () =>
      page.evaluate(() => {
        const shelf = document.querySelector('.shelf');
        return { groups: shelf?.children.length, height: shelf?.getBoundingClientRect().height };
      });
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return page.locator('.shelf').count();
      })
      .toBeGreaterThan(1);
    const before = await first();
    expect(before.groups).toBe(10);
    await expect
      .poll(
        async () => {
          await page.keyboard.press('End');
          return (await first()).groups;
        },
        { timeout: 20_000, interval: 200 },
      )
      .toBe(0);
    expect(Math.abs(Number((await first()).height) - Number(before.height))).toBeLessThan(20);
    await page.keyboard.press('Home');
    await expect.poll(async () => (await first()).groups).toBe(before.groups);
    await page.locator('.call').first().waitFor();
  });

  test.each([900, 560, 500, 400, 320])(
    '%i wide, has groups as high without their cards as with them',
    async width => {
      await page.setViewportSize({ width, height: 700 });
      await toTheEnd();
      const { groups, overflow } = await look();
      expect(overflow).toBeLessThanOrEqual(0);
      const full = groups.filter(({ cards }) => cards === 12);
      const empty = groups.filter(({ cards }) => cards === 0);
      expect(full.length).toBeGreaterThan(0);
      expect(empty.length).toBeGreaterThan(0);
      for (const { height } of empty) expect(Math.abs(height - (full[0]?.height ?? 0))).toBeLessThan(8);
    },
  );

  test('does not jump under the wheel', async () => {
    await page.mouse.move(450, 400);
    let { y } = await look();
    for (let turn = 0; turn < 15; turn++) {
      await page.mouse.wheel(0, 300);
      await sleep(150);
      const now = await look();
      expect(Math.abs(now.y - y - 300)).toBeLessThan(4);
      y = now.y;
    }
  });

  test('keeps the keyboard where it was, however far the page is turned', async () => {
    await page.locator('.call button').nth(2).focus();
    const { focused } = await look();
    expect(focused).toMatch(/^call-/);
    for (let times = 0; times < 8; times++) {
      await page.keyboard.press('PageDown');
      await sleep(150);
    }
    expect((await look()).focused).toBe(focused);
    await page.keyboard.press('Tab');
    expect((await look()).focused).not.toBe(focused);
    expect((await look()).focused).toMatch(/^call-/);
  });

  test('keeps the keyboard on its card when a new call moves that to another group', async () => {
    await page.locator('.call button').nth(11).focus();
    const { focused } = await look();
    const [key] = (await snapshotOf(page)).keys;
    const values = { prompt: 'A heron', model: 'google:gemma@4-31b', maxTokens: '64' };
    const { id } = await askFrom<{ id: string }>(page, 'calls.start', {
      key: key?.id,
      operation: 'text',
      values,
    });
    await page.locator(`#call-${id}`).waitFor();
    await expect.poll(async () => (await look()).focused).toBe(focused);
  });
});
