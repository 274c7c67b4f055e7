import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { runnerImport } from 'vite';
import { GROUP } from '../../src/options/history/loaded';
import { OPTIONS, type Stage, setStage } from '../browser/stage';
import { median, printLimit, printTable, warnOfLoad } from './figures';
import { inPage } from './in-page';
import { longestTask, openAnew, painted, watchPainting } from './painted';

/** Runs that count, each kind in turn, after a few that warm up. */
const ROUNDS = 9;
const WARM_UP = 2;

const FEW = 10;
const MANY = 10_000;
/** How long it is scrolled, ms. */
const DOWN = 60_000;
const UP = 20_000;
/** Records that are put into the browser's database at once. */
const AT_ONCE = 500;

const PASSPHRASE = 'plum anchor violin north';
const CARD = 'main li button[aria-haspopup="dialog"]';

/** A profile whose history has so many calls. */
async function profileWith(past: typeof import('./past'), entries: number): Promise<string> {
  const records = await past.makePast(entries, PASSPHRASE);
  const profileDir = await mkdtemp(join(tmpdir(), 'runkey-history-'));
  const stage = await setStage({ chromium: { profileDir } });
  const page = await stage.chromium.page(OPTIONS);
  await page.getByRole('button', { name: 'Create vault' }).waitFor();
  const putRecords = await inPage('put-records.js');
  for (let from = 0; from < records.length; from += AT_ONCE)
    await page.evaluate(`${putRecords}(${JSON.stringify(records.slice(from, from + AT_ONCE))})`);
  await stage.close();
  return profileDir;
}

/**
 * A browser with such a profile, its page open. It is another run of it: what put the records there stays in the
 * memory of whoever ran it, where a debugger looks on, and is then collected again and again.
 */
async function stageWith(profileDir: string): Promise<{ stage: Stage; page: Page }> {
  const stage = await setStage({ chromium: { profileDir } });
  const page = await stage.chromium.page(OPTIONS);
  await watchPainting(page, CARD);
  await page.goto(`${page.url().split('#')[0]}#history`);
  await page.reload();
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await painted(page);
  return { stage, page };
}

/**
 * Scrolls down with all that is loaded on the way, and back in steps of a window's height, for so long at most.
 * Gives how many calls were loaded.
 */
async function scrollThrough(page: Page): Promise<number> {
  const loaded = await page.evaluate(`new Promise(resolve => {
    // Cards and groups are there only while they are near.
    const count = () => [...document.querySelectorAll('.shelf')].reduce(
      (sum, { style }) => sum + Number(style.getPropertyValue('--groups')), 0) * ${GROUP};
    const end = performance.now() + ${DOWN};
    const down = () => {
      scrollTo(0, document.documentElement.scrollHeight);
      const on = count() < ${MANY} && performance.now() < end;
      requestAnimationFrame(on ? down : up);
    };
    const up = () => {
      scrollBy(0, -innerHeight);
      if (scrollY > 0 && performance.now() < end + ${UP}) requestAnimationFrame(up);
      else resolve(count());
    };
    down();
  })`);
  return v.parse(v.number(), loaded);
}

warnOfLoad();
// Written by the journal itself, whose modules only Vite can load.
const { module: past } = await runnerImport<typeof import('./past')>(
  fileURLToPath(new URL('./past.ts', import.meta.url)),
  { root: fileURLToPath(new URL('../..', import.meta.url)), configFile: false, logLevel: 'error' },
);
const profiles = [await profileWith(past, FEW), await profileWith(past, MANY)] as const;
const few = await stageWith(profiles[0]);
const many = await stageWith(profiles[1]);
const figures = { few: [] as number[], many: [] as number[] };
let [painting, scrolling, loaded] = [0, 0, 0];
try {
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const taken = { few: await openAnew(few.page), many: await openAnew(many.page) };
    if (round < 0) continue;
    figures.few.push(taken.few);
    figures.many.push(taken.many);
    // What comes after the first paint, its pictures for one, belongs to it.
    await sleep(500);
    painting = Math.max(painting, await longestTask(many.page));
  }
  loaded = await scrollThrough(many.page);
  scrolling = await longestTask(many.page);
} finally {
  await few.stage.close();
  await many.stage.close();
  for (const profile of profiles) await rm(profile, { recursive: true, force: true });
}

const count = (entries: number): string => `${entries.toLocaleString('en')} entries`;
printTable(`History, ms (${ROUNDS} runs of each in turn)`, [
  [`${count(FEW)}, first paint`, figures.few],
  [`${count(MANY)}, first paint`, figures.many],
]);
console.log();
printLimit(`${count(MANY)} : ${count(FEW)}`, median(figures.many) / median(figures.few), 1.5);
// The browser tells of tasks from 50 ms on: 0 is none of those.
printLimit('longest task, painting, ms', painting, 50);
printLimit(`longest, scrolling ${loaded.toLocaleString('en')}, ms`, scrolling, 50);
process.exit(0);
