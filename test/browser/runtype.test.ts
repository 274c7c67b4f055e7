import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Values } from '../../src/services/fields';
import { tasks } from '../../src/services/runtype/tasks';
import {
  defaultSwitches,
  demoCapabilities,
  demoProduct,
  demoSurface,
  otherSurface,
  trapHost,
} from '../emulators/runtype/index';
import { snapshotOf } from './drive/calls';
import { searchForLeaks } from './drive/leaks';
import { startTask } from './drive/popup';
import type { Others } from './emulate';
import {
  addKey,
  alertIn,
  askFrom,
  createVault,
  goTo,
  OPTIONS,
  POPUP,
  result,
  type Stage,
  setWholeStage,
} from './stage';

vi.setConfig({ testTimeout: 30_000 });

const random = (): string => randomBytes(24).toString('hex');
const papi = (): string => `papi_${random()}`;
const PASSPHRASE = `plum ${random()} violin`;
const SURFACE = `https://api.runtype.com/v1/products/${demoProduct}/surfaces/${demoSurface}`;
const ENDPOINT = `${SURFACE}/api/summarize-article`;
const keys = { demo: papi(), header: papi(), scoped: papi(), daily: papi(), minutely: papi(), slow: papi() };
const unknownKey = papi();
const secrets = [PASSPHRASE, unknownKey, ...Object.values(keys)];

let profileDir: string;
let stage: Stage & Others;
let options: Page;
let popup: Page;

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-runtype-'));
  stage = await setWholeStage({
    runtype: {
      keys: {
        [keys.demo]: { label: 'demo' },
        [keys.header]: { label: 'header' },
        [keys.scoped]: { label: 'scoped', scopes: ['draft-post'] },
        [keys.daily]: { label: 'daily', perDay: 1 },
        [keys.minutely]: { label: 'minutely', perMinute: 1 },
        [keys.slow]: { label: 'slow' },
      },
    },
    chromium: { profileDir },
  });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  // The URL is taken as it is copied, whole.
  await addKey(options, 'runtype', 'Demo', { apiKey: keys.demo, endpoint: ENDPOINT });
}, 60_000);
let isClosed = false;
const close = async () => {
  if (!isClosed) await stage.close();
  isClosed = true;
};
afterAll(async () => {
  await close();
  await rm(profileDir, { recursive: true, force: true });
});
afterEach(() => {
  stage.runtype.faults.clear();
  Object.assign(stage.runtype.switches, defaultSwitches);
  stage.runtype.restore(keys.demo);
  stage.runtype.unpause();
});

const button = (name: string, within: Page | Locator = popup) =>
  within.getByRole('button', { name, exact: true });
/** Questions about a key are of no capability that there is. */
const isCheck = ({ path }: { path: string }) => path.endsWith('-key-check-');
const isCall = (ask: { path: string }) => !isCheck(ask);
/** What was asked for by tasks. */
const heard = () => stage.runtype.traffic.filter(record => record.direction === 'in' && isCall(record));
const executions = () => stage.runtype.ledger.count();

/** Another answer than Runtype's, until the test is over. */
const other = (status: number, body: unknown, headers: Record<string, string> = {}, when = isCall) =>
  stage.runtype.faults.add({ kind: 'http', status, body, headers, when, times: Number.POSITIVE_INFINITY });
