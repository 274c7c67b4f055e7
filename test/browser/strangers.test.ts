import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, Worker } from 'playwright-core';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { shippedPrompts } from '../../src/calls/shipped-prompts';
import {
  type BodyOf,
  type ContentAsks,
  contentAsks,
  type PageAsks,
  pageAsks,
} from '../../src/messages/contract';
import { writeBackup } from '../../src/vault/backup';
import { demoKey } from '../emulators/runware/index';
import { demoToken } from '../emulators/useapi/index';
import { cancelCall, done, ended, noted, snapshotOf, startCall } from './drive/calls';
import { countRecords } from './drive/database';
import { writeNeighbour } from './drive/neighbour';
import type { Others } from './emulate';
import {
  addKey,
  addRunwareKey,
  askFrom,
  createVault,
  OPTIONS,
  openSite,
  POPUP,
  type Stage,
  setWholeStage,
} from './stage';

const PASSPHRASE = 'plum anchor violin north';
const SITE = 'https://im.runware.ai';
const OTHER_SITE = 'https://api.useapi.net';
const IMAGE = {
  prompt: 'A gate',
  model: 'runware:400@2',
  width: '512',
  height: '512',
  count: '1',
  format: 'JPG',
};
/** 32 bytes. */
const BYTES = Buffer.alloc(32).toString('base64');
const proof = { by: 'passphrase', passphrase: PASSPHRASE } as const;
const passkey = { id: 'AAAA', label: 'Token', salt: BYTES };

/** What a stranger may know, so that only who he is can be the reason of a refusal. */
interface Known {
  readonly key: string;
  /** One with accounts behind it. */
  readonly other: string;
  readonly call: string;
  /** A call that was cancelled once sent: there is something to ask after. */
  readonly cancelled: string;
  readonly backup: string;
}
type Bodies<Asks extends PageAsks | ContentAsks> = { [N in keyof Asks]: BodyOf<Asks, N> };

/** A prompt that waits to be run. */
const CARD = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

/** Every request, true in every part, in an order in which the options page can make them all. */
const pageBodies = ({ key, other, call, cancelled, backup }: Known): Bodies<PageAsks> => ({
  'vault.touch': {},
  'vault.locking': {},
  'vault.setLocking': { locking: { minutes: 0, withScreen: false } },
  'keys.add': { service: 'runware', notes: { label: 'Theirs' }, values: { apiKey: 'abcdefghijkl' } },
  'keys.change': { id: key, notes: { label: 'Taken' }, values: {} },
  'keys.test': { id: key },
  'keys.reveal': { id: key, proof },
  'keys.uses': { id: key },
  'accounts.list': { key: other },
  'accounts.put': {
    key: other,
    account: { email: 'theirs@example.com', password: 'of theirs', maxJobs: 1 },
    keep: true,
  },
  'accounts.remove': { key: other, email: 'theirs@example.com' },
  'calls.start': {
    key,
    operation: 'text',
    values: { prompt: 'Buy this', model: 'google:gemma@4-31b', maxTokens: '64' },
  },
  'calls.again': { id: call, as: '0b8f3ad8-7a0e-4e55-9f0e-3b5d3e0d8a11' },
  'calls.copyAs': { id: call, as: 'curl' },
  'calls.price': { key, operation: 'image', values: IMAGE },
  'calls.look': { key, operation: 'models', values: { search: 'flux' } },
  'calls.media': { id: call, media: 0, from: 0 },
  'calls.ask': { id: cancelled },
  'calls.cancel': { id: call },
  'keys.health': { id: key, maxAge: 0 },
  'history.list': { most: 100 },
  'history.delete': { id: call },
  'history.clear': {},
  'settings.money': {},
  'settings.setMoney': { money: { dear: 2 } },
  'settings.retention': {},
  'settings.setRetention': { retention: { days: 7 } },
  'prompts.get': {},
  'prompts.set': { prompts: [] },
  'settings.selection': {},
  'settings.setSelection': { selection: { sites: [], not: [], modifier: null, code: true, asked: true } },
  'selection.take': {},
  'selection.takeSecret': {},
  'keys.replace': { id: key, values: { apiKey: 'abcdefghijkl' }, untested: true },
  'vault.backUp': { passphrase: PASSPHRASE },
  'vault.preview': { file: backup, passphrase: PASSPHRASE },
  'vault.restore': { file: backup, passphrase: PASSPHRASE, mode: 'merge' },
  'vault.removePasskey': { proof, id: passkey.id },
  'vault.addPasskey': { proof, passkey: { ...passkey, id: 'BBBB' }, secret: BYTES },
  'vault.prove': { proof },
  'vault.changePassphrase': { proof, passphrase: PASSPHRASE },
  'vault.replaceKey': { proof, passphrase: PASSPHRASE },
  'selection.run': { card: CARD },
  'selection.discard': { card: CARD },
  'keys.remove': { id: key },
  'vault.lock': {},
  'vault.unlock': { proof },
  'vault.erase': {},
  'vault.create': { passphrase: PASSPHRASE },
});
/** Whose card it is does not matter: it is of no page that asks. */
const contentBodies: Bodies<ContentAsks> = {
  'bubble.wanted': {},
  'prompts.list': {},
  'prompts.pick': { prompt: shippedPrompts[0]?.id ?? '' },
  'card.run': { card: CARD },
  'card.cancel': { card: CARD },
  'card.media': { card: CARD, media: 0 },
  'card.insert': { card: CARD, item: 'answer' },
  'card.open': { card: CARD },
  'card.keep': { card: CARD },
  'card.offer': { card: CARD },
  'card.close': { card: CARD },
  'site.off': {},
};

