import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoApplication, type RunaiEmulator } from '../../emulators/runai';
import { clusters, projects } from '../../emulators/runai/organisation';
import { pause, saas, say, signedIn, start } from './runai-line';

let runai: RunaiEmulator;
let call: Awaited<ReturnType<typeof signedIn>>;

const patient = { timeout: 10_000 };

beforeEach(async () => {
  runai = await start();
  call = await signedIn(runai);
});
afterEach(() => runai.close());

const [teamA] = projects;
const training = (changes: object = {}) => ({
  name: 'a1',
  projectId: teamA.id,
  clusterId: teamA.clusterId,
  spec: { image: 'runai.jfrog.io/demo/quickstart', compute: { gpuDevicesRequest: 1 } },
  ...changes,
});
const submit = (changes?: object) => call('/api/v1/workloads/trainings', { body: training(changes) });
const named = (name: string) => {
  const found = runai.workloads.list().find(({ order }) => order.name === name);
  if (!found) throw new Error(`There is no ${name}`);
  return found;
};
const names = async (query: string) => {
  const { workloads } = (await call(`/api/v1/workloads?${query}`)).json();
  return Array.isArray(workloads) ? workloads.map(({ name }) => name) : workloads;
};

describe('a list', () => {
  it('is a page of at most the limit, and says where the next begins', async () => {
    const first = (await call('/api/v1/workloads?limit=3')).json();
    expect(first).toMatchObject({
      next: 3,
      workloads: [{ name: 'bert-finetune', phase: 'Running' }, {}, {}],
    });
    const last = (await call('/api/v1/workloads?limit=3&offset=3')).json();
    expect(last.workloads).toHaveLength(1);
    expect('next' in last).toBe(false);
  });

  it.each([
    ['null', null],
    ['empty', ''],
  ] as const)('may end with a next that is %s', async (nextAtEnd, next) => {
    runai.switches.nextAtEnd = nextAtEnd;
    expect((await call('/api/v1/workloads')).json().next).toBe(next);
  });

  it('has fifty items unless told otherwise', async () => {
    for (let number = 0; number < 60; number++) await submit({ name: `job-${number}` });
    expect((await call('/api/v1/workloads')).json()).toMatchObject({ next: 50 });
    expect((await call('/api/v1/workloads/count')).json()).toEqual({ count: 64 });
  });

  it.each([
    ['filterBy=phase==Running', ['bert-finetune', 'llama-chat']],
    ['filterBy=phase!=Running', ['notebook', 'sweep-17']],
    ['filterBy=name=@e', ['bert-finetune', 'notebook', 'sweep-17']],
    ['filterBy=name!@e', ['llama-chat']],
    ['filterBy=name=^n', ['notebook']],
    ['filterBy=name=$17', ['sweep-17']],
    ['filterBy=runningPods>=1', ['bert-finetune', 'llama-chat']],
    ['filterBy=runningPods<=0', ['notebook', 'sweep-17']],
    ['filterBy=phase==Running%2CprojectName==team-a', ['bert-finetune']],
    ['search=NOTE', ['notebook']],
    ['sortBy=name&sortOrder=desc', ['sweep-17', 'notebook', 'llama-chat', 'bert-finetune']],
    ['sortBy=name', ['bert-finetune', 'llama-chat', 'notebook', 'sweep-17']],
  ])('can be asked for by %s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=x',
    'offset=-1',
    'sortOrder=up',
    'sortBy=mood',
    'filterBy=phase~Running',
    'filterBy=mood==good',
    'filterBy=phase==Running&filterBy=name==x',
  ])('is refused for %s', async query => {
    const reply = await call(`/api/v1/workloads?${query}`);
    expect([reply.status, reply.json().code]).toEqual([400, 400]);
  });

  it.each([
    ['/api/v1/org-unit/projects', { projects: [{ id: '4501101', name: 'team-a' }, {}, {}] }],
    ['/api/v1/org-unit/projects/count', { count: 3 }],
    ['/api/v1/org-unit/departments', { departments: [{ name: 'research' }, {}] }],
    ['/api/v1/org-unit/departments/count', { count: 2 }],
    ['/api/v1/authorization/me/access-rules?limit=1', { accessRules: [{ subjectId: demoApplication.id }] }],
  ])('%s', async (path, shape) => {
    expect((await call(path)).json()).toMatchObject(shape);
  });

  it('of node pools and nodes has no next', async () => {
    expect((await call('/api/v1/node-pools?limit=1')).json()).toEqual({ nodepools: [expect.any(Object)] });
    expect((await call('/api/v1/nodes?limit=1')).json()).toEqual({ nodes: [expect.any(Object)] });
  });

  it('of clusters is a bare array', async () => {
    const { text } = await call('/api/v1/clusters?verbosity=metadata');
    expect(JSON.parse(text)).toEqual(clusters.map(({ uuid, name }) => ({ uuid, name })));
    const full = JSON.parse((await call('/api/v1/clusters')).text);
    expect(full[1].status.state).toBe('Disconnected');
    expect((await call('/api/v1/clusters?verbosity=loud')).status).toBe(400);
  });
});

