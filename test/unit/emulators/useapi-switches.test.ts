import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mediaHosts, type Switches, trapHost, type UseapiEmulator } from '../../emulators/useapi';
import {
  account,
  ask,
  configure,
  create,
  demoEmail,
  demoToken,
  finished,
  json,
  located,
  pause,
  runway,
  start,
  upload,
} from '../../emulators/useapi/line';

let useapi: UseapiEmulator;

beforeEach(async () => {
  useapi = await start();
});
afterEach(() => useapi.close());

const set = (switches: Partial<Switches>) => void Object.assign(useapi.switches, switches);
const created = async (changes: object = {}) => json(await create(useapi.port, changes));

describe('a path', () => {
  const plus = 'ada+b@example.com';
  const post = async (path: string, email: string) =>
    (await runway(useapi.port, `accounts/${path}`, { body: account({ email }) })).status;

  it.each([
    ['none', 'ada@example.com', 'ada@example.com', 200],
    ['none', 'ada%40example.com', 'ada@example.com', 400],
    ['none', plus, plus, 200],
    ['none', 'ada%2Bb@example.com', plus, 400],
    ['percent', 'ada@example.com', 'ada@example.com', 200],
    ['percent', 'ada%40example.com', 'ada@example.com', 200],
    ['percent', plus, plus, 200],
    ['percent', 'ada%2Bb@example.com', plus, 200],
    ['percent', 'ada%example.com', 'ada%example.com', 400],
    ['form', plus, plus, 400],
    ['form', 'ada%2Bb@example.com', plus, 200],
  ] as const)('decoded as %s: %s for %s gives %i', async (pathDecoding, path, email, status) => {
    set({ pathDecoding });
    expect(await post(path, email)).toBe(status);
  });

  it('of a task is decoded likewise', async () => {
    const { taskId } = await created();
    const encoded = encodeURIComponent(taskId);
    expect((await runway(useapi.port, `tasks/${taskId}`)).status).toBe(200);
    expect((await runway(useapi.port, `tasks/${encoded}`)).status).toBe(400);
    set({ pathDecoding: 'percent' });
    expect((await runway(useapi.port, `tasks/${encoded}`)).status).toBe(200);
  });

  it.each([
    ['accounts', 'accounts/'],
    ['tasks/?offset=0&limit=5', 'tasks?offset=0&limit=5'],
    ['scheduler/', 'scheduler'],
    ['assets/?offset=0&limit=5', 'assets?offset=0&limit=5'],
    ['features/', 'features'],
  ])('is documented as %s, and %s may work too', async (documented, other) => {
    for (const place of [documented, other]) expect((await runway(useapi.port, place)).status).toBe(200);
    set({ slashes: 'documented' });
    expect((await runway(useapi.port, documented)).status).toBe(200);
    expect((await runway(useapi.port, other)).status).toBe(404);
  });
});

describe('an account', () => {
  const read = () => runway(useapi.port, `accounts/${demoEmail}`);

  it('may be read with 201', async () => {
    expect((await read()).status).toBe(200);
    set({ accountStatus: 201 });
    expect((await read()).status).toBe(201);
  });

  it('may be missing in JSON', async () => {
    set({ missingAccount: 'json' });
    const reply = await runway(useapi.port, 'accounts/x@example.com');
    expect(json(reply)).toEqual({ error: expect.stringContaining('Configuration not found.'), code: 404 });
  });

  it.each([
    ['success', 200, '{"success":true}'],
    ['empty', 200, ''],
    ['no-content', 204, ''],
  ] as const)('and a tracked task may be deleted with %s', async (deleted, status, text) => {
    set({ deleted });
    const { taskId } = await created();
    for (const place of [`scheduler/${taskId}`, `accounts/${demoEmail}`]) {
      const reply = await runway(useapi.port, place, { method: 'DELETE' });
      expect([reply.status, reply.text]).toEqual([status, text]);
    }
    expect(useapi.accountsOf(demoToken)).toEqual([]);
  });

  it('may keep its secrets', async () => {
    set({ secretsEchoed: false });
    const stored = json(await read());
    expect(stored).not.toHaveProperty('password');
    expect(Object.keys(stored.jwt)).toEqual(['exp', 'iat', 'id']);
  });

  it('may name its workspace', async () => {
    expect(json(await read())).not.toHaveProperty('workspace');
    set({ workspace: true });
    expect(json(await read()).workspace).toEqual({ id: '7654321', name: 'Studio', plan: 'pro' });
    await configure(useapi.port, demoEmail, { useWorkspace: '42' });
    expect(json(await read()).workspace.id).toBe('42');
    await configure(useapi.port, demoEmail, { useWorkspace: true });
    expect(json(await read()).workspace.id).toBe('7654321');
  });

  it.each([400, 402, 403] as const)('too many is refused with %i', async status => {
    set({ tooManyAccounts: status });
    for (const name of ['a', 'b']) await configure(useapi.port, `${name}@example.com`);
    expect((await configure(useapi.port, 'c@example.com')).status).toBe(status);
  });

  it.each([
    ['ignored', 2],
    ['validates', 1],
  ] as const)('with dryRun: %s', async (dryRun, count) => {
    set({ dryRun });
    expect((await configure(useapi.port, 'ada@example.com', { dryRun: true })).status).toBe(200);
    expect(useapi.accountsOf(demoToken)).toHaveLength(count);
  });

  it('may have a shorter session', async () => {
    set({ sessionSeconds: 60 });
    const { jwt } = json(await configure(useapi.port, 'ada@example.com'));
    expect(jwt.exp - jwt.iat).toBeCloseTo(60, 3);
  });
});

