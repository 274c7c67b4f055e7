import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestSeen } from './drive/chromium';
import { searchForLeaks } from './drive/leaks';
import type { Asked } from './drive/net-log';
import {
  addRunwareKey,
  createVault,
  goTo,
  lock,
  OPTIONS,
  openSite,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

const random = (): string => randomBytes(30).toString('base64url');
/** Every secret that this journey uses, good and bad ones. */
const secrets = {
  passphrase: `plum ${random()} violin`,
  wrongPassphrase: `pear ${random()} cello`,
  apiKey: `rw-${random()}`,
  newApiKey: `rw-${random()}`,
  rejectedKey: `rw-${random()}`,
  replacingKey: `rw-${random()}`,
  rejectedReplacement: `rw-${random()}`,
  untestedKey: `rw-${random()}`,
  pastedKey: `rw-${random()}`,
  otherPastedKey: `rw-${random()}`,
  foreignKey: `sk-proj-${random()}`,
  foreignPassword: `fig ${random()} drum`,
  nextPassphrase: `lime ${random()} flute`,
  lastPassphrase: `date ${random()} organ`,
  wrongBackupPassphrase: `nut ${random()} harp`,
};
const canary = random();
/** What a picture has in it that is given to a task. */
const inPicture = random();

/** A picture with a comment. */
function pictureWith(comment: string): Buffer {
  const whole = PNG.sync.write(new PNG({ width: 128, height: 128 }));
  const chunk = Buffer.concat([Buffer.from('tEXtComment\0', 'latin1'), Buffer.from(comment, 'latin1')]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(chunk.length - 4);
  sum.writeUInt32BE(crc32(chunk));
  // After the signature and the header.
  return Buffer.concat([whole.subarray(0, 33), length, chunk, sum, whole.subarray(33)]);
}

let stage: Stage;
let profileDir: string;
let options: Page;
let site: Page;
/** What was seen, to be searched: by place. */
const seen: Record<
  'documents' | 'alerts' | 'session' | 'replies' | 'told' | 'reach' | 'addresses',
  string[]
> = {
  documents: [],
  /** Every word of an alert or a status, however short it stood. */
  alerts: [],
  session: [],
  replies: [],
  /** Whatever a page is told while calls run. */
  told: [],
  /** What a content script reads and hears. */
  reach: [],
  addresses: [],
};
/** Files that were saved, with their names. */
const files: { name: string; bytes: Uint8Array }[] = [];
let asked: Asked[] = [];

/** All that a page holds: its markup, and what its fields hold without showing it there. */
const contentOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea, select')];
    return document.documentElement.outerHTML + JSON.stringify(fields.map(({ value }) => value));
  });

/** In a page of ours: keeps whatever is told to those that watch. */
const KEEP_TOLD = `
  globalThis.told = [];
  chrome.runtime.connect({ name: 'state' }).onMessage.addListener(event => void told.push(JSON.stringify(event)));`;

/** The sessions that the service has given: who has the key and one of them gets what was not delivered. */
const sessions = (): string[] => [
  ...new Set(
    stage.runware.traffic.flatMap(({ text }) =>
      [...text.matchAll(/"connectionSessionUUID":"([\w-]+)"/g)].flatMap(([, id]) => id ?? []),
    ),
  ),
];

/** Runs before the scripts of every page. */
const NOTE_ALERTS = `
  globalThis.said = [];
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll('[role=alert], [role=status]'))
      if (textContent && !said.includes(textContent)) said.push(textContent);
  }).observe(document, { subtree: true, childList: true, characterData: true });`;

/** In a content script of ours: hears what it is sent, and reads all that it can. */
const LISTEN = `() => {
  globalThis.heard = [];
  chrome.runtime.onMessage.addListener(message => void heard.push(message));
  chrome.runtime.onConnect.addListener(port => void heard.push(port.name));
}`;
const REACH = `async () => {
  const areas = {};
  for (const area of ['local', 'sync', 'managed', 'session'])
    areas[area] = await chrome.storage[area].get(null).catch(String);
  const databases = await indexedDB.databases();
  return JSON.stringify({ heard, areas, databases, localStorage, sessionStorage, markup: document.documentElement.outerHTML });
}`;
const inSite = (script: string): Promise<unknown> =>
  stage.chromium.worker.evaluate(`chrome.tabs.query({ url: 'https://im.runware.ai/*' }).then(async ([{ id }]) => {
    const [{ result }] = await chrome.scripting.executeScript({ target: { tabId: id }, func: ${script} });
    return result;
  })`);

