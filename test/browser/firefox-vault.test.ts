import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bytes, textOf } from '../../src/bytes';
import type { Backup } from '../../src/vault/backup';
import { ageDecrypt } from '../age';
import { demoKey, type RunwareEmulator } from '../emulators/runware/index';
import { type Firefox, launchFirefox, type Wanted } from './drive/firefox';
import { oursOf } from './drive/firefox-console';
import { addRunwareKeyIn, button, createVaultIn } from './drive/firefox-set-up';
import { distOf, emulate, OPTIONS, POPUP } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const OTHER = 'cedar lantern harbour seven';

let runware: RunwareEmulator;
let firefox: Firefox;
let downloads: string;

beforeAll(async () => {
  downloads = await mkdtemp(join(tmpdir(), 'runkey-downloads-'));
  const stand = await emulate();
  runware = stand.runware;
  firefox = await launchFirefox({
    hosts: stand.hosts,
    prefs: {
      // To a folder of its own, without asking.
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
    },
  });
  await firefox.installTemporary(distOf('firefox'));
  await createVaultIn(firefox, PASSPHRASE);
  await addRunwareKeyIn(firefox, 'Work');
});
afterAll(async () => {
  await firefox.quit();
  await runware.close();
  await rm(downloads, { recursive: true, force: true });
});

const shows = (text: string) =>
  firefox.waitFor(async () => (await firefox.text('body')).includes(text), `“${text}” on the page`);
const gone = (text: string) =>
  firefox.waitFor(async () => !(await firefox.text('body')).includes(text), `no “${text}” on the page`);
const section = (name: string) => firefox.click({ role: 'link', name });
const prove = async (passphrase: string, action: string) => {
  await firefox.type({ label: 'Passphrase' }, passphrase);
  await firefox.click(button(action));
};
const unlock = (passphrase: string) => prove(passphrase, 'Unlock');

describe('a key', () => {
  test('is revealed to whoever knows the passphrase, and hidden when the page loses the focus', async () => {
    await firefox.click(button('Reveal'));
    await prove(OTHER, 'Show it');
    await shows('That is not the passphrase of this vault.');
    await firefox.clear({ label: 'Passphrase' });
    await prove(PASSPHRASE, 'Show it');
    await shows(demoKey);
    await firefox.executeScript(`dispatchEvent(new Event('blur'));`);
    await gone(demoKey);
    expect(await firefox.executeScript('return document.documentElement.outerHTML;')).not.toContain(demoKey);
  });

  test('is replaced once the new one was tested', async () => {
    await firefox.click(button('Replace'));
    const field: Wanted = { label: 'New API key' };
    await firefox.type(field, 'no-such-key-0123456789abcdef');
    await firefox.click(button('Test and replace'));
    await shows('Runware rejected the API key.');
    await firefox.clear(field);
    await firefox.type(field, demoKey);
    await firefox.click(button('Test and replace'));
    await shows('was replaced');
  });
});

describe('a backup', () => {
  let file = '';

  test('is saved to the downloads, and age opens it', async () => {
    await section('Security');
    await firefox.click(button('Back up'));
    await prove(PASSPHRASE, 'Save the file');
    await shows('One key was saved to your downloads.');
    // An empty one keeps its name for it until it is whole.
    file = await firefox.waitFor(async () => {
      const name = (await readdir(downloads)).find(name => name.endsWith('.age'));
      const path = name && join(downloads, name);
      return path && (await stat(path)).size > 0 && path;
    }, 'the file among the downloads');
    const bytes: Bytes = new Uint8Array(await readFile(file));
    const { keys }: Backup = JSON.parse(textOf(await ageDecrypt(bytes, PASSPHRASE)));
    expect(keys.map(({ label, secrets }) => [label, secrets.apiKey])).toEqual([['Work', demoKey]]);
  });

  test('brings back a key that was deleted', async () => {
    await section('Keys');
    await firefox.click(button('Delete'));
    await firefox.click(button('Yes, delete'));
    await shows('“Work” was deleted.');
    await section('Security');
    await firefox.click(button('Restore'));
    await firefox.type('input[type=file]', file);
    await firefox.type({ label: 'Backup passphrase' }, PASSPHRASE);
    await firefox.click(button('Look inside'));
    await firefox.click(button('Merge'));
    await shows('The backup was restored.');
    await section('Keys');
    await firefox.find({ role: 'heading', name: 'Work' });
    await firefox.click(button('Test'));
    await shows('Works');
  });
});

test('a finished call is in the history with its picture, and can be deleted', async () => {
  await firefox.open(POPUP);
  await firefox.type({ label: 'Prompt' }, 'A heron in the reeds');
  await firefox.click(button('Run'));
  await firefox.find('img[alt="A heron in the reeds"]');
  await firefox.open(OPTIONS);
  await section('History');
  await shows('A heron in the reeds');
  await firefox.click('.call button');
  const size = await firefox.waitFor(
    () =>
      firefox.executeScript(
        `const image = document.querySelector('dialog img'); return image?.complete && image.naturalWidth;`,
      ),
    'the picture at large',
  );
  expect(size).toBe(1024);
  await firefox.click(button('Delete'));
  await firefox.click(button('Yes, delete'));
  await gone('A heron in the reeds');
});

test('the passphrase is changed, and the old one opens nothing any more', async () => {
  await section('Security');
  await firefox.click(button('Change passphrase'));
  await firefox.type({ label: 'Passphrase' }, PASSPHRASE);
  await firefox.type({ label: 'New passphrase' }, OTHER);
  await firefox.type({ label: 'Repeat new passphrase' }, OTHER);
  await firefox.click(button('Change it'));
  await shows('The passphrase was changed.');
  await firefox.click(button('Lock'));
  await unlock(PASSPHRASE);
  await shows('That is not the passphrase of this vault.');
  await firefox.clear({ label: 'Passphrase' });
  await unlock(OTHER);
  await firefox.find(button('Change passphrase'));
});

test('a minute without input locks it, although the event page slept', { timeout: 180_000 }, async () => {
  await firefox.executeScript(
    `const [select] = [...document.querySelectorAll('select')].filter(it => it.labels[0]?.textContent === 'Lock by itself');
     select.value = '1';
     select.dispatchEvent(new Event('change', { bubbles: true }));`,
  );
  await shows('after 1 minute without input');
  await firefox.open('about:blank');
  const since = Date.now();
  await expect.poll(() => firefox.isBackgroundStopped(), { timeout: 55_000, interval: 1_000 }).toBe(true);
  await new Promise(resolve => setTimeout(resolve, 75_000 - (Date.now() - since)));
  await firefox.open(POPUP);
  await unlock(OTHER);
  await firefox.find({ label: 'Prompt' });
});

test('the extension wrote nothing to the console', () => {
  expect(oursOf(firefox.consoleLines)).toEqual([]);
});
