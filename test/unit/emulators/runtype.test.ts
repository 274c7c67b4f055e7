import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoKey, otherSurface, type RuntypeEmulator, slugOf } from '../../emulators/runtype';
import { bearer, call, say, start, surfaceAt } from './runtype-line';

let runtype: RuntypeEmulator;

beforeEach(async () => {
  runtype = await start();
});
afterEach(() => runtype.close());

const input = 'Is this a question?';

describe('a capability', () => {
  it.each([
    ['summarize-article', expect.stringContaining('Is this a question?')],
    ['draft-post', { title: 'Is this a question?', body: input, tags: ['draft', 'emulated'] }],
    ['list-ideas', expect.arrayContaining([`Idea 1 about ${input}`])],
    ['count-words', 4],
    ['is-question', true],
    ['find-nothing', null],
  ])('%s answers with its output alone', async (slug, output) => {
    const reply = await call(runtype, slug, { body: { input } });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json']);
    expect(reply.json()).toEqual(output);
  });

  it.each(['result', 'output', 'data'] as const)('can answer wrapped, under %s', async wrappedIn => {
    Object.assign(runtype.switches, { responseFormat: 'wrapped', wrappedIn });
    const reply = (await call(runtype, 'count-words', { body: { input } })).json();
    expect(reply).toMatchObject({ executionId: expect.stringMatching(/^exec_\w{26}$/), [wrappedIn]: 4 });
  });

  it('takes the whole object as its input, but for the options', async () => {
    const body = { post: { id: 7 }, vote: 'up', options: { streamResponse: false } };
    expect((await call(runtype, 'echo', { body })).json()).toEqual({ post: { id: 7 }, vote: 'up' });
  });

  it('is entered in the ledger, with its input and key', async () => {
    await call(runtype, 'count-words');
    await call(runtype, 'fail-always');
    expect(runtype.ledger.entries).toMatchObject([
      { capability: 'count-words', key: 'demo', input: { input: 'Your input here' }, outcome: 'completed' },
      { capability: 'fail-always', outcome: 'failed' },
    ]);
    expect([runtype.ledger.count(), runtype.ledger.count('echo')]).toEqual([2, 0]);
  });

  it('has a slug made of its name', () => {
    const slug = (name: string) =>
      slugOf({ name, kind: 'flow', description: '', required: [], output: () => null });
    expect(slug('Summarize Article')).toBe('summarize-article');
    expect(slug(`  What's (new)? ${'x'.repeat(200)}`)).toMatch(/^what-s-new-x{89}$/);
  });
});

describe('dispatch', () => {
  it.each(['Judge Evidence', 'judge-evidence', 'judge_evidence'])('runs %s', async capability => {
    const body = { capability, input: { message: 'because' } };
    expect((await call(runtype, 'dispatch', { body })).json()).toMatchObject({ reason: 'because' });
  });

  it('can be strict about names', async () => {
    const run = async (capability: string) =>
      (await call(runtype, 'dispatch', { body: { capability, input: { message: 'm' } } })).status;
    runtype.switches.dispatchBy = 'name';
    expect([await run('Judge Evidence'), await run('judge-evidence')]).toEqual([200, 404]);
    runtype.switches.dispatchBy = 'slug';
    expect([await run('Judge Evidence'), await run('judge-evidence')]).toEqual([404, 200]);
  });

  it.each([
    [{ input: {} }, 400, 'capability is required'],
    [{ capability: 'Nobody', input: {} }, 404, 'Capability not found'],
    [{ capability: 'Echo', input: 'text' }, 400, 'input must be an object'],
    [{ capability: 'Judge Evidence', input: {} }, 400, 'Missing required input: message'],
  ])('refuses %j', async (body, status, error) => {
    const reply = await call(runtype, 'dispatch', { body });
    expect([reply.status, reply.json()]).toEqual([status, { error }]);
  });
});

