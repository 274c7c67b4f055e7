import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunwareEmulator } from '../emulators/runware/index';
import { type Firefox, launchFirefox } from './drive/firefox';
import { oursOf } from './drive/firefox-console';
import { addRunwareKeyIn, button, createVaultIn } from './drive/firefox-set-up';
import { distOf, emulate, OPTIONS, POPUP } from './stage';

const PASSPHRASE = 'plum anchor violin north';

let runware: RunwareEmulator;
let firefox: Firefox;
beforeAll(async () => {
  const stand = await emulate();
  runware = stand.runware;
  firefox = await launchFirefox({ hosts: stand.hosts });
  await firefox.installTemporary(distOf('firefox'));
  await mkdir('out/faces', { recursive: true });
});
afterAll(async () => {
  await firefox.quit();
  await runware.close();
});

const shows = (text: string) =>
  firefox.waitFor(async () => (await firefox.text('body')).includes(text), `“${text}” on the page`);

test('a vault is created and a key put in, which works', async () => {
  await createVaultIn(firefox, PASSPHRASE);
  await addRunwareKeyIn(firefox, 'Work');
  await shows('“Work” was saved.');
  await firefox.click(button('Test'));
  await shows('Works');
});

test('the popup draws an image, billed once', async () => {
  await firefox.open(POPUP);
  await firefox.type({ label: 'Prompt' }, 'A lighthouse at dusk');
  await firefox.click(button('Run'));
  await firefox.find('figure img');
  await shows(' · Work');
  const size = await firefox.executeScript(
    `const image = document.querySelector('figure img'); await image.decode(); return [image.naturalWidth, image.naturalHeight];`,
  );
  expect(size).toEqual([1024, 1024]);
  expect(runware.ledger.count()).toBe(1);
  await writeFile('out/faces/firefox-popup-image.png', await firefox.screenshot());
});

test('the event page dies in the middle of a call, and the open popup still gets the answer, billed once', async () => {
  runware.ledger.clear();
  runware.switches.taskMs = 3_000;
  await firefox.clear({ label: 'Prompt' });
  await firefox.type({ label: 'Prompt' }, 'Across a death');
  await firefox.click(button('Run'));
  await firefox.waitFor(async () => runware.ledger.count() === 1, 'the task to be taken');
  await firefox.killBackground();
  await firefox.find('img[alt="Across a death"]');
  expect(runware.ledger.count()).toBe(1);
  runware.switches.taskMs = 60;
});

/** Turns the open popup to another task. */
const choose = (task: string) =>
  firefox.executeScript(
    `const [select] = document.querySelectorAll('select');
     select.value = [...select.querySelectorAll('option')].find(({ label }) => label === arguments[0]).value;
     select.dispatchEvent(new Event('change', { bubbles: true }));`,
    [task],
  );
const whole = (words: string) =>
  firefox.waitFor(async () => {
    const text = await firefox.text('section[aria-label="Result"]');
    return text.includes(words) && / · \d+\.\d s · Work/.test(text);
  }, `the whole answer to “${words}”`);

test('a text comes in pieces, and whole although the event page dies between two, billed once', async () => {
  await choose('Text');
  for (const deaths of [0, 1]) {
    runware.ledger.clear();
    runware.switches.deltaMs = 100;
    const prompt = `With ${deaths} deaths`;
    await firefox.clear({ label: 'Prompt' });
    await firefox.type({ label: 'Prompt' }, prompt);
    await firefox.click(button('Run'));
    await firefox.waitFor(async () => {
      const text = await firefox.text('section[aria-label="Result"]');
      return text.includes('This is') && !text.includes(prompt);
    }, 'the first pieces');
    if (deaths > 0) await firefox.killBackground();
    await whole(prompt);
    expect(runware.ledger.count()).toBe(1);
  }
  runware.switches.deltaMs = 5;
});

test('a text that is cut off comes whole over a socket, and an image over HTTP where there is none', async () => {
  runware.ledger.clear();
  runware.faults.add({ kind: 'sse-cut', after: 5 });
  await firefox.clear({ label: 'Prompt' });
  await firefox.type({ label: 'Prompt' }, 'Cut off');
  await firefox.click(button('Run'));
  await whole('Cut off');
  expect(runware.ledger.count()).toBe(1);

  await firefox.killBackground();
  runware.refuse(60_000, 'sockets');
  const { opened } = runware;
  await choose('Image');
  await firefox.clear({ label: 'Prompt' });
  await firefox.type({ label: 'Prompt' }, 'Without a socket');
  await firefox.click(button('Run'));
  await firefox.find('img[alt="Without a socket"]');
  expect([runware.ledger.count(), runware.opened]).toEqual([2, opened]);
  runware.refuse(0, 'sockets');
});

test('a wrong passphrase is told apart, and the right one unlocks', async () => {
  await firefox.click(button('Lock'));
  await firefox.type({ label: 'Passphrase' }, 'not the passphrase');
  await firefox.click(button('Unlock'));
  await shows('That is not the passphrase of this vault.');
  await firefox.clear({ label: 'Passphrase' });
  await firefox.type({ label: 'Passphrase' }, PASSPHRASE);
  await firefox.click(button('Unlock'));
  await firefox.find({ label: 'Prompt' });
});

test('Security says that this browser has no passkeys for extensions, and offers none', async () => {
  await firefox.open(OPTIONS);
  await firefox.click({ role: 'link', name: 'Security' });
  await shows('This browser does not let extensions use passkeys. The passphrase opens the vault.');
  const buttons = await firefox.executeScript(
    `return [...document.querySelectorAll('button')].map(it => it.textContent.trim());`,
  );
  expect(buttons).toContain('Change passphrase');
  expect(buttons).not.toContain('Add passkey');
});

test('the extension wrote nothing to the console', () => {
  expect(oursOf(firefox.consoleLines)).toEqual([]);
});
