import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { ensureXvfb, startXvfb } from '../machine.mjs';
import { launchUnattached } from './drive/chromium-unattached';
import {
  addRunwareKey,
  createVault,
  distOf,
  emulate,
  goTo,
  lock,
  OPTIONS,
  POPUP,
  type Stage,
  setStage,
  unlock,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';
const MINUTE = 60_000;

let stage: Stage;
let profileDir: string;
let options: Page;
let popup: Page;

async function begin(): Promise<void> {
  stage = await setStage({ chromium: { profileDir } });
  stage.chromium.context.setDefaultTimeout(20_000);
  options = await stage.chromium.page(OPTIONS);
}

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-auto-lock-'));
  await begin();
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  await goTo(options, 'Security');
});
afterAll(async () => {
  await stage.close();
  await rm(profileDir, { recursive: true, force: true });
});

const isLocked = (page: Page) => page.getByRole('button', { name: 'Unlock' }).waitFor();
const isUnlocked = (page: Page) => page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
const tell = <Value>(script: string) => stage.chromium.worker.evaluate<Value>(script);

/** When the vault locks by itself, ms since the epoch, as the session has it. */
const until = () => tell<number>(`chrome.storage.session.get('until').then(({ until }) => until)`);
const alarm = () => tell<number | undefined>(`chrome.alarms.get('lock').then(it => it?.scheduledTime)`);

/** Moves the background's clock, as a suspended computer's alarms do not. */
const setClockForward = (ms: number) =>
  tell(`globalThis.now ??= Date.now; Date.now = () => now.call(Date) + ${ms}; undefined`);

async function unlockAgain(): Promise<void> {
  await unlock(options, PASSPHRASE);
  await isUnlocked(options);
}

describe('the moment at which the vault locks', () => {
  test('is a minute away when that is chosen, and an alarm is set for it', async () => {
    expect((await until()) - Date.now()).toBeGreaterThan(20 * MINUTE);
    await options.getByLabel('Lock by itself').selectOption({ label: 'after 1 minute without input' });
    await expect.poll(async () => (await until()) - Date.now()).toBeLessThanOrEqual(MINUTE);
    expect((await until()) - Date.now()).toBeGreaterThan(MINUTE / 2);
    expect(await alarm()).toBeCloseTo(await until(), -2);
  });

  test('stays for a page that is only open, and for input that no person made', async () => {
    const before = await until();
    // Input is told of every ten seconds at most: after that, nothing but its being none holds it back.
    await new Promise(resolve => setTimeout(resolve, 10_500));
    await options.evaluate(() => {
      dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
      dispatchEvent(new PointerEvent('pointerdown'));
      dispatchEvent(new WheelEvent('wheel'));
    });
    await new Promise(resolve => setTimeout(resolve, 1_000));
    expect(await until()).toBe(before);
  });

  test.each<[string, () => Promise<void>]>([
    ['a press of the mouse on the options page', () => options.mouse.click(5, 400)],
    [
      'a key typed into the popup',
      async () => {
        popup = await stage.chromium.page(POPUP);
        await popup.getByLabel('Prompt').press('a');
      },
    ],
  ])('moves with %s', async (_what, input) => {
    const before = await until();
    await input();
    await expect.poll(until).toBeGreaterThan(before);
    expect(await alarm()).toBeCloseTo(await until(), -2);
  });

  test('is kept from one who would have it later without opening the vault', async () => {
    await lock(options);
    const reply = await options.evaluate(() =>
      chrome.runtime.sendMessage<unknown>({
        ask: 'vault.setLocking',
        body: { locking: { minutes: 0, withScreen: false } },
      }),
    );
    expect(reply).toMatchObject({ ok: false, failure: { code: 'vault-locked' } });
    expect(await alarm()).toBeUndefined();
    await unlockAgain();
  });
});

describe('once it has passed, the vault is locked', () => {
  test('for the next request of an open page, and every page shows it', async () => {
    await options.bringToFront();
    await goTo(options, 'Keys');
    await setClockForward(MINUTE + 1_000);
    await options.getByRole('button', { name: 'Test' }).click();
    await isLocked(options);
    await isLocked(popup);
    expect(await tell<object>(`chrome.storage.session.get(['unlocked', 'until'])`)).toEqual({});
    await setClockForward(0);
    await unlockAgain();
    await isUnlocked(popup);
  });

  test('for a background that slept through it', async () => {
    await tell(`chrome.storage.session.set({ until: Date.now() - 1 })`);
    await stage.chromium.killWorker();
    await options.reload();
    await isLocked(options);
    await isLocked(popup);
    await unlockAgain();
  });
});