describe('a key', () => {
  it.each([
    ['Authorization', bearer()],
    ['Authorization, whatever the case of its scheme', { authorization: `bearer ${demoKey}` }],
    ['X-API-Key', { 'x-api-key': demoKey }],
  ])('is taken in %s', async (_where, headers) => {
    const reply = await say(runtype, `${surfaceAt()}/echo`, { body: {}, headers });
    expect(reply.status).toBe(200);
  });

  it.each([
    ['none', {}],
    ['a wrong one', bearer('papi_wrong')],
    ["another service's", bearer('rt_live_0123456789')],
    ['one without a scheme', { authorization: demoKey }],
    ['a wrong one beside a right one', { authorization: 'Bearer papi_wrong', 'x-api-key': demoKey }],
  ])('is refused: %s', async (_what, headers) => {
    const reply = await say(runtype, `${surfaceAt()}/echo`, { body: {}, headers });
    expect([reply.status, reply.json()]).toEqual([401, { error: 'Invalid or missing API key' }]);
    expect(reply.headers['www-authenticate']).toBeUndefined();
    expect(runtype.ledger.count()).toBe(0);
  });

  it('may be refused with a word on how to sign in', async () => {
    runtype.switches.challenge = true;
    const reply = await say(runtype, `${surfaceAt()}/echo`, { body: {} });
    expect(reply.headers['www-authenticate']).toContain('Bearer');
  });

  it('stops working at once when it is revoked', async () => {
    runtype.revoke(demoKey);
    expect((await call(runtype)).status).toBe(401);
    runtype.restore(demoKey);
    expect((await call(runtype)).status).toBe(200);
  });

  it('may have ended, be limited to capabilities, or belong elsewhere', async () => {
    const keys = {
      papi_ended: { expiresAt: Date.now() - 1 },
      papi_scoped: { scopes: ['echo'] },
      papi_elsewhere: { surface: otherSurface },
    };
    const other = await start({ keys });
    const status = async (key: string, slug: string, body: object = {}) =>
      (await call(other, slug, { body, headers: bearer(key) })).status;
    expect(await status('papi_ended', 'echo')).toBe(401);
    expect(await status('papi_scoped', 'echo')).toBe(200);
    const refused = await call(other, 'count-words', { headers: bearer('papi_scoped') });
    expect([refused.status, refused.json()]).toEqual([
      403,
      { error: 'API key does not have permission to access this resource' },
    ]);
    expect(await status('papi_scoped', 'dispatch', { capability: 'Echo', input: {} })).toBe(200);
    expect(await status('papi_scoped', 'dispatch', { capability: 'Count Words', input: {} })).toBe(403);
    expect(await status('papi_elsewhere', 'echo')).toBe(403);
    const there = { body: {}, headers: bearer('papi_elsewhere') };
    expect((await say(other, `${surfaceAt(otherSurface)}/echo`, there)).status).toBe(200);
    await other.close();
  });

  it.each([
    ['key', 401, 404],
    ['path', 404, 404],
  ] as const)(
    'and an address that does not exist: the %s is checked first',
    async (checkFirst, bad, good) => {
      runtype.switches.checkFirst = checkFirst;
      const headers = bearer('papi_wrong');
      expect([
        (await call(runtype, 'nothing-here', { headers })).status,
        (await call(runtype, 'nothing-here')).status,
      ]).toEqual([bad, good]);
    },
  );
});

