import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { demoKey, type RunwareEmulator } from '../emulators/runware/index';
import { addKey, done, failed, lost, noted, snapshotOf, startCall, textOf } from './drive/calls';
import { type Chromium, launchChromium } from './drive/chromium';
import { askFrom, createVault, distOf, emulate, OPTIONS, unlock } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const SECOND = 'second-runware-key-0123456789abcdef';
const grey = new PNG({ width: 128, height: 128 });
grey.data.fill(128);
const PICTURE = `data:image/png;base64,${PNG.sync.write(grey).toString('base64')}`;

let profileDir: string;
let runware: RunwareEmulator;
let hosts: Record<string, number>;
let chromium: Chromium;
let options: Page;
/** The ids of the keys, by label. */
let keys: Record<'work' | 'second' | 'header' | 'body' | 'twice', string>;

async function launch(): Promise<void> {
  chromium = await launchChromium({ extensionDir: distOf('chromium'), hosts, profileDir });
  chromium.context.setDefaultTimeout(15_000);
  options = await chromium.page(OPTIONS);
}

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-lines-'));
  const accounts = { [demoKey]: { label: 'first' }, [SECOND]: { label: 'second' } };
  ({ runware, hosts } = await emulate({ keys: accounts }));
  await launch();
  await createVault(options, PASSPHRASE);
  keys = {
    work: await addKey(options, 'Work', demoKey),
    second: await addKey(options, 'Second', SECOND),
    header: await addKey(options, 'Header', demoKey, { connection: 'http' }),
    body: await addKey(options, 'Body', SECOND, { connection: 'http-body' }),
    twice: await addKey(options, 'Twice', demoKey, { atOnce: '2' }),
  };
  await askFrom(options, 'settings.setMoney', { money: { dear: 1_000 } });
});
afterAll(async () => {
  await chromium.close();
  await runware.close();
  await rm(profileDir, { recursive: true, force: true });
});

const usual = { taskMs: 60, gapMs: 0, deltaMs: 5, bufferMs: 120_000, rememberMs: Number.POSITIVE_INFINITY };
afterEach(() => {
  Object.assign(runware.switches, usual);
  runware.faults.clear();
  for (const what of ['all', 'sockets', 'http'] as const) runware.refuse(0, what);
});

/** What a background has learnt of the ways to the service dies with it. */
const begin = () => chromium.killWorker();
const billed = (id: string) => vi.waitFor(() => expect(runware.ledger.count(id)).toBe(1), 10_000);
/** What was said of a task, and how. */
const said = (id: string) => runware.traffic.filter(({ text }) => text.includes(id));
const waysOf = (id: string) => [...new Set(said(id).map(({ transport }) => transport))];
const start = (key: string, operation: string, prompt: string, more: Record<string, string> = {}) =>
  startCall(options, key, operation, { prompt, ...more });

describe('where only one way is open', () => {
  test('an image comes over HTTP when no socket can be had, and the next one at once', async () => {
    const { opened } = runware;
    runware.refuse(60_000, 'sockets');
    const id = await start(keys.work, 'image', 'A gate');
    expect((await done(options, id)).state.items).toMatchObject([{ kind: 'image' }]);
    expect(runware.ledger.count(id)).toBe(1);
    expect(waysOf(id)).toEqual(['http']);
    const next = await start(keys.work, 'image', 'Another gate');
    expect((await done(options, next)).state.tookMs).toBeLessThan(2_000);
    expect(runware.opened).toBe(opened);
  });

  test('a text comes over the socket when HTTP is refused, and the next one at once', async () => {
    await begin();
    const asked = () => chromium.requests.filter(({ host }) => host === 'api.runware.ai').length;
    runware.refuse(60_000, 'http');
    const id = await start(keys.work, 'text', 'Through the other door');
    expect(textOf(await done(options, id))).toContain('Through the other door');
    expect(runware.ledger.count(id)).toBe(1);
    expect(waysOf(id)).toEqual(['websocket']);
    const before = asked();
    const next = await start(keys.work, 'text', 'And again');
    expect(textOf(await done(options, next))).toContain('And again');
    expect(asked()).toBe(before);
  });

  test('none for a moment: calls wait for it, and are billed once', async () => {
    await begin();
    runware.refuse(1_500);
    const ids = await Promise.all([
      start(keys.work, 'image', 'After the gap'),
      start(keys.second, 'text', 'After the gap'),
      start(keys.header, 'enhance', 'After the gap'),
    ]);
    for (const id of ids) {
      await done(options, id, 30_000);
      expect(runware.ledger.count(id)).toBe(1);
    }
  });
});

