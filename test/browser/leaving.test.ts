import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addRunwareKey, createVault, goTo, lock, OPTIONS, type Stage, setStage, unlock } from './stage';

const PASSPHRASE = 'plum anchor violin north';

let stage: Stage;
let options: Page;
beforeAll(async () => {
  stage = await setStage();
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
});
afterAll(() => stage.close());

const question = () => options.getByRole('dialog', { name: 'Leave without saving?' });
const link = (name: string) => options.getByRole('link', { name, exact: true });
const button = (name: string) => options.getByRole('button', { name, exact: true });
const label = () => options.getByLabel('Label', { exact: true });
const hash = () => new URL(options.url()).hash;

test('a form in which nothing was typed goes without a word', async () => {
  await button('Add key').click();
  await label().waitFor();
  await goTo(options, 'History');
  expect(await question().count()).toBe(0);
  await goTo(options, 'Keys');
});

test('what is half typed stays, with its section and its address, until the person says otherwise', async () => {
  await button('Add key').click();
  await label().fill('Half a key');
  await link('History').click();
  await question().waitFor();
  // The harmless answer is the one that Enter gives.
  await options.keyboard.press('Enter');
  await question().waitFor({ state: 'detached' });
  expect(await label().inputValue()).toBe('Half a key');
  await expect.poll(hash).toBe('#keys');

  await link('Security').click();
  await question().waitFor();
  await options.keyboard.press('Escape');
  await question().waitFor({ state: 'detached' });
  expect(await label().inputValue()).toBe('Half a key');
  expect(await options.evaluate(() => document.activeElement?.textContent)).toBe('Security');
});

test('back and forward ask as well', async () => {
  // Beyond the two addresses that it stayed at.
  await options.evaluate(() => history.go(-3));
  await question().waitFor();
  await button('Stay').click();
  expect(await label().inputValue()).toBe('Half a key');
});

test('locked in the middle of the question, the page forgets both', async () => {
  await link('History').click();
  await question().waitFor();
  const popup = await stage.chromium.page('src/popup/index.html');
  await lock(popup);
  await button('Unlock').waitFor();
  expect(await question().count()).toBe(0);
  await popup.close();
  await unlock(options, PASSPHRASE);
  await options.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
  expect(hash()).toBe('#keys');
  expect(await label().count()).toBe(0);
});

test('the person may leave, and what is saved is not asked about', async () => {
  await button('Add key').click();
  await label().fill('Another half');
  await link('Prompts').click();
  await question().waitFor();
  await button('Leave').click();
  await options.getByRole('heading', { name: 'Prompts', exact: true }).waitFor();
  expect(hash()).toBe('#prompts');

  await button('Add prompt').click();
  await options.getByLabel('Name', { exact: true }).fill('Half a prompt');
  await link('Keys').click();
  await question().waitFor();
  await button('Leave').click();
  await options.getByRole('heading', { name: 'Keys', exact: true }).waitFor();

  await addRunwareKey(options, 'Whole', 'abcdef0123456789abcdef');
  await goTo(options, 'Security');
  expect(await question().count()).toBe(0);
});
