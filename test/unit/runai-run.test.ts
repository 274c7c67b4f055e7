import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FailureCode } from '../../src/failure';
import { readPaste } from '../../src/guard/paste';
import { check } from '../../src/services/fields';
import { about } from '../../src/services/runai/about';
import { originsOf } from '../../src/services/runai/address';
import { service } from '../../src/services/runai/service';
import { demoApplication, type RunaiEmulator } from '../emulators/runai';
import { cluster, pause, saas, start } from './emulators/runai-line';
import { reach } from './network';
import { keyOf, rowsOf, run, taskOf, textOf } from './runai-client';
import { outcomeOf } from './runware-client';

let runai: RunaiEmulator;
let key = keyOf();

beforeEach(async () => {
  runai = await start();
  reach(runai.port);
  key = keyOf();
});
afterEach(async () => {
  service.lock();
  vi.unstubAllGlobals();
  expect(runai.strayed).toEqual([]);
  await runai.close();
});

const idOf = (name: string) => runai.workloads.list().find(({ order }) => order.name === name)?.id ?? '';
const phaseOf = (name: string) => runai.workloads.list().find(({ order }) => order.name === name)?.phase;
const asked = () =>
  runai.traffic.filter(({ direction, path }) => direction === 'in' && !path.endsWith('/token'));
const paths = () => asked().map(({ method, path }) => `${method} ${path}`);
const nobody = '00000000-0000-4000-8000-000000000000';

describe('a key’s form', () => {
  const good = { url: saas, application: 'a', secretKey: 'abcd1234' };

  it.each([
    'https://acme.run.ai',
    'https://acme.run.ai/',
    'https://acme.run.ai/projects?x=1',
    'https://10.0.0.7:8443',
  ])('takes the address %s, and sends to its origin alone', url => {
    expect(check(about.keyFields, { ...good, url }).faults).toEqual({});
    expect(originsOf({ url })).toEqual([new URL(url).origin]);
  });

  it.each([
    'http://acme.run.ai',
    'acme.run.ai',
    'https://me:pass@acme.run.ai',
    'https://acme.run.ai@elsewhere.example',
    'https://<company>.run.ai',
  ])('refuses the address %s', url => {
    expect(check(about.keyFields, { ...good, url }).faults.url).toMatch(/^URL must begin with https/);
    expect(originsOf({ url })).toEqual([]);
  });

  it('sends to the cluster too where there is one', () => {
    expect(originsOf({ ...good, cluster })).toEqual([saas, cluster]);
  });
});

it('the seeds’ curl command is read as a key', () => {
  const text = `curl  -X POST \\
    'https://acme.run.ai/api/v1/token' \\
    --header 'Accept: */*' \\
    --header 'Content-Type: application/json' \\
    --data-raw '{
    "grantType":"app_token",
    "AppId":"${demoApplication.id}",
    "AppSecret" : "${demoApplication.secret}"
  }'`;
  const { found } = readPaste(text, [about], 'runai');
  expect(found[0]?.values).toMatchObject({
    application: demoApplication.id,
    secretKey: demoApplication.secret,
  });
});

