import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { countRecords, deleteDatabase, fillDisk, flipBits, leaveRoom, raiseVersion } from './drive/database';
import {
  addRunwareKey,
  alertIn,
  createVault,
  goTo,
  lock,
  OPTIONS,
  POPUP,
  type Stage,
  setStage,
  unlock,
} from './stage';

const FIRST = 'plum anchor violin north';
const SECOND = 'kettle orbit maple stone';
const THIRD = 'walnut ferry copper quiet';

let stage: Stage;
let options: Page;
beforeAll(async () => {
  stage = await setStage();
  stage.chromium.context.setDefaultTimeout(20_000);
  options = await stage.chromium.page(OPTIONS);
});
afterAll(() => stage.close());

const form = (name: string) => options.getByRole('form', { name });
const says = (page: Page) => expect.poll(() => alertIn(page).innerText(), { timeout: 15_000 });
const unlocked = () => options.getByRole('button', { name: 'Lock', exact: true }).waitFor();

/** Fills in and sends the form behind `Change passphrase` or `Replace vault key`. */
async function choose(name: string, action: string, present: string, next: string): Promise<void> {
  await goTo(options, 'Security');
  if (!(await form(name).isVisible())) await options.getByRole('button', { name, exact: true }).click();
  await form(name).getByLabel('Passphrase', { exact: true }).fill(present);
  await form(name).getByLabel('New passphrase', { exact: true }).fill(next);
  await form(name).getByLabel('Repeat new passphrase').fill(next);
  await form(name).getByRole('button', { name: action }).click();
}

async function keyWorks(): Promise<void> {
  await goTo(options, 'Keys');
  await options.getByRole('button', { name: 'Test' }).click();
  await options.getByText('Works', { exact: true }).waitFor();
}

describe('how strong a passphrase is', () => {
  const dictionaries = () => stage.chromium.requests.filter(({ url }) => /\/worker-[^/]+\.js$/.test(url));
  const meter = () => options.locator('.strength strong');

  test('is told in words, and what it takes to know is loaded only when something is typed', async () => {
    await options.getByRole('button', { name: 'Create vault' }).waitFor();
    expect(dictionaries()).toEqual([]);
    const field = options.getByLabel('Passphrase', { exact: true });
    await field.pressSequentially('password1');
    await expect.poll(() => meter().innerText(), { timeout: 20_000 }).toBe('Very weak');
    expect(dictionaries().length).toBeGreaterThan(0);
    await field.fill(`${FIRST} saddle comet`);
    await expect.poll(() => meter().innerText(), { timeout: 20_000 }).toBe('Strong');
    expect(await options.locator('.strength').innerText()).toContain('centuries');
  });
});

describe('a new passphrase', () => {
  test('is not taken from whoever does not know the present one', async () => {
    await createVault(options, FIRST);
    await addRunwareKey(options, 'Work', demoKey);
    await choose('Change passphrase', 'Change it', 'not this one at all', SECOND);
    await says(options).toContain('That is not the passphrase of this vault.');
  });

  test('must be long enough and repeated', async () => {
    await choose('Change passphrase', 'Change it', FIRST, 'short');
    await expect
      .poll(() => form('Change passphrase').locator('.fault').allInnerTexts())
      .toEqual(['New passphrase needs at least 8 characters.']);
  });

  test.each([
    ['Change passphrase', 'Change it'],
    ['Replace vault key', 'Replace it'],
  ])('must be another than the present one, for %s', async (name, action) => {
    await choose(name, action, FIRST, FIRST);
    await expect
      .poll(() => form(name).locator('.fault').allInnerTexts())
      .toEqual(['That is the present passphrase. Choose another one.']);
    await form(name).getByLabel('New passphrase', { exact: true }).fill(`${FIRST}s`);
    await form(name).getByLabel('Repeat new passphrase').fill(`${FIRST}s`);
    expect(await form(name).locator('.fault').count()).toBe(0);
  });

  test('opens the vault, and the old one no more', async () => {
    await choose('Change passphrase', 'Change it', FIRST, SECOND);
    await options.getByText('The passphrase was changed.').waitFor();
    await lock(options);
    await unlock(options, FIRST);
    await says(options).toContain('That is not the passphrase of this vault.');
    await unlock(options, SECOND);
    await unlocked();
    await keyWorks();
  });
});