describe('/v2/account', () => {
  it('may be refused without a paid subscription', async () => {
    useapi.lapse(demoToken);
    set({ lapsed: 'refused' });
    const reply = await ask(useapi.port, { path: '/v2/account' });
    expect([reply.status, json(reply).code]).toEqual([402, 402]);
  });

  it('may name the service as the example does', async () => {
    set({ serviceName: 'Runway AP' });
    expect(json(await ask(useapi.port, { path: '/v2/account' })).accounts).toHaveProperty('Runway AP');
  });

  it('has statistics that lag', async () => {
    const total = async () => json(await ask(useapi.port, { path: '/v2/account/stats?bot=runwayml' })).total;
    await created();
    expect(await total()).toBe(0);
    set({ statsLagMs: 0 });
    expect(await total()).toBe(1);
  });
});

describe('a created task', () => {
  it('may be wrapped', async () => {
    set({ createForm: 'wrapped' });
    const reply = await created({ replyRef: 'mine' });
    expect(reply).toMatchObject({ code: 200, replyRef: 'mine', task: { status: 'PENDING' } });
    expect((await finished(useapi.port, reply.task.taskId)).status).toBe('SUCCEEDED');
  });

  it('may keep its reference when read', async () => {
    const { taskId } = await created({ replyRef: 'mine' });
    expect(json(await runway(useapi.port, `tasks/${taskId}`))).not.toHaveProperty('replyRef');
    set({ refInTask: true });
    expect(json(await runway(useapi.port, `tasks/${taskId}`)).replyRef).toBe('mine');
  });

  it('may be listed late', async () => {
    set({ listLagMs: 60_000 });
    const { taskId } = await created();
    const listed = async () => json(await runway(useapi.port, 'tasks/?offset=0&limit=5')).tasks;
    expect(await listed()).toEqual([]);
    expect((await runway(useapi.port, `tasks/${taskId}`)).status).toBe(200);
    set({ listLagMs: 0 });
    expect(await listed()).toHaveLength(1);
  });

  it('may have a number for its progress', async () => {
    set({ progressForm: 'number' });
    const { taskId } = await created();
    expect((await finished(useapi.port, taskId)).progressRatio).toBe(1);
  });

  it.each([410, 404] as const)('too old is gone with %i', async expiredTask => {
    const { taskId } = await created();
    set({ retentionMs: 0, expiredTask });
    const reply = await runway(useapi.port, `tasks/${taskId}`);
    expect([reply.status, json(reply).code]).toEqual([expiredTask, expiredTask]);
    expect(json(await runway(useapi.port, 'tasks/?offset=0&limit=5')).tasks).toEqual([]);
  });

  it.each([
    ['refunded', 0],
    ['charged', 1],
  ] as const)('that fails is %s', async (failedTasks, billed) => {
    set({ failedTasks });
    useapi.faults.add({ kind: 'fail' });
    const { taskId } = await created();
    await finished(useapi.port, taskId);
    expect(useapi.ledger.count()).toBe(billed);
  });
});

it('a list may be bare', async () => {
  await upload(useapi.port);
  await created();
  for (const name of ['tasks', 'assets']) {
    set({ listForm: 'wrapped' });
    expect(json(await runway(useapi.port, `${name}/?offset=0&limit=5`))[name]).toHaveLength(1);
    set({ listForm: 'bare' });
    expect(json(await runway(useapi.port, `${name}/?offset=0&limit=5`))).toHaveLength(1);
  }
});

describe('parameters', () => {
  it('may leave out the model of an image', async () => {
    const ask = () => create(useapi.port, {}, 'images/create');
    expect((await ask()).status).toBe(400);
    set({ imageModel: 'optional' });
    expect((await ask()).status).toBe(200);
  });

  it('may have to be numbers', async () => {
    const changes = { num_images: '1', exploreMode: 'false' };
    expect((await create(useapi.port, changes)).status).toBe(200);
    set({ numbersAsText: false });
    expect((await create(useapi.port, changes)).status).toBe(400);
    expect((await create(useapi.port, { exploreMode: 'false' })).status).toBe(400);
  });

  it('may have to be known', async () => {
    expect((await create(useapi.port, { colour: 'blue' })).status).toBe(200);
    set({ unknownFields: 'refused' });
    const reply = await create(useapi.port, { colour: 'blue' });
    expect([reply.status, json(reply).error]).toEqual([400, 'Param colour is not supported']);
    expect((await create(useapi.port, { replyRef: 'mine', seed: 5 })).status).toBe(200);
  });
});