describe('a list', () => {
  it.each([
    [
      'workloads',
      '/api/v1/workloads?sortOrder=asc&limit=50&offset=0&deleted=false',
      'bert-finetune',
      'Training, Running, team-a',
      4,
    ],
    ['projects', '/api/v1/org-unit/projects?sortOrder=asc&limit=50&offset=0', 'team-a', 'runai-team-a', 3],
    ['departments', '/api/v1/org-unit/departments?sortOrder=asc&limit=50&offset=0', 'research', undefined, 2],
    ['clusters', '/api/v1/clusters', 'berlin', 'Connected, 2.20.26, berlin.example.com', 2],
    ['node-pools', '/api/v1/node-pools', 'default', 'Ready', 2],
    ['nodes', '/api/v1/nodes', 'gpu-1', 'Ready, h100', 3],
    ['rules', '/api/v1/authorization/me/access-rules?limit=50&offset=0', 'L1 researcher', 'tenant', 1],
  ])('of %s is shown', async (operation, path, title, note, total) => {
    const list = await rowsOf(taskOf(operation), key);
    expect(list.rows[0]).toMatchObject({ title, ...(note && { note }) });
    expect([list.total, list.rows.length]).toEqual([total, total]);
    expect(paths()).toEqual([`GET ${path}`]);
  });

  it('of events is shown', async () => {
    const { rows } = await rowsOf(taskOf('events', { workload: idOf('notebook') }), key);
    expect(rows[0]).toMatchObject({ id: '', title: 'Workload notebook was created' });
    expect(rows[1]?.note).toMatch(/^Normal, Stopped, \d{4}-/);
  });

  it('is filtered by one list of conditions, sorted and searched', async () => {
    const filter = 'phase==Running , name!=llama-chat';
    const { rows } = await rowsOf(taskOf('workloads', { filter }), key);
    expect(rows.map(({ title }) => title)).toEqual(['bert-finetune']);
    expect(asked()[0]?.path).toContain('filterBy=phase%3D%3DRunning%2Cname%21%3Dllama-chat');
    const sorted = await rowsOf(taskOf('workloads', { sort: 'name', order: 'desc' }), key);
    expect(sorted.rows.map(({ title }) => title)).toEqual([
      'sweep-17',
      'notebook',
      'llama-chat',
      'bert-finetune',
    ]);
    const searched = await rowsOf(taskOf('workloads', { search: 'NOTE' }), key);
    expect(searched.rows.map(({ title }) => title)).toEqual(['notebook']);
  });

  it.each(['absent', 'null', 'empty'] as const)(
    'says how many there are beyond its end (%s)',
    async nextAtEnd => {
      runai.switches.nextAtEnd = nextAtEnd;
      const first = await rowsOf(taskOf('workloads', { most: '3', sort: 'name' }), key);
      expect([first.rows.length, first.total]).toEqual([3, 4]);
      expect(asked()[1]?.path).toBe('/api/v1/workloads/count?deleted=false');
      const rest = await rowsOf(taskOf('workloads', { most: '3', from: '3', sort: 'name' }), key);
      expect(rest.rows.map(({ title }) => title)).toEqual(['sweep-17']);
      expect(asked()).toHaveLength(3);
    },
  );

  it.each(['phase=Running', 'Running', 'phase==', 'phase==a,,'])('takes no filter such as %s', filter => {
    const { fields = [] } = about.operations.find(({ name }) => name === 'workloads') ?? {};
    expect(check(fields, { filter }).faults.filter).toMatch(/^Filter must be/);
  });
});

it('a workload is shown whole, and workloads are counted', async () => {
  expect(JSON.parse(await textOf(taskOf('workload', { workload: idOf('notebook') }), key))).toMatchObject({
    name: 'notebook',
    phase: 'Stopped',
  });
  expect(await textOf(taskOf('count', { filter: 'phase==Running' }), key)).toBe('2');
});