describe('the vault locks at once', () => {
  test('with the screen, and not while the person is merely idle', async () => {
    // The event itself is the browser's: there is no screen here to lock.
    await tell(`chrome.idle.onStateChanged.dispatch('idle')`);
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Works', { exact: true }).waitFor();
    await tell(`chrome.idle.onStateChanged.dispatch('locked')`);
    await isLocked(options);
    await isLocked(popup);
    await unlockAgain();
  });

  test('but not with the screen if that is not wished', async () => {
    await goTo(options, 'Security');
    await options.getByLabel('Lock when the screen locks').uncheck();
    await expect
      .poll(() =>
        options.evaluate(() => chrome.runtime.sendMessage<unknown>({ ask: 'vault.locking', body: {} })),
      )
      .toEqual({ ok: true, value: { minutes: 1, withScreen: false } });
    await tell(`chrome.idle.onStateChanged.dispatch('locked')`);
    await goTo(options, 'Keys');
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Works', { exact: true }).waitFor();
  });
});

test('the vault is locked after a restart of the browser, and what was chosen still holds', async () => {
  expect(stage.chromium.consoleLines).toEqual([]);
  await stage.close();
  await begin();
  await unlockAgain();
  await goTo(options, 'Security');
  const chosen = options.getByLabel('Lock by itself');
  await expect.poll(() => chosen.inputValue()).toBe('1');
  expect(await options.getByLabel('Lock when the screen locks').isChecked()).toBe(false);
  expect((await until()) - Date.now()).toBeLessThanOrEqual(MINUTE);
  expect(stage.chromium.consoleLines).toEqual([]);
});

test('the shortcut locks from whatever page the person is on', async () => {
  ensureXvfb({ xdotool: true });
  const screen = await startXvfb();
  const windowed = await setStage({ chromium: { headless: false, display: screen.display } });
  try {
    const page = await windowed.chromium.page(OPTIONS);
    await createVault(page, PASSPHRASE);
    const elsewhere = await windowed.chromium.context.newPage();
    await elsewhere.goto('about:blank');
    await expect
      .poll(
        async () => {
          execFileSync('xdotool', ['key', 'alt+shift+l'], {
            env: { ...process.env, DISPLAY: screen.display },
          });
          return page.getByRole('button', { name: 'Unlock' }).isVisible();
        },
        { timeout: 20_000, interval: 1_000 },
      )
      .toBe(true);
  } finally {
    await windowed.close();
    await screen.stop();
  }
});

test('a background that sleeps is woken by the alarm, and the open page shows the locked face', {
  timeout: 180_000,
}, async () => {
  // No debugger is attached here, for one would keep it awake.
  const { runware, hosts } = await emulate();
  const browser = await launchUnattached({ extensionDir: distOf('chromium'), hosts });
  try {
    const tab = await browser.openTab(OPTIONS);
    const ask = (name: string, body: object) =>
      browser.evaluate(tab, `chrome.runtime.sendMessage(${JSON.stringify({ ask: name, body })})`);
    const shown = async () => String(await browser.evaluate(tab, 'document.body.innerText'));
    const session = async () =>
      String(await browser.evaluate(tab, `chrome.storage.session.get(null).then(JSON.stringify)`));

    await expect.poll(shown, { timeout: 20_000 }).toContain('Create your vault');
    expect(await ask('vault.create', { passphrase: PASSPHRASE })).toMatchObject({ ok: true });
    const locking = { minutes: 1, withScreen: true };
    expect(await ask('vault.setLocking', { locking })).toMatchObject({ ok: true });
    await expect.poll(shown).toContain('No keys yet');
    await expect.poll(() => browser.isWorkerAlive(), { timeout: 50_000, interval: 1_000 }).toBe(false);
    expect(await session()).toContain('unlocked');
    // Looked at from outside, which wakes nobody.
    await expect.poll(session, { timeout: 60_000, interval: 1_000 }).not.toContain('unlocked');
    await expect.poll(shown, { timeout: 20_000 }).toContain('The vault is locked');
  } finally {
    await browser.close();
    await runware.close();
  }
});