async function gather(...pages: Page[]): Promise<void> {
  for (const page of pages) {
    seen.documents.push(await contentOf(page));
    seen.alerts.push(...(await page.evaluate<string[]>('said')));
  }
  seen.reach.push(String(await inSite(REACH)));
  seen.addresses.push(...stage.chromium.context.pages().map(page => page.url()));
  seen.session.push(JSON.stringify(await stage.chromium.worker.evaluate('chrome.storage.session.get(null)')));
  seen.session.push(JSON.stringify(await stage.chromium.worker.evaluate('chrome.storage.local.get(null)')));
}

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-leaks-'));
  const keys = {
    [secrets.apiKey]: { label: 'first' },
    [secrets.newApiKey]: { label: 'second' },
    [secrets.replacingKey]: { label: 'third' },
  };
  const permissions = ['clipboard-read', 'clipboard-write'];
  stage = await setStage({ runware: { keys }, chromium: { profileDir, permissions } });
  await stage.chromium.context.addInitScript(NOTE_ALERTS);
  site = await openSite(stage, 'https://im.runware.ai/story');
  await inSite(LISTEN);
  options = await stage.chromium.page(OPTIONS);
});
afterAll(() => rm(profileDir, { recursive: true, force: true }));

/** A request as it left, but for the one place in which the service wants the key. */
function besidesItsPlace({ headers, ...request }: RequestSeen): object {
  const { authorization, ...others } = headers;
  const wanted = request.fromWorker && request.url === 'https://api.runware.ai/v1';
  return { ...request, headers: wanted ? others : headers };
}

/** What stands below a call that is done. */
const TOOK = / · \d+\.\d s · /;
const button = (name: string) => options.getByRole('button', { name, exact: true });

