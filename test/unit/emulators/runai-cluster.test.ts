import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoApplication, type RunaiEmulator } from '../../emulators/runai';
import { cluster, say, signedIn, start } from './runai-line';

let runai: RunaiEmulator;
let call: Awaited<ReturnType<typeof signedIn>>;

const patient = { timeout: 10_000 };

beforeEach(async () => {
  runai = await start();
  call = await signedIn(runai, cluster);
});
afterEach(() => runai.close());

const namespace = '/apis/run.ai/v1alpha1/namespaces/runai-team-a';
const path = `${namespace}/trainingworkloads`;

/** As the documents have it, comments aside. */
const manifest = `apiVersion: run.ai/v1alpha1
kind: TrainingWorkload
metadata:
  name: job-1
spec:
  gpu:
    value: "1"
  image:
    value: gcr.io/run-ai-demo/quickstart
  name:
    value: job-1
`;
const apply = (body: unknown, type = 'application/yaml', at = path) =>
  call(at, { body, headers: { 'content-type': type } });

describe('the cluster API', () => {
  it('takes the documented manifest', async () => {
    const reply = await apply(manifest);
    expect([reply.status, reply.json()]).toMatchObject([
      201,
      {
        kind: 'TrainingWorkload',
        metadata: { name: 'job-1', namespace: 'runai-team-a' },
        spec: { gpu: { value: '1' }, image: { value: 'gcr.io/run-ai-demo/quickstart' } },
      },
    ]);
    expect(runai.ledger.count('create')).toBe(1);
    expect((await call(`${path}/job-1`)).json().status).toEqual({ phase: expect.any(String) });
  });

  it('takes it as JSON as well', async () => {
    const body = {
      apiVersion: 'run.ai/v1alpha1',
      kind: 'InteractiveWorkload',
      metadata: { name: 'desk' },
      spec: {},
    };
    const reply = await apply(JSON.stringify(body), 'application/json', `${namespace}/interactiveworkloads`);
    expect(reply.status).toBe(201);
  });

  it('lists, shows and deletes', async () => {
    const list = (await call(path)).json();
    expect(list).toMatchObject({
      kind: 'TrainingWorkloadList',
      items: [{ metadata: { name: 'bert-finetune' } }],
    });
    const gone = await call(`${path}/bert-finetune`, { method: 'DELETE' });
    expect([gone.status, gone.json()]).toMatchObject([200, { kind: 'Status', status: 'Success' }]);
    await expect.poll(async () => (await call(`${path}/bert-finetune`)).status, patient).toBe(404);
  });

  it.each([
    ['an unknown kind of body', 'x', 'text/plain', 415, 'UnsupportedMediaType'],
    ['no manifest', '- a list', 'application/yaml', 400, 'BadRequest'],
    ['no JSON', '{', 'application/json', 400, 'BadRequest'],
    ['another kind', manifest.replace('TrainingWorkload', 'Pod'), 'application/yaml', 400, 'BadRequest'],
    ['no name', manifest.replace('  name: job-1\n', ''), 'application/yaml', 422, 'Invalid'],
    ['a bad name', manifest.replace('name: job-1', 'name: Job 1'), 'application/yaml', 422, 'Invalid'],
    ['a name twice', manifest.replace('job-1', 'bert-finetune'), 'application/yaml', 409, 'AlreadyExists'],
  ])('refuses %s', async (_what, body, type, code, reason) => {
    const reply = await apply(body, type);
    expect([reply.status, reply.json()]).toMatchObject([
      code,
      { kind: 'Status', status: 'Failure', reason, code },
    ]);
    expect(runai.ledger.count('create')).toBe(0);
  });

  it.each([
    ['GET', `${path}/nothing`, 404],
    ['GET', `${namespace}/pods`, 404],
    ['GET', '/api/v1/workloads', 404],
    ['POST', '/api/v1/token', 404],
    ['DELETE', path, 405],
    ['GET', path.replace('team-a', 'team-z'), 403],
  ])('%s %s gives %i', async (method, at, status) => {
    const reply = await call(at, { method });
    expect([reply.status, reply.json().kind]).toEqual([status, 'Status']);
  });

  it('says who may not do what where', async () => {
    runai.setAccess(demoApplication.id, 'read');
    const reply = await apply(manifest);
    expect(reply.json().message).toBe(
      'trainingworkloads.run.ai is forbidden: User "runkey-demo" cannot create resource "trainingworkloads" in API group "run.ai" in the namespace "runai-team-a"',
    );
    expect((await call(path)).status).toBe(200);
  });

  it('is closed without a token', async () => {
    const reply = await say(runai, cluster + path);
    expect([reply.status, reply.json().reason]).toEqual([401, 'Unauthorized']);
  });
});
