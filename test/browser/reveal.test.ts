import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { launchUnattached } from './drive/chromium-unattached';
import {
  addRunwareKey,
  alertIn,
  askFrom,
  createVault,
  distOf,
  lock,
  OPTIONS,
  openSite,
  POPUP,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';
const NEXT_KEY = 'next-key-0123456789abcdef';
const BAD_KEY = 'no-such-key-at-runware';

let stage: Stage;
let options: Page;
let popup: Page;

beforeAll(async () => {
  const keys = { [demoKey]: { label: 'demo' }, [NEXT_KEY]: { label: 'next' } };
  const permissions = ['clipboard-read', 'clipboard-write'];
  stage = await setStage({ runware: { keys }, chromium: { permissions } });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  // In a tab, so that it outlasts a look at the options page.
  popup = await stage.chromium.page(POPUP);
  await popup.getByLabel('Prompt').waitFor();
});
afterAll(() => stage.close());
beforeEach(() => options.bringToFront());

const button = (name: string) => options.getByRole('button', { name, exact: true });
/** All that the page shows, and all that its fields hold. */
const contents = () =>
  options.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea, select')];
    return document.documentElement.outerHTML + JSON.stringify(fields.map(({ value }) => value));
  });
const ids = (): Promise<string[]> =>
  options.evaluate(
    () =>
      new Promise<string[]>(resolve => {
        chrome.runtime
          .connect({ name: 'state' })
          .onMessage.addListener((event: { keys?: { id: string }[] }) =>
            resolve(event.keys?.map(({ id }) => id) ?? []),
          );
      }),
  );
const focused = () => options.evaluate(() => document.activeElement?.textContent?.trim());
const clipboard = () => options.evaluate(() => navigator.clipboard.readText());

async function reveal(passphrase = PASSPHRASE): Promise<void> {
  await button('Reveal').click();
  await options.getByLabel('Passphrase').fill(passphrase);
  await button('Show it').click();
}

/** Shows the secret, and waits until it can be seen. */
async function shown(): Promise<void> {
  await reveal();
  await options.getByText(demoKey, { exact: true }).waitFor();
}

async function gone(): Promise<void> {
  await expect.poll(contents, { timeout: 10_000 }).not.toContain(demoKey);
  expect(await contents()).not.toContain(PASSPHRASE);
}

