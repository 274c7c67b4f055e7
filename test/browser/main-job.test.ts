import { readFile } from 'node:fs/promises';
import { decode } from 'jpeg-js';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import {
  addRunwareKey,
  alertIn,
  createVault,
  OPTIONS,
  openMore,
  POPUP,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';

let stage: Stage;
let options: Page;
beforeAll(async () => {
  stage = await setStage({ chromium: { permissions: ['clipboard-read', 'clipboard-write'] } });
  options = await stage.chromium.page(OPTIONS);
});
afterEach(async () => {
  for (const page of stage.chromium.context.pages()) if (page.url().endsWith(POPUP)) await page.close();
});
afterAll(() => stage.close());

describe('the first visit', () => {
  test('refuses a short passphrase and two that differ, in a sentence at the field', async () => {
    await options.getByLabel('Passphrase', { exact: true }).fill('short');
    await options.getByLabel('Repeat passphrase').fill('other');
    await options.getByRole('button', { name: 'Create vault' }).click();
    await expect
      .poll(() => options.locator('.fault').allInnerTexts())
      .toEqual(['Passphrase needs at least 8 characters.', 'The two passphrases differ.']);
  });

  test('creates a vault, and the popup then says that there are no keys', async () => {
    await createVault(options, PASSPHRASE);
    const popup = await stage.chromium.openPopup();
    await popup.getByRole('heading', { name: 'No keys yet' }).waitFor();
  });

  test('takes a key, refuses a malformed one, and says that the good one works', async () => {
    await options.getByRole('button', { name: 'Add key' }).click();
    await options.getByLabel('API key').fill('two words in a key');
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByText('An API key has no spaces').waitFor();
    await options.getByRole('button', { name: 'Cancel' }).click();

    await addRunwareKey(options, 'Work', demoKey);
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Works', { exact: true }).waitFor();
  });
});

describe('a call from the popup', () => {
  test('draws an image of the asked size, billed once, and saves and copies it', async () => {
    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Prompt').fill('A lighthouse at dusk');
    await popup.getByText('More options').click();
    await popup.getByLabel('Width').fill('512');
    await popup.getByLabel('Height').fill('768');
    await popup.getByRole('button', { name: 'Run' }).click();
    const image = result(popup).getByRole('img', { name: 'A lighthouse at dusk' });
    await image.waitFor();
    await expect
      .poll(() => image.evaluate((it: HTMLImageElement) => [it.naturalWidth, it.naturalHeight]))
      .toEqual([512, 768]);
    expect(await result(popup).innerText()).toMatch(/\$0\.\d+ · \d+\.\d s · Work/);
    expect(stage.runware.ledger.count()).toBe(1);

    const [download] = await Promise.all([
      popup.waitForEvent('download'),
      result(popup).getByRole('button', { name: 'Save' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^runkey-[\d-]+\.jpg$/);
    const saved = decode(await readFile(await download.path()));
    expect([saved.width, saved.height]).toEqual([512, 768]);

    await result(popup).getByRole('button', { name: 'Copy' }).click();
    await result(popup).getByRole('button', { name: 'Copied' }).waitFor();
    const types = await popup.evaluate(async () =>
      (await navigator.clipboard.read()).flatMap(item => item.types),
    );
    expect(types).toContain('image/png');
  });

  test('writes a text, shown as text and copied as it stands', async () => {
    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    await popup.getByLabel('Prompt').fill('Say <b>hello</b> & goodbye');
    await popup.getByRole('button', { name: 'Run' }).click();
    const answer = result(popup).locator('.answer');
    await expect.poll(() => answer.innerText()).toContain('<b>hello</b> & goodbye');
    await result(popup).getByRole('button', { name: 'Copy' }).click();
    await result(popup).getByRole('button', { name: 'Copied' }).waitFor();
    expect(await popup.evaluate(() => navigator.clipboard.readText())).toBe(await answer.innerText());
  });

  test('loses nothing that was typed when the popup closes, and the result waits in it', async () => {
    const first = await stage.chromium.openPopup();
    await first.getByLabel('Prompt').fill('Half a thought');
    await first.close();
    const second = await stage.chromium.openPopup();
    expect(await second.getByLabel('Prompt').inputValue()).toBe('Half a thought');
    expect(
      await second.getByLabel('Task').evaluate((it: HTMLSelectElement) => it.selectedOptions[0]?.label),
    ).toBe('Text');
    await second.getByRole('button', { name: 'Run' }).click();
    await second.close();
    const third = await stage.chromium.openPopup();
    await expect.poll(() => result(third).innerText()).toContain('Half a thought');
  });

  test('is cancelled on request, and says that the service may still charge it', async () => {
    stage.runware.switches.taskMs = 5_000;
    const popup = await stage.chromium.openPopup();
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText('Writing…').waitFor();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByText('may finish and charge it all the same').waitFor();
    stage.runware.switches.taskMs = 60;
  });

  test('is refused with a sentence at the field when a value is out of range', async () => {
    const before = stage.runware.ledger.count();
    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Task').selectOption({ label: 'Image' });
    await popup.getByLabel('Prompt').fill('');
    await openMore(popup);
    await popup.getByLabel('Width').fill('513');
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText('Prompt is empty.').waitFor();
    await popup.getByText('Width must be a multiple of 64.').waitFor();
    expect(stage.runware.ledger.count()).toBe(before);
    await popup.getByLabel('Width').fill('512');
  });
});

describe('several results', () => {
  test.each(['split', 'joined', 'mixed'] as const)('all arrive, %s, each once', async batching => {
    stage.runware.switches.batching = batching;
    stage.runware.faults.add({ kind: 'order', order: 'twice' });
    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Prompt').fill(`Three boats ${batching}`);
    await openMore(popup);
    await popup.getByLabel('Images').fill('3');
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText(/\$0\.\d+ · /).waitFor();
    const images = result(popup).getByRole('img', { name: `Three boats ${batching}` });
    await expect.poll(() => images.count()).toBe(3);
    await popup.getByLabel('Images').fill('1');
    stage.runware.switches.batching = 'split';
    stage.runware.faults.clear();
  });
});

describe('the vault', () => {
  test('locks from the popup, tells a wrong passphrase, and unlocks on every page at once', async () => {
    const popup = await stage.chromium.openPopup();
    await popup.getByRole('button', { name: 'Lock' }).click();
    await unlock(popup, 'not the passphrase');
    await expect
      .poll(() => alertIn(popup).innerText())
      .toContain('That is not the passphrase of this vault.');
    await options.getByRole('button', { name: 'Unlock' }).waitFor();
    await unlock(popup, PASSPHRASE);
    await popup.getByRole('button', { name: 'Run' }).waitFor();
    await options.getByRole('heading', { name: 'Work' }).waitFor();
  });
});

describe('a key', () => {
  test('is edited without its secret ever coming back into the form', async () => {
    await options.getByRole('button', { name: 'Edit' }).click();
    expect(await options.getByLabel('API key').inputValue()).toBe('');
    await options.getByLabel('Label').fill('Studio');
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByRole('heading', { name: 'Studio' }).waitFor();
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Works', { exact: true }).waitFor();
  });

  test('that is rejected says so, and one that could not be tested too', async () => {
    stage.runware.revoke(demoKey);
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Rejected', { exact: true }).waitFor();
    stage.runware.restore(demoKey);
    stage.runware.refuse(3_000);
    await options.getByRole('button', { name: 'Test' }).click();
    await options.getByText('Could not tell', { exact: true }).waitFor();
  });

  test('is deleted only after a second word', async () => {
    await options.getByRole('button', { name: 'Delete' }).click();
    await options.getByRole('button', { name: 'Keep' }).click();
    await options.getByRole('heading', { name: 'Studio' }).waitFor();
    await options.getByRole('button', { name: 'Delete' }).click();
    await options.getByRole('button', { name: 'Yes, delete' }).press('Enter');
    await options.getByRole('heading', { name: 'No keys yet' }).waitFor();
    await options.getByText('“Studio” was deleted.').waitFor();
  });
});

test('nothing was written to any console, but what the browser itself says of the refused connection', () => {
  expect(stage.chromium.consoleLines.filter(line => !line.includes('net::ERR_CONNECTION_'))).toEqual([]);
});
