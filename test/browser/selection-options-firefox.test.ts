import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SelectionSettings } from '../../src/calls/settings';
import { type Firefox, launchFirefox } from './drive/firefox';
import { oursOf } from './drive/firefox-console';
import { button, createVaultIn } from './drive/firefox-set-up';
import { distOf } from './stage';

const PASSPHRASE = 'plum anchor violin north';

let firefox: Firefox;
beforeAll(async () => {
  firefox = await launchFirefox();
  await firefox.installTemporary(distOf('firefox'));
  await createVaultIn(firefox, PASSPHRASE);
});
afterAll(() => firefox.quit());

const shows = (words: string) =>
  firefox.waitFor(async () => (await firefox.text('body')).includes(words), `“${words}” on the page`);
const settings = async () =>
  (await firefox.executeScript(
    `return (await browser.runtime.sendMessage({ ask: 'settings.selection', body: {} })).value;`,
  )) as SelectionSettings;

/** Presses a button of Firefox's own question once it is there. */
const answer = (which: 'button' | 'secondaryButton') =>
  firefox.waitFor(
    () =>
      firefox.inBrowser(
        `const { document } = Services.wm.getMostRecentWindow('navigator:browser');
         const question = document.getElementById('addon-webext-permissions-notification');
         if (!question || question.closest('panel').state !== 'open') return false;
         question[arguments[0]].click();
         return true;`,
        [which],
      ),
    'the question of Firefox',
  );

test('a prompt is added, moved by the keyboard and kept', async () => {
  await firefox.click({ role: 'link', name: 'Prompts' });
  await shows('Upscale');
  await firefox.click(button('Add prompt'));
  await firefox.type({ label: 'Name' }, 'As a pirate');
  await firefox.click(button('Save prompt'));
  await shows('“As a pirate” was added, at the end.');
  await firefox.executeScript(`[...document.querySelectorAll('[data-move="up"]')].at(-1).focus();`);
  await firefox.press('\uE007');
  await shows('“As a pirate” is number 10 of 11 now.');
  await firefox.waitFor(
    () =>
      firefox.executeScript(
        `return document.activeElement.textContent + document.activeElement.closest('li')?.querySelector('h3').textContent === 'Move upAs a pirate';`,
      ),
    'the keyboard on the prompt that moved',
  );
});

test('a site is asked for: a no changes nothing, a yes shows the bubble there', async () => {
  await firefox.click({ role: 'link', name: 'Selection' });
  await firefox.click({ role: 'radio', name: 'On these sites' });
  await shows('Add the first site.');
  await firefox.type({ label: 'Site' }, 'docs.example');
  await firefox.click(button('Add'));
  await answer('secondaryButton');
  await shows('The browser does not let Runkey be shown on docs.example.');
  expect((await settings()).sites).toEqual([]);
  await firefox.click(button('Add'));
  await answer('button');
  await shows('The bubble is on docs.example now.');
  expect((await settings()).sites).toEqual(['https://docs.example']);
});

test('the browser’s own list of shortcuts opens', async () => {
  await shows('Lock the vault');
  await firefox.click(button('Change shortcuts'));
  await firefox.waitFor(
    () =>
      firefox.inBrowser(
        `const { gBrowser } = Services.wm.getMostRecentWindow('navigator:browser');
         return gBrowser.tabs.some(({ linkedBrowser }) => linkedBrowser.currentURI.spec === 'about:addons');`,
      ),
    'the page of Firefox',
  );
});

test('nothing of ours is written to the console', () => {
  expect(oursOf(firefox.consoleLines)).toEqual([]);
});