/** What nobody at all may send: names that objects inherit, wrong shapes, claims to be a page, heaps. */
const forged = (id: string): string[] => {
  const claims = {
    sender: {
      id,
      origin: `chrome-extension://${id}`,
      url: `chrome-extension://${id}/${OPTIONS}`,
      frameId: 0,
    },
    from: 'page',
    kind: 'page',
    page: 'options',
  };
  const names = ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', ' vault.lock', ''];
  return [
    ...names.map(ask => ({ ask, body: {} })),
    ...['vault.lock', null, 42, true, [], {}, ['vault.lock', {}]],
    ...[['vault.lock'], { toString: 'vault.lock' }, 1, null].map(ask => ({ ask, body: {} })),
    ...[null, 'locked', 7, ['locked'], { id: 1 }].map(body => ({ ask: 'vault.lock', body })),
    { ask: 'vault.lock' },
    { ask: 'vault.lock', body: {}, ...claims },
    { ask: 'vault.lock', body: claims },
    { ask: 'vault.lock', body: { text: 'x'.repeat(500_000) } },
    { ask: 'x'.repeat(500_000), body: {} },
    { ask: 'keys.add', body: { service: 'runware', notes: { label: 'x'.repeat(200_000) }, values: {} } },
    {
      ask: 'calls.start',
      body: Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`field ${at}`, at])),
    },
  ]
    .map(message => JSON.stringify(message))
    .concat(
      '{"ask":"vault.lock","body":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}',
      `{"ask":"vault.lock","body":${'{"deeper":'.repeat(150)}{}${'}'.repeat(150)}}`,
    );
};

/** Sends one message after the other, JSON each, and tells what came of each. Runs in the browser. */
const send = async (messages: string[], to: string | null): Promise<string[]> => {
  type Reply = { ok?: boolean; failure?: { code: string } } | undefined;
  const outcomes: string[] = [];
  for (const text of messages) {
    const message: unknown = JSON.parse(text);
    const sending =
      to === null
        ? chrome.runtime.sendMessage<Reply>(message)
        : chrome.runtime.sendMessage<Reply>(to, message);
    outcomes.push(
      await sending.then(
        reply => reply?.failure?.code ?? (reply === undefined ? 'no answer' : 'accepted'),
        (error: Error) => (/Receiving end does not exist/.test(error.message) ? 'nobody' : error.message),
      ),
    );
  }
  return outcomes;
};

