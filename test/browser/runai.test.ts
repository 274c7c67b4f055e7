import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Values } from '../../src/services/fields';
import { tasks } from '../../src/services/runai/tasks';
import { defaultSwitches, generations, trapHost } from '../emulators/runai/index';
import { snapshotOf } from './drive/calls';
import { searchForLeaks } from './drive/leaks';
import { press, startTask } from './drive/popup';
import type { Others } from './emulate';
import {
  addKey,
  alertIn,
  askFrom,
  createVault,
  goTo,
  lock,
  OPTIONS,
  POPUP,
  result,
  type Stage,
  setWholeStage,
  unlock,
} from './stage';

vi.setConfig({ testTimeout: 60_000 });

const random = (): string => randomBytes(30).toString('base64url');
const PASSPHRASE = `plum ${random()} violin`;
const SAAS = 'https://acme.run.ai';
const OWN = 'https://runai.example.com';
const CLUSTER = 'https://cluster.example.com';
/** Each application is known to one control plane alone. */
const applications = {
  'acme-app': { secret: random(), label: 'acme', host: 'acme.run.ai' },
  'own-app': { secret: random(), label: 'own', host: 'runai.example.com' },
  'busy-app': { secret: random(), label: 'busy', host: 'acme.run.ai' },
  'renewed-app': { secret: random(), label: 'renewed', host: 'acme.run.ai' },
};
const wrongSecret = random();
const secrets = [PASSPHRASE, wrongSecret, ...Object.values(applications).map(({ secret }) => secret)];
const keyOf = (application: keyof typeof applications, url = SAAS) => ({
  url,
  application,
  secretKey: applications[application].secret,
});

let profileDir: string;
let stage: Stage & Others;
let options: Page;
let popup: Page;

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-runai-'));
  stage = await setWholeStage({
    runai: { applications },
    permitted: ['acme.run.ai', 'runai.example.com', 'cluster.example.com'],
    chromium: { profileDir },
  });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addKey(options, 'runai', 'Cloud', { ...keyOf('acme-app'), cluster: CLUSTER });
  popup = await stage.chromium.page(POPUP);
  // It asks once how the key stands. What is counted below begins after that.
  await popup.getByText('Works', { exact: true }).waitFor();
});
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
  stage.runai.faults.clear();
  Object.assign(stage.runai.switches, defaultSwitches);
  for (const id of Object.keys(applications)) stage.runai.setAccess(id, 'write');
});

const button = (name: string, within: Page | Locator = popup) =>
  within.getByRole('button', { name, exact: true });
const isToken = ({ path }: { path: string }) => path.endsWith('/token');
const isCall = (ask: { path: string }) => !isToken(ask);
/** What was asked for, and what it was answered with. */
const heard = () => stage.runai.traffic.filter(({ direction }) => direction === 'in');
const answered = () => stage.runai.traffic.filter(({ direction }) => direction === 'out');
const tokensAsked = () => heard().filter(isToken).length;
const idOf = (name: string): string => {
  const found = stage.runai.workloads.list().find(({ order }) => order.name === name);
  if (!found) throw new Error(`There is no workload ${name}.`);
  return found.id;
};
const phaseOf = (name: string) => stage.runai.workloads.find(idOf(name))?.phase;

/** Every task that was run from the form. */
const run = new Set<string>();

/** Runs a task from the form. */
async function start(operation: string, values: Values = {}): Promise<void> {
  run.add(operation);
  await startTask(popup, 'runai', operation, values);
}

/** The same, until it is done. */
async function runs(operation: string, values?: Values): Promise<void> {
  await start(operation, values);
  await result(popup)
    .getByText(/ · Free · .* · Cloud$/)
    .waitFor();
}

const said = (words: string | RegExp) => result(popup).getByText(words).first().waitFor();
const rows = () => result(popup).getByRole('listitem').getByRole('strong').allInnerTexts();
const answer = () => result(popup).locator('.answer').innerText();
const choose = (key: string) => popup.getByLabel('Key', { exact: true }).selectOption({ label: key });

