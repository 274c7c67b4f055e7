import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { describe, type ExpectStatic, test } from 'vitest';
import { operationOf } from '../../src/services/abouts';
import { initialValues } from '../../src/services/fields';
import { demoKey, type RunwareEmulator } from '../emulators/runware/index';
import { openPage } from './drive/ask';
import { launchUnattached } from './drive/chromium-unattached';
import { launchFirefox } from './drive/firefox';
import { addRunwareKeyIn, button, createVaultIn } from './drive/firefox-set-up';
import { distOf, emulate, OPTIONS, POPUP } from './stage';

// A browser ends a background that has been idle for 30 s. Nobody's debugger is on it here, which would keep it
// awake. The four wait at the same time, each in a browser of its own, and so each has an `expect` of its own.

const PASSPHRASE = 'plum anchor violin north';
/** How long the service takes: twice what an idle background lives, and at length longer than a silent link is kept. */
const TASK = process.env.RUNKEY_SOAK ? 180_000 : 70_000;
const TIMEOUT = TASK + 110_000;
/** How long a background with nothing to do is watched, ms. */
const AWAY = 70_000;
/** The browsers with nothing to do start this much later: four at once would keep each other from starting, ms. */
const LATER = 10_000;

/** Looks every second, while a task of that length runs, whether the background has died. */
async function livesOn(expect: ExpectStatic, isAlive: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + TASK - 2_000; Date.now() < end; await sleep(1_000))
    expect(await isAlive()).toBe(true);
}

/** Of an answer alone one could not tell whether a second background had fetched it: of this one can. */
function keptItsLink(expect: ExpectStatic, runware: RunwareEmulator): void {
  expect(runware.opened).toBe(1);
  const pings = runware.traffic.filter(
    ({ direction, text }) => direction === 'in' && text.includes('"ping"'),
  );
  expect(pings.length).toBeGreaterThanOrEqual(Math.floor(TASK / 20_000) - 1);
}

/** It goes to sleep, and stays asleep beyond the minute after which browsers tell that nobody is there. */
async function sleepsOn(expect: ExpectStatic, isAsleep: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + AWAY;
  expect(await isAsleep()).toBe(false);
  await expect.poll(isAsleep, { timeout: 60_000, interval: 1_000 }).toBe(true);
  for (; Date.now() < end; await sleep(1_000)) expect(await isAsleep()).toBe(true);
}

const Calls = v.array(
  v.object({
    request: v.object({ operation: v.string() }),
    state: v.object({ phase: v.string(), items: v.optional(v.array(v.unknown())) }),
  }),
);

/** A script for a page of ours: the calls that it is shown. */
const CALLS = `new Promise(resolve => {
  const port = chrome.runtime.connect({ name: 'state' });
  port.onMessage.addListener(event => {
    if (event.type !== 'snapshot') return;
    port.disconnect();
    resolve(event.calls);
  });
})`;

describe.concurrent(`the background lives as long as its work, here ${TASK / 1000} s, and no longer`, () => {
  test('in Chromium, over a socket and over HTTP, with every page closed', { timeout: TIMEOUT }, async ({
    expect,
  }) => {
    const { runware, hosts } = await emulate({ taskMs: TASK });
    const browser = await launchUnattached({ extensionDir: distOf('chromium'), hosts });
    try {
      const page = await openPage(browser, OPTIONS);
      await page.ask('vault.create', { passphrase: PASSPHRASE });
      const added = await page.ask('keys.add', {
        service: 'runware',
        notes: { label: 'Work' },
        values: { apiKey: demoKey },
      });
      const { id: key } = v.parse(v.object({ id: v.string() }), added);
      for (const operation of ['image', 'text']) {
        const values = {
          ...initialValues(operationOf('runware', operation).fields),
          prompt: 'A slow lighthouse',
        };
        await page.ask('calls.start', { key, operation, values });
      }
      await browser.closeTab(page.tab);
      await livesOn(expect, browser.isWorkerAlive);

      const later = await openPage(browser, OPTIONS);
      const outcomes = async () =>
        v.parse(Calls, await later.evaluate(CALLS)).map(({ request, state }) => ({
          operation: request.operation,
          phase: state.phase,
          items: state.items?.length,
        }));
      const done = (operation: string) => expect.objectContaining({ operation, phase: 'done', items: 1 });
      await expect
        .poll(outcomes, { timeout: 10_000 })
        .toEqual(expect.arrayContaining([done('image'), done('text')]));
      expect(runware.ledger.count()).toBe(2);
      keptItsLink(expect, runware);
    } finally {
      await browser.close();
      await runware.close();
    }
  });

  test('in Firefox, with every page closed', { timeout: TIMEOUT }, async ({ expect }) => {
    const { runware, hosts } = await emulate({ taskMs: TASK });
    const firefox = await launchFirefox({ hosts });
    try {
      await firefox.installTemporary(distOf('firefox'));
      await createVaultIn(firefox, PASSPHRASE);
      await addRunwareKeyIn(firefox, 'Work');
      await firefox.open(POPUP);
      await firefox.type({ label: 'Prompt' }, 'A slow lighthouse');
      await firefox.click(button('Run'));
      await firefox.waitFor(async () => runware.ledger.count() === 1, 'the task to be taken');
      await firefox.open('about:blank');
      await livesOn(expect, () => firefox.isBackgroundAlive());

      await firefox.open(POPUP);
      await firefox.find('img[alt="A slow lighthouse"]');
      expect(runware.ledger.count()).toBe(1);
      keptItsLink(expect, runware);
    } finally {
      await firefox.quit();
      await runware.close();
    }
  });

  test('with nothing to do it sleeps in Chromium, an open page or not', { timeout: TIMEOUT }, async ({
    expect,
  }) => {
    await sleep(LATER);
    const browser = await launchUnattached({ extensionDir: distOf('chromium') });
    try {
      await openPage(browser, OPTIONS);
      await sleepsOn(expect, async () => !(await browser.isWorkerAlive()));
    } finally {
      await browser.close();
    }
  });

  test('with nothing to do it sleeps in Firefox, an open page or not', { timeout: TIMEOUT }, async ({
    expect,
  }) => {
    await sleep(LATER);
    const firefox = await launchFirefox();
    try {
      await firefox.installTemporary(distOf('firefox'));
      await firefox.open(OPTIONS);
      await sleepsOn(expect, () => firefox.isBackgroundStopped());
    } finally {
      await firefox.quit();
    }
  });
});