/** Tries to watch the state. Runs in the browser. */
const watch = (to: string | null): Promise<string> =>
  new Promise(resolve => {
    const info = { name: 'state' };
    const port = to === null ? chrome.runtime.connect(info) : chrome.runtime.connect(to, info);
    port.onMessage.addListener(() => resolve('told'));
    port.onDisconnect.addListener(() => resolve('cut off'));
  });

let folder: string;
let stage: Stage & Others;
let options: Page;
let popup: Page;
let site: Page;
let neighbour: { worker: Worker; page: Page };
let known: Known;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runkey-neighbour-'));
  await writeNeighbour(folder, { site: `${SITE}/*` });
  stage = await setWholeStage({ chromium: { beside: [folder] } });
  const { context, extensionId } = stage.chromium;
  const isNeighbour = (worker: Worker) => !worker.url().includes(extensionId);
  const worker =
    context.serviceWorkers().find(isNeighbour) ??
    (await context.waitForEvent('serviceworker', { predicate: isNeighbour }));
  const page = await context.newPage();
  await page.goto(new URL('page.html', worker.url()).href);
  neighbour = { worker, page };

  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  await addKey(options, 'runway', 'Films', { apiToken: demoToken });
  known = await knownOf(options);
  popup = await stage.chromium.page(POPUP);
  await popup.getByLabel('Prompt').waitFor();
  // The popup asks how its key stands, and what was cancelled ends all the same.
  const said = () =>
    stage.runware.traffic.filter(({ direction }) => direction === 'out').map(({ text }) => text);
  await vi.waitFor(() => {
    for (const last of ['accountManagement', 'promptEnhance']) expect(said().join()).toContain(last);
  }, 8_000);

  const frames = `<iframe src="/inner"></iframe><iframe src="${OTHER_SITE}/"></iframe>`;
  site = await openSite(
    stage,
    `${SITE}/somewhere`,
    `<p>A page</p><script>top === self && document.write('${frames}')</script>`,
  );
  await vi.waitFor(() => expect(site.frames()).toHaveLength(3), 10_000);
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

/** Everything that a request could need: a key, a call with an image, one that can be asked after, a passkey, a backup, an offered text. */
async function knownOf(page: Page): Promise<Known> {
  await askFrom(page, 'vault.addPasskey', { proof, passkey, secret: BYTES });
  const { keys } = await snapshotOf(page);
  const [key = '', other = ''] = ['Work', 'Films'].map(name => keys.find(({ label }) => label === name)?.id);
  const call = await startCall(page, key, 'image', IMAGE);
  await done(page, call);
  stage.runware.switches.taskMs = 1_000;
  const cancelled = await startCall(page, key, 'enhance', { prompt: 'A gate' });
  await noted(page, cancelled);
  await cancelCall(page, cancelled);
  await ended(page, cancelled);
  stage.runware.switches.taskMs = 60;
  const waits = {
    ...{ id: CARD, at: Date.now(), title: 'Improve', words: 'A gate', editable: true },
    wish: {
      prompt: CARD,
      service: 'runware',
      operation: 'enhance',
      values: { prompt: 'A gate', length: '64', count: '1' },
    },
  };
  const session = { offered: { text: 'Mine' }, cards: [waits] };
  await stage.chromium.worker.evaluate(`chrome.storage.session.set(${JSON.stringify(session)})`);
  const entry = {
    id: crypto.randomUUID(),
    service: 'runware',
    label: 'Old',
    fields: {},
    secrets: { apiKey: 'abcdefghijkl' },
  };
  const kept = {
    ...entry,
    origins: ['wss://ws-api.runware.ai', 'https://api.runware.ai'],
    created: 1,
    changed: 1,
    edited: 1,
  };
  const made = new Date().toISOString();
  const file = await writeBackup({ runkey: 'backup', version: 1, made, keys: [kept] }, PASSPHRASE, 10);
  return { key, other, call, cancelled, backup: Buffer.from(file).toString('base64') };
}

