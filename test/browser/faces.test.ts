import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { cancelCall, done, snapshotOf, startCall } from './drive/calls';
import { look, PICTURES } from './drive/face';
import {
  addRunwareKey,
  alertIn,
  askFrom,
  createVault,
  goTo,
  OPTIONS,
  POPUP,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';
describe.each(['light', 'dark'] as const)('in the %s theme every face passes axe:', theme => {
  let stage: Stage;
  let options: Page;
  let popup: Page;
  beforeAll(async () => {
    await mkdir(PICTURES, { recursive: true });
    stage = await setStage({ chromium: { colorScheme: theme, viewport: { width: 900, height: 700 } } });
    options = await stage.chromium.page(OPTIONS);
    popup = await stage.chromium.page(POPUP);
  });
  afterAll(() => stage.close());

  test('the first visit', async () => {
    await options.bringToFront();
    await options.getByLabel('Passphrase', { exact: true }).fill('short');
    await options.getByRole('button', { name: 'Create vault' }).click();
    await options.getByText('Passphrase needs at least 8 characters.').waitFor();
    await look(options, `${theme}-options-first-visit`);
    await look(popup, `${theme}-popup-first-visit`);
  });

  test('no keys yet', async () => {
    await createVault(options, PASSPHRASE);
    await look(options, `${theme}-options-empty`);
    await popup.getByRole('heading', { name: 'No keys yet' }).waitFor();
    await look(popup, `${theme}-popup-empty`);
    await goTo(options, 'History');
    await options.getByText('Nothing yet.').waitFor();
    await look(options, `${theme}-history-empty`);
    await goTo(options, 'Keys');
  });

  test('adding a key', async () => {
    await options.getByRole('button', { name: 'Add key' }).click();
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByText('API key is empty.').waitFor();
    await look(options, `${theme}-options-add-key`);
    await options.getByLabel('Label', { exact: true }).fill('Half');
    await options.getByRole('link', { name: 'History' }).click();
    await look(options, `${theme}-options-leaving`);
    await options.getByRole('button', { name: 'Stay' }).click();
    await options.getByRole('button', { name: 'Cancel' }).click();
  });

  test('keys, tested well and badly', async () => {
    await addRunwareKey(options, 'Work', demoKey);
    await addRunwareKey(options, 'Old', 'no-such-key-at-runware');
    await options.getByRole('button', { name: 'Test' }).first().click();
    await options.getByText('Works', { exact: true }).waitFor();
    await options.getByRole('button', { name: 'Test' }).last().click();
    await options.getByText('Rejected', { exact: true }).waitFor();
    await look(options, `${theme}-options-keys`);
    await options.getByRole('button', { name: 'Edit' }).first().click();
    await options.getByRole('heading', { name: 'Edit “Work”' }).waitFor();
    await options.getByRole('button', { name: 'Delete' }).last().click();
    await look(options, `${theme}-options-edit-and-delete`);
    await options.getByRole('button', { name: 'Keep' }).click();
    await options.getByRole('button', { name: 'Cancel' }).click();
  });

  test('what can be done with a key', async () => {
    const work = options.getByRole('listitem').filter({ hasText: 'Work' });
    await work.getByRole('button', { name: 'Where it has been' }).click();
    await work.getByRole('cell', { name: 'Test' }).waitFor();
    await look(options, `${theme}-options-uses`);
    await work.getByRole('button', { name: 'Replace' }).click();
    await look(options, `${theme}-options-replace`);
    await work.getByRole('button', { name: 'Reveal' }).click();
    await look(options, `${theme}-options-step-up`);
    await work.getByLabel('Passphrase').fill(PASSPHRASE);
    await work.getByRole('button', { name: 'Show it' }).click();
    await work.getByText(demoKey).waitFor();
    await look(options, `${theme}-options-revealed`);
    await work.getByRole('button', { name: 'Hide' }).click();
  });

  test('what was pasted', async () => {
    await options.getByRole('button', { name: 'Add key' }).click();
    await options
      .getByLabel('Paste anything')
      .fill(
        'RUNWARE_API_KEY=abcdef0123456789abcdef\nRUNWARE_API_KEY_STAGING=xyzdef0123456789abcdef\nOTHER_KEY=some-other-value',
      );
    await options.getByRole('button', { name: 'Add 2 keys' }).waitFor();
    await look(options, `${theme}-options-pasted`);
    await options.getByRole('button', { name: 'Cancel' }).click();
  });

  test('security', async () => {
    await options.getByRole('link', { name: 'Security' }).click();
    await options.getByLabel('Lock by itself').waitFor();
    await look(options, `${theme}-options-security`);
    await options.getByRole('button', { name: 'Change passphrase' }).click();
    await options.getByLabel('New passphrase', { exact: true }).fill('correct horse battery staple');
    await options.getByText('would need').first().waitFor();
    await look(options, `${theme}-options-change-passphrase`);
    for (const name of ['Replace vault key', 'Back up', 'Restore', 'Erase']) {
      await options.getByRole('button', { name, exact: true }).click();
      await look(options, `${theme}-options-${name.toLowerCase().replaceAll(' ', '-')}`);
      await options.getByRole('button', { name, exact: true }).click();
    }
    await options.getByRole('button', { name: 'Add passkey' }).click();
    await look(options, `${theme}-options-add-passkey`);
    await options.getByRole('button', { name: 'Cancel' }).click();
    await options.getByRole('link', { name: 'Keys' }).click();
  });

  test('a call: ready, open, with its image, with its text, failed', async () => {
    await popup.bringToFront();
    await popup.getByLabel('Prompt').fill('A harbour in the fog, oil on canvas');
    await look(popup, `${theme}-popup-ready`);
    stage.runware.switches.taskMs = 2_000;
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText('Drawing…').waitFor();
    await look(popup, `${theme}-popup-open-call`);
    await result(popup).getByRole('img').waitFor();
    await look(popup, `${theme}-popup-image`);
    stage.runware.switches.taskMs = 60;

    await popup.getByText('More options').click();
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    await look(popup, `${theme}-popup-more-options`);
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).locator('.answer').waitFor();
    await look(popup, `${theme}-popup-text`);

    stage.runware.faults.add({
      kind: 'error',
      failure: { code: 'insufficientCredits', message: 'Insufficient credits.' },
    });
    await popup.getByRole('button', { name: 'Run' }).click();
    await alertIn(popup).waitFor();
    await look(popup, `${theme}-popup-failed`);
  });

  test('several calls: one that can be undone, one with its progress, one whose turn it is not', async () => {
    const { keys } = await snapshotOf(popup);
    const key = keys.find(({ label }) => label === 'Work')?.id ?? '';
    await askFrom(options, 'keys.change', { id: key, notes: { label: 'Work' }, values: { atOnce: '1' } });
    stage.runware.switches.taskMs = 30_000;
    const film = await startCall(popup, key, 'video', { prompt: 'Waves on a shingle beach, at dawn' });
    await popup.getByText(/^Sending in \d s/).waitFor();
    await look(popup, `${theme}-popup-undo`);
    await result(popup).getByRole('progressbar').waitFor({ timeout: 20_000 });
    const next = await startCall(popup, key, 'image', { prompt: 'A gull' });
    await popup.getByText('Waiting for its turn: other calls').waitFor();
    await look(popup, `${theme}-popup-several`);
    for (const id of [next, film]) await cancelCall(popup, id);
    stage.runware.switches.taskMs = 60;
  });

  test('a picture, a search for a model, a price, and a balance that is low', async () => {
    stage.runware.setBalance(demoKey, 0.4);
    const { keys } = await snapshotOf(popup);
    const id = keys.find(({ label }) => label === 'Work')?.id;
    // What is known is else good for ten minutes.
    await askFrom(popup, 'keys.health', { id, maxAge: 0 });
    await popup.reload();
    await popup.getByText('Balance is low: $0.40 left.').waitFor();
    await popup.getByLabel('Task').selectOption({ label: 'Describe image' });
    const picture = new PNG({ width: 320, height: 200 });
    for (let at = 0; at < picture.data.length; at++) picture.data[at] = at % 4 === 3 ? 255 : (at / 500) % 256;
    await popup
      .locator('input[type=file]')
      .setInputFiles({ name: 'dunes.png', mimeType: 'image/png', buffer: PNG.sync.write(picture) });
    await popup.getByText('Choose another').waitFor();
    await popup.getByRole('button', { name: 'Price' }).click();
    await popup.getByText(/^Costs \$/).waitFor();
    await look(popup, `${theme}-popup-picture`);

    await popup.getByLabel('Task').selectOption({ label: 'Image' });
    const more = popup.getByText('More options');
    if (!(await popup.getByLabel('Model').isVisible())) await more.click();
    await popup.getByLabel('Model').fill('flux');
    await popup.getByRole('button', { name: 'Search' }).click();
    await popup.getByRole('listbox').getByRole('option').first().waitFor();
    await look(popup, `${theme}-popup-models`);
    await popup.getByLabel('Model').press('Escape');
    await more.click();
    stage.runware.setBalance(demoKey, 100);
  });

  test('the history, and one of its calls', async () => {
    const { keys } = await snapshotOf(popup);
    const key = keys.find(({ label }) => label === 'Work')?.id ?? '';
    for (const [task, values] of [
      ['sound', { prompt: 'Rain on a tin roof', duration: '1' }],
      ['models', { search: 'flux' }],
      ['image', { prompt: 'A heron, waiting', width: '512', height: '512', count: '2' }],
    ] as const)
      await done(popup, await startCall(popup, key, task, values));
    await options.bringToFront();
    await goTo(options, 'History');
    const heron = options.locator('.call').filter({ hasText: 'A heron' });
    await heron.locator('img').waitFor();
    await look(options, `${theme}-history`);
    await heron.getByRole('button').click();
    const large = options.getByRole('dialog');
    await expect.poll(() => large.getByRole('img').count()).toBe(2);
    await look(options, `${theme}-history-large`);
    await large.getByRole('button', { name: 'Close' }).click();
    await goTo(options, 'Keys');
  });

  test('offline', async () => {
    await stage.chromium.context.setOffline(true);
    await popup.getByText('This computer is offline.').waitFor();
    await look(popup, `${theme}-popup-offline`);
    await stage.chromium.context.setOffline(false);
  });

  test('locked, and a wrong passphrase', async () => {
    await popup.getByRole('button', { name: 'Lock' }).click();
    await unlock(popup, 'not this one at all');
    await alertIn(popup).waitFor();
    await look(popup, `${theme}-popup-locked`);
    await options.getByRole('button', { name: 'Unlock' }).waitFor();
    await look(options, `${theme}-options-locked`);
  });

  test('a damaged vault, which is not called a wrong passphrase', async () => {
    await options.evaluate(async () => {
      const database = await new Promise<IDBDatabase>(resolve => {
        const opening = indexedDB.open('runkey');
        opening.onsuccess = () => resolve(opening.result);
      });
      for (const name of ['header', 'header copy']) {
        const store = database.transaction(name, 'readwrite').objectStore(name);
        await new Promise<void>(resolve => {
          store.get('vault').onsuccess = ({ target }) => {
            const { result } = target as IDBRequest<{ checksum: Uint8Array }>;
            result.checksum[0] = (result.checksum[0] ?? 0) ^ 1;
            store.put(result, 'vault').onsuccess = () => resolve();
          };
        });
      }
    });
    await options.reload();
    await expect.poll(() => alertIn(options).innerText()).toContain('The stored vault is damaged');
    await look(options, `${theme}-options-damaged`);
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme at 400 pixels', theme => {
  /** A label without a blank, and one whose letters would turn their neighbours. */
  const LONG = 'Wide'.repeat(25);
  const TURNED = 'Turned \u202eruoy';
  let stage: Stage;
  let options: Page;
  let file: string;
  beforeAll(async () => {
    await mkdir(PICTURES, { recursive: true });
    stage = await setStage({ chromium: { colorScheme: theme, viewport: { width: 400, height: 700 } } });
    options = await stage.chromium.page(OPTIONS);
    await createVault(options, PASSPHRASE);
  });
  afterAll(() => stage.close());

  const button = (name: string) => options.getByRole('button', { name, exact: true });
  /** Nothing may need scrolling to the side. */
  async function fits(name: string): Promise<void> {
    await look(options, `narrow-${theme}-${name}`);
    const over = await options.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over).toBeLessThanOrEqual(0);
  }
  const inView = (text: string) =>
    options.getByText(text).evaluate(it => {
      const { top, bottom } = it.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });

  test('adding a key', async () => {
    await button('Add key').click();
    await fits('add-key');
    await options
      .getByLabel('Paste anything')
      .fill(`RUNWARE_API_KEY=${demoKey}\nRUNWARE_API_KEY_STAGING=${demoKey}x`);
    await options.getByRole('button', { name: 'Add 2 keys' }).waitFor();
    await fits('pasted');
    await options.getByLabel('Paste anything').fill(`RUNWARE_API_KEY=${demoKey}\nOTHER_KEY=some-value-of-it`);
    await options.getByLabel('Label').focus();
    await options.getByText('The form was filled in').waitFor();
    await fits('filled-in');
    await options.getByLabel('Label').fill(LONG);
    await button('Save key').click();
    await options.getByText('was saved.').waitFor();
    await addRunwareKey(options, TURNED, 'no-such-key-at-runware');
  });

  test('keys, whatever they are called', async () => {
    const [wide, turned] = [options.locator('.keys > li').first(), options.locator('.keys > li').last()];
    await turned.getByRole('button', { name: 'Test' }).click();
    await turned.getByText('Rejected', { exact: true }).waitFor();
    await wide.getByRole('button', { name: 'Test' }).click();
    await wide.getByText('Works', { exact: true }).waitFor();
    await wide.getByRole('button', { name: 'Where it has been' }).click();
    await wide.getByRole('cell', { name: 'Test' }).waitFor();
    await turned.getByRole('button', { name: 'Delete' }).click();
    await fits('keys');
    // The words after the label still go from left to right.
    const [f, r] = await turned
      .locator('bdi')
      .last()
      .evaluate(label => {
        let after = label.nextSibling;
        while (after && !after.textContent?.includes('for good')) after = after.nextSibling;
        if (!after) throw new Error('The question does not go on after the label.');
        const from = after.textContent?.indexOf('for') ?? 0;
        const range = document.createRange();
        return [from, from + 2].map(at => {
          range.setStart(after, at);
          range.setEnd(after, at + 1);
          return range.getBoundingClientRect().x;
        });
      });
    expect(f).toBeLessThan(r ?? 0);
    await button('Keep').click();
    await wide.getByRole('button', { name: 'Edit' }).click();
    await fits('edit');
    await button('Cancel').click();
  });

  test('security, where each card says what was done in it', async () => {
    await goTo(options, 'Security');
    await options.getByLabel('Lock by itself').waitFor();
    await fits('security');
    await button('Change passphrase').click();
    await options.getByLabel('New passphrase', { exact: true }).fill('correct horse battery staple');
    await options.getByText('would need').first().waitFor();
    await fits('change-passphrase');
    await button('Back up').click();
    await options.getByLabel('Passphrase').fill(PASSPHRASE);
    const saving = options.waitForEvent('download', { timeout: 30_000 });
    await button('Save the file').press('Enter');
    file = await (await saving).path();
    await options.getByText('2 keys were saved to your downloads.').waitFor();
    expect(await inView('2 keys were saved to your downloads.')).toBe(true);
    await expect.poll(() => options.evaluate(() => document.activeElement?.textContent)).toBe('Back up');
    await fits('backed-up');
  });

  test('restoring, which asks again before it deletes anything', async () => {
    await goTo(options, 'Keys');
    await addRunwareKey(options, 'Third', demoKey);
    await options.getByRole('button', { name: 'Edit' }).nth(1).click();
    await options.getByLabel('Label').fill('Changed later');
    await button('Save key').click();
    await goTo(options, 'Security');
    await button('Restore').click();
    await options.getByLabel('Backup file').setInputFiles(file);
    await options.getByLabel('Backup passphrase').fill(PASSPHRASE);
    await button('Look inside').click();
    await button('Replace everything').click({ timeout: 30_000 });
    await options.getByText('Delete the key that is not in the backup, and take the rest from it?').waitFor();
    await fits('restore');
    await button('Back').press('Enter');
    await expect
      .poll(() => options.evaluate(() => document.activeElement?.textContent))
      .toBe('Replace everything');
    await goTo(options, 'Keys');
    await options.getByRole('heading', { name: 'Third' }).waitFor();
    await goTo(options, 'Security');
    await button('Restore').click();
    await options.getByLabel('Backup file').setInputFiles(file);
    await options.getByLabel('Backup passphrase').fill(PASSPHRASE);
    await button('Look inside').click();
    await button('Replace everything').click({ timeout: 30_000 });
    await button('Yes, replace').press('Enter');
    await options.getByText('The vault is now as in the backup.').waitFor();
    await goTo(options, 'Keys');
    await expect.poll(() => options.getByRole('heading', { name: 'Third' }).count()).toBe(0);
  });

  test('the history, and one of its calls', async () => {
    const { keys } = await snapshotOf(options);
    const key = keys.find(({ label }) => label === LONG)?.id ?? '';
    const prompt = `${'Unbroken'.repeat(12)}, and then some words`;
    for (const task of ['enhance', 'image'])
      await done(options, await startCall(options, key, task, { prompt }));
    await goTo(options, 'History');
    const picture = options.locator('.call').filter({ has: options.locator('img') });
    await picture.waitFor();
    await fits('history');
    await picture.getByRole('button').click();
    await options.getByRole('dialog').getByRole('img').waitFor();
    await fits('history-large');
    await options.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  });
});

test('everything can be done with the keyboard alone', async () => {
  const stage = await setStage();
  try {
    const page = await stage.chromium.page(OPTIONS);
    await page.getByRole('button', { name: 'Create vault' }).waitFor();
    const type = (text: string) => page.keyboard.type(text);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await type(PASSPHRASE);
    await press('Tab');
    await type(PASSPHRASE);
    await press('Enter');
    await page.getByRole('button', { name: 'Add key' }).waitFor();
    await press('Tab', 'Enter');
    await page.getByRole('form', { name: 'Add key' }).waitFor();
    await press('Tab', 'Tab', 'Tab');
    await type(demoKey);
    await press('Enter');
    await page.getByRole('heading', { name: 'Runware', exact: true }).waitFor();

    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Prompt').waitFor();
    await popup.keyboard.type('A kite');
    await popup.keyboard.press('Control+Enter');
    await result(popup).getByRole('img').waitFor();
  } finally {
    await stage.close();
  }
});