describe('beyond what Runway runs at once a task is', () => {
  beforeEach(async () => {
    set({ jobsAtOnce: 1, pendingMs: 0, taskMs: 60_000, throttledMs: 60_000 });
    await created();
  });

  it('refused', async () => {
    expect((await create(useapi.port)).status).toBe(429);
  });

  it('or throttled', async () => {
    set({ beyond: 'throttled' });
    expect((await created()).status).toBe('THROTTLED');
  });
});

describe('a 429 says when to come back', () => {
  const busy = async (switches: Partial<Switches>) => {
    set({ jobsAtOnce: 0, retryAfterMs: 2500, ...switches });
    const reply = await create(useapi.port);
    expect(reply.status).toBe(429);
    return [reply.headers['retry-after'], json(reply).retryAfter];
  };

  it.each([
    ['both', true, true],
    ['header', true, false],
    ['body', false, true],
    ['neither', false, false],
  ] as const)('in %s', async (retryAfter, header, body) => {
    const [inHeader, inBody] = await busy({ retryAfter });
    expect([inHeader !== undefined, inBody !== undefined]).toEqual([header, body]);
    if (header) expect(inHeader).toBe('3');
  });

  it('as a date', async () => {
    const [header] = await busy({ retryAfterForm: 'date' });
    expect(header).toMatch(/GMT$/);
    expect(Date.parse(String(header)) - Date.now()).toBeGreaterThan(500);
  });
});

describe('a moderated prompt', () => {
  it.each([422, 403] as const)('is refused with %i', async moderation => {
    set({ moderation });
    const reply = await create(useapi.port, { text_prompt: 'Something Forbidden' });
    expect([reply.status, json(reply).code]).toEqual([moderation, moderation]);
    expect(useapi.ledger.count()).toBe(0);
  });

  it('or accepted and failed, for a word of our own choice', async () => {
    set({ moderation: 'task', moderatedWord: 'lighthouse' });
    const failed = await finished(useapi.port, (await created()).taskId);
    expect([failed.status, failed.error.reason]).toEqual(['FAILED', 'SAFETY.INPUT.TEXT']);
  });
});

describe('an error', () => {
  it('of a task may be a sentence', async () => {
    set({ taskError: 'string' });
    useapi.faults.add({ kind: 'fail' });
    expect((await finished(useapi.port, (await created()).taskId)).error).toBe('The generation failed.');
  });

  it('of Runway may be an object, one of useapi never is', async () => {
    set({ upstreamErrors: 'object' });
    useapi.setCredits(demoToken, demoEmail, 0);
    expect(json(await create(useapi.port)).error).toEqual({
      message: 'You do not have enough credits.',
      statusCode: 412,
    });
    expect(json(await create(useapi.port, { text_prompt: '' })).error).toBeTypeOf('string');
  });

  it('may lack its code', async () => {
    set({ codeField: false, missingAccount: 'json' });
    const refused = json(await runway(useapi.port, 'accounts', { token: null }));
    expect(refused).toEqual({ error: 'Unauthorized' });
    expect(json(await runway(useapi.port, 'accounts/x@example.com'))).not.toHaveProperty('code');
  });
});

describe('a result', () => {
  it('may lie elsewhere', async () => {
    set({ mediaHost: 'storage' });
    const { artifacts } = await finished(useapi.port, (await created()).taskId);
    expect(new URL(artifacts[0].url).host).toBe(mediaHosts.storage);
    expect((await ask(useapi.port, { ...located(artifacts[0].url), token: null })).status).toBe(200);
  });

  it('has an address that expires, and is signed anew when read again', async () => {
    set({ linkMs: 120 });
    const { taskId } = await created();
    const [old] = (await finished(useapi.port, taskId)).artifacts;
    await pause(140);
    expect((await ask(useapi.port, { ...located(old.url), token: null })).status).toBe(403);
    set({ linkMs: 60_000 });
    const [fresh] = json(await runway(useapi.port, `tasks/${taskId}`)).artifacts;
    expect(fresh.url).not.toBe(old.url);
    expect((await ask(useapi.port, { ...located(fresh.url), token: null })).status).toBe(200);
  });
});

it.each([301, 302, 303, 307, 308] as const)('%i leads to another origin, with nothing done', async status => {
  set({ redirect: status });
  const reply = await create(useapi.port);
  expect([reply.status, reply.headers.location]).toEqual([
    status,
    `https://${trapHost}/v1/runwayml/frames/create`,
  ]);
  expect(useapi.ledger.count()).toBe(0);
  const followed = await ask(useapi.port, { host: trapHost, path: '/v1/runwayml/frames/create' });
  expect([followed.status, useapi.secrets.strays.map(({ host }) => host)]).toEqual([200, [trapHost]]);
});