describe('a key', () => {
  const card = (label: string) =>
    options.getByRole('listitem').filter({ has: options.getByRole('heading', { name: label, exact: true }) });
  const tested = async (label: string, verdict: string, sentence?: string) => {
    await button('Test', card(label)).click();
    await card(label).getByText(verdict, { exact: true }).waitFor();
    if (sentence) await card(label).getByText(sentence, { exact: true }).waitFor();
  };

  // A tab behind another one is slow.
  beforeAll(() => options.bringToFront());

  test('of the cloud works', () => tested('Cloud', 'Works'));

  test('of an installation of one’s own works, whatever page its address was pasted from', async () => {
    await addKey(options, 'runai', 'Own', keyOf('own-app', `${OWN}/projects?tab=1#top`));
    await tested('Own', 'Works');
    expect(heard().at(-1)).toMatchObject({ host: 'runai.example.com', path: '/api/v1/workloads/count' });
  });

  test('with a wrong secret is rejected, after one question', async () => {
    await addKey(options, 'runai', 'Wrong', { ...keyOf('acme-app'), secretKey: wrongSecret });
    const before = tokensAsked();
    await tested('Wrong', 'Rejected', 'Run:ai rejected the application or its secret key.');
    expect(tokensAsked()).toBe(before + 1);
  });

  test('of an application that is not there is rejected', async () => {
    await addKey(options, 'runai', 'Nobody', { url: SAAS, application: 'nobody', secretKey: wrongSecret });
    await tested('Nobody', 'Rejected', 'Run:ai rejected the application or its secret key.');
  });

  test('without any access rule is rejected, and its secret said to be right', async () => {
    stage.runai.setAccess('acme-app', 'none');
    await tested('Cloud', 'Rejected', 'The application has no access rules, so that it may do nothing.');
    await card('Cloud')
      .getByText(/^Application and secret key are right\./)
      .waitFor();
  });

  test.each([
    [
      'nobody answers',
      () => stage.runai.faults.add({ kind: 'drop', at: 'arrival', times: Number.POSITIVE_INFINITY }),
      'acme.run.ai could not be reached.',
    ],
    [
      'a proxy answers',
      () => page(502, isToken),
      'What answered (502) was no JSON, and so not Run:ai’s API.',
    ],
    [
      'Run:ai itself fails',
      () => json(500, { code: 500, message: 'database is down' }, isToken),
      'Run:ai itself failed.',
    ],
    [
      'something else than a token comes',
      () => json(200, { hello: 'there' }, isToken),
      'Run:ai answered with no token where one was asked for.',
    ],
    [
      'there is a page and no Run:ai',
      () => Object.assign(stage.runai.switches, { v1Grants: [], v2: false, absent: 'page' }),
      'There is no Run:ai at this URL that gives tokens in a way that Runkey knows.',
    ],
    [
      'the URL is a cluster’s, whose API knows nobody',
      () =>
        json(
          403,
          {
            kind: 'Status',
            apiVersion: 'v1',
            status: 'Failure',
            message: 'forbidden: User "system:anonymous" cannot post path "/api/v2/token"',
            reason: 'Forbidden',
            code: 403,
          },
          isToken,
        ),
      'There is no Run:ai at this URL that gives tokens in a way that Runkey knows.',
    ],
    [
      'its token is not accepted',
      () => json(401, { code: 401, message: 'Issuer is not familiar.' }, isCall),
      'Run:ai gave a token and does not accept it.',
    ],
  ])('could not be told of where %s', async (_, happens, sentence) => {
    happens();
    await tested('Cloud', 'Could not tell', sentence);
  });

  test.each([
    ['the newest way alone', generations.v2Only, 404, '/api/v2/token', 'grant_type=client_credentials&'],
    [
      'client credentials as JSON',
      generations.clientCredentials,
      404,
      '/api/v1/token',
      '"grantType":"client_credentials"',
    ],
    ['an application', generations.applications, 404, '/api/v1/token', '"grantType":"app_token"'],
    ['an application, 405', generations.applications, 405, '/api/v1/token', '"grantType":"app_token"'],
    ['an application, a page', generations.applications, 'page', '/api/v1/token', '"grantType":"app_token"'],
  ] as const)('gets a token in the way that there is: %s', async (_, generation, absent, path, words) => {
    Object.assign(stage.runai.switches, generation, { absent });
    const before = stage.runai.ledger.count('token');
    await tested('Own', 'Works');
    expect(stage.runai.ledger.count('token')).toBe(before + 1);
    const given = answered().filter(isToken).at(-1);
    expect(given).toMatchObject({ status: 200, path, host: 'runai.example.com' });
    expect(heard().find(({ peer }) => peer === given?.peer)?.text).toContain(words);
  });

  test.each(
    ([302, 307, 308] as const).flatMap(status => [[status, 'token'] as const, [status, 'api'] as const]),
  )('is not taken along by a redirect (%i, %s)', async (redirectStatus, redirect) => {
    Object.assign(stage.runai.switches, { redirectStatus, redirect });
    await tested('Cloud', 'Could not tell', 'acme.run.ai could not be reached.');
    expect(answered().at(-1)?.status).toBe(redirectStatus);
    expect(stage.runtype.traffic.filter(({ host }) => host === trapHost)).toEqual([]);
    expect(stage.runai.strayed).toEqual([]);
  });
});