describe('a key that speaks over HTTP alone', () => {
  const tasks = (prompt: string): Record<string, Record<string, string>> => ({
    image: { prompt },
    variation: { prompt, picture: PICTURE, width: '128', height: '128' },
    edit: { prompt, picture: PICTURE, width: '128', height: '128' },
    text: { prompt },
    enhance: { prompt },
    caption: { picture: PICTURE },
    upscale: { picture: PICTURE },
    cutout: { picture: PICTURE },
    vectorize: { picture: PICTURE },
    mask: { picture: PICTURE },
    speech: { prompt },
    sound: { prompt, duration: '1' },
    video: { prompt },
    store: { picture: PICTURE },
    models: { search: 'flux' },
  });

  test.each([
    ['in a header', 'header', demoKey],
    ['in the message', 'body', SECOND],
  ] as const)('sends it %s, whatever the task, and opens no socket', async (_where, name, apiKey) => {
    const { opened } = runware;
    const [heard, asked] = [runware.traffic.length, chromium.requests.length];
    const ids = await Promise.all(
      Object.entries(tasks(`By ${name}`)).map(([operation, values]) =>
        startCall(options, keys[name], operation, values),
      ),
    );
    const kinds = await Promise.all(
      ids.map(async id => (await done(options, id, 30_000)).state.items.map(({ kind }) => kind)),
    );
    expect(kinds).toEqual([
      ...[['image'], ['image'], ['image'], ['text'], ['text'], ['text']],
      ...[['image'], ['image'], ['image'], ['image'], ['audio'], ['audio'], ['link'], ['list'], ['list']],
    ]);
    const [stored] = runware.traffic
      .slice(heard)
      .flatMap(({ text }) => /"operation":"upload".*?"mediaUUID":"([\w-]+)"/.exec(text)?.[1] ?? []);
    await done(options, await startCall(options, keys[name], 'unstore', { media: stored ?? '' }));
    expect(runware.opened).toBe(opened);

    // That HTTP gets through at all is tried without key or task.
    const requests = chromium.requests
      .slice(asked)
      .filter(({ host, method }) => host === 'api.runware.ai' && method === 'POST');
    expect(requests.length).toBeGreaterThan(15);
    const first = requests.map(({ body = '' }) => Object(JSON.parse(body))[0]);
    if (name === 'header') {
      expect(new Set(requests.map(({ headers }) => headers.authorization))).toEqual(
        new Set([`Bearer ${apiKey}`]),
      );
      expect(requests.filter(({ body = '' }) => body.includes('apiKey'))).toEqual([]);
    } else {
      expect(requests.filter(({ headers }) => headers.authorization)).toEqual([]);
      for (const task of first) expect(task).toEqual({ taskType: 'authentication', apiKey });
    }
  });
});

describe('calls at once', () => {
  test('of two keys: each gets its own answers, and pays for its own', async () => {
    await begin();
    const wanted = (['work', 'second'] as const).flatMap(key =>
      ['image', 'enhance', 'text', 'enhance', 'text'].map((operation, at) => ({ key, operation, at })),
    );
    await Promise.all(
      wanted.map(async ({ key, operation, at }) => {
        const prompt = `The ${at}th of ${key}`;
        const id = await start(keys[key], operation, prompt);
        const call = await done(options, id);
        if (operation !== 'image') expect(textOf(call)).toContain(prompt);
        const [entry, ...more] = runware.ledger.entries.filter(({ taskUUID }) => taskUUID === id);
        expect([entry?.key, more]).toEqual([key === 'work' ? 'first' : 'second', []]);
        expect(JSON.stringify(entry?.task)).toContain(prompt);
      }),
    );
    expect(runware.connections).toBe(2);
  });

  test.each([
    ['four', 'work', 4],
    ['as many as the key says', 'twice', 2],
  ] as const)(
    'of one key are %s at most; the others wait, and go in their order',
    async (_most, key, most) => {
      const taskMs = 500;
      runware.switches.taskMs = taskMs;
      const ids: string[] = [];
      for (let at = 0; at < most + 3; at++) ids.push(await start(keys[key], 'enhance', `Number ${at}`));
      await noted(options, ids.at(-1) ?? '', 'waiting');
      for (const id of ids) await done(options, id);
      const entries = runware.ledger.entries.filter(({ taskUUID }) => ids.includes(taskUUID));
      expect(entries.map(({ taskUUID }) => taskUUID)).toEqual(ids);
      const underWay = entries.map(
        ({ at: now }) => entries.filter(({ at }) => at <= now && now < at + taskMs).length,
      );
      expect(Math.max(...underWay)).toBe(most);
    },
  );
});