/** Does what saves a file, and keeps the file. */
async function keepFile(save: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([options.waitForEvent('download', { timeout: 30_000 }), save()]);
  const path = await download.path();
  files.push({ name: download.suggestedFilename(), bytes: await readFile(path) });
  return path;
}

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
    await popup.evaluate(KEEP_TOLD);
    await popup.getByLabel('Prompt').fill('A lantern in the rain – 灯');
    await popup.getByRole('button', { name: 'Run' }).click();
    await result(popup).getByRole('img').waitFor();
    stage.runware.switches.taskMs = 1_000;
    // Each asked after once its line has broken, one of them with a picture.
    for (const task of ['Text', 'Enhance prompt', 'Describe image']) {
      await popup.getByLabel('Task').selectOption({ label: task });
      if (task === 'Describe image') {
        await popup
          .locator('input[type=file]')
          .setInputFiles({ name: 'lantern.png', mimeType: 'image/png', buffer: pictureWith(inPicture) });
        await popup.getByText('Choose another').waitFor();
      }
      stage.runware.faults.add({ kind: 'drop', at: 'accepted' });
      await popup.getByRole('button', { name: 'Run' }).click();
      await result(popup).getByText(TOOK).waitFor({ timeout: 20_000 });
      await expect(result(popup).locator('.answer').count()).resolves.toBe(1);
    }
    // And one that is given up.
    await popup.getByLabel('Task').selectOption({ label: 'Enhance prompt' });
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText('Rewording…').waitFor();
    await popup.getByRole('button', { name: 'Cancel' }).click();
    await popup.getByText('may finish and charge it all the same').waitFor();
    await popup.getByLabel('Task').selectOption({ label: 'Text' });
    // Some services quote the key that they reject.
    stage.runware.faults.add({
      kind: 'error',
      failure: { code: 'invalidApiKey', message: `Incorrect API key provided: ${secrets.newApiKey}.` },
    });
    await popup.getByRole('button', { name: 'Run' }).click();
    await popup.getByText('Incorrect API key provided: [removed].').waitFor();
    await gather(popup);
    await popup.getByLabel('Key', { exact: true }).selectOption({ label: 'Bad' });
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
    seen.told.push(...(await popup.evaluate<string[]>('told')));
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

  test('through revealing, copying, replacing and pasting', { timeout: 120_000 }, async () => {
    const work = options.getByRole('listitem').filter({ hasText: 'Work' });
    const on = (name: string) => work.getByRole('button', { name, exact: true });
    await on('Reveal').click();
    await work.getByLabel('Passphrase').fill(secrets.wrongPassphrase);
    await on('Show it').click();
    await work.getByRole('alert').waitFor();
    await work.getByLabel('Passphrase').fill(secrets.passphrase);
    await on('Show it').click();
    // The search finds what is there to be found.
    await work.getByText(secrets.newApiKey, { exact: true }).waitFor();
    expect(searchForLeaks([secrets.newApiKey]).texts('shown', [await contentOf(options)])).not.toEqual([]);
    await on('Copy').click();
    await on('Hide').click();
    await work.getByText(secrets.newApiKey).waitFor({ state: 'detached' });
    await gather(options);
    await button('Clear clipboard').click();

    for (const [secret, word] of [
      [secrets.rejectedReplacement, 'Rejected'],
      [secrets.replacingKey, 'was replaced'],
    ] as const) {
      await on('Replace').click();
      await work.getByLabel('New API key').fill(secret);
      await on('Test and replace').click();
      await options.getByText(word).first().waitFor();
      if (await on('Cancel').count()) await on('Cancel').click();
    }
    await on('Replace').click();
    stage.runware.refuse(20_000);
    await work.getByLabel('New API key').fill(secrets.untestedKey);
    await on('Test and replace').click();
    await on('Replace without a test').click({ timeout: 25_000 });
    await work.getByLabel('New API key').waitFor({ state: 'detached' });
    stage.runware.refuse(0);
    await gather(options);

    const pastes = [
      [secrets.pastedKey, 'The form was filled in from line 1.', 'Save key'],
      [
        [
          `RUNWARE_API_KEY=${secrets.pastedKey}`,
          `RUNWARE_API_KEY_STAGING=${secrets.otherPastedKey}`,
          `OPENAI_API_KEY=${secrets.foreignKey}`,
          `DATABASE_PASSWORD="${secrets.foreignPassword}"`,
        ].join('\n'),
        '2 keys found',
        'Add 2 keys',
      ],
    ] as const;
    for (const [text, answer, add] of pastes) {
      await button('Add key').click();
      await options.getByLabel('Paste anything').fill(text);
      await options.getByText(answer).waitFor();
      await button(add).click();
      await options.getByText(/were saved|was saved/).waitFor();
      await gather(options);
    }
  });

  test('through backups and new passphrases', { timeout: 180_000 }, async () => {
    await goTo(options, 'Security');
    const form = (name: string) => options.getByRole('form', { name, exact: true });
    await button('Back up').click();
    await form('Back up').getByLabel('Passphrase').fill(secrets.passphrase);
    const backup = await keepFile(() => button('Save the file').click());
    await options.getByText(/keys were saved to your downloads/).waitFor();

    for (const [opener, action, old, anew] of [
      ['Change passphrase', 'Change it', secrets.passphrase, secrets.nextPassphrase],
      ['Replace vault key', 'Replace it', secrets.nextPassphrase, secrets.lastPassphrase],
    ] as const) {
      await button(opener).click();
      await form(opener).getByLabel('Passphrase', { exact: true }).fill(old);
      await form(opener).getByLabel('New passphrase', { exact: true }).fill(anew);
      await form(opener).getByLabel('Repeat new passphrase').fill(anew);
      await button(action).click();
      await form(opener).waitFor({ state: 'detached', timeout: 30_000 });
      await gather(options);
    }
    await button('Back up').click();
    await form('Back up').getByLabel('Passphrase').fill(secrets.lastPassphrase);
    await keepFile(() => button('Save the file').click());

    await button('Restore').click();
    await options.getByLabel('Backup file').setInputFiles(backup);
    await options.getByLabel('Backup passphrase').fill(secrets.wrongBackupPassphrase);
    await button('Look inside').click();
    await options.getByRole('alert').waitFor({ timeout: 30_000 });
    await options.getByLabel('Backup passphrase').fill(secrets.passphrase);
    await button('Look inside').click();
    await button('Merge').click({ timeout: 30_000 });
    await options.getByText('The backup was restored.').waitFor({ timeout: 30_000 });
    await gather(options);
    await lock(options);
    await unlock(options, secrets.lastPassphrase);
    await button('Restore').waitFor();
    await gather(options);
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
      localStorage.setItem('canary', text);
      sessionStorage.setItem('canary', text);
      const cache = await caches.open('canary');
      await cache.put('https://elsewhere.example/cached', new Response(text));
      console.log('planted', { deep: { inside: text } });
      document.title = text;
      const alert = document.createElement('p');
      alert.role = 'alert';
      alert.textContent = text;
      document.body.append(alert);
      location.hash = text;
      await fetch(`https://elsewhere.example/?${text}`).catch(() => {});
    }, canary);
    for (const area of ['session', 'local'])
      await stage.chromium.worker.evaluate(`chrome.storage.${area}.set({ canary: '${canary}' })`);
    await stage.chromium.worker.evaluate(`chrome.tabs.query({ url: 'https://im.runware.ai/*' }).then(
      ([{ id }]) => chrome.tabs.sendMessage(id, '${canary} told').catch(() => {}))`);
    await keepFile(() =>
      options.evaluate(text => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob([text]));
        link.download = 'canary.txt';
        link.click();
      }, canary),
    );
    // A page of the web, whose requests do leave.
    const web = await stage.chromium.context.newPage();
    await web.goto('about:blank');
    await web.evaluate(
      text => fetch('https://elsewhere.example/', { method: 'POST', body: text }).catch(() => {}),
      canary,
    );
    await gather(options);
    await site.close();
  });

  test('nothing of a secret is in documents, alerts, addresses, what pages are told, what content scripts reach, the session, consoles, requests or saved files', async () => {
    expect(sessions().length).toBeGreaterThan(2);
    asked = await stage.close();
    const { consoleLines, requests } = stage.chromium;
    const search = searchForLeaks([...Object.values(secrets), ...sessions()]);
    const planted = searchForLeaks([canary]);
    const places = {
      ...seen,
      console: consoleLines,
      requests: requests.map(request => JSON.stringify(besidesItsPlace(request))),
      asked: asked.map(({ url }) => url),
    };
    for (const [where, texts] of Object.entries(places)) {
      expect(texts.length, where).toBeGreaterThan(0);
      expect(search.texts(where, texts)).toEqual([]);
    }
    for (const where of [
      'documents',
      'alerts',
      'addresses',
      'session',
      'reach',
      'console',
      'requests',
    ] as const) {
      expect(planted.texts(where, places[where]).length, where).toBeGreaterThan(0);
    }
    // Of a content script's own storage, and of what it was sent.
    expect(planted.texts('reach', places.reach).length).toBeGreaterThanOrEqual(2);

    const [canaryFile] = files.splice(
      files.findIndex(({ name }) => name === 'canary.txt'),
      1,
    );
    expect(searchForLeaks([inPicture]).texts('console', consoleLines)).toEqual([]);
    // The picture did go where it should, and the search finds it in bytes.
    expect(stage.runware.traffic.some(({ text }) => text.includes('"taskType":"caption"'))).toBe(true);
    expect(searchForLeaks([inPicture]).bytes('picture', pictureWith(inPicture))).not.toEqual([]);
    expect(planted.bytes('file', canaryFile?.bytes ?? new Uint8Array())).not.toEqual([]);
    expect(files.map(({ name }) => name)).toEqual(
      Array(2).fill(expect.stringMatching(/^runkey-[\d-]+\.age$/)),
    );
    for (const { name, bytes } of files) expect(search.bytes(name, bytes)).toEqual([]);
  });

  test('the extension asked nobody but Runware', () => {
    const ours = asked.filter(({ initiator }) => initiator?.startsWith('chrome-extension://'));
    const hosts = new Set(ours.map(({ url }) => new URL(url).host));
    // The canary's own request shows that the list would have held others.
    expect(
      [...hosts].filter(host => host !== 'elsewhere.example' && host !== stage.chromium.extensionId),
    ).toEqual(['ws-api.runware.ai', 'api.runware.ai']);
  });

  test('nothing of a secret is in the profile on disk, where each canary is', {
    timeout: 120_000,
  }, async () => {
    const all = [...Object.values(secrets), ...sessions(), inPicture];
    expect(await searchForLeaks(all).folder(profileDir)).toEqual([]);
    const found = await searchForLeaks([canary]).folder(profileDir);
    const places = [
      'Local Storage',
      'Session Storage',
      'Local Extension Settings',
      'CacheStorage',
      'IndexedDB',
    ];
    for (const place of places)
      expect(
        found.some(({ where }) => where.includes(place)),
        place,
      ).toBe(true);
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