describe('a new vault key', () => {
  test('is refused while a call is open, whose answer needs the present one', async () => {
    stage.runware.switches.taskMs = 60_000;
    stage.runware.ledger.clear();
    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    await popup.getByLabel('Prompt').fill('Still open');
    await popup.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => stage.runware.ledger.count()).toBe(1);
    await popup.close();
    await choose('Replace vault key', 'Replace it', SECOND, THIRD);
    await says(options).toContain('A call is still open');
    const again = await stage.chromium.page(POPUP);
    await again.getByRole('button', { name: 'Cancel' }).click();
    await again.getByText('may finish and charge it all the same').waitFor();
    await again.close();
    stage.runware.switches.taskMs = 60;
  });

  test('leaves every key and what is known of it, and says what old copies are worth', async () => {
    await form('Replace vault key').getByRole('button', { name: 'Replace it' }).click();
    await options.getByText('Old copies still open the old way.').waitFor();
    await keyWorks();
    await lock(options);
    await unlock(options, SECOND);
    await says(options).toContain('That is not the passphrase of this vault.');
    await unlock(options, THIRD);
    await unlocked();
    await keyWorks();
    await options.getByRole('button', { name: 'Where it has been' }).click();
    // Its titles, three tests and the call, from before the new key as well.
    await expect.poll(() => options.getByRole('row').count()).toBe(5);
    const popup = await stage.chromium.page(POPUP);
    await popup.getByText('may finish and charge it all the same').waitFor();
    await popup.close();
  });
});

describe('a passphrase of more than 1024 characters', () => {
  const tooLong = 'x'.repeat(1025);
  const fault = 'Passphrase can have at most 1024 characters.';

  test('is told at the field where the vault is opened', async () => {
    await lock(options);
    await unlock(options, tooLong);
    await expect.poll(() => options.locator('.fault').allInnerTexts()).toEqual([fault]);
    expect(await alertIn(options).count()).toBe(0);
    await unlock(options, THIRD);
    await unlocked();
  });

  test('and where something else asks for it', async () => {
    await goTo(options, 'Security');
    await options.getByRole('button', { name: 'Back up' }).click();
    await form('Back up').getByLabel('Passphrase').fill(tooLong);
    await form('Back up').getByRole('button', { name: 'Save the file' }).click();
    await expect.poll(() => form('Back up').locator('.fault').allInnerTexts()).toEqual([fault]);
    expect(await alertIn(options).count()).toBe(0);
    await goTo(options, 'Keys');
  });
});

describe('a full disk', () => {
  test('is said, and what was typed stays in the form until there is room', async () => {
    await options.getByRole('button', { name: 'Add key' }).click();
    await options.getByLabel('Label').fill('Studio');
    await options.getByLabel('API key').fill(demoKey);
    await fillDisk(stage.chromium.worker);
    await options.getByRole('button', { name: 'Save key' }).click();
    await says(options).toContain('The disk is full, so nothing was saved.');
    expect(await options.getByLabel('Label').inputValue()).toBe('Studio');
    expect(await options.getByLabel('API key').inputValue()).toBe(demoKey);
    await leaveRoom(stage.chromium.worker);
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByRole('heading', { name: 'Studio' }).waitFor();
  });
});

describe('a forgotten passphrase', () => {
  const erase = () => options.getByRole('button', { name: 'Erase everything' });

  test('is no reason to lose anything by a slip: going back leaves the vault as it is', async () => {
    await lock(options);
    await options.getByRole('button', { name: 'Forgot the passphrase?' }).click();
    await options.getByLabel('Type “erase” to go on').fill('eras');
    expect(await erase().isEnabled()).toBe(false);
    await options.getByRole('button', { name: 'Back' }).click();
    await options.getByRole('button', { name: 'Unlock' }).waitFor();
  });

  test('leads to the first visit once that is typed, and nothing is left', async () => {
    expect(await countRecords(stage.chromium.worker)).toMatchObject({ header: 1, secrets: 2, calls: 1 });
    await options.getByRole('button', { name: 'Forgot the passphrase?' }).click();
    await options.getByLabel('Type “erase” to go on').fill('erase');
    await erase().click();
    await options.getByRole('button', { name: 'Create vault' }).waitFor();
    const counts = await countRecords(stage.chromium.worker);
    expect(Object.keys(counts).length).toBeGreaterThan(8);
    expect(Object.values(counts).every(count => count === 0)).toBe(true);
    const [local, session] = await options.evaluate(async () => [
      Object.keys(await chrome.storage.local.get(null)),
      Object.keys(await chrome.storage.session.get(null)),
    ]);
    expect(local).not.toContain('vault');
    expect(session).not.toContain('unlocked');
    expect(session).not.toContain('until');
  });
});

