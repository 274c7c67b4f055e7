import { spawnSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import * as v from 'valibot';
import { OPTIONS, type Stage, setStage } from '../browser/stage';
import { demoKey } from '../emulators/runware/index';
import { median, printLimit, printTable, warnOfLoad } from './figures';
import { openAnew, painted, watchPainting } from './painted';

/** Runs that count, each kind in turn, after a few that warm up. */
const ROUNDS = 11;
const WARM_UP = 2;

const PASSPHRASE = 'plum anchor violin north';

/** The standard tool at the vault's own strength, ms: 2^16 KiB, three passes, one lane. */
function nativeDerivation(): number {
  const from = performance.now();
  const args = ['somesaltsomesalt', '-id', '-t', '3', '-m', '16', '-p', '1', '-l', '32', '-r'];
  const { status } = spawnSync('argon2', args, { input: PASSPHRASE });
  if (status !== 0) throw new Error('argon2 did not run.');
  return performance.now() - from;
}

/** A browser whose vault has so many keys. */
async function stageWith(keys: number): Promise<{ stage: Stage; page: Page }> {
  const stage = await setStage();
  const page = await stage.chromium.page(OPTIONS);
  const asked = await page.evaluate(`(async () => {
    const ask = async (ask, body) => {
      const reply = await chrome.runtime.sendMessage({ ask, body });
      if (!reply?.ok) throw new Error(ask + ': ' + JSON.stringify(reply));
    };
    await ask('vault.create', { passphrase: ${JSON.stringify(PASSPHRASE)} });
    for (let at = 1; at <= ${keys}; at++) {
      const notes = { label: 'Key ' + at, notes: 'The key of project ' + at, environment: 'staging' };
      await ask('keys.add', { service: 'runware', notes, values: { apiKey: ${JSON.stringify(demoKey)} + at } });
    }
    return true;
  })()`);
  if (asked !== true) throw new Error('The vault was not filled.');
  await watchPainting(page, 'main li h3');
  return { stage, page };
}

/** Locks, and unlocks as a person would: from the press on the button to the painted list. */
async function unlock(page: Page): Promise<number> {
  await page.getByRole('button', { name: 'Lock' }).click();
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  await page.evaluate('Object.assign(bench, { since: performance.now(), painted: undefined })');
  await page.getByRole('button', { name: 'Unlock' }).click();
  return painted(page);
}

/** What the background itself takes to unlock, asked by a page: the derivation and everything after it. */
async function answer(page: Page): Promise<number> {
  const took = await page.evaluate(`(async () => {
    const ask = (ask, body) => chrome.runtime.sendMessage({ ask, body });
    await ask('vault.lock', {});
    const from = performance.now();
    const reply = await ask('vault.unlock', { proof: { by: 'passphrase', passphrase: ${JSON.stringify(PASSPHRASE)} } });
    if (!reply?.ok) throw new Error('not unlocked');
    return performance.now() - from;
  })()`);
  return v.parse(v.number(), took);
}

warnOfLoad();
const few = await stageWith(10);
const many = await stageWith(1000);
const figures = {
  native: [] as number[],
  unlocking: [] as number[],
  openFew: [] as number[],
  openMany: [] as number[],
  unlockFew: [] as number[],
  unlockMany: [] as number[],
};
try {
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const taken = {
      native: nativeDerivation(),
      unlocking: await answer(few.page),
      openFew: await openAnew(few.page),
      openMany: await openAnew(many.page),
      unlockFew: await unlock(few.page),
      unlockMany: await unlock(many.page),
    };
    if (round < 0) continue;
    for (const name of Object.keys(figures) as (keyof typeof figures)[]) figures[name].push(taken[name]);
  }
} finally {
  await few.stage.close();
  await many.stage.close();
}

printTable(`The vault, ms (${ROUNDS} runs of each in turn)`, [
  ['Argon2id, 64 MiB, the native tool', figures.native],
  ['unlocking, as a page sees it', figures.unlocking],
  ['options page with 10 keys, painted', figures.openFew],
  ['options page with 1,000 keys, painted', figures.openMany],
  ['Unlock to painted list, 10 keys', figures.unlockFew],
  ['Unlock to painted list, 1,000 keys', figures.unlockMany],
]);
console.log();
printLimit('unlocking : native derivation', median(figures.unlocking) / median(figures.native), 2);
printLimit('1,000 keys : 10 keys', median(figures.openMany) / median(figures.openFew), 1.5);