describe('in the middle of a call', () => {
  /** An image and a text under way. */
  async function underWay(words: string): Promise<string[]> {
    runware.switches.taskMs = 2_500;
    const ids = await Promise.all([
      start(keys.work, 'image', words, { count: '2' }),
      start(keys.work, 'text', words),
    ]);
    await Promise.all(ids.map(billed));
    return ids;
  }
  async function expectAnswers(ids: readonly string[], words: string): Promise<void> {
    const [image = '', text = ''] = ids;
    expect((await done(options, image, 30_000)).state.items).toHaveLength(2);
    expect(textOf(await done(options, text, 30_000))).toContain(words);
    for (const id of ids) expect(runware.ledger.count(id)).toBe(1);
    const ofWords = runware.ledger.entries.filter(({ task }) => JSON.stringify(task).includes(words));
    expect(ofWords).toHaveLength(ids.length);
  }

  /** As the browser does it once an update is there. It takes a developer for an extension out of a folder. */
  async function reload(): Promise<void> {
    const { context, extensionId } = chromium;
    const settings = await context.newPage();
    await settings.goto('chrome://extensions');
    await settings.evaluate('chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true })');
    await settings.close();
    const gone = options.waitForEvent('close');
    await options.evaluate('chrome.runtime.reload()').catch(() => {});
    await gone;
    options = await context.newPage();
    const isBack = () =>
      options.goto(`chrome-extension://${extensionId}/${OPTIONS}`).then(
        () => true,
        () => false,
      );
    await expect.poll(isBack, { timeout: 20_000 }).toBe(true);
  }

  test('the extension is updated: after the unlocking the answers come, billed once', async () => {
    const ids = await underWay('Across an update');
    await reload();
    await unlock(options, PASSPHRASE);
    await options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    await expectAnswers(ids, 'Across an update');
  });

  test('the browser is closed: the answers come after the unlocking; what had not left stays here', async () => {
    const ids = await underWay('Across a restart');
    runware.refuse(60_000);
    const stayed = await start(keys.second, 'image', 'It never left');
    await new Promise(resolve => setTimeout(resolve, 300));
    await chromium.close();
    runware.refuse(0);
    await launch();
    await unlock(options, PASSPHRASE);
    await options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    const { state } = await failed(options, stayed);
    expect(state.failure.message).toBe('The browser closed before it was sent. Nothing was charged.');
    await expectAnswers(ids, 'Across a restart');
    expect(said(stayed)).toEqual([]);
    expect(runware.ledger.count(stayed)).toBe(0);
  });
});

describe('a server that forgets its tasks bills none twice', () => {
  /** Lets the background believe that it is later. A second waits for nobody. */
  const later = (ms: number) =>
    chromium.worker.evaluate(`{
      globalThis.now ??= Date.now;
      Date.now = () => globalThis.now.call(Date) + ${ms};
    }`);
  afterEach(() => later(0));
  const questions = (id: string) =>
    said(id).filter(({ direction, text }) => direction === 'in' && text.includes('getTaskDetails')).length;

  test('when two minutes have passed since it was sent', async () => {
    Object.assign(runware.switches, { taskMs: 400, rememberMs: 0, bufferMs: 0 });
    const id = await start(keys.work, 'enhance', 'Long ago');
    await billed(id);
    runware.refuse(1_000);
    await later(130_000);
    runware.drop();
    const { state } = await lost(options, id, 30_000);
    expect(state.failure.message).toBe(
      'The connection was lost and Runware could not say what became of this call.',
    );
    expect(state.failure.next).toContain('look at the usage page');
    expect(questions(id)).toBe(1);
    expect(runware.ledger.count(id)).toBe(1);
  });

  test('when a part of the answer had come', async () => {
    Object.assign(runware.switches, { taskMs: 300, deltaMs: 60, rememberMs: 0, bufferMs: 0 });
    runware.faults.add({ kind: 'drop', at: 'result', after: 1 }, { kind: 'sse-cut', after: 5 });
    const ids = await Promise.all([
      start(keys.work, 'image', 'In part', { count: '3' }),
      start(keys.header, 'text', 'In part'),
    ]);
    await Promise.all(ids.map(billed));
    runware.refuse(1_500);
    for (const id of ids) await vi.waitFor(() => expect(questions(id)).toBeGreaterThan(0), 20_000);
    // The computer slept for so long, and gives it one more minute.
    await later(200_000);
    const asked = ids.map(questions);
    for (const [at, id] of ids.entries())
      await vi.waitFor(() => expect(questions(id)).toBeGreaterThan(asked[at] ?? 0), 25_000);
    await later(270_000);
    const [image, text] = await Promise.all(ids.map(id => lost(options, id, 30_000)));
    expect(image?.state.items).toHaveLength(1);
    expect(text?.state.partial).toContain('This is the');
    for (const id of ids) expect(runware.ledger.count(id)).toBe(1);
  });

  test('and nothing is left open after all that', async () => {
    const { calls } = await snapshotOf(options);
    expect(calls.filter(({ state }) => state.phase === 'queued' || state.phase === 'sent')).toEqual([]);
  });
});