describe('a vault that does not open says why, in the popup as in the options:', () => {
  /** The sentences, by what is wrong. */
  const told = new Map<string, string>();

  /** Both pages opened anew, or asked with a passphrase: they must say the same. */
  async function tell(what: string, sentence: string, passphrase?: string): Promise<void> {
    const popup = await stage.chromium.page(POPUP);
    if (passphrase) await unlock(popup, passphrase);
    await says(popup).toContain(sentence);
    await popup.close();
    await options.bringToFront();
    await options.reload();
    if (passphrase) await unlock(options, passphrase);
    await says(options).toContain(sentence);
    told.set(what, await alertIn(options).locator('strong').innerText());
  }

  test('one damaged copy says nothing, since the other is used, and mended from', async () => {
    await createVault(options, FIRST);
    await addRunwareKey(options, 'Work', demoKey);
    await lock(options);
    await flipBits(stage.chromium.worker, ['header', 'index', 'secrets']);
    await unlock(options, FIRST);
    await unlocked();
    await keyWorks();
    expect(await alertIn(options).count()).toBe(0);
    await lock(options);
    await flipBits(stage.chromium.worker, ['header copy', 'index copy', 'secrets copy']);
    await unlock(options, FIRST);
    await unlocked();
    await keyWorks();
  });

  test('a wrong passphrase', async () => {
    await lock(options);
    await tell('wrong', 'That is not the passphrase of this vault.', SECOND);
  });

  test('a damaged list of keys, found when the right passphrase is there', async () => {
    await flipBits(stage.chromium.worker, ['index', 'index copy']);
    await tell('list', 'The stored vault is damaged', FIRST);
    await flipBits(stage.chromium.worker, ['index', 'index copy']);
    await unlock(options, FIRST);
    await unlocked();
    await keyWorks();
  });

  test('damage, found at once; without a backup there is a way to start again', async () => {
    await lock(options);
    await flipBits(stage.chromium.worker, ['header', 'header copy']);
    await tell('damaged', 'The stored vault is damaged');
    await options.getByRole('button', { name: 'No backup?' }).click();
    await options.getByLabel('Type “erase” to go on').fill('erase');
    await options.getByRole('button', { name: 'Erase everything' }).click();
    await options.getByRole('button', { name: 'Create vault' }).waitFor();
  });

  test('a vault that the browser has deleted, in whose place another can be made', async () => {
    await createVault(options, FIRST);
    await stage.chromium.killWorker();
    await deleteDatabase(options);
    await tell('missing', 'The vault is missing');
    await createVault(options, FIRST);
  });

  test('a vault that cannot be read: a newer Runkey wrote it', async () => {
    await lock(options);
    await stage.chromium.killWorker();
    await raiseVersion(options, 990);
    await tell('unreadable', 'A newer version of Runkey wrote this vault.');
    const again = options.getByRole('button', { name: 'Try again' });
    await again.click();
    await says(options).toContain('A newer version of Runkey wrote this vault.');
    await stage.chromium.killWorker();
    await deleteDatabase(options);
    await again.click();
    await says(options).toContain('The vault is missing');
  });

  test('and each says something else', () => {
    expect([...told.keys()]).toEqual(['wrong', 'list', 'damaged', 'missing', 'unreadable']);
    // A damaged list is damage.
    expect(told.get('list')).toBe(told.get('damaged'));
    expect(new Set(told.values()).size).toBe(4);
  });
});

test('nothing was written to any console', () => {
  expect(stage.chromium.consoleLines).toEqual([]);
});