describe('Reveal', () => {
  test('wants the passphrase each time, and says in a sentence that one is wrong', async () => {
    await reveal('not the passphrase');
    await expect
      .poll(() => alertIn(options).innerText())
      .toContain('That is not the passphrase of this vault.');
    expect(await contents()).not.toContain(demoKey);
    await options.getByLabel('Passphrase').fill(PASSPHRASE);
    await button('Show it').click();
    await options.getByText(demoKey, { exact: true }).waitFor();
    await button('Hide').click();
    await gone();
    await button('Reveal').click();
    expect(await options.getByLabel('Passphrase').inputValue()).toBe('');
    expect(await button('Show it').isDisabled()).toBe(true);
    await button('Cancel').click();
  });

  test('ends with Hide, and the keyboard is back where it was', async () => {
    await shown();
    await button('Hide').press('Enter');
    await gone();
    await expect.poll(focused).toBe('Reveal');
  });

  test('ends when another page locks the vault', async () => {
    await shown();
    await popup.evaluate(() => chrome.runtime.sendMessage({ ask: 'vault.lock', body: {} }));
    await button('Unlock').waitFor();
    await gone();
    await unlock(options, PASSPHRASE);
    await button('Reveal').waitFor();
    await gone();
  });

  test('ends after thirty seconds, and not before', async () => {
    const page = await stage.chromium.context.newPage();
    await page.clock.install();
    await page.goto(options.url());
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByLabel('Passphrase').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Show it' }).click();
    const secret = page.getByText(demoKey, { exact: true });
    await secret.waitFor();
    await page.clock.runFor(28_000);
    expect(await secret.isVisible()).toBe(true);
    await page.clock.runFor(3_000);
    await expect.poll(() => secret.count()).toBe(0);
    expect(await page.content()).not.toContain(demoKey);
    await page.close();
  });

  test('ends after thirty seconds also while the page is drawn anew again and again', async () => {
    const page = await stage.chromium.context.newPage();
    await page.clock.install();
    await page.goto(options.url());
    await page.getByRole('button', { name: 'Reveal' }).click();
    await page.getByLabel('Passphrase').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Show it' }).click();
    const secret = page.getByText(demoKey, { exact: true });
    await secret.waitFor();
    const [work] = await ids();
    await page.clock.runFor(25_000);
    for (const notes of ['1', '2', '3', '4', '5', '6', '7']) {
      await page.clock.runFor(900);
      await askFrom(options, 'keys.change', { id: work, notes: { label: 'Work', notes }, values: {} });
      await page.locator('.notes', { hasText: notes }).waitFor();
    }
    await expect.poll(() => secret.count()).toBe(0);
    await page.close();
  });

  test('shows nothing when nobody looks as the secret arrives, says so, and shows it when asked again', async () => {
    await button('Reveal').click();
    await options.getByLabel('Passphrase').fill(PASSPHRASE);
    await options.evaluate(() => {
      document.hasFocus = () => false;
      const seen = Object.assign(globalThis, { secretSeen: false });
      new MutationObserver(() => {
        seen.secretSeen ||= document.querySelector('.secret') !== null;
      }).observe(document.body, { childList: true, subtree: true });
    });
    await button('Show it').click();
    await expect
      .poll(() => alertIn(options).innerText(), { timeout: 10_000 })
      .toContain('It was not shown, for you were looking elsewhere.');
    expect(await options.evaluate('secretSeen')).toBe(false);
    await options.evaluate(() => {
      document.hasFocus = () => true;
    });
    await button('Show it').click();
    await options.getByText(demoKey, { exact: true }).waitFor();
    await button('Hide').click();
  });

  test('waits a moment for a person who comes back from the browser’s own dialog', async () => {
    await button('Reveal').click();
    await options.getByLabel('Passphrase').fill(PASSPHRASE);
    await options.evaluate(() => {
      document.hasFocus = () => {
        document.hasFocus = () => true;
        setTimeout(() => dispatchEvent(new Event('focus')), 200);
        return false;
      };
    });
    await button('Show it').click();
    await options.getByText(demoKey, { exact: true }).waitFor();
    await button('Hide').click();
  });

  test('is not in the popup, and Edit never has the secret', async () => {
    expect(await popup.getByRole('button', { name: 'Reveal' }).count()).toBe(0);
    await button('Edit').click();
    expect(await options.getByLabel('API key').inputValue()).toBe('');
    expect(await contents()).not.toContain(demoKey);
    await button('Cancel').click();
  });

  test('copies to the clipboard, and the offer to clear it outlasts a lock', async () => {
    await shown();
    await button('Copy').click();
    await expect.poll(clipboard).toBe(demoKey);
    await button('Hide').click();
    await lock(options);
    expect(await clipboard()).toBe(demoKey);
    await button('Clear clipboard').click();
    await button('Clear clipboard').waitFor({ state: 'detached' });
    expect(await clipboard()).not.toContain(demoKey);
    await unlock(options, PASSPHRASE);
    await button('Reveal').waitFor();
  });
});