const page = (status: number, when = isCall) =>
  other(status, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' }, when);

describe('the form of a key', () => {
  const open = async (values: { apiKey?: string; endpoint?: string } = {}) => {
    const { apiKey = keys.demo, endpoint = ENDPOINT } = values;
    await button('Add key', options).click();
    await options.getByLabel('Service').selectOption({ label: 'Runtype' });
    await options.getByLabel('Label', { exact: true }).fill('Another');
    await options.getByLabel('API key', { exact: true }).fill(apiKey);
    await options.getByLabel('Endpoint URL', { exact: true }).fill(endpoint);
  };
  /** Presses Save, which says why not, and saves and sends nothing. */
  const refused = async (sentence: string | RegExp) => {
    const before = stage.runtype.traffic.length;
    await button('Save key', options).click();
    await options.getByText(sentence).waitFor();
    await button('Cancel', options).click();
    const { keys: saved } = await snapshotOf(options);
    expect(saved.map(({ label }) => label)).toEqual(['Demo']);
    expect(stage.runtype.traffic).toHaveLength(before);
  };

  test('tells of Runtype’s warning about keys in client-side code, and what becomes of one here', async () => {
    await open({ apiKey: '', endpoint: '' });
    const field = options.getByLabel('API key', { exact: true });
    const hint = await field.evaluate(it => {
      const ids = it.getAttribute('aria-describedby')?.split(' ') ?? [];
      return ids.map(id => document.getElementById(id)?.textContent).join(' ');
    });
    expect(hint).toMatch(/^Runtype warns of keys in client-side code: here it lies encrypted and goes to/);
    expect(hint).toMatch(/goes to api\.runtype\.com alone\. Safest is one for Runkey only, with the/);
    expect(hint).toMatch(/a limit a day\. To rotate it, make a new one, put it in with Replace, then revoke/);
    expect(await field.getAttribute('type')).toBe('password');
    await options.screenshot({ path: 'out/runtype-form.png', fullPage: true });
    await refused('API key is empty.');
  });

  test.each(['rt_live_', 'rt_test_', 'tv_live_', 'mcp_', 'ct_live_'])(
    'explains that a key with %s is another',
    async prefix => {
      const apiKey = `${prefix}${random()}`;
      secrets.push(apiKey);
      await open({ apiKey });
      await refused(
        /^A product key begins with papi_\. Keys with rt_, tv_ or mcp_ open other parts of Runtype, and one with ct_ is no secret: make a product key in the Keys tab/,
      );
    },
  );

  test.each([
    'https://api.runtype.com/v1/dispatch',
    `${ENDPOINT}?key=1`,
    `${SURFACE}/api/`.replace('api.runtype.com', 'api.runtype.com.elsewhere.example'),
    SURFACE.replace('https', 'http'),
  ])('takes no other address: %s', async endpoint => {
    await open({ endpoint });
    await refused(/^Endpoint URL must look like https:\/\/api\.runtype\.com\/v1\/products\/…/);
  });

  test('is filled in by the curl command of Runtype’s pages', async () => {
    await button('Add key', options).click();
    const curl = `curl -X POST ${ENDPOINT} \\\n  -H "Authorization: Bearer ${keys.demo}" \\\n  -d '{"input": "Hi"}'`;
    await options.getByLabel('Paste anything').fill(curl);
    await expect
      .poll(() => options.getByLabel('Endpoint URL', { exact: true }).inputValue(), { timeout: 5_000 })
      .toBe(ENDPOINT);
    expect(await options.getByLabel('API key', { exact: true }).inputValue()).toBe(keys.demo);
    await button('Cancel', options).click();
  });
});

describe('the test of a key', () => {
  const card = (label: string) =>
    options.getByRole('listitem').filter({ has: options.getByRole('heading', { name: label, exact: true }) });
  const tested = async (label: string, verdict: string, sentence?: string) => {
    await button('Test', card(label)).click();
    await card(label).getByText(verdict, { exact: true }).waitFor();
    if (sentence) await card(label).getByText(sentence, { exact: true }).waitFor();
    expect(executions()).toBe(0);
  };
  const rejected = 'Runtype rejected the API key.';

  beforeAll(async () => {
    await addKey(options, 'runtype', 'Header', {
      apiKey: keys.header,
      endpoint: `${SURFACE}/api/`,
      header: 'x-api-key',
    });
    await addKey(options, 'runtype', 'Unknown', { apiKey: unknownKey, endpoint: ENDPOINT });
    const rest: [string, string, string][] = [
      ['Scoped', keys.scoped, ENDPOINT],
      ['Daily', keys.daily, ENDPOINT],
      ['Minutely', keys.minutely, ENDPOINT],
      ['Slow', keys.slow, ENDPOINT],
      ['Lost', keys.demo, ENDPOINT.replace(demoSurface, 'surf_0')],
      ['Of another', keys.demo, ENDPOINT.replace(demoSurface, otherSurface)],
    ];
    for (const [label, apiKey, endpoint] of rest) {
      const values = { apiKey, endpoint };
      await askFrom(options, 'keys.add', { service: 'runtype', notes: { label }, values });
    }
  });

  test('says that a good one works', () => tested('Demo', 'Works'));
  test('says that one in X-API-Key works, of a surface without a capability', () =>
    tested('Header', 'Works'));
  test('says that one with capabilities of its own works', () => tested('Scoped', 'Works'));
  test('says that an unknown one is rejected', () => tested('Unknown', 'Rejected', rejected));
  test('says that a revoked one is rejected', async () => {
    stage.runtype.revoke(keys.demo);
    await tested('Demo', 'Rejected', rejected);
  });
  test('could not tell of a surface that there is not', () =>
    tested('Lost', 'Could not tell', 'Runtype knows no such API surface.'));

  test.each<[string, () => void, string]>([
    [
      'the address is looked at before the key',
      () => Object.assign(stage.runtype.switches, { checkFirst: 'path' }),
      'Runtype does not say whether this key is good.',
    ],
    ['Runtype fails', () => other(500, { error: 'Oops' }, {}, isCheck), 'Runtype itself failed.'],
    [
      'there are too many calls',
      () => other(429, { error: 'Rate limit exceeded' }, {}, isCheck),
      'Runtype is taking no more calls just now.',
    ],
    [
      'a proxy answers',
      () => page(502, isCheck),
      'What answered (502) was no JSON, and so not Runtype’s API.',
    ],
    [
      'a sign-in page answers',
      () => page(401, isCheck),
      'What answered (401) was no JSON, and so not Runtype’s API.',
    ],
    [
      'nobody answers',
      () => stage.runtype.faults.add({ kind: 'drop', at: 'arrival', times: Number.POSITIVE_INFINITY }),
      'api.runtype.com could not be reached.',
    ],
    [
      'it is sent elsewhere',
      () => Object.assign(stage.runtype.switches, { redirect: true }),
      'api.runtype.com could not be reached.',
    ],
  ])('could not tell where %s', async (_, happens, sentence) => {
    happens();
    await tested('Demo', 'Could not tell', sentence);
  });

  test('says that it works once it can tell again', () => tested('Demo', 'Works'));
});

/** Every task that was run from the form. */
const run = new Set<string>();

/** Runs a task from the form. */
async function start(operation: string, values: Values = {}): Promise<void> {
  run.add(operation);
  await startTask(popup, 'runtype', operation, values);
}

/** What stands below a call that is done. */
const DONE = /\d+\.\d s · /;
const ended = () => result(popup).getByText(DONE).waitFor();
/** The same, until it is done. */
async function runs(operation: string, values?: Values): Promise<void> {
  await start(operation, values);
  await ended();
}

const answer = () => result(popup).locator('.answer').innerText();
const choose = (key: string) => popup.getByLabel('Key', { exact: true }).selectOption({ label: key });
const whole = { answer: 'whole' };
const PROMPT = 'Why do herons stand on one leg?';
const SUMMARY = `In short – as the emulator sees it – it is about “${PROMPT}”.`;

describe('a task', () => {
  beforeAll(async () => {
    popup = await stage.chromium.page(POPUP);
    await choose('Demo');
    // As it was last told of in the options page.
    await popup.getByText('Works', { exact: true }).waitFor();
  });

  test('is one of those that Runtype has', async () => {
    const offered = await popup.getByLabel('Task', { exact: true }).getByRole('option').allInnerTexts();
    expect(offered).toEqual(['Ask a capability', 'Ask with JSON', 'Dispatch', 'Capabilities']);
  });

  test('Ask a capability shows the answer as it is written', async () => {
    stage.runtype.switches.deltaMs = 80;
    const before = executions();
    await start('ask', { prompt: PROMPT });
    const growing = result(popup).locator('.answer.growing');
    await growing.getByText(/^In short – as/).waitFor();
    const first = await growing.innerText();
    await popup.screenshot({ path: 'out/runtype-streaming.png', fullPage: true });
    await growing.getByText(/it is about “Why/).waitFor();
    const second = await growing.innerText();
    expect(first.length).toBeLessThan(second.length);
    expect(SUMMARY.startsWith(first) && SUMMARY.startsWith(second)).toBe(true);
    await ended();
    expect(await answer()).toBe(SUMMARY);
    await popup.screenshot({ path: 'out/runtype-streamed.png', fullPage: true });
    expect(executions()).toBe(before + 1);
    expect(stage.runtype.ledger.entries.at(-1)).toMatchObject({
      capability: 'summarize-article',
      key: 'demo',
      streamed: true,
      outcome: 'completed',
    });
  });

  test('Ask a capability shows an answer that comes whole', async () => {
    await runs('ask', { prompt: PROMPT, ...whole });
    expect(await answer()).toBe(SUMMARY);
    expect(stage.runtype.ledger.entries.at(-1)).toMatchObject({
      streamed: false,
      input: { input: PROMPT },
    });
    // As the documents show it, with nothing beside.
    expect(heard().at(-1)).toMatchObject({
      method: 'POST',
      path: new URL(ENDPOINT).pathname,
      text: JSON.stringify({ input: PROMPT }),
    });
  });

  const outputs: [string, string, unknown][] = [
    ['a text', 'summarize-article', 'In short – as the emulator sees it – it is about “A heron?”.'],
    ['an object', 'draft-post', { title: 'A heron?', body: 'A heron?', tags: ['draft', 'emulated'] }],
    ['a list', 'list-ideas', [1, 2, 3].map(number => `Idea ${number} about A heron?`)],
    ['a number', 'count-words', 2],
    ['true or false', 'is-question', true],
    ['null', 'find-nothing', null],
  ];
  const shown = (output: unknown) =>
    typeof output === 'string' ? output : JSON.stringify(output, undefined, 2);
  const cases = (['raw', 'wrapped', 'streamed'] as const).flatMap(form =>
    outputs.map(([what, capability, output]) => [what, form, capability, output] as const),
  );
  test.each(cases)('Ask with JSON shows %s (%s)', async (_, form, capability, output) => {
    Object.assign(stage.runtype.switches, form === 'streamed' ? { finalOutput: 'value' } : {});
    Object.assign(stage.runtype.switches, form === 'wrapped' ? { responseFormat: 'wrapped' } : {});
    await runs('json', {
      json: '{"input": "A heron?"}',
      capability,
      answer: form === 'streamed' ? 'stream' : 'whole',
    });
    expect(await answer()).toBe(shown(output));
    expect(stage.runtype.ledger.entries.at(-1)).toMatchObject({
      capability,
      streamed: form === 'streamed',
    });
  });

  test.each([
    ['whole', 'Judge Evidence'],
    ['stream', 'judge-evidence'],
  ])('Dispatch names the capability in its message (%s)', async (how, name) => {
    const json = '{"message": "Herons fly"}';
    await runs('dispatch', { name, json, answer: how });
    expect(JSON.parse(await answer())).toEqual({
      verdict: 'SUPPORTED',
      reason: 'Herons fly',
      citations: [],
    });
    expect(heard().at(-1)?.path).toMatch(/\/api\/dispatch(\?stream=true)?$/);
    expect(stage.runtype.ledger.entries.at(-1)?.input).toEqual({ message: 'Herons fly' });
  });

  test('Capabilities lists them, each with its example, and runs none', async () => {
    const before = executions();
    await runs('capabilities');
    const rows = result(popup).getByRole('listitem');
    expect(await rows.getByRole('strong').allInnerTexts()).toEqual(demoCapabilities.map(({ name }) => name));
    const notes = await rows.locator('span').allInnerTexts();
    demoCapabilities.forEach(({ description, required }, at) => {
      const example = Object.fromEntries(required.map(field => [field, 'Your input here']));
      expect(notes[at]).toBe(`${description} Takes ${JSON.stringify(example)}`);
    });
    await result(popup).getByText('judge-evidence', { exact: true }).waitFor();
    await result(popup)
      .getByText(/ · Free · /)
      .waitFor();
    await popup.screenshot({ path: 'out/runtype-capabilities.png', fullPage: true });
    await runs('capabilities', { search: 'IDEA' });
    expect(await rows.getByRole('strong').allInnerTexts()).toEqual(['List Ideas']);
    await runs('capabilities', { search: 'heron' });
    await result(popup).getByText('Nothing was found.').waitFor();
    expect(executions()).toBe(before);
  });

  test.each([
    ['json', { json: '{"input": }' }, 'This is not JSON.'],
    ['dispatch', { name: 'Echo', json: '["input"]' }, 'This must be a JSON object, in braces.'],
  ])('%s with %o is not sent', async (operation, values, sentence) => {
    const before = heard().length;
    await start(operation, values);
    await alertIn(popup).getByText(sentence, { exact: true }).waitFor();
    expect(heard()).toHaveLength(before);
  });

  test('of a key whose endpoint names no capability asks which', async () => {
    await choose('Header');
    const before = heard().length;
    await start('ask', { prompt: PROMPT });
    await alertIn(popup).getByText('Which capability is meant?', { exact: true }).waitFor();
    expect(heard()).toHaveLength(before);
    await choose('Demo');
  });

  test('of every sort was run', () => {
    expect([...run].sort()).toEqual(tasks.map(({ name }) => name).sort());
  });
});

describe('a capability that is chosen', () => {
  const json = () => popup.getByLabel('JSON', { exact: true });
  const field = () => popup.getByRole('combobox', { name: 'Capability', exact: true });
  const pick = async (search: string, name: RegExp) => {
    await field().fill(search);
    await button('Search').click();
    await popup.getByRole('option', { name }).click();
  };
  const example = (name: string) => JSON.stringify({ [name]: 'Your input here' }, null, 2);

  test('brings its example along, as long as nothing was typed', async () => {
    await popup.getByLabel('Task', { exact: true }).selectOption({ label: 'Ask with JSON' });
    await json().fill('{\n  "input": ""\n}');
    await pick('judge', /Judge Evidence/);
    expect([await field().inputValue(), await json().inputValue()]).toEqual([
      'judge-evidence',
      example('message'),
    ]);
    // What an earlier choice brought is no work of the person's.
    await pick('ideas', /List Ideas/);
    expect([await field().inputValue(), await json().inputValue()]).toEqual(['list-ideas', example('input')]);
    await popup.screenshot({ path: 'out/runtype-example.png', fullPage: true });
    const own = '{"input": "Herons, mine alone"}';
    await json().fill(own);
    await pick('judge', /Judge Evidence/);
    expect([await field().inputValue(), await json().inputValue()]).toEqual(['judge-evidence', own]);
    await pick('ideas', /List Ideas/);
    await button('Run').click();
    await result(popup).getByText('Idea 3 about Herons, mine alone').waitFor();
  });

  test('by its keys too, and leaves the forms of other tasks as they are', async () => {
    await popup.getByLabel('Task', { exact: true }).selectOption({ label: 'Ask a capability' });
    await popup.getByLabel('Input', { exact: true }).fill(PROMPT);
    await field().fill('draft');
    await button('Search').press('Enter');
    await popup.getByRole('option', { name: /Draft Post/ }).waitFor();
    await field().press('ArrowDown');
    await field().press('Enter');
    expect(await field().inputValue()).toBe('draft-post');
    expect(await popup.getByLabel('Input', { exact: true }).inputValue()).toBe(PROMPT);
    await popup.getByLabel('Task', { exact: true }).selectOption({ label: 'Ask with JSON' });
    expect(await json().inputValue()).toBe('{"input": "Herons, mine alone"}');
  });
});

describe('the key goes in', () => {
  test.each([
    ['Demo', 'authorization', 'Bearer [key demo]', 'x-api-key'],
    ['Header', 'x-api-key', '[key header]', 'authorization'],
  ])('one header and never in both (%s)', async (label, header, value, not) => {
    await choose(label);
    const sighted = stage.runtype.sightings.length;
    await runs('ask', { prompt: PROMPT, capability: 'echo' });
    const { headers = {} } = heard().at(-1) ?? {};
    expect([headers[header], headers[not]]).toEqual([value, undefined]);
    await runs('capabilities');
    const places = stage.runtype.sightings.slice(sighted);
    expect(places.length).toBeGreaterThanOrEqual(2);
    expect(new Set(places.map(place => place.header))).toEqual(new Set([header]));
  });

  test.each([301, 302, 303, 307, 308] as const)('no request to which a %i leads', async redirectStatus => {
    await choose(redirectStatus === 307 ? 'Header' : 'Demo');
    Object.assign(stage.runtype.switches, { redirect: true, redirectStatus });
    const before = heard().length;
    await start('ask', { prompt: PROMPT, capability: 'echo' });
    await alertIn(popup)
      .getByText('api.runtype.com could not be reached. What became of this call is not known.', {
        exact: true,
      })
      .waitFor();
    const asked = heard().slice(before);
    expect(asked.map(({ host }) => host)).toEqual(['api.runtype.com']);
    expect(stage.runtype.traffic.filter(({ host }) => host === trapHost)).toEqual([]);
    expect(stage.runtype.strayed).toEqual([]);
  });
});

describe('what goes wrong has a sentence of its own:', () => {
  const words = { error: 'In words of its own.' };
  /** The alert says all of it. */
  const says = async (message: string, next?: RegExp, service?: string | RegExp) => {
    await alertIn(popup).getByText(message, { exact: true }).waitFor();
    if (next) await alertIn(popup).getByText(next).waitFor();
    if (service)
      await alertIn(popup)
        .getByText(service, { exact: typeof service === 'string' })
        .waitFor();
  };
  const lost = (why: string) => `${why} What became of this call is not known.`;
  const asked = { prompt: PROMPT, capability: 'summarize-article' };
  const latest = () => stage.runtype.ledger.entries.at(-1)?.executionId;

  beforeAll(() => choose('Demo'));

  test('401, of a key that was revoked', async () => {
    stage.runtype.revoke(keys.demo);
    await start('ask', asked);
    await says(
      'Runtype rejected the API key.',
      /Look at the Keys tab of the API surface, make a new one if need be, and put it in with Replace\.$/,
      'HTTP 401: Invalid or missing API key',
    );
    await popup.screenshot({ path: 'out/runtype-401.png', fullPage: true });
  });

  test.each([
    ['Scoped', 'echo'],
    ['Of another', 'echo'],
  ])('403, of a key that is %s', async (label, capability) => {
    await choose(label);
    await start('ask', { prompt: PROMPT, capability });
    await says(
      'This API key may not use this capability.',
      /^The key is good, but of another surface or limited to other capabilities/,
      'HTTP 403: API key does not have permission to access this resource',
    );
    await choose('Demo');
  });

  test('404, of a capability, at its field too', async () => {
    await start('ask', { prompt: PROMPT, capability: 'nobody' });
    await says(
      'Runtype knows no such capability.',
      /renamed or switched off/,
      'HTTP 404: Capability not found',
    );
    const field = popup.getByRole('combobox', { name: 'Capability', exact: true });
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await popup.locator('.fault').getByText('Capability not found', { exact: true }).waitFor();
  });

  test('404, of a surface', async () => {
    await choose('Lost');
    await start('ask', asked);
    await says(
      'Runtype knows no such API surface.',
      /^Copy the Endpoint URL anew/,
      'HTTP 404: Surface not found',
    );
    await choose('Demo');
  });

  test('400, of an input that is not whole', async () => {
    await start('json', { json: '{"text": "x"}', capability: 'judge-evidence' });
    await says(
      'Runtype did not accept the input.',
      /^The task Capabilities shows what each of them takes\..* nothing ran\.$/,
      'HTTP 400: Missing required input: message',
    );
  });

  test.each([
    [402, 'The Runtype account’s plan does not pay for this.', /billing settings\. Nothing ran\.$/],
    [413, 'Runtype did not accept the input.', /nothing ran\.$/],
    [418, 'Runtype refused with status 418.', /^Its own words are below\.$/],
    [429, 'Runtype is taking no more calls just now.', /^Wait a little, then run again: /],
    [500, 'Runtype itself failed.', /^Run again in a while, though this run may have been counted/],
    [503, 'Runtype takes nothing just now.', /^Nobody here can mend that: run again in a few minutes\.$/],
  ])('%i', async (status, message, next) => {
    other(status, words);
    const before = heard().length;
    await start('ask', asked);
    await says(message, next, `HTTP ${status}: In words of its own.`);
    expect(heard()).toHaveLength(before + 1);
  });

  test.each<[string, () => void, string]>([
    ['502', () => other(502, words), lost('Runtype answered 502.')],
    ['504', () => other(504, words), lost('Runtype answered 504.')],
    ['a page with 503', () => page(503), lost('What answered (503) was not Runtype’s API.')],
    ['a page with 403', () => page(403), 'What answered (403) was no JSON, and so not Runtype’s API.'],
    ['a page with 200', () => page(200), 'Runtype answered with something that is not JSON.'],
    [
      'an answer that breaks off',
      () => stage.runtype.faults.add({ kind: 'cut', after: 5, when: isCall }),
      lost('The answer broke off.'),
    ],
  ])('%s', async (_, happens, message) => {
    happens();
    await start('ask', { ...asked, ...whole });
    await says(message);
  });

  test('silence, after which the call is not sent again', async () => {
    stage.runtype.faults.add({ kind: 'drop', at: 'arrival', times: Number.POSITIVE_INFINITY });
    // The browser itself may say a request twice, on a connection that was used before (PROTOCOL.md).
    const sent = () => stage.chromium.requests.filter(({ url }) => url === ENDPOINT).length;
    const before = sent();
    await start('ask', { ...asked, ...whole });
    await says(
      lost('api.runtype.com could not be reached.'),
      /look at Runtype’s Logs, before you run it again/,
    );
    expect(sent()).toBe(before + 1);
  });

  test.each([503, 403, 404, 409, 423] as const)('a surface that is paused (%i)', async pausedStatus => {
    Object.assign(stage.runtype.switches, { pausedStatus });
    stage.runtype.pause();
    await start('ask', asked);
    await says(
      'This API surface is paused.',
      /^Whoever owns the product can start it again in Runtype\. Nothing ran\.$/,
      `HTTP ${pausedStatus}: This surface is paused`,
    );
  });

  test.each(['whole', 'stream'])('an execution that failed, by its id (%s)', async how => {
    await start('ask', { prompt: PROMPT, capability: 'fail-always', answer: how });
    await says(
      'The capability failed while it ran.',
      /Runtype’s Logs, under the execution’s id\. It was counted\.$/,
      /Step "Write" failed: the model provider returned an error/,
    );
    await alertIn(popup).getByText(`(executionId ${latest()})`).waitFor();
  });

  const BEGINNING = 'In short – as ';
  test.each<[string, () => void, string, RegExp]>([
    [
      'fails',
      () => stage.runtype.faults.add({ kind: 'stream-error', after: 4, sentence: 'The model gave up' }),
      'The capability failed while it ran.',
      /The model gave up \(executionId exec_/,
    ],
    [
      'has an error that is its end',
      () =>
        stage.runtype.faults.add({
          kind: 'stream-warning',
          after: 4,
          sentence: 'Out of tokens',
          recoverable: false,
        }),
      'The capability failed while it ran.',
      /Out of tokens \(executionId exec_/,
    ],
    [
      'waits for an approval',
      () => stage.runtype.faults.add({ kind: 'await', after: 4 }),
      'The capability waits for an approval, or a tool, that Runkey cannot give.',
      /executionId exec_/,
    ],
    [
      'breaks',
      () => stage.runtype.faults.add({ kind: 'stream-cut', after: 4 }),
      lost('The answer broke off.'),
      /executionId exec_/,
    ],
    [
      'ends and does not say so',
      () => stage.runtype.faults.add({ kind: 'stream-end', after: 4 }),
      lost('The answer broke off.'),
      /executionId exec_/,
    ],
  ])('a stream that %s, whose text stays', async (how, happens, message, service) => {
    happens();
    const before = executions();
    await start('ask', asked);
    await says(message, undefined, service);
    const kept = (await answer()).trim();
    // Of a connection that breaks, the browser may drop what it had not handed over yet.
    if (how === 'breaks') expect(BEGINNING.trim()).toMatch(new RegExp(`^${kept || '.^'}`));
    else expect(kept).toBe(BEGINNING.trim());
    await result(popup).getByText('It broke off here.').waitFor();
    expect(executions()).toBe(before + 1);
    if (message.startsWith('The capability failed'))
      await popup.screenshot({ path: 'out/runtype-broken.png', fullPage: true });
  });

  test('none, of an error in a stream that goes on, and of events that nobody knows', async () => {
    const sentence = 'A tool was slow';
    stage.runtype.faults.add({ kind: 'stream-warning', after: 2, sentence, recoverable: true });
    stage.runtype.faults.add({ kind: 'stream-noise', after: 3 });
    await runs('ask', asked);
    expect(await answer()).toBe(SUMMARY);
  });

  test('too many a minute, which is waited for where it is soon over', async () => {
    stage.runtype.faults.add({
      kind: 'http',
      status: 429,
      body: { error: 'Rate limit exceeded' },
      headers: { 'retry-after': '1' },
      when: isCall,
    });
    const [before, count] = [heard().length, executions()];
    await start('ask', asked);
    await result(popup).getByText('The service is busy; asking again in a moment…').waitFor();
    await ended();
    expect([heard().length - before, executions() - count]).toEqual([2, 1]);
  });

  test.each([
    [
      'Minutely',
      'Runtype is taking no more calls just now.',
      /^Run again after \d\d:\d\d.*: it is the key’s limit/,
    ],
    [
      'Daily',
      'This API key has reached its limit.',
      /^Run again after \d\d:\d\d on \d+ \w+, or raise the key’s limit/,
    ],
  ])('too many for the key’s own limit (%s)', async (label, message, next) => {
    await choose(label);
    const before = executions();
    await runs('ask', asked);
    await start('ask', asked);
    await says(message, next, 'HTTP 429: Rate limit exceeded');
    expect(executions()).toBe(before + 1);
  });

  test('the free plan’s hour; the ten seconds of its slow mode before are no failure', async () => {
    await choose('Slow');
    Object.assign(stage.runtype.switches, { plan: 'build', executionsPerDay: 0, slowPerHour: 1 });
    const from = Date.now();
    await start('ask', { ...asked, ...whole });
    await result(popup).getByText('Running…').waitFor();
    await result(popup).getByText(DONE).waitFor({ timeout: 15_000 });
    expect(Date.now() - from).toBeGreaterThan(9_900);
    expect(await answer()).toBe(SUMMARY);
    await start('ask', asked);
    await says(
      'The free plan’s executions of this hour are used up.',
      /^Run again after \d\d:\d\d.*, or let whoever owns the account choose another plan\. Nothing ran\.$/,
      'SLOW_MODE_HOURLY_LIMIT_EXCEEDED: Slow mode limit exceeded',
    );
    await choose('Demo');
  });

  test('a description that is not to be had', async () => {
    stage.runtype.switches.specAt = 'none';
    // The key's own capability is noted: only a surface without any has nothing to list.
    await choose('Header');
    await start('capabilities');
    await says('The surface’s description is not to be had at that address.', /^Give the OpenAPI address/);
    await choose('Demo');
    await runs('capabilities');
    expect(await result(popup).getByRole('listitem').getByRole('strong').allInnerTexts()).toEqual([
      'summarize-article',
    ]);
  });

  test('one that quotes the key, which is not quoted further', async () => {
    other(500, { error: `Bad key ${keys.demo}` });
    await start('ask', asked);
    await says('Runtype itself failed.', undefined, 'HTTP 500: Bad key [removed]');
  });
});

describe('no secret', () => {
  test('went where it does not belong', () => {
    expect(stage.runtype.sightings.length).toBeGreaterThan(50);
    expect(stage.runtype.strayed).toEqual([]);
    expect(stage.runtype.traffic.filter(({ host }) => host === trapHost)).toEqual([]);
  });

  test('is in a page, a console line, an address or on the disk', async () => {
    const contentOf = (page: Page) =>
      page.evaluate(() => {
        const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea, select')];
        return document.documentElement.outerHTML + JSON.stringify(fields.map(({ value }) => value));
      });
    const documents = [await contentOf(popup), await contentOf(options)];
    await options.bringToFront();
    await goTo(options, 'History');
    await options.locator('.call').first().waitFor();
    documents.push(await contentOf(options));
    const session = await options.evaluate(async () =>
      JSON.stringify(await chrome.storage.session.get(null)),
    );
    const { requests, consoleLines } = stage.chromium;
    await close();
    const search = searchForLeaks(secrets);
    // The search does find them where they were sent.
    const sent = requests.map(request => JSON.stringify(request));
    expect(search.texts('request', sent)).not.toEqual([]);
    const addresses = requests.map(({ url }) => url);
    for (const [where, texts] of Object.entries({ documents, session: [session], consoleLines, addresses }))
      expect(search.texts(where, texts)).toEqual([]);
    expect(await search.folder(profileDir)).toEqual([]);
    // And it does find what is there.
    expect(await searchForLeaks(['MANIFEST-000001']).folder(profileDir)).not.toEqual([]);
  });
});