type When = (ask: { path: string }) => boolean;
/** Another answer than Run:ai's, until the test is over. */
const other = (status: number, body: unknown, when: When, headers: Record<string, string> = {}) =>
  stage.runai.faults.add({ kind: 'http', status, body, headers, when, times: Number.POSITIVE_INFINITY });
const json = (status: number, body: object, when: When = isCall) => other(status, body, when);
const page = (status: number, when: When = isCall) =>
  other(status, '<!doctype html><title>Sign in</title>', when, { 'content-type': 'text/html' });

describe('a task', () => {
  beforeAll(async () => {
    await popup.bringToFront();
    await choose('Cloud');
  });

  test('is one of those that Run:ai has', async () => {
    const offered = await popup.getByLabel('Task', { exact: true }).getByRole('option').allInnerTexts();
    expect(offered).toEqual(tasks.map(({ label }) => label));
  });

  test.each([
    [{}, ['bert-finetune', 'notebook', 'llama-chat', 'sweep-17'], '4 of 4 shown'],
    [{ search: 'BERT' }, ['bert-finetune'], '1 of 1 shown'],
    [{ filter: 'phase==Running, projectName=@team' }, ['bert-finetune', 'llama-chat'], '2 of 2 shown'],
    [{ sort: 'name', order: 'desc', most: '2', from: '1' }, ['notebook', 'llama-chat'], '2 of 4 shown'],
    [{ deleted: 'true' }, [], 'Nothing was found.'],
  ])('Workloads %o lists them', async (values, names, total) => {
    await runs('workloads', values);
    expect(await rows()).toEqual(names);
    await said(total);
    if (names.length < 4) return;
    await said('Training, Running, team-a');
    await said(idOf('bert-finetune'));
    await popup.screenshot({ path: 'out/runai-workloads.png', fullPage: true });
  });

  test.each([
    ['projects', {}, ['team-a', 'team-b', 'night'], 'runai-team-a'],
    ['departments', {}, ['research', 'products'], '4500001'],
    ['clusters', {}, ['berlin', 'oslo'], 'Disconnected, 2.19.40, oslo.example.com'],
    ['node-pools', { search: 'h1' }, ['h100'], 'Ready'],
    ['nodes', { filter: 'status==Ready' }, ['gpu-1', 'cpu-1'], 'Ready, h100'],
    ['rules', {}, ['L1 researcher'], 'tenant'],
  ])('%s lists them', async (operation, values, names, note) => {
    await runs(operation, values);
    expect(await rows()).toEqual(names);
    await said(note);
  });

  test('Count workloads counts what is selected', async () => {
    await runs('count');
    expect(await answer()).toBe('4');
    await runs('count', { filter: 'phase==Running' });
    expect(await answer()).toBe('2');
  });

  test('Workload shows one, found by a part of its name', async () => {
    await runs('workload', { workload: idOf('notebook') });
    const field = popup.getByRole('combobox', { name: 'Workload', exact: true });
    await field.fill('llama');
    await field.press('Enter');
    await popup.getByRole('option', { name: /llama-chat/ }).click();
    expect(await field.inputValue()).toBe(idOf('llama-chat'));
    await button('Run').click();
    await said('"name": "llama-chat"');
    expect(JSON.parse(await answer())).toMatchObject({ id: idOf('llama-chat'), phase: 'Running' });
  });

  test('Events of a workload lists them', async () => {
    await runs('events', { workload: idOf('bert-finetune') });
    expect(await rows()).toEqual(['Workload bert-finetune was created', 'Workload bert-finetune is Running']);
  });

  test('Suspend and resume do so, once', async () => {
    const workload = idOf('bert-finetune');
    await runs('suspend', { workload });
    expect(await answer()).toBe('workload suspend request accepted');
    await expect.poll(() => phaseOf('bert-finetune')).toBe('Stopped');
    await runs('resume', { workload });
    expect(await answer()).toBe('workload resume request accepted');
    await expect.poll(() => phaseOf('bert-finetune')).toBe('Running');
    const { ledger } = stage.runai;
    expect([ledger.count('suspend'), ledger.count('resume')]).toEqual([1, 1]);
    expect(ledger.entries.filter(({ what }) => what === 'suspend')).toMatchObject([{ id: workload }]);
  });

  test('Suspend of what cannot be suspended says so, and changes nothing', async () => {
    const before = heard().filter(({ method, path }) => method === 'POST' && isCall({ path })).length;
    await start('suspend', { workload: idOf('llama-chat') });
    await alertIn(popup).getByText('This workload cannot be suspended or resumed.').first().waitFor();
    await alertIn(popup).getByText('Its type is below. Nothing was done.').waitFor();
    await alertIn(popup).getByText('Inference').waitFor();
    expect(heard().filter(({ method, path }) => method === 'POST' && isCall({ path }))).toHaveLength(before);
  });

  test('Several workloads are suspended together', async () => {
    const workloads = `${idOf('bert-finetune')}, ${idOf('sweep-17')}\n`;
    await runs('batch', { action: 'suspend', workloads });
    expect(await rows()).toEqual(['Accepted: suspend', 'Accepted: suspend']);
    await expect.poll(() => [phaseOf('bert-finetune'), phaseOf('sweep-17')]).toEqual(['Stopped', 'Stopped']);
  });

  test('Several workloads of which some cannot say which, and why', async () => {
    const gone = randomUUID();
    const [one, another] = [idOf('bert-finetune'), idOf('sweep-17')];
    await start('batch', { action: 'resume', workloads: [one, gone, another].join(' ') });
    await alertIn(popup)
      .getByText(/1 of 3 could not be done\./)
      .waitFor();
    await popup.screenshot({ path: 'out/runai-in-part.png', fullPage: true });
    expect(await rows()).toEqual([
      'Accepted: resume',
      'Accepted: resume',
      `Failed: workload '${gone}' was not found`,
    ]);
    await expect.poll(() => [phaseOf('bert-finetune'), phaseOf('sweep-17')]).toEqual(['Running', 'Running']);
  });

  test('Several workloads of which none can say so', async () => {
    await start('batch', { action: 'resume', workloads: randomUUID() });
    await alertIn(popup).getByText('None of them could be done.').waitFor();
    await alertIn(popup)
      .getByText(/404: workload '.*' was not found/)
      .waitFor();
  });

  test('Several workloads, deleted, can be kept for two seconds', async () => {
    const [id, before] = [idOf('sweep-17'), stage.runai.traffic.length];
    await start('batch', { action: 'delete', workloads: id });
    await said(/^Sending in [12] s\. Cancel stops it at no cost\.$/);
    await button('Cancel').click();
    await said('Cancelled before it was sent. Nothing was charged.');
    expect(stage.runai.traffic).toHaveLength(before);
    const at = Date.now();
    await runs('batch', { action: 'delete', workloads: id });
    expect(Date.now() - at).toBeGreaterThan(1_900);
    expect(await rows()).toEqual(['Accepted: delete']);
    await expect.poll(() => stage.runai.workloads.find(id)).toBeUndefined();
    await runs('workloads', { deleted: 'true' });
    expect(await rows()).toEqual(['sweep-17']);
  });

  test('Request of your own goes to the control plane', async () => {
    await runs('request', { path: '/api/v1/clusters?verbosity=metadata' });
    expect(JSON.parse(await answer())).toMatchObject([{ name: 'berlin' }, { name: 'oslo' }]);
    const body = {
      name: 'made-here',
      projectId: '4501101',
      clusterId: '71f69d83-ba66-4822-adf5-55ce55efd210',
      spec: { image: 'busybox' },
    };
    const path = '/api/v1/workloads/trainings';
    await runs('request', { method: 'POST', path, json: JSON.stringify(body) });
    expect(JSON.parse(await answer())).toMatchObject({ name: 'made-here', workloadId: idOf('made-here') });
    expect(stage.runai.ledger.count('create')).toBe(1);
  });

  test('Request of your own goes to the cluster, and a DELETE can be undone', async () => {
    const path = '/apis/run.ai/v1alpha1/namespaces/runai-team-a/trainingworkloads';
    await runs('request', { to: 'cluster', path });
    expect(heard().at(-1)).toMatchObject({ host: 'cluster.example.com', path });
    expect(await answer()).toContain('"name": "made-here"');
    const values = { to: 'cluster', method: 'DELETE', path: `${path}/made-here` };
    const id = idOf('made-here');
    await start('request', values);
    await said(/^Sending in /);
    await button('Cancel').click();
    await said('Cancelled before it was sent. Nothing was charged.');
    expect(stage.runai.workloads.find(id)).toBeDefined();
    await runs('request', values);
    await expect.poll(() => stage.runai.workloads.find(id)).toBeUndefined();
    expect(stage.runai.ledger.entries.at(-1)).toMatchObject({
      what: 'delete',
      id,
      host: 'cluster.example.com',
    });
  });

  test.each([
    ['batch', { workloads: 'bert-finetune' }, 'One of these is no id, which is a UUID.'],
    [
      'request',
      { path: '//elsewhere.example/' },
      'Path must begin with one slash, and have plain characters and no spaces.',
    ],
    ['request', { json: '{}' }, 'A GET takes nothing with it.'],
    ['request', { method: 'POST', json: '{' }, 'This is not JSON.'],
    [
      'request',
      { method: 'POST', path: '/api/v1/service-accounts', json: '{}' },
      'The answer would hold a secret: make it in Run:ai’s own pages.',
    ],
    [
      'workload',
      { workload: 'bert' },
      'Workload must be its id, a UUID: type a part of its name and search.',
    ],
    [
      'workloads',
      { filter: 'phase=Running' },
      'Filter must be conditions such as phase==Running, separated by commas.',
    ],
  ])('%s %o is not sent', async (operation, values, sentence) => {
    const before = stage.runai.traffic.length;
    await press(popup, 'runai', operation, values);
    await popup.getByText(sentence).first().waitFor();
    expect(stage.runai.traffic).toHaveLength(before);
  });

  test('of every sort was run', () => {
    expect([...run].sort()).toEqual(tasks.map(({ name }) => name).sort());
  });
});