describe('where a key has been', () => {
  /** The rows of the table: task, site, outcome, cost. */
  async function uses(): Promise<string[][]> {
    await button('Where it has been').click();
    await options.getByRole('table').waitFor();
    const rows = await options.locator('table.uses tbody tr').all();
    const cells = await Promise.all(rows.map(row => row.getByRole('cell').allInnerTexts()));
    await button('Where it has been').click();
    return cells.map(([, ...rest]) => rest);
  }

  test('lists a test, an image with its cost, and what was begun by right-click with its site', async () => {
    await button('Where it has been').click();
    await options.getByText('It has not been used yet.').waitFor();
    // It is read again while it is open.
    await button('Test').press('Enter');
    await options.getByText('Works', { exact: true }).waitFor();
    expect(await focused()).toBe('Test');
    await options.getByRole('cell', { name: 'Test' }).waitFor();
    await button('Where it has been').click();
    expect(await uses()).toEqual([['Test', '–', 'works', '–']]);

    await popup.bringToFront();
    await popup.getByLabel('Prompt').fill('A gate in the fog');
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).getByRole('img').waitFor({ timeout: 20_000 });
    await popup.getByLabel('Prompt').fill('');

    // The browser's own menu cannot be clicked without a screen: its event can be.
    const site = await openSite(stage, 'https://im.runware.ai/story', '<p>A lighthouse</p>');
    await site.evaluate(() => getSelection()?.selectAllChildren(document.body));
    const opening = stage.chromium.nextPopup();
    await stage.chromium.worker.evaluate(`chrome.tabs.query({ url: 'https://im.runware.ai/*' }).then(([tab]) =>
      chrome.contextMenus.onClicked.dispatch({ menuItemId: 'ask', frameId: 0, selectionText: 'A lighthouse' }, tab))`);
    const asking = await opening;
    const prompt = asking.getByLabel('Prompt');
    await expect.poll(() => prompt.inputValue(), { timeout: 10_000 }).toBe('A lighthouse');
    await asking.getByLabel('Task').selectOption({ label: 'Text' });
    await asking.getByRole('button', { name: 'Run' }).click();
    await result(asking).locator('.answer').waitFor({ timeout: 20_000 });
    await site.close();

    await options.bringToFront();
    const cost = expect.stringMatching(/^\$0\.\d{4}$/);
    await expect.poll(uses, { timeout: 20_000, interval: 500 }).toEqual([
      ['Text', 'im.runware.ai', 'done', 'under $0.0001'],
      ['Image', '–', 'done', cost],
      ['Test', '–', 'works', '–'],
    ]);
  });
});

describe('Replace', () => {
  const verdict = (word: string) => options.getByText(word, { exact: true });
  async function replace(secret: string): Promise<void> {
    await options.getByLabel('New API key').fill(secret);
    await button('Test and replace').click();
  }
  const stored = async () => {
    await reveal();
    const secret = await options.locator('.secret code').innerText();
    await button('Hide').click();
    return secret;
  };

  test('leaves the old secret where the new one is rejected', async () => {
    await button('Replace').click();
    await replace(BAD_KEY);
    await verdict('Rejected').waitFor();
    expect(await button('Replace without a test').count()).toBe(0);
    await button('Cancel').click();
    expect(await stored()).toBe(demoKey);
  });

  test('offers to go without a test only when the service cannot be reached', async () => {
    await button('Replace').click();
    stage.runware.refuse(20_000);
    await replace(NEXT_KEY);
    await verdict('Could not tell').waitFor({ timeout: 25_000 });
    await button('Replace without a test').waitFor();
    await button('Cancel').click();
    stage.runware.refuse(0);
    expect(await stored()).toBe(demoKey);
  });

  test('Edit, when saved, takes away what was said of the key before, and leaves the keyboard at Edit', async () => {
    stage.runware.revoke(demoKey);
    await button('Test').click();
    await verdict('Rejected').waitFor();
    await button('Edit').click();
    await button('Cancel').click();
    await expect.poll(focused).toBe('Edit');
    expect(await verdict('Rejected').count()).toBe(1);
    await button('Edit').click();
    await button('Save key').press('Enter');
    await options.getByText('“Work” was saved.', { exact: true }).waitFor();
    expect(await verdict('Rejected').count()).toBe(0);
    expect(await alertIn(options).count()).toBe(0);
    await expect.poll(focused).toBe('Edit');
  });

  test('puts a new secret that works in the place of the old one, which is forgotten', async () => {
    await button('Test').click();
    await verdict('Rejected').waitFor();
    await button('Replace').click();
    await replace(NEXT_KEY);
    await options.getByText('“Work” was replaced. Revoke the old key at Runware now.').waitFor();
    expect(await verdict('Rejected').count()).toBe(0);
    expect(await alertIn(options).count()).toBe(0);
    await gone();
    expect(await stored()).toBe(NEXT_KEY);
    stage.runware.ledger.clear();
    await popup.bringToFront();
    await popup.getByLabel('Prompt').fill('With the next key');
    await popup.getByRole('button', { name: 'Run' }).click();
    await expect
      .poll(() => stage.runware.ledger.entries.map(({ key }) => key), { timeout: 20_000 })
      .toEqual(['next']);
  });

  test('puts an untested one in its place when told to', async () => {
    await button('Replace').click();
    stage.runware.refuse(20_000);
    await replace(BAD_KEY);
    await button('Replace without a test').click({ timeout: 25_000 });
    await options.getByText('“Work” was replaced.').waitFor();
    stage.runware.refuse(0);
    expect(await stored()).toBe(BAD_KEY);
  });
});