describe('a workload', () => {
  it('is suspended and resumed', async () => {
    const workload = idOf('bert-finetune');
    expect(await textOf(taskOf('suspend', { workload }), key)).toBe('workload suspend request accepted');
    expect(phaseOf('bert-finetune')).toBe('Stopping');
    expect(paths().at(-1)).toBe(`POST /api/v1/workloads/trainings/${workload}/suspend`);
    await pause(40);
    expect(await textOf(taskOf('resume', { workload }), key)).toBe('workload resume request accepted');
    expect([runai.ledger.count('suspend'), runai.ledger.count('resume')]).toEqual([1, 1]);
  });

  it.each([
    ['resume', 'notebook', 'Resuming'],
    ['suspend', 'sweep-17', 'Stopping'],
  ])('of another kind takes a %s as well: %s', async (operation, name, phase) => {
    await textOf(taskOf(operation, { workload: idOf(name) }), key);
    expect(phaseOf(name)).toBe(phase);
  });

  it('that cannot be suspended says so, and nothing is sent', async () => {
    const { failure, types } = await run(taskOf('suspend', { workload: idOf('llama-chat') }), key);
    expect(failure?.message).toBe('This workload cannot be suspended or resumed.');
    expect([types, asked().every(({ method }) => method === 'GET')]).toEqual([['connecting'], true]);
  });

  it('that is suspended already may be a conflict', async () => {
    runai.switches.redundant = 'conflict';
    const { failure } = await run(taskOf('suspend', { workload: idOf('notebook') }), key);
    expect(failure?.report).toMatchObject({
      code: 'invalid',
      message: 'This does not go together with how things stand.',
      service: { text: 'workload is already suspended' },
    });
  });

  it('that there is not is not found', async () => {
    const { failure } = await run(taskOf('resume', { workload: nobody }), key);
    expect(failure?.code).toBe('not-found');
  });
});

describe('several workloads', () => {
  it('are suspended at once', async () => {
    const workloads = `${idOf('bert-finetune')}\n${idOf('sweep-17')}, ${idOf('bert-finetune')}`;
    const { items, types } = await run(taskOf('batch', { workloads }), key);
    expect(types).toEqual(['connecting', 'sending', 'list']);
    expect(items[0]).toMatchObject({ total: 2, last: true });
    expect(runai.ledger.count('suspend')).toBe(2);
  });

  it('may fail in part, and that is told', async () => {
    const workloads = `${idOf('bert-finetune')} ${idOf('llama-chat')} ${nobody}`;
    const { events, failure } = await run(taskOf('batch', { workloads }), key);
    const [list, refused] = events.slice(-2);
    expect(list).toMatchObject({
      type: 'list',
      rows: [
        { id: idOf('bert-finetune'), title: 'Accepted: suspend' },
        { id: idOf('llama-chat'), title: 'Failed: suspend is not supported for this workload' },
        { id: nobody, title: `Failed: workload '${nobody}' was not found` },
      ],
    });
    expect(refused).toMatchObject({
      type: 'refused',
      count: 2,
      failure: { message: '2 of 3 could not be done.' },
    });
    expect(failure).toBeUndefined();
  });

  it('may all fail', async () => {
    const { failure, items } = await run(taskOf('batch', { workloads: nobody, action: 'delete' }), key);
    expect([failure?.message, items]).toEqual(['None of them could be done.', []]);
  });

  it.each([
    '',
    'not-an-id',
    Array.from({ length: 101 }, (_, at) => nobody.slice(0, -3) + String(at + 100)).join(' '),
  ])('must be from 1 to 100 ids', async workloads => {
    const { failure } = await run({ ...taskOf('batch'), values: { action: 'suspend', workloads } }, key);
    expect([failure?.code, failure?.report.field, asked()]).toEqual(['bad-input', 'workloads', []]);
  });
});