/** Every byte that is kept, in the database and the browser's memory, and what the service has seen. */
async function everything(): Promise<object> {
  const kept = await options.evaluate(async () => {
    const promised = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await promised(indexedDB.open('runkey'));
    const stores: Record<string, unknown> = {};
    for (const name of database.objectStoreNames) {
      const store = database.transaction(name).objectStore(name);
      stores[name] = [await promised(store.getAllKeys()), await promised(store.getAll())];
    }
    database.close();
    const { session, local } = chrome.storage;
    return JSON.stringify({ stores, session: await session.get(null), local: await local.get(null) });
  });
  const face = await options.locator('main').innerText();
  const { opened, ledger, traffic } = stage.runware;
  return { kept, face, opened, billed: ledger.count(), heard: traffic.length + stage.useapi.traffic.length };
}

type Place = 'top' | 'same origin' | 'other origin';

/** A script that an extension injects into one frame of the site. */
async function inFrame<R>(worker: Worker, place: Place, script: string, ...given: unknown[]): Promise<R> {
  const source = `(async () => {
    const [tab] = await chrome.tabs.query({ url: '${SITE}/*' });
    const results = await chrome.scripting.executeScript({
      target: { tabId: tab.id, allFrames: ${place !== 'top'} },
      args: ${JSON.stringify([place, given])},
      func: async (place, given) => {
        const here = top === self ? 'top' : location.origin === '${SITE}' ? 'same origin' : 'other origin';
        return here === place ? { value: await (${script})(...given)  } : null;
      },
    });
    return results.flatMap(({ result }) => result ? [result.value] : []);
  })()`;
  const [value, ...more] = (await worker.evaluate(source)) as R[];
  if (value === undefined || more.length > 0) throw new Error(`There is not just one frame: ${place}.`);
  return value;
}

interface Sender {
  readonly who: string;
  /** What becomes of its requests: refused by the door, or heard by nobody. */
  readonly end: 'refused' | 'nobody';
  readonly send: (messages: string[]) => Promise<string[]>;
  readonly watch: () => Promise<string>;
}

const ours = () => stage.chromium.extensionId;
const contentScript = (who: string, place: Place): Sender => ({
  who,
  end: 'refused',
  send: messages => inFrame(stage.chromium.worker, place, String(send), messages, null),
  watch: () => inFrame(stage.chromium.worker, place, String(watch), null),
});

const senders: readonly Sender[] = [
  contentScript('a content script in a top frame', 'top'),
  contentScript('a content script in a sub-frame of the same origin', 'same origin'),
  contentScript('a content script in a sub-frame of another origin', 'other origin'),
  {
    who: 'a web page that may speak to some extension',
    end: 'nobody',
    send: messages => site.evaluate(`(${send})(${JSON.stringify(messages)}, '${ours()}')`),
    watch: () => site.evaluate(`(${watch})('${ours()}')`),
  },
  {
    who: 'the worker of another extension',
    end: 'nobody',
    send: messages => neighbour.worker.evaluate(`(${send})(${JSON.stringify(messages)}, '${ours()}')`),
    watch: () => neighbour.worker.evaluate(`(${watch})('${ours()}')`),
  },
  {
    who: 'a page of another extension',
    end: 'nobody',
    send: messages => neighbour.page.evaluate(`(${send})(${JSON.stringify(messages)}, '${ours()}')`),
    watch: () => neighbour.page.evaluate(`(${watch})('${ours()}')`),
  },
  {
    who: 'a content script of another extension in a page that has ours too',
    end: 'nobody',
    send: messages => inFrame(neighbour.worker, 'top', String(send), messages, ours()),
    watch: () => inFrame(neighbour.worker, 'top', String(watch), ours()),
  },
];