describe('what goes wrong has a sentence of its own:', () => {
  const words = { message: 'In words of its own.' };

  test.each([
    [400, 'Run:ai did not accept what was asked.', /^Its own words say why\./],
    [401, 'Run:ai gave a token and does not accept it.', /^The URL may be that of another installation/],
    [403, 'The application has no access rule that allows this.', /^Its secret is right\./],
    [404, 'Run:ai does not know what was asked for.', /^It may have been deleted/],
    [405, 'Run:ai does not take that method at this path.', /^Look it up in the API’s reference/],
    [409, 'This does not go together with how things stand.', /^It may be so already/],
    [413, 'Run:ai did not accept what was asked.', /^Its own words say why\./],
    [418, 'Run:ai refused with status 418.', /^Its own words are below\./],
    [429, 'Run:ai is taking no more requests just now.', /^Wait a little/],
    [500, 'Run:ai itself failed.', /^Its own words are below\./],
    [502, 'Run:ai itself failed.', /^Its own words are below\./],
    [503, 'Run:ai takes nothing just now.', /^Run again in a few minutes/],
  ])('%i', async (status, message, next) => {
    json(status, { code: status, ...words });
    await start('clusters');
    await alertIn(popup).getByText(message, { exact: true }).waitFor();
    await alertIn(popup).getByText(next).waitFor();
    await alertIn(popup).getByText(`HTTP ${status}: In words of its own.`, { exact: true }).waitFor();
    if (status === 403) await popup.screenshot({ path: 'out/runai-403.png', fullPage: true });
  });

  test.each([
    ['a page with 502', () => page(502), 'What answered (502) was no JSON, and so not Run:ai’s API.'],
    ['a page with 200', () => page(200), 'Run:ai answered with something that is no such list.'],
    ['other JSON', () => json(200, { hello: 1 }), 'Run:ai answered with something that is no such list.'],
    ['what breaks off', () => stage.runai.faults.add({ kind: 'cut', after: 20 }), 'The answer broke off.'],
    [
      'silence',
      () => stage.runai.faults.add({ kind: 'drop', at: 'arrival', times: Number.POSITIVE_INFINITY }),
      'acme.run.ai could not be reached.',
    ],
    [
      'a redirect',
      () => void Object.assign(stage.runai.switches, { redirect: 'api' }),
      'acme.run.ai could not be reached.',
    ],
  ])('%s', async (_, happens, message) => {
    happens();
    await start('clusters');
    await alertIn(popup).getByText(message, { exact: true }).waitFor();
  });

  test('a rule that allows to look and not to change', async () => {
    stage.runai.setAccess('acme-app', 'read');
    await runs('count');
    await start('suspend', { workload: idOf('bert-finetune') });
    await alertIn(popup).getByText('The application has no access rule that allows this.').waitFor();
    await alertIn(popup).getByText('HTTP 403: You do not have sufficient permissions.').waitFor();
    expect(phaseOf('bert-finetune')).toBe('Running');
  });

  test('a cluster’s own words', async () => {
    const path = '/apis/run.ai/v1alpha1/namespaces/runai-nobody/trainingworkloads';
    await start('request', { to: 'cluster', path });
    await alertIn(popup).getByText('The application has no access rule that allows this.').waitFor();
    await alertIn(popup)
      .getByText(/^Forbidden: trainingworkloads\.run\.ai is forbidden/)
      .waitFor();
  });

  const isAct = ({ path }: { path: string }) => /\/(suspend|resume)$/.test(path);
  test.each([
    ['502', () => json(502, { code: 502, ...words }, isAct), 'Run:ai answered 502.'],
    ['a page with 504', () => page(504, isAct), 'What answered (504) was not Run:ai’s API.'],
    [
      'an answer that breaks off',
      () => stage.runai.faults.add({ kind: 'cut', after: 10, when: isAct }),
      'The answer broke off.',
    ],
    [
      'silence',
      () =>
        stage.runai.faults.add({ kind: 'drop', at: 'arrival', when: isAct, times: Number.POSITIVE_INFINITY }),
      'acme.run.ai could not be reached.',
    ],
  ])('a change of which nobody knows what became (%s)', async (_, happens, why) => {
    happens();
    await start('suspend', { workload: idOf('bert-finetune') });
    const sentence = `${why} What became of this call is not known.`;
    await alertIn(popup).getByText(sentence, { exact: true }).waitFor();
    await alertIn(popup)
      .getByText(/^It may have been done: look at the workloads/)
      .waitFor();
  });

  test('a token that had ended when none could be had', async () => {
    stage.runai.endTokens();
    stage.runai.faults.add({ kind: 'drop', at: 'arrival', when: isToken, times: Number.POSITIVE_INFINITY });
    await start('clusters');
    const sentence = 'The token had ended, and no new one could be had. acme.run.ai could not be reached.';
    await alertIn(popup).getByText(sentence, { exact: true }).waitFor();
    stage.runai.faults.clear();
    await runs('clusters');
  });

  test('a key whose secret is wrong', async () => {
    onTestFinished(async () => {
      await choose('Cloud');
    });
    await choose('Wrong');
    // So that it has asked by then how the key stands.
    await popup.getByText('The service rejected this key.').waitFor();
    const before = tokensAsked();
    await start('clusters');
    await alertIn(popup).getByText('Run:ai rejected the application or its secret key.').waitFor();
    await alertIn(popup).getByText('invalid_client: Invalid client or Invalid client credentials').waitFor();
    // Wrong secrets may lock an application: it is not asked again at once.
    await start('clusters');
    await alertIn(popup).getByText('Run:ai rejected the application or its secret key.').waitFor();
    expect(tokensAsked()).toBe(before + 1);
  });

  test('a lock while a token is waited for', async () => {
    stage.runai.endTokens();
    stage.runai.faults.add({ kind: 'freeze', at: 'arrival', when: isToken });
    const before = tokensAsked();
    await start('clusters');
    await expect.poll(tokensAsked).toBe(before + 1);
    await lock(popup);
    await unlock(popup, PASSPHRASE);
    await alertIn(popup)
      .getByText('The vault was locked before this call was sent. Nothing was charged.')
      .waitFor();
    await runs('clusters');
  });
});