describe('a request of one’s own', () => {
  const own = (puts: Record<string, string>) => taskOf('request', puts);

  it('goes to the control plane', async () => {
    const said = JSON.parse(await textOf(own({ path: '/api/v1/org-unit/projects?limit=1' }), key));
    expect(said).toMatchObject({ projects: [{ name: 'team-a' }], next: 1 });
  });

  it('submits a workload', async () => {
    const projects = JSON.parse(await textOf(own({ path: '/api/v1/org-unit/projects?limit=1' }), key));
    const { id: projectId, clusterId } = projects.projects[0];
    const json = JSON.stringify({ name: 'mine', projectId, clusterId, spec: { image: 'ubuntu' } });
    const task = own({ method: 'POST', path: '/api/v1/workloads/trainings', json });
    expect(JSON.parse(await textOf(task, key))).toMatchObject({ name: 'mine' });
    expect([runai.ledger.count('create'), phaseOf('mine')]).toEqual([1, 'Creating']);
  });

  it('goes to the cluster, with the token and never the secret', async () => {
    const path = '/apis/run.ai/v1alpha1/namespaces/runai-team-a/trainingworkloads';
    const said = JSON.parse(await textOf(own({ to: 'cluster', path }), key));
    expect(said.items).toHaveLength(1);
    expect(asked()[0]?.host).toBe('cluster.example.com');
    expect(runai.sightings.filter(({ host }) => host === 'cluster.example.com')).toMatchObject([
      { label: 'token demo' },
    ]);
  });

  it('tells a cluster’s refusal in its own words', async () => {
    const path = '/apis/run.ai/v1alpha1/namespaces/runai-team-a/trainingworkloads/nobody';
    const { failure } = await run(own({ to: 'cluster', path }), key);
    expect(failure?.report).toMatchObject({ code: 'not-found', service: { code: 'NotFound' } });
  });

  it('does not show what looks like a secret', async () => {
    const body = { name: 'x', clientSecret: 'abcdefgh12345678', token: 'zyxwvuts87654321' };
    runai.faults.add({ kind: 'http', status: 200, body, when: ({ path }) => path === '/api/v1/nodes' });
    expect(JSON.parse(await textOf(own({ path: '/api/v1/nodes' }), key))).toEqual({
      name: 'x',
      clientSecret: '[removed]',
      token: '[removed]',
    });
  });

  it.each([
    ['path', { method: 'POST', path: '/api/v1/token', json: '{}' }],
    ['path', { method: 'POST', path: '/api/v1/service-accounts', json: '{}' }],
    ['path', { method: 'POST', path: '/api//v1/access%2Dkeys', json: '{}' }],
    ['path', { method: 'POST', path: '/x/../api/v1/access-keys/7/secret', json: '{}' }],
    ['path', { path: '//elsewhere.example/api' }],
    ['path', { path: '/\\elsewhere.example/api' }],
    ['json', { method: 'POST', path: '/api/v1/workloads/trainings', json: '{' }],
    ['json', { path: '/api/v1/workloads', json: '{}' }],
  ])('is not sent where its %s is wrong: %o', async (field, puts) => {
    const { failure } = await run(own(puts), key);
    expect([failure?.code, failure?.report.field, asked()]).toEqual(['bad-input', field, []]);
  });

  it('is not sent to a cluster that the key does not have', async () => {
    const { failure } = await run(own({ to: 'cluster', path: '/apis' }), keyOf({ cluster: '' }));
    expect(failure?.message).toBe('The key has no Cluster URL that Runkey can read.');
  });
});

describe('a refusal has its own sentence:', () => {
  it('403, that the application lacks access rules', async () => {
    runai.setAccess(demoApplication.id, 'read');
    const { failure } = await run(taskOf('suspend', { workload: idOf('notebook') }), key);
    expect(failure?.report).toEqual({
      code: 'rejected-key',
      message: 'The application has no access rule that allows this.',
      next: expect.stringMatching(/administers Run:ai.*Access rules/),
      service: { code: 'HTTP 403', text: 'You do not have sufficient permissions.' },
    });
  });

  it.each<[number, FailureCode, string]>([
    [400, 'invalid', 'Run:ai did not accept what was asked.'],
    [404, 'not-found', 'Run:ai does not know what was asked for.'],
    [405, 'invalid', 'Run:ai does not take that method at this path.'],
    [409, 'invalid', 'This does not go together with how things stand.'],
    [412, 'invalid', 'This does not go together with how things stand.'],
    [418, 'service-error', 'Run:ai refused with status 418.'],
    [422, 'invalid', 'Run:ai did not accept what was asked.'],
    [429, 'rate-limit', 'Run:ai is taking no more requests just now.'],
    [500, 'service-error', 'Run:ai itself failed.'],
    [503, 'service-error', 'Run:ai takes nothing just now.'],
  ])('%i', async (status, code, message) => {
    const body = { code: status, message: 'As asked', details: 'It is so' };
    runai.faults.add({ kind: 'http', status, body, when: ({ path }) => path.endsWith('/count') });
    const { failure, types } = await run(taskOf('count'), key);
    expect(failure?.report).toMatchObject({
      code,
      message,
      service: { code: `HTTP ${status}`, text: 'As asked It is so' },
    });
    expect(failure?.report.next).toBeTruthy();
    expect(types).toEqual(['connecting']);
  });

  it.each([
    [200, 'Run:ai answered with something that is no such list.'],
    [502, 'What answered (502) was no JSON, and so not Run:ai’s API.'],
  ])('%i with a page', async (status, message) => {
    runai.faults.add({
      kind: 'http',
      status,
      body: '<html>',
      when: ({ path }) => path.includes('/workloads'),
    });
    const { failure } = await run(taskOf('workloads'), key);
    expect(failure?.report).toMatchObject({ code: 'unreadable-answer', message });
  });
});

