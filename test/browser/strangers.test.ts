import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageAsks } from '../../src/messages/contract';
import { demoKey } from '../emulators/runware/index';
import { addRunwareKey, createVault, OPTIONS, POPUP, type Stage, setStage } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const ID = '00000000-0000-4000-8000-000000000000';
/** Each request in a form that its schema takes, so that only its sender can be the reason of a refusal. */
const BODIES: { [N in keyof typeof pageAsks]: object } = {
  'vault.create': { passphrase: PASSPHRASE },
  'vault.unlock': { passphrase: PASSPHRASE },
  'vault.lock': {},
  'keys.add': { service: 'runware', label: 'Theirs', values: { apiKey: 'abcdefghijkl' } },
  'keys.change': { id: ID, label: 'Theirs', values: {} },
  'keys.remove': { id: ID },
  'keys.test': { id: ID },
  'calls.start': { key: ID, operation: 'text', values: { prompt: 'hi' } },
  'calls.cancel': { id: ID },
  'calls.media': { id: ID, media: 0 },
  'selection.take': {},
};

let stage: Stage;
let options: Page;
let site: Page;

beforeAll(async () => {
  stage = await setStage();
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  // A site that scripts of ours may enter: what they may do there is what is tested.
  site = await stage.chromium.context.newPage();
  await site.route('**/*', route => route.fulfill({ contentType: 'text/html', body: '<p>A page</p>' }));
  await site.goto('https://im.runware.ai/somewhere');
  await site.evaluate(() => document.body.append(document.createElement('iframe')));
  await site.evaluate(() => document.querySelector('iframe')?.setAttribute('src', '/inner'));
  await site.waitForFunction(
    () => document.querySelector('iframe')?.contentDocument?.body?.innerText === 'A page',
  );
  await site.unrouteAll();
});
afterAll(() => stage.close());

/** Runs in every frame of the site as a content script of ours. */
function inContentScripts<R>(script: (argument: object) => Promise<R>, argument: object): Promise<R[]> {
  const source = `(async () => {
    const [tab] = await chrome.tabs.query({ url: 'https://im.runware.ai/*' });
    const target = { tabId: tab.id, allFrames: true };
    const results = await chrome.scripting.executeScript({ target, func: ${script}, args: [${JSON.stringify(argument)}] });
    return results.map(({ result }) => result);
  })()`;
  return stage.chromium.worker.evaluate(source) as Promise<R[]>;
}

describe('a content script, in a top frame and in a sub-frame,', () => {
  test('is refused every request of the pages, and changes nothing', async () => {
    const replies = await inContentScripts(async bodies => {
      const replies: [string, unknown][] = [];
      for (const [ask, body] of Object.entries(bodies).sort()) {
        replies.push([ask, await chrome.runtime.sendMessage({ ask, body })]);
      }
      return replies;
    }, BODIES);
    const refused = { ok: false, failure: { code: 'refused', message: expect.any(String) } };
    const expected = Object.keys(BODIES)
      .sort()
      .map(ask => [ask, refused]);
    expect(replies).toEqual([expected, expected]);
    expect(Object.keys(BODIES)).toEqual(Object.keys(pageAsks));
    await options.getByRole('heading', { name: 'Work' }).waitFor();
    await options.getByRole('button', { name: 'Lock' }).waitFor();
  });

  test('may not watch the state', async () => {
    const outcomes = await inContentScripts(
      () =>
        new Promise<string>(resolve => {
          const port = chrome.runtime.connect({ name: 'state' });
          port.onMessage.addListener(() => resolve('told'));
          port.onDisconnect.addListener(() => resolve('cut off'));
        }),
      {},
    );
    expect(outcomes).toEqual(['cut off', 'cut off']);
  });

  test('may not offer text that nobody asked it for, and forged names and shapes get nothing', async () => {
    const forged = [
      { ask: 'selection.offer', body: { text: 'buy this' } },
      { ask: 'selection.offer', body: { text: '' } },
      { ask: 'constructor', body: {} },
      { ask: '__proto__', body: {} },
      { ask: 'vault.lock', body: {}, sender: { origin: 'chrome-extension://' } },
      'vault.lock',
      null,
    ];
    const codes = await inContentScripts(async messages => {
      const codes: string[] = [];
      for (const message of Object.values(messages)) {
        const reply = await chrome.runtime.sendMessage<{ failure: { code: string } }>(message);
        codes.push(reply.failure.code);
      }
      return codes;
    }, forged);
    const expected = [
      'refused',
      'bad-request',
      'refused',
      'refused',
      'bad-request',
      'bad-request',
      'bad-request',
    ];
    expect(codes).toEqual([expected, expected]);
  });

  test('finds nothing in any storage that it can reach', async () => {
    const found = await inContentScripts(async () => {
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      const local = await chrome.storage.local.get(null).catch(() => 'closed');
      const session = await chrome.storage.session.get(null).catch(() => 'closed');
      return { databases, local, session };
    }, {});
    expect(found).toEqual(Array(2).fill({ databases: [], local: {}, session: 'closed' }));
  });
});

test('a site that frames a page of ours gets an error page', async () => {
  for (const path of [POPUP, OPTIONS]) {
    await site.evaluate(
      src => document.querySelector('iframe')?.setAttribute('src', src),
      `chrome-extension://${stage.chromium.extensionId}/${path}`,
    );
    await expect.poll(() => site.frames()[1]?.url()).toMatch(/^chrome-error:/);
  }
});

test('a site reaches none of our files', async () => {
  const manifest = `chrome-extension://${stage.chromium.extensionId}/manifest.json`;
  expect(
    await site.evaluate(
      url =>
        fetch(url).then(
          () => 'reached',
          () => 'refused',
        ),
      manifest,
    ),
  ).toBe('refused');
});

test('our own pages reach no network, whatever they are made to ask', async () => {
  const outcome = await options.evaluate(() =>
    fetch('https://api.runware.ai/v1').then(
      () => 'reached',
      () => 'refused',
    ),
  );
  expect(outcome).toBe('refused');
});