describe('many calls at once', () => {
  beforeAll(async () => {
    await options.bringToFront();
    await options.reload();
    await goTo(options, 'Keys');
    await addKey(options, 'runai', 'Busy', { ...keyOf('busy-app'), atOnce: '50' });
    await addKey(options, 'runai', 'Renewed', { ...keyOf('renewed-app'), atOnce: '50' });
    await options.evaluate(`
      globalThis.outcomes = {};
      chrome.runtime.connect({ name: 'state' }).onMessage.addListener(event => {
        if (event.type !== 'calls') return;
        for (const { id, state } of event.calls)
          if (state.phase !== 'queued' && state.phase !== 'sent') outcomes[id] = state.failure?.message ?? state.phase;
      });`);
  });
  const keyId = async (label: string): Promise<string> => {
    const { keys } = await snapshotOf(options);
    return keys.find(key => key.label === label)?.id ?? '';
  };
  const call = async (key: string) =>
    (await askFrom<{ id: string }>(options, 'calls.start', { key, operation: 'count', values: {} })).id;
  const calls = (key: string, count: number) => Promise.all(Array.from({ length: count }, () => call(key)));
  /** How each ended, watched from the beginning: what is listed later is only the latest. */
  const outcomes = async (ids: readonly string[]): Promise<string[]> => {
    let all: Record<string, string> = {};
    const missing = async () => {
      all = await options.evaluate<Record<string, string>>('outcomes');
      return ids.filter(id => !all[id]).length;
    };
    await expect.poll(missing, { timeout: 20_000 }).toBe(0);
    return ids.map(id => all[id] ?? '');
  };
  const isCount = ({ path }: { path: string }) => path.endsWith('/count');

  test('whose token ends among them renew it once, and none fails', async () => {
    const key = await keyId('Busy');
    await outcomes([await call(key)]);
    const [tokens, counts] = [tokensAsked(), answered().filter(isCount).length];
    stage.runai.faults.add({ kind: 'slow', ms: 60, times: 50, when: isCount });
    const under = calls(key, 50);
    await expect.poll(() => answered().filter(isCount).length, { interval: 5 }).toBeGreaterThan(counts + 10);
    stage.runai.endTokens('busy-app');
    expect(new Set(await outcomes(await under))).toEqual(new Set(['done']));
    const said = answered().filter(isCount).slice(counts);
    expect(said.filter(({ status }) => status === 200)).toHaveLength(50);
    // It did end among them.
    expect(said.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
    expect(tokensAsked()).toBe(tokens + 1);
  });

  test('whose secret was replaced say so in one way, and ask for one token', async () => {
    const key = await keyId('Renewed');
    await outcomes([await call(key)]);
    const tokens = tokensAsked();
    stage.runai.switches.regenerateEndsTokens = true;
    stage.runai.faults.add({ kind: 'slow', ms: 30, times: 30, when: isCount });
    const under = calls(key, 30);
    const secret = stage.runai.regenerate('renewed-app');
    secrets.push(secret);
    const first = await outcomes(await under);
    const rejection = 'Run:ai rejected the application or its secret key.';
    expect(new Set(first.filter(outcome => outcome !== 'done'))).toEqual(new Set([rejection]));
    expect(new Set(await outcomes(await calls(key, 20)))).toEqual(new Set([rejection]));
    expect(tokensAsked()).toBe(tokens + 1);

    const card = options
      .getByRole('listitem')
      .filter({ has: options.getByRole('heading', { name: 'Renewed', exact: true }) });
    await button('Replace', card).click();
    await card.getByLabel('New Secret key').fill(secret);
    await button('Test and replace', card).click();
    await card.getByText(/was replaced\. Revoke the old key/).waitFor();
    expect(await outcomes(await calls(key, 5))).toEqual(Array(5).fill('done'));
  });
});

describe('no secret and no token', () => {
  test('went where it does not belong', () => {
    expect(stage.runai.sightings.length).toBeGreaterThan(100);
    expect(stage.runai.strayed).toEqual([]);
    expect(stage.runtype.traffic.filter(({ host }) => host === trapHost)).toEqual([]);
  });

  test('is in a page, a console line, an address or on the disk', async () => {
    const pages = [popup, options];
    const documents = await Promise.all(
      pages.map(page =>
        page.evaluate(() => {
          const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea, select')];
          return document.documentElement.outerHTML + JSON.stringify(fields.map(({ value }) => value));
        }),
      ),
    );
    await goTo(options, 'History');
    documents.push(await options.content());
    const session = await options.evaluate(async () =>
      JSON.stringify(await chrome.storage.session.get(null)),
    );
    const { requests, consoleLines } = stage.chromium;
    const tokens = new Set(
      requests.flatMap(({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? []),
    );
    expect(tokens.size).toBeGreaterThan(3);
    await close();
    const search = searchForLeaks([...secrets, ...tokens]);
    // The search does find them where they were sent.
    expect(
      search.texts(
        'request',
        requests.map(request => JSON.stringify(request)),
      ),
    ).not.toEqual([]);
    expect(search.texts('document', documents)).toEqual([]);
    expect(search.texts('session', [session])).toEqual([]);
    expect(search.texts('console', consoleLines)).toEqual([]);
    expect(
      search.texts(
        'address',
        requests.map(({ url }) => url),
      ),
    ).toEqual([]);
    expect(await search.folder(profileDir)).toEqual([]);
  });
});