describe('a change whose answer is lost', () => {
  const suspending = () => taskOf('suspend', { workload: idOf('bert-finetune') });
  const posted = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && path.endsWith('/suspend');

  it.each([
    ['arrival', 0],
    ['accepted', 1],
  ] as const)('at its %s is not made twice', async (at, count) => {
    runai.faults.add({ kind: 'drop', at, when: posted });
    const { failure } = await run(suspending(), key);
    expect(failure?.report).toMatchObject({
      code: 'outcome-unknown',
      next: expect.stringContaining('look at the workloads'),
    });
    expect(runai.ledger.count('suspend')).toBe(count);
    expect(asked().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it.each([500, 504])('behind a %i is not made twice', async status => {
    runai.faults.add({ kind: 'http', status, body: '<html>', accept: true, when: posted });
    const { failure } = await run(suspending(), key);
    expect([failure?.code, runai.ledger.count('suspend')]).toEqual(['outcome-unknown', 1]);
  });

  it('with the background is not made twice, and a question is asked anew', async () => {
    const { signal } = new AbortController();
    const kept = { trace: undefined, items: [] };
    const change = await outcomeOf(service.recover(suspending(), kept, key, signal));
    expect([change.failure?.code, asked()]).toEqual(['outcome-unknown', []]);
    const question = await outcomeOf(service.recover(taskOf('count'), kept, key, signal));
    expect(question.items).toHaveLength(1);
  });

  it('after a 401 was not made, and is made with a new token', async () => {
    await textOf(taskOf('count'), key);
    runai.faults.add({
      kind: 'http',
      status: 401,
      body: { code: 401, message: 'Issuer is not familiar.' },
      when: posted,
    });
    await textOf(suspending(), key);
    expect([runai.ledger.count('suspend'), runai.ledger.count('token')]).toEqual([1, 2]);
  });

  it('is not sent at all where there is no token to be had', async () => {
    runai.refuse(60_000);
    const json = '{}';
    const task = taskOf('request', { method: 'POST', path: '/api/v1/workloads/trainings', json });
    const { failure, types } = await run(task, key);
    expect([failure?.code, types]).toEqual(['unreachable', ['connecting']]);
  });
});

it.each([301, 307, 308] as const)(
  'neither secret nor token follows a %i to another origin',
  async redirectStatus => {
    Object.assign(runai.switches, { redirect: 'token', redirectStatus });
    expect((await run(taskOf('count'), key)).failure?.code).toBe('unreachable');
    runai.switches.redirect = 'api';
    expect((await run(taskOf('count'), key)).failure?.code).toBe('unreachable');
    expect(runai.traffic.every(({ host }) => host === 'acme.run.ai')).toBe(true);
  },
);

it('neither secret nor token goes to an origin that the key was not sealed with', async () => {
  const foreign = { ...key, origins: ['https://elsewhere.example'] };
  expect((await run(taskOf('count'), foreign)).failure?.code).toBe('wrong-origin');
  expect(runai.traffic).toEqual([]);
});
