import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { done, startCall } from './drive/calls';
import {
  addRunwareKey,
  askFrom,
  createVault,
  goTo,
  OPTIONS,
  POPUP,
  result,
  type Stage,
  setStage,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';
const PROMPT = `It's a "heron" $(touch bitten)`;

let stage: Stage;
let options: Page;
let popup: Page;

beforeAll(async () => {
  stage = await setStage({ chromium: { permissions: ['clipboard-read', 'clipboard-write'] } });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  popup = await stage.chromium.page(POPUP);
  await popup.getByLabel('Task').selectOption({ label: 'Enhance prompt' });
  await popup.getByLabel('Prompt', { exact: true }).fill(PROMPT);
  await popup.getByRole('button', { name: 'Run' }).click();
  await result(popup).getByText('Copy as').waitFor();
});
afterAll(() => stage.close());

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const button = (page: Page, as: 'curl' | 'fetch') =>
  page.getByRole('button', { name: as, description: 'Copy as', exact: true });

/** Presses with the keyboard, and gives back what was copied, once it is said that it was. */
async function copied(page: Page, as: 'curl' | 'fetch'): Promise<string> {
  const boxes = () => Promise.all([button(page, 'curl').boundingBox(), button(page, 'fetch').boundingBox()]);
  await page.bringToFront();
  await page.evaluate(() => navigator.clipboard.writeText('nothing yet'));
  await button(page, as).focus();
  const before = await boxes();
  await page.keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
  expect(await boxes()).toEqual(before);
  expect(await button(page, as).evaluate(one => one === document.activeElement)).toBe(true);
  return clipboard(page);
}

function expectCall(text: string, as: 'curl' | 'fetch'): void {
  expect(text).toContain('https://api.runware.ai/v1');
  expect(text).toContain('"taskType": "promptEnhance"');
  expect(text).not.toContain(demoKey);
  expect(text).toContain(
    as === 'curl'
      ? `"prompt": "It'\\''s a \\"heron\\" $(touch bitten)"`
      : `"prompt": "It's a \\"heron\\" $(touch bitten)"`,
  );
  expect(text).toContain(
    as === 'curl'
      ? `-H 'authorization: Bearer '"$RUNWARE_API_KEY"`
      : `'authorization': \`Bearer \${process.env.RUNWARE_API_KEY}\``,
  );
}

const idIn = (text: string): string => /"taskUUID": "([0-9a-f-]{36})"/.exec(text)?.[1] ?? '';

describe('a finished call is copied with the name of a variable for the key', () => {
  test('in the popup', async () => {
    for (const as of ['curl', 'fetch'] as const) expectCall(await copied(popup, as), as);
  });

  test('in the large view of the history, each time under an id of its own', async () => {
    await goTo(options, 'History');
    await options.locator('.call').getByRole('button').first().click();
    const ids: string[] = [];
    for (const as of ['curl', 'fetch'] as const) {
      const text = await copied(options, as);
      expectCall(text, as);
      ids.push(idIn(text));
    }
    const { calls } = await askFrom<{ calls: { id: string }[] }>(options, 'history.list', { most: 100 });
    expect(new Set([...ids, ...calls.map(({ id }) => id)]).size).toBe(3);
    expect(ids).not.toContain('');
    await button(options, 'fetch').blur();
    await expect.poll(() => options.getByText('Copied', { exact: true }).count()).toBe(0);
    await options.keyboard.press('Escape');
  });

  test('with the picture that was put in', async () => {
    const pixel =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const picture = `data:image/png;base64,${pixel}`;
    const key = await options.evaluate(
      () =>
        new Promise<string>(resolve => {
          const port = chrome.runtime.connect({ name: 'state' });
          port.onMessage.addListener((event: { keys?: { id: string }[] }) => {
            if (event.keys?.[0]) resolve(event.keys[0].id);
          });
        }),
    );
    const id = await startCall(options, key, 'caption', { picture });
    await done(options, id);
    const { text } = await askFrom<{ text: string }>(options, 'calls.copyAs', { id, as: 'curl' });
    expect(text).toContain(`"image": "${picture}"`);
  });

  test('not while it runs, and not of a key that is gone, which is said', async () => {
    stage.runware.switches.taskMs = 60_000;
    await popup.bringToFront();
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByRole('button', { name: 'Cancel' }).waitFor();
    expect(await result(popup).getByText('Copy as').count()).toBe(0);
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await result(popup).getByText('Copy as').waitFor();
    const { calls } = await askFrom<{ calls: { request: { key: string } }[] }>(options, 'history.list', {
      most: 1,
    });
    await askFrom(options, 'keys.remove', { id: calls[0]?.request.key });
    await options.bringToFront();
    await options.locator('.call').getByRole('button').first().click();
    await button(options, 'curl').click();
    await options.getByRole('alert').filter({ hasText: 'That key is no longer in the vault.' }).waitFor();
  });
});
