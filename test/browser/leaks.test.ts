import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchForLeaks } from './drive/leaks';
import type { Asked } from './drive/net-log';
import { addRunwareKey, createVault, OPTIONS, result, type Stage, setStage, unlock } from './stage';

const random = (): string => randomBytes(30).toString('base64url');
/** Every secret that this journey uses, good and bad ones. */
const secrets = {
  passphrase: `plum ${random()} violin`,
  wrongPassphrase: `pear ${random()} cello`,
  apiKey: `rw-${random()}`,
  newApiKey: `rw-${random()}`,
  rejectedKey: `rw-${random()}`,
};
const canary = random();

let stage: Stage;
let profileDir: string;
let options: Page;
/** What was seen, to be searched: by place. */
const seen: Record<'documents' | 'session' | 'replies', string[]> = {
  documents: [],
  session: [],
  replies: [],
};
let asked: Asked[] = [];

/** All that a page holds: its markup, and what its fields hold without showing it there. */
const contentOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea, select')];
    return document.documentElement.outerHTML + JSON.stringify(fields.map(({ value }) => value));
  });

async function gather(...pages: Page[]): Promise<void> {
  for (const page of pages) seen.documents.push(await contentOf(page));
  seen.session.push(JSON.stringify(await stage.chromium.worker.evaluate('chrome.storage.session.get(null)')));
  seen.session.push(JSON.stringify(await stage.chromium.worker.evaluate('chrome.storage.local.get(null)')));
}

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-leaks-'));
  const keys = { [secrets.apiKey]: { label: 'first' }, [secrets.newApiKey]: { label: 'second' } };
  stage = await setStage({ runware: { keys }, chromium: { profileDir } });
  options = await stage.chromium.page(OPTIONS);
});
afterAll(() => rm(profileDir, { recursive: true, force: true }));

describe('after a journey with every secret in it', () => {
  test('through all that people do with keys and calls', { timeout: 120_000 }, async () => {
    await createVault(options, secrets.passphrase);
    await addRunwareKey(options, 'Work', secrets.apiKey);
    await addRunwareKey(options, 'Bad', secrets.rejectedKey);
    await options.getByRole('button', { name: 'Test' }).first().click();
    await options.getByText('Works', { exact: true }).waitFor();
    await options.getByRole('button', { name: 'Test' }).last().click();
    await options.getByText('Rejected', { exact: true }).waitFor();
    await gather(options);

    // Typed and thrown away.
    await options.getByRole('button', { name: 'Add key' }).click();
    await options.getByLabel('API key').fill(secrets.newApiKey);
    await options.getByRole('button', { name: 'Cancel' }).click();
    await options.getByRole('button', { name: 'Edit' }).first().click();
    await options.getByLabel('API key').fill(secrets.newApiKey);
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByText('“Work” was saved.').waitFor();
    await gather(options);

    const popup = await stage.chromium.openPopup();
    await popup.getByLabel('Prompt').fill('A lantern in the rain – 灯');
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).getByRole('img').waitFor();
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    stage.runware.switches.taskMs = 1_000;
    stage.runware.faults.add({ kind: 'drop', at: 'accepted' });
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).locator('.answer').waitFor({ timeout: 20_000 });
    // Some services quote the key that they reject.
    stage.runware.faults.add({
      kind: 'error',
      failure: { code: 'invalidApiKey', message: `Incorrect API key provided: ${secrets.newApiKey}.` },
    });
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText('Incorrect API key provided: [removed].').waitFor();
    await gather(popup);
    await popup.getByLabel('Key').selectOption({ label: 'Bad' });
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByRole('alert').waitFor();
    await gather(options, popup);

    await stage.chromium.killWorker();
    await popup.getByRole('button', { name: 'Lock' }).click();
    await unlock(popup, secrets.wrongPassphrase);
    await popup.getByRole('alert').waitFor();
    await unlock(popup, secrets.passphrase);
    await popup.getByLabel('Prompt').waitFor();
    await gather(options, popup);
    // What pages are told, word for word.
    seen.replies.push(
      await popup.evaluate(
        () =>
          new Promise<string>(resolve => {
            chrome.runtime
              .connect({ name: 'state' })
              .onMessage.addListener(event => resolve(JSON.stringify(event)));
          }),
      ),
    );
    await popup.close();
  });

  test('canaries are planted in the same places', async () => {
    await options.evaluate(async text => {
      const encodings = { utf8: text, utf16: `${text} 灯`, hex: '', base64: btoa(`x${text}`) };
      for (const character of text) encodings.hex += character.charCodeAt(0).toString(16);
      await new Promise<void>(resolve => {
        const opening = indexedDB.open('canary');
        opening.onupgradeneeded = () => opening.result.createObjectStore('store');
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('store', 'readwrite', { durability: 'strict' });
          for (const [name, value] of Object.entries(encodings))
            transaction.objectStore('store').put(value, name);
          transaction.oncomplete = () => resolve();
        };
      });
      console.log('planted', { deep: { inside: text } });
      document.title = text;
      await fetch(`https://elsewhere.example/?${text}`).catch(() => {});
    }, canary);
    await stage.chromium.worker.evaluate(`chrome.storage.session.set({ canary: ${JSON.stringify(canary)} })`);
    // A page of the web, whose requests do leave.
    const web = await stage.chromium.context.newPage();
    await web.goto('about:blank');
    await web.evaluate(
      text => fetch('https://elsewhere.example/', { method: 'POST', body: text }).catch(() => {}),
      canary,
    );
    seen.documents.push(await contentOf(options));
    await gather(options);
  });

  test('nothing of a secret is in documents, in what pages are told, in the session, in consoles or in requests', async () => {
    asked = await stage.close();
    const { consoleLines, requests } = stage.chromium;
    const search = searchForLeaks(Object.values(secrets));
    const planted = searchForLeaks([canary]);
    const places = {
      ...seen,
      console: consoleLines,
      requests: requests.map(request => JSON.stringify(request)),
      asked: asked.map(({ url }) => url),
    };
    for (const [where, texts] of Object.entries(places)) {
      expect(texts.length, where).toBeGreaterThan(0);
      expect(search.texts(where, texts)).toEqual([]);
    }
    for (const where of ['documents', 'session', 'console', 'requests'] as const) {
      expect(planted.texts(where, places[where]).length, where).toBeGreaterThan(0);
    }
  });

  test('the extension asked nobody but Runware', () => {
    const ours = asked.filter(({ initiator }) => initiator?.startsWith('chrome-extension://'));
    const hosts = new Set(ours.map(({ url }) => new URL(url).host));
    // The canary's own request shows that the list would have held others.
    expect(
      [...hosts].filter(host => host !== 'elsewhere.example' && host !== stage.chromium.extensionId),
    ).toEqual(['ws-api.runware.ai']);
  });

  test('nothing of a secret is in the profile on disk, where each canary is', {
    timeout: 120_000,
  }, async () => {
    expect(await searchForLeaks(Object.values(secrets)).folder(profileDir)).toEqual([]);
    const found = await searchForLeaks([canary]).folder(profileDir);
    const encodings = found
      .filter(({ where }) => where.includes('IndexedDB'))
      .map(({ encoding }) => encoding);
    for (const encoding of ['UTF-8', 'UTF-16', 'hex', 'base64']) {
      expect(
        encodings.some(name => name.toLowerCase().startsWith(encoding.toLowerCase())),
        encoding,
      ).toBe(true);
    }
  });
});