describe('a workload', () => {
  it('is submitted, and runs', async () => {
    const reply = await submit();
    expect([reply.status, reply.json()]).toMatchObject([
      202,
      { name: 'a1', projectId: teamA.id, desiredPhase: 'Running', actualPhase: 'Creating' },
    ]);
    const { workloadId } = reply.json();
    await expect
      .poll(async () => (await call(`/api/v1/workloads/${workloadId}`)).json().phase, patient)
      .toBe('Running');
    expect(runai.ledger.count('create')).toBe(1);
  });

  it('waits where there are no GPUs', async () => {
    runai.switches.capacity = 'full';
    await submit();
    await pause(60);
    expect(named('a1').phase).toBe('Pending');
  });

  it.each([
    [{ name: '' }, 400, 'Workload name must not be empty'],
    [{ name: 'x'.repeat(64) }, 400, 'The length of a workload name must not exceed 63 characters'],
    [{ name: 'My job' }, 400, /^The workload name must consist of lower case/],
    [{ name: 'bert-finetune' }, 409, "workload with name 'bert-finetune' already exists in this project"],
    [{ projectId: undefined }, 400, 'projectId must be provided'],
    [{ projectId: '1' }, 404, "project '1' was not found"],
    [{ clusterId: undefined }, 400, 'clusterId must be provided'],
    [{ clusterId: 'x' }, 400, /is not in cluster/],
    [{ spec: {} }, 400, 'spec.image must be provided'],
    [{ spec: { image: 'i', compute: { gpuPortionRequest: 2 } } }, 400, /gpuPortionRequest is invalid/],
    [{ spec: { image: 'i', compute: { cpuMemoryRequest: 5 } } }, 400, /cpuMemoryRequest is invalid/],
  ])('is refused as %j', async (changes, status, message) => {
    const reply = await submit(changes);
    expect([reply.status, reply.json().code]).toEqual([status, status]);
    expect(reply.json().message).toMatch(message);
    expect(runai.ledger.count('create')).toBe(0);
  });

  it('is refused by a policy, with details', async () => {
    const reply = await submit({ spec: { image: 'i', compute: { gpuDevicesRequest: 9 } } });
    expect([reply.status, reply.json().details]).toEqual([400, expect.stringContaining('at most 8')]);
  });

  it('is refused when the body cannot be read', async () => {
    const reply = await call('/api/v1/workloads/trainings', { body: 'name: a1' });
    expect(reply.json()).toEqual({ code: 400, message: 'Failed to read request body' });
  });

  it('is suspended and resumed', async () => {
    runai.switches.phaseMs = 300;
    const { id } = named('bert-finetune');
    const act = (action: string) => call(`/api/v1/workloads/trainings/${id}/${action}`, { method: 'POST' });
    const suspended = await act('suspend');
    expect([suspended.status, suspended.json().code]).toEqual([202, 202]);
    expect(named('bert-finetune').phase).toBe('Stopping');
    await expect.poll(() => named('bert-finetune').phase, patient).toBe('Stopped');
    await act('resume');
    expect(named('bert-finetune').phase).toBe('Resuming');
    await expect.poll(() => named('bert-finetune').phase, patient).toBe('Running');
    expect((await act('resume')).status).toBe(202);
    runai.switches.redundant = 'conflict';
    expect((await act('resume')).status).toBe(409);
    expect(runai.ledger.count('resume')).toBe(1);
  });

  it('is deleted, and found among the deleted', async () => {
    runai.switches.phaseMs = 300;
    const { id } = named('bert-finetune');
    expect((await call(`/api/v1/workloads/trainings/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect(named('bert-finetune').phase).toBe('Deleting');
    await expect.poll(async () => (await call(`/api/v1/workloads/${id}`)).status, patient).toBe(404);
    expect(await names('deleted=true')).toEqual(['bert-finetune']);
  });

  it.each([
    ['POST', 'workspaces/:id/suspend', 404],
    ['POST', 'trainings/no-uuid/suspend', 400],
    ['POST', 'trainings/:id/dance', 404],
    ['GET', 'trainings/:id', 200],
    ['GET', ':id/pods', 200],
    ['GET', ':id/events', 200],
    ['GET', ':id/history', 200],
    ['PUT', ':id', 405],
    ['GET', '00000000-0000-4000-8000-000000000000', 404],
  ])('%s %s gives %i', async (method, path, status) => {
    const { id } = named('bert-finetune');
    expect((await call(`/api/v1/workloads/${path.replace(':id', id)}`, { method })).status).toBe(status);
  });

  it('says which of several can be suspended, and does it for those', async () => {
    const [can, cannot] = [named('bert-finetune'), named('llama-chat')];
    expect(cannot.shown().actionsSupport).toEqual({ delete: true, suspend: false });
    const missing = '00000000-0000-4000-8000-000000000000';
    const body = { ids: [can.id, cannot.id, missing], action: 'suspend' };
    const reply = await call('/api/v1/workloads/batch', { body });
    expect([reply.status, reply.json()]).toEqual([
      200,
      {
        id: expect.any(String),
        succeeded: [can.id],
        failed: [
          { id: cannot.id, code: 400, message: expect.any(String) },
          { id: missing, code: 404, message: expect.any(String) },
        ],
      },
    ]);
  });

  it.each([
    [{ ids: [], action: 'delete' }],
    [{ ids: Array.from({ length: 101 }, () => '00000000-0000-4000-8000-000000000000'), action: 'delete' }],
    [{ ids: ['x'], action: 'delete' }],
    [{ ids: ['00000000-0000-4000-8000-000000000000'], action: 'paint' }],
  ])('is not acted on for a bad batch', async body => {
    expect((await call('/api/v1/workloads/batch', { body })).status).toBe(400);
  });

  it('is measured, in whole or in part', async () => {
    const { id } = named('bert-finetune');
    const types = 'metricType=GPU_UTILIZATION,CPU_USAGE_CORES';
    const span = 'start=2026-01-01T00:00:00Z&end=2026-01-01T01:00:00Z&numberOfSamples=4';
    const path = `/api/v1/workloads/${id}/metrics?${types}&${span}`;
    const whole = await call(path);
    expect([whole.status, whole.json().measurements]).toMatchObject([200, [{ type: 'GPU_UTILIZATION' }, {}]]);
    runai.switches.metrics = 'partial';
    const partial = await call(path);
    expect([partial.status, partial.json().measurements]).toMatchObject([207, [{ type: 'CPU_USAGE_CORES' }]]);
    for (const bad of ['', `metricType=MOOD&${span}`, `${types}&start=x&end=y`, `${types}&${span}0000`]) {
      expect((await call(`/api/v1/workloads/${id}/metrics?${bad}`)).status).toBe(400);
    }
  });
});

describe('the control plane', () => {
  it.each(['', 'Bearer ', 'Bearer nonsense', 'Basic abc'])('is closed to %j', async authorization => {
    const headers = authorization ? { authorization } : {};
    const reply = await say(runai, `${saas}/api/v1/clusters`, { headers });
    expect([reply.status, reply.json()]).toEqual([401, { code: 401, message: 'Issuer is not familiar.' }]);
  });

  it('knows no /me, and no CORS', async () => {
    expect((await call('/api/v1/me')).status).toBe(404);
    const origin = { origin: 'https://example.com' };
    const replies = [
      await call('/api/v1/clusters', { headers: origin }),
      await call('/api/v1/clusters', { method: 'OPTIONS', headers: origin }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 405]);
    for (const { headers } of replies) {
      expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([]);
    }
  });
});
