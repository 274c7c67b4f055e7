import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aboutOf, operationOf } from '../../src/services/abouts';
import type { Values } from '../../src/services/fields';
import { demoApplication } from '../emulators/runai/index';
import { demoProduct, demoSurface } from '../emulators/runtype/index';
import { demoKey } from '../emulators/runtype/options';
import { demoEmail, demoToken } from '../emulators/useapi/index';
import { type Firefox, launchFirefox } from './drive/firefox';
import { oursOf } from './drive/firefox-console';
import { button, createVaultIn } from './drive/firefox-set-up';
import { type OnePort, onePort } from './drive/one-port';
import { emulateOthers, type Others } from './emulate';
import { distOf, OPTIONS, POPUP } from './stage';

const ENDPOINT = `https://api.runtype.com/v1/products/${demoProduct}/surfaces/${demoSurface}/api/summarize-article`;

let others: Others;
let port: OnePort;
let firefox: Firefox;

beforeAll(async () => {
  const { hosts, ...emulators } = await emulateOthers({
    useapi: { tokens: { [demoToken]: { accounts: { [demoEmail]: {} } } } },
  });
  others = emulators;
  port = await onePort(hosts);
  firefox = await launchFirefox({ hosts: port.hosts });
  const id = await firefox.installTemporary(distOf('firefox'));
  await permit(id, 'https://acme.run.ai/*');
  await createVaultIn(firefox, 'plum anchor violin north');
});
afterAll(async () => {
  await firefox.quit();
  await port.close();
  for (const emulator of Object.values(others)) await emulator.close();
});
afterEach(() => {
  for (const { faults } of Object.values(others)) faults.clear();
});

/** Says yes in the person's place, whom Firefox would ask in a window of its own. */
const permit = (id: string, origin: string) =>
  firefox.inBrowser(
    `const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
     const { extension } = WebExtensionPolicy.getByID(arguments[0]);
     return ExtensionPermissions.add(extension.id, { permissions: [], origins: [arguments[1]] }, extension);`,
    [id, origin],
  );

const choose = (name: string) => firefox.click({ role: 'option', name });
const shows = (words: string, within = 'body') =>
  firefox.waitFor(async () => (await firefox.text(within)).includes(words), `“${words}” in ${within}`);

/** Adds a key through the form. It is the last of the list. */
async function addKey(service: string, label: string, values: Values): Promise<void> {
  const about = aboutOf(service);
  await firefox.click(button('Add key'));
  await choose(about.label);
  await firefox.clear({ label: 'Label' });
  await firefox.type({ label: 'Label' }, label);
  for (const { name, label: of } of about.keyFields) {
    if (values[name] !== undefined) await firefox.type({ label: of }, values[name]);
  }
  await firefox.click(button('Save key'));
  await shows(`“${label}” was saved.`);
}

/** Tests the key that was added last. */
async function tested(...words: string[]): Promise<void> {
  const card = '.keys > li:last-child';
  await firefox.click(`${card} .actions button`);
  for (const said of words) await shows(said, card);
}

const RESULT = 'section[aria-label="Result"]';
const says = (words: string) => shows(words, RESULT);
const isRefused = (words: string) => shows(words, '[role="alert"]');
const answer = () => firefox.text(`${RESULT} .answer`);

/** Fills the open popup's form of a task, as far as values are given, and runs it once what was there is gone. */
async function run(service: string, operation: string, values: Values = {}): Promise<void> {
  const { label, fields } = operationOf(service, operation);
  await choose(label);
  const given = fields.filter(({ name }) => values[name] !== undefined);
  if (given.some(({ advanced }) => advanced) && !(await firefox.has('details[open]')))
    await firefox.click('details > summary');
  for (const field of given) {
    const value = values[field.name] ?? '';
    if (field.kind === 'choice') {
      await choose(field.choices.find(choice => choice.value === value)?.label ?? value);
      continue;
    }
    await firefox.clear({ label: field.label });
    await firefox.type({ label: field.label }, value);
  }
  await firefox.executeScript(
    `for (const child of document.querySelector(arguments[0])?.children ?? []) child.dataset.before = '';`,
    [RESULT],
  );
  await firefox.click(button('Run'));
  await firefox.waitFor(async () => !(await firefox.has('[data-before]')), 'the result before to be gone');
}

describe('Runway', () => {
  const creates = () => others.useapi.ledger.entries.length;
  const drawn = () =>
    firefox.waitFor(() => firefox.has(`${RESULT} a[href^="https:"]`), 'a link to the image').then(() => {});

  test('a key is added, works, is rejected, and could not be told of', async () => {
    await addKey('runway', 'Films', { apiToken: demoToken });
    await tested('Works');
    others.useapi.revoke(demoToken);
    await tested('Rejected', 'useapi.net rejected the API token.');
    others.useapi.restore(demoToken);
    others.useapi.faults.add({ kind: 'http', status: 502, body: '<html>Bad gateway</html>' });
    await tested('Could not tell');
  });

  test('an image is asked after although the event page dies, and made once', async () => {
    await firefox.open(POPUP);
    Object.assign(others.useapi.switches, { pendingMs: 100, taskMs: 1_000 });
    await run('runway', 'image', { prompt: 'A heron that outlives the event page' });
    await firefox.waitFor(async () => creates() === 1, 'the task to be taken');
    await firefox.killBackground();
    await drawn();
    expect(creates()).toBe(1);
  });

  test('an image is asked after until it is there, and made once', async () => {
    await run('runway', 'image', { prompt: 'A heron in the reeds' });
    await says('Drawing…');
    await drawn();
    expect(creates()).toBe(2);
  });

  test.each([
    [402, 'Payment required', 'The useapi.net subscription has run out.'],
    [596, 'Session refresh failed', 'useapi.net can no longer sign in to the Runway account.'],
  ])('%i “%s” has a sentence of its own', async (status, error, sentence) => {
    others.useapi.faults.add({
      kind: 'http',
      status,
      body: { error, code: status },
      when: ({ path }) => path.includes('runwayml'),
      times: 5,
    });
    await run('runway', 'credits');
    await isRefused(sentence);
    await isRefused(`${status}: ${error}`);
  });
});