const requests = (): [string, string][] =>
  Object.entries({ ...pageBodies(known), ...contentBodies }).map(([ask, body]) => [
    ask,
    JSON.stringify({ ask, body }),
  ]);

/** What came of each request, by its name. */
async function outcomes(
  send: Sender['send'],
  wanted = requests(),
): Promise<Record<string, string | undefined>> {
  const came = await send(wanted.map(([, message]) => message));
  return Object.fromEntries(wanted.map(([ask], at) => [ask, came[at]]));
}
const all = (outcome: string) => Object.fromEntries(requests().map(([ask]) => [ask, outcome]));

test('every request is one that its schema takes', () => {
  const bodies: Record<string, unknown> = { ...pageBodies(known), ...contentBodies };
  const asks = { ...pageAsks, ...contentAsks };
  expect(Object.keys(bodies).sort()).toEqual(Object.keys(asks).sort());
  for (const [name, { body }] of Object.entries(asks)) expect(v.is(body, bodies[name]), name).toBe(true);
});

describe.each(['unlocked', 'locked'] as const)('while the vault is %s,', status => {
  beforeAll(async () => {
    if (status === 'locked') await askFrom(options, 'vault.lock', {});
    const button = status === 'locked' ? 'Unlock' : 'Lock';
    await options.getByRole('button', { name: button, exact: true }).waitFor();
  });
  afterAll(() => askFrom(options, 'vault.unlock', { proof }));

  test.each(senders)('$who gets nothing and changes nothing', async ({ send, watch, end }) => {
    const before = await everything();
    expect(await outcomes(send)).toEqual(all(end));
    const messages = forged(ours());
    const came = await send(messages);
    const possible = end === 'nobody' ? ['nobody'] : ['refused', 'bad-request'];
    expect(came.filter(outcome => !possible.includes(outcome))).toEqual([]);
    expect(came).toHaveLength(messages.length);
    expect(await watch()).toBe('cut off');
    expect(await everything()).toEqual(before);
  });

  test('our own popup is refused all that only the options page may ask', async () => {
    const before = await everything();
    const forOptions = new Set(
      Object.entries(pageAsks).flatMap(([name, ask]) => ('options' in ask ? name : [])),
    );
    for (const name of Object.keys(contentAsks)) forOptions.add(name);
    expect(forOptions.size).toBeGreaterThan(15);
    const wanted = requests().filter(([ask]) => forOptions.has(ask));
    const came = await outcomes(
      messages => popup.evaluate(`(${send})(${JSON.stringify(messages)}, null)`),
      wanted,
    );
    expect(came).toEqual(Object.fromEntries([...forOptions].map(ask => [ask, 'refused'])));
    expect(await everything()).toEqual(before);
  });

  test('forged shapes are refused to our own pages too', async () => {
    const before = await everything();
    for (const page of [popup, options]) {
      const came = await page.evaluate<string[]>(`(${send})(${JSON.stringify(forged(ours()))}, null)`);
      expect(came.filter(outcome => outcome !== 'refused' && outcome !== 'bad-request')).toEqual([]);
    }
    expect(await everything()).toEqual(before);
    expect(await stage.chromium.worker.evaluate('"polluted" in {}')).toBe(false);
  });

  test('what a web page posts to its own window reaches nobody of ours', async () => {
    const before = await everything();
    const answers = await site.evaluate(async messages => {
      const answers: unknown[] = [];
      addEventListener('message', ({ data }) => answers.push(data));
      for (const [, text] of messages) {
        postMessage(JSON.parse(text), '*');
        document.dispatchEvent(new CustomEvent('runkey', { detail: JSON.parse(text) }));
      }
      await new Promise(resolve => setTimeout(resolve, 500));
      return answers;
    }, requests());
    // Its own words, and nothing besides.
    expect(answers).toEqual(requests().map(([, text]) => JSON.parse(text)));
    expect(await everything()).toEqual(before);
  });
});