test('Reveal ends when another tab comes to the front', async () => {
  // A debugger makes every tab believe that it is in front, so nobody is attached here.
  const chromium = await launchUnattached({ extensionDir: distOf('chromium') });
  try {
    const tab = await chromium.openTab(OPTIONS);
    const evaluate = (source: string) => chromium.evaluate(tab, source);
    const ask = (name: string, body: object) =>
      evaluate(`chrome.runtime.sendMessage(${JSON.stringify({ ask: name, body })})`);
    const press = (name: string) =>
      evaluate(`[...document.querySelectorAll('button')].find(it => it.textContent === '${name}')?.click()`);
    const shows = (text: string) => evaluate(`document.body?.innerText.includes('${text}')`);
    const showing = (text: string, is = true) =>
      expect.poll(() => shows(text), { timeout: 15_000, interval: 200 }).toBe(is);

    await showing('Create vault');
    await ask('vault.create', { passphrase: PASSPHRASE });
    const values = { apiKey: demoKey };
    await ask('keys.add', { service: 'runware', notes: { label: 'Work' }, values });
    await showing('Reveal');
    await press('Reveal');
    await evaluate(`(() => {
      const field = document.querySelector('input[type=password]');
      field.value = '${PASSPHRASE}';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await press('Show it');
    await showing(demoKey);
    await chromium.openTab('about:blank');
    await showing(demoKey, false);
  } finally {
    await chromium.close();
  }
});

test('Delete forgets the key and where it has been', async () => {
  const rows = () =>
    options.evaluate(async () => {
      const database = await new Promise<IDBDatabase>(resolve => {
        const opening = indexedDB.open('runkey');
        opening.onsuccess = () => resolve(opening.result);
      });
      const counts = ['secrets', 'secrets copy', 'uses'].map(
        name =>
          new Promise<number>(resolve => {
            const counting = database.transaction(name).objectStore(name).count();
            counting.onsuccess = () => resolve(counting.result);
          }),
      );
      database.close();
      return Promise.all(counts);
    });
  for (const count of await rows()) expect(count).toBeGreaterThan(0);
  await button('Delete').press('Enter');
  await button('Keep').press('Enter');
  await expect.poll(focused).toBe('Delete');
  await button('Delete').press('Enter');
  await button('Yes, delete').press('Enter');
  await options.getByText('“Work” was deleted.').waitFor();
  await expect.poll(rows).toEqual([0, 0, 0]);
  await options.getByRole('heading', { name: 'No keys yet' }).waitFor();
  expect(await focused()).toBe('Keys');
  await popup.getByRole('heading', { name: 'No keys yet' }).waitFor();
});