describe('Run:ai', () => {
  const { workloads, ledger } = {
    workloads: () => others.runai.workloads,
    ledger: () => others.runai.ledger,
  };
  const idOf = (name: string) => {
    const found = workloads()
      .list()
      .find(({ order }) => order.name === name);
    if (!found) throw new Error(`There is no workload ${name}.`);
    return found.id;
  };

  test('a key is added, works, is rejected, and could not be told of', async () => {
    await firefox.open(OPTIONS);
    const { id, secret } = demoApplication;
    await addKey('runai', 'Cloud', { url: 'https://acme.run.ai', application: id, secretKey: secret });
    await tested('Works');
    others.runai.setAccess(id, 'none');
    await tested('Rejected', 'The application has no access rules, so that it may do nothing.');
    others.runai.setAccess(id, 'write');
    others.runai.faults.add({ kind: 'http', status: 500, body: { code: 500, message: 'down' }, times: 5 });
    await tested('Could not tell', 'Run:ai itself failed.');
  });

  test('workloads are listed', async () => {
    await firefox.open(POPUP);
    await run('runai', 'workloads');
    await says('4 of 4 shown');
    for (const name of ['bert-finetune', 'notebook', 'llama-chat', 'sweep-17']) await says(name);
  });

  test('one is suspended, once', async () => {
    const workload = idOf('bert-finetune');
    await run('runai', 'suspend', { workload });
    await says('workload suspend request accepted');
    await firefox.waitFor(async () => workloads().find(workload)?.phase === 'Stopped', 'it to stop');
    expect(ledger().count('suspend')).toBe(1);
  });

  test.each([
    [403, 'The application has no access rule that allows this.'],
    [503, 'Run:ai takes nothing just now.'],
  ])('%i has a sentence of its own', async (status, sentence) => {
    const body = { code: status, message: 'In words of its own.' };
    const when = ({ path }: { path: string }) => path.includes('/clusters');
    others.runai.faults.add({ kind: 'http', status, body, when, times: Number.POSITIVE_INFINITY });
    await run('runai', 'clusters');
    await isRefused(sentence);
    await isRefused(`HTTP ${status}: In words of its own.`);
  });
});

describe('Runtype', () => {
  const PROMPT = 'Why do herons stand on one leg?';
  const SUMMARY = `In short – as the emulator sees it – it is about “${PROMPT}”.`;
  const latest = () => others.runtype.ledger.entries.at(-1);

  test('a key is added, works, is rejected, and could not be told of', async () => {
    await firefox.open(OPTIONS);
    await addKey('runtype', 'Summaries', { apiKey: demoKey, endpoint: ENDPOINT });
    await tested('Works');
    others.runtype.revoke(demoKey);
    await tested('Rejected', 'Runtype rejected the API key.');
    others.runtype.restore(demoKey);
    others.runtype.faults.add({ kind: 'http', status: 500, body: { error: 'Oops' } });
    await tested('Could not tell', 'Runtype itself failed.');
    expect(others.runtype.ledger.count()).toBe(0);
  });

  test('a capability answers as it writes', async () => {
    await firefox.open(POPUP);
    others.runtype.switches.deltaMs = 80;
    await run('runtype', 'ask', { prompt: PROMPT });
    const first = await firefox.text(`${RESULT} .answer.growing`);
    await firefox.waitFor(async () => (await answer()) === SUMMARY, 'the whole answer');
    expect(SUMMARY.startsWith(first.trim()) && first.length < SUMMARY.length).toBe(true);
    await says(' · Summaries');
    expect(latest()).toMatchObject({ capability: 'summarize-article', streamed: true, outcome: 'completed' });
    expect(others.runtype.ledger.count()).toBe(1);
  });

  test('and whole', async () => {
    await run('runtype', 'ask', { prompt: PROMPT, answer: 'whole' });
    await says(' · Summaries');
    expect(await answer()).toBe(SUMMARY);
    expect(latest()).toMatchObject({ streamed: false, outcome: 'completed' });
    expect(others.runtype.ledger.count()).toBe(2);
  });

  test.each([
    [402, 'The Runtype account’s plan does not pay for this.'],
    [429, 'Runtype is taking no more calls just now.'],
  ])('%i has a sentence of its own', async (status, sentence) => {
    const when = ({ path }: { path: string }) => !path.endsWith('-key-check-');
    const body = { error: 'In words of its own.' };
    others.runtype.faults.add({ kind: 'http', status, body, when, times: Number.POSITIVE_INFINITY });
    await run('runtype', 'ask', { prompt: PROMPT });
    await isRefused(sentence);
    await isRefused(`HTTP ${status}: In words of its own.`);
  });
});

test('no secret went where it does not belong', () => {
  const { useapi, runai, runtype } = others;
  expect(useapi.secrets.sightings.length).toBeGreaterThan(5);
  expect([...useapi.secrets.strays, ...runai.strayed, ...runtype.strayed]).toEqual([]);
});

test('the extension wrote nothing to the console', () => {
  expect(oursOf(firefox.consoleLines)).toEqual([]);
});