describe('a request', () => {
  it.each([
    ['another surface', `${surfaceAt('surf_0')}/echo`, {}, 404, 'Surface not found'],
    ['another product', `${surfaceAt(undefined, 'prod_0')}/echo`, {}, 404, 'Surface not found'],
    ['another capability', `${surfaceAt()}/nothing-here`, {}, 404, 'Capability not found'],
    ['another method', `${surfaceAt()}/echo`, { method: 'GET', body: undefined }, 405, 'Method not allowed'],
    [
      'no JSON',
      `${surfaceAt()}/echo`,
      { body: '{', type: 'application/json' },
      400,
      'Invalid JSON in request body',
    ],
    ['no object', `${surfaceAt()}/echo`, { body: [1] }, 400, 'Request body must be a JSON object'],
    ['another type', `${surfaceAt()}/echo`, { body: 'text' }, 400, 'Content-Type must be application/json'],
    ['too little', `${surfaceAt()}/count-words`, {}, 400, 'Missing required input: input'],
    ['an unknown host', 'https://localhost/v1/none', {}, 404, 'Surface not found'],
  ])(
    'with %s is refused',
    async (_what, address, { type, ...asking }: Record<string, unknown>, status, error) => {
      const headers = { ...bearer(), ...(typeof type === 'string' && { 'content-type': type }) };
      const reply = await say(runtype, address, { body: {}, ...asking, headers });
      expect([reply.status, reply.json()]).toEqual([status, { error }]);
      expect(runtype.ledger.count()).toBe(0);
    },
  );

  it.each([
    ['error', { error: 'Capability not found' }],
    ['message', { message: 'Capability not found' }],
    ['object', { error: { message: 'Capability not found' } }],
  ] as const)('is refused with its sentence in another place: %s', async (errorForm, body) => {
    runtype.switches.errorForm = errorForm;
    expect((await call(runtype, 'nothing-here')).json()).toEqual(body);
    const unauthorized = await call(runtype, 'echo', { headers: bearer('papi_wrong') });
    expect(unauthorized.json()).toEqual({ error: 'Invalid or missing API key' });
  });

  it('whose execution fails names it', async () => {
    const reply = await call(runtype, 'fail-always');
    expect([reply.status, reply.json()]).toEqual([
      500,
      { error: expect.stringContaining('model provider'), executionId: expect.stringMatching(/^exec_/) },
    ]);
  });

  it.each([403, 404, 409, 423, 503] as const)('to a paused surface gives %i', async pausedStatus => {
    runtype.switches.pausedStatus = pausedStatus;
    runtype.pause();
    expect((await call(runtype)).status).toBe(pausedStatus);
    runtype.unpause();
    expect((await call(runtype)).status).toBe(200);
  });

  it('meets no CORS', async () => {
    const headers = { origin: 'https://example.com', 'access-control-request-method': 'POST' };
    const replies = [
      await call(runtype, 'echo', { headers }),
      await call(runtype, 'echo', { headers, method: 'OPTIONS' }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 405]);
    for (const reply of replies) {
      expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('the specification', () => {
  const spec = (below = 'openapi.json', headers = {}) => say(runtype, `${surfaceAt()}/${below}`, { headers });

  it('names every capability, with its input', async () => {
    const reply = await spec();
    const { openapi, paths } = reply.json();
    expect([reply.status, openapi]).toEqual([200, '3.0.3']);
    expect(paths).toMatchObject({
      [`${new URL(surfaceAt()).pathname}/judge-evidence`]: {
        post: {
          summary: 'Judge Evidence',
          requestBody: { content: { 'application/json': { schema: { required: ['message'] } } } },
        },
      },
    });
    expect(Object.keys(Object(paths))).toHaveLength(10);
  });

  it('can have short paths below its server', async () => {
    runtype.switches.specPaths = 'short';
    expect((await spec()).json()).toMatchObject({
      servers: [{ url: surfaceAt().replace(/\/api$/, '') }],
      paths: { '/api/echo': {} },
    });
  });

  it('may lie elsewhere, or nowhere', async () => {
    runtype.switches.specAt = 'spec';
    expect([(await spec('spec')).status, (await spec('openapi.json', bearer())).status]).toEqual([200, 405]);
    runtype.switches.specAt = 'none';
    expect((await spec('spec', bearer())).status).toBe(405);
  });

  it('may be for those who have a key', async () => {
    runtype.switches.specFor = 'key';
    expect([(await spec()).status, (await spec(undefined, bearer())).status]).toEqual([401, 200]);
  });
});