test('messages between extensions do arrive, where somebody listens', async () => {
  const id = new URL(neighbour.worker.url()).host;
  const ping = `chrome.runtime.sendMessage('${id}', 'ping')`;
  expect(await site.evaluate(ping)).toBe('pong');
  expect(await neighbour.page.evaluate(ping)).toBe('pong');
  expect(await options.evaluate(ping)).toBe('pong');
  expect(await inFrame(neighbour.worker, 'top', `() => ${ping}`)).toBe('pong');
});

test('a content script finds nothing in any storage that it can reach, but that there is a vault', async () => {
  for (const place of ['top', 'same origin', 'other origin'] as const) {
    const found = await inFrame(
      stage.chromium.worker,
      place,
      `async () => {
        const databases = (await indexedDB.databases().catch(() => [])).map(({ name }) => name);
        const read = area => chrome.storage[area].get(null).catch(() => 'closed');
        return { databases, local: await read('local'), sync: await read('sync'), session: await read('session') };
      }`,
    );
    expect(found).toEqual({ databases: [], local: { vault: true }, sync: {}, session: 'closed' });
  }
});

describe('a site', () => {
  const pages = [POPUP, OPTIONS, `${OPTIONS}#security`];
  const address = (path: string) => `chrome-extension://${ours()}/${path}`;

  test.each(['a site', 'a page of another extension'])(
    '%s that frames a page of ours gets an error page',
    async who => {
      const host = who === 'a site' ? site : neighbour.page;
      await host.unrouteAll();
      for (const path of pages) {
        await host.evaluate(src => document.querySelector('iframe')?.setAttribute('src', src), address(path));
        await expect.poll(() => host.frames()[1]?.url()).toMatch(/^chrome-error:/);
        expect(host.frames().filter(frame => frame.url().includes(ours()))).toEqual([]);
      }
    },
  );

  test('opens no page of ours in a window', async () => {
    for (const path of pages) {
      const before = new Set(stage.chromium.context.pages());
      await site.evaluate(url => void window.open(url), address(path));
      const opened = stage.chromium.context.pages().filter(page => !before.has(page));
      await new Promise(resolve => setTimeout(resolve, 300));
      expect(opened.map(page => page.url()).filter(url => url.includes(ours()))).toEqual([]);
      for (const page of opened) await page.close();
    }
  });

  test('reaches none of our files', async () => {
    const outcome = await site.evaluate(
      url =>
        fetch(url).then(
          () => 'reached',
          () => 'refused',
        ),
      address('manifest.json'),
    );
    expect(outcome).toBe('refused');
  });
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

test('the options page may make every one of those requests, and each has its effect', {
  timeout: 180_000,
}, async () => {
  const before = await everything();
  const fromOptions: Sender['send'] = messages =>
    options.evaluate(`(${send})(${JSON.stringify(messages)}, null)`);
  const wanted = requests().filter(([ask]) => Object.hasOwn(pageAsks, ask));
  // A vault key is not replaced while a call is open, and two were started.
  const busy = wanted.findIndex(([ask]) => ask === 'vault.replaceKey');
  const came = await outcomes(fromOptions, wanted.slice(0, busy));
  await expect.poll(async () => (await countRecords(stage.chromium.worker)).open).toBe(0);
  Object.assign(came, await outcomes(fromOptions, wanted.slice(busy)));
  expect(came).toEqual(Object.fromEntries(wanted.map(([ask]) => [ask, 'accepted'])));
  expect(await options.evaluate(`(${watch})(null)`)).toBe('told');
  const after = await everything();
  for (const [what, value] of Object.entries(before)) expect(after, what).not.toHaveProperty(what, value);
});
