import { mkdir } from 'node:fs/promises';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import {
  addRunwareKey,
  alertIn,
  createVault,
  OPTIONS,
  POPUP,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';
/** Screenshots to look at, one a face and theme. */
const PICTURES = 'out/faces';

// In a tab, since axe needs one: the page is the same, only wider.
async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([]);
}

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
  });

  test('adding a key', async () => {
    await options.getByRole('button', { name: 'Add key' }).click();
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByText('API key is empty.').waitFor();
    await look(options, `${theme}-options-add-key`);
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
