import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiHost, mediaHosts, trapHost, type UseapiEmulator } from '../../emulators/useapi';
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
} from '../../emulators/useapi/line';
import { demoPassword } from '../../emulators/useapi/options';

let useapi: UseapiEmulator;

beforeEach(async () => {
  useapi = await start();
});
afterEach(() => useapi.close());

describe('a call can', () => {
  it('be lost before or after it is done', async () => {
    useapi.faults.add({ kind: 'drop', at: 'arrival' }, { kind: 'drop', at: 'accepted' });
    await expect(create(useapi.port)).rejects.toThrow();
    expect(useapi.ledger.count()).toBe(0);
    await expect(create(useapi.port)).rejects.toThrow();
    expect(useapi.ledger.count()).toBe(1);
    const { tasks } = json(await runway(useapi.port, 'tasks/?offset=0&limit=5'));
    expect(tasks).toHaveLength(1);
  });

  it.each([
    ['arrival', 0],
    ['accepted', 1],
  ] as const)('never be answered, from its %s', async (at, billed) => {
    useapi.faults.add({ kind: 'freeze', at });
    const answered = create(useapi.port).then(
      () => 'answered',
      () => 'lost',
    );
    expect(await Promise.race([answered, pause(150).then(() => 'silence')])).toBe('silence');
    expect(useapi.ledger.count()).toBe(billed);
    useapi.refuse(0);
    expect(await answered).toBe('lost');
  });

  it('be slow', async () => {
    useapi.faults.add({ kind: 'slow', ms: 120 });
    const begun = Date.now();
    expect((await runway(useapi.port, 'accounts')).status).toBe(200);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(119);
  });

  it('be answered by half', async () => {
    useapi.faults.add({ kind: 'cut' });
    const reply = await create(useapi.port);
    expect(reply.cut).toBe(true);
    expect(() => json(reply)).toThrow();
    expect(useapi.ledger.count()).toBe(1);
  });

  it('find no server for a while', async () => {
    useapi.refuse(100);
    await expect(runway(useapi.port, 'accounts')).rejects.toThrow();
    await pause(120);
    expect((await runway(useapi.port, 'accounts')).status).toBe(200);
  });

  it.each([400, 401, 402, 403, 404, 410, 412, 422, 429, 500, 502, 503, 504, 596])(
    'fail with status %i, not done',
    async status => {
      useapi.faults.add({ kind: 'http', status, body: { error: { message: 'As asked.' }, code: status } });
      const reply = await create(useapi.port);
      expect([reply.status, json(reply).error.message]).toEqual([status, 'As asked.']);
      expect(useapi.ledger.count()).toBe(0);
      expect((await create(useapi.port)).status).toBe(200);
    },
  );

  it('fail although it is done, with a page and headers', async () => {
    useapi.faults.add({
      kind: 'http',
      status: 504,
      body: '<h1>Oh</h1>',
      accept: true,
      headers: { 'x-y': 'z' },
    });
    const reply = await create(useapi.port);
    expect([reply.status, reply.text, reply.headers['content-type'], reply.headers['x-y']]).toEqual([
      504,
      '<h1>Oh</h1>',
      'text/html',
      'z',
    ]);
    expect(useapi.ledger.count()).toBe(1);
  });
});

describe('a task can', () => {
  it('fail, with the usual error or another', async () => {
    useapi.faults.add({ kind: 'fail' }, { kind: 'fail', error: 'As asked.' });
    const [one, other] = [json(await create(useapi.port)), json(await create(useapi.port))];
    const failed = await finished(useapi.port, one.taskId);
    expect(failed).toMatchObject({ status: 'FAILED', artifacts: [] });
    expect(failed.error.errorMessage).toBe('The generation failed.');
    expect((await finished(useapi.port, other.taskId)).error).toBe('As asked.');
    expect(useapi.ledger.count()).toBe(0);
  });

  it('never end', async () => {
    useapi.faults.add({ kind: 'stall' });
    const { taskId } = json(await create(useapi.port));
    await pause(150);
    expect(json(await runway(useapi.port, `tasks/${taskId}`))).toMatchObject({
      status: 'RUNNING',
      progressRatio: '0.1',
    });
  });
});

it('a fault strikes the calls it is meant for, as often as it says, until it is cleared', async () => {
  useapi.faults.add({
    kind: 'http',
    status: 503,
    times: 2,
    when: ({ body }) => body.includes('a boat'),
  });
  expect((await create(useapi.port)).status).toBe(200);
  expect((await create(useapi.port, { text_prompt: 'a boat' })).status).toBe(503);
  expect(useapi.faults.pending).toHaveLength(1);
  useapi.faults.clear();
  expect((await create(useapi.port, { text_prompt: 'a boat' })).status).toBe(200);
});

describe('traffic', () => {
  it('tells what was said, without tokens, passwords, sessions and signed links', async () => {
    await configure(useapi.port, 'ada@example.com', { password: 'correct "horse" battery' });
    const stored = json(await runway(useapi.port, 'accounts'))[demoEmail];
    const { taskId } = json(await create(useapi.port, { email: demoEmail }));
    const { url } = (await finished(useapi.port, taskId)).artifacts[0];
    await ask(useapi.port, { ...located(url), token: null });
    await ask(useapi.port, { path: '/v2/account?token=somethingElse' });

    const text = JSON.stringify(useapi.traffic);
    const signature = new URL(url).searchParams.get('_jwt') ?? '';
    for (const secret of [demoToken, demoPassword, stored.jwt.token, signature, 'horse', 'somethingElse']) {
      expect(secret).not.toBe('');
      expect(text).not.toContain(secret);
    }
    for (const label of ['password of ada@example.com', `session of ${demoEmail}`, 'link', 'unknown']) {
      expect(text).toContain(`[${label}]`);
    }
    expect(useapi.traffic[0]).toMatchObject({
      direction: 'in',
      peer: 1,
      host: apiHost,
      method: 'POST',
      path: '/v1/runwayml/accounts/ada@example.com',
    });
    expect(useapi.traffic[1]).toMatchObject({ direction: 'out', peer: 1, status: 200 });
    expect(useapi.secrets.strays).toEqual([]);
  });

  it('keeps an upload as its size', async () => {
    await runway(useapi.port, 'assets/?name=x', {
      body: Buffer.from('lighthouse'),
      headers: { 'content-type': 'image/png', origin: 'chrome-extension://x' },
    });
    expect(useapi.traffic[0]).toMatchObject({
      text: '[10 bytes of image/png]',
      headers: { origin: 'chrome-extension://x' },
    });
  });

  it('hides a password that came in a form', async () => {
    const form = new FormData();
    form.append('password', 'brief');
    const sent = new Response(form);
    await runway(useapi.port, 'accounts/ada@example.com', {
      body: new Uint8Array(await sent.arrayBuffer()),
      headers: { 'content-type': sent.headers.get('content-type') ?? '' },
    });
    expect(useapi.traffic[0]?.text).toContain('[unknown]');
    expect(useapi.traffic[0]?.text).not.toContain('brief');
  });
});

describe('a secret is seen', () => {
  const strays = () => useapi.secrets.strays.map(({ label, where, host }) => [label, where, host]);

  it('where it belongs, which is no stray', async () => {
    await runway(useapi.port, 'accounts');
    await configure(useapi.port, 'ada@example.com');
    expect(strays()).toEqual([]);
    const seen = useapi.secrets.sightings.map(({ label, where, path }) => [label, where, path]);
    expect(seen).toContainEqual(['token demo', 'header', '/v1/runwayml/accounts']);
    expect(seen).toContainEqual([
      'password of ada@example.com',
      'body',
      '/v1/runwayml/accounts/ada@example.com',
    ]);
  });

  it.each([
    ['as it is', (secret: string) => secret],
    ['encoded', encodeURIComponent],
    ['in base64', (secret: string) => encodeURIComponent(Buffer.from(secret).toString('base64'))],
    ['in base64url', (secret: string) => Buffer.from(secret).toString('base64url')],
    ['in hexadecimal', (secret: string) => Buffer.from(secret).toString('hex')],
  ])('in an address, %s', async (_how, form) => {
    await ask(useapi.port, { path: `/v2/account?x=${form(demoToken)}`, token: null });
    expect(strays()).toEqual([['token demo', 'url', apiHost]]);
    expect(JSON.stringify([useapi.traffic, useapi.secrets.strays])).not.toContain(form(demoToken));
  });

  it('in another header, in a body, and with another call than its own', async () => {
    await ask(useapi.port, { path: '/v2/account', token: null, headers: { 'x-api-key': demoToken } });
    await create(useapi.port, { text_prompt: `say ${demoToken}` });
    await create(useapi.port, { text_prompt: demoPassword });
    expect(strays()).toEqual([
      ['token demo', 'header', apiHost],
      ['token demo', 'body', apiHost],
      [`password of ${demoEmail}`, 'body', apiHost],
    ]);
  });

  it('with the host of a result, that of the trap, and one nobody knows', async () => {
    const { taskId } = json(await create(useapi.port));
    const { url } = (await finished(useapi.port, taskId)).artifacts[0];
    expect((await ask(useapi.port, located(url))).status).toBe(200);
    await ask(useapi.port, { host: trapHost, path: '/anything' });
    await ask(useapi.port, {
      host: trapHost,
      path: '/',
      token: null,
      body: account({ password: demoPassword }),
    });
    expect(strays()).toEqual([
      ['token demo', 'header', mediaHosts.cloudfront],
      ['token demo', 'header', trapHost],
      [`password of ${demoEmail}`, 'body', trapHost],
    ]);
  });

  it('of our own choice, wherever it comes', async () => {
    useapi.secrets.watch('a vault passphrase', 'passphrase');
    await create(useapi.port, { replyRef: 'a vault passphrase' });
    expect(strays()).toEqual([['passphrase', 'body', apiHost]]);
  });

  it('in what a client sends back of a session', async () => {
    const { jwt } = json(await runway(useapi.port, `accounts/${demoEmail}`));
    await ask(useapi.port, { path: '/v2/account', token: null, headers: { cookie: jwt.token } });
    expect(strays()).toEqual([[`session of ${demoEmail}`, 'header', apiHost]]);
  });
});

describe('no CORS header is sent', () => {
  it.each([
    ['OPTIONS', '/v1/runwayml/accounts'],
    ['GET', '/v1/runwayml/accounts'],
    ['GET', '/v2/account'],
    ['GET', '/nowhere'],
  ])('%s %s', async (method, path) => {
    const reply = await ask(useapi.port, { method, path, headers: { origin: 'https://example.com' } });
    expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([]);
  });

  it('with a result or from the trap either', async () => {
    const { taskId } = json(await create(useapi.port));
    const { url } = (await finished(useapi.port, taskId)).artifacts[0];
    for (const asking of [located(url), { host: trapHost, path: '/' }]) {
      const reply = await ask(useapi.port, {
        ...asking,
        token: null,
        headers: { origin: 'https://a.example' },
      });
      expect(reply.status).toBe(200);
      expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('a host', () => {
  it.each([
    [apiHost, '/x.png', 401],
    [mediaHosts.cloudfront, '/x.png', 404],
    [mediaHosts.storage, '/v2/account', 404],
    ['stranger.example', '/v2/account', 404],
  ])('%s has one role: %s gives %i', async (host, path, status) => {
    expect((await ask(useapi.port, { host, path, token: null })).status).toBe(status);
  });

  it('under a loopback name has them all but the trap', async () => {
    expect((await ask(useapi.port, { host: '127.0.0.1', path: '/v2/account' })).status).toBe(200);
    const { taskId } = json(await create(useapi.port));
    const { url } = (await finished(useapi.port, taskId)).artifacts[0];
    const reply = await ask(useapi.port, { ...located(url), host: 'localhost', token: null });
    expect(reply.status).toBe(200);
    expect(useapi.secrets.strays).toEqual([]);
  });

  it('of results answers to GET and HEAD alone', async () => {
    const { taskId } = json(await create(useapi.port));
    const place = located((await finished(useapi.port, taskId)).artifacts[0].url);
    const head = await ask(useapi.port, { ...place, method: 'HEAD', token: null });
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await ask(useapi.port, { ...place, method: 'POST', token: null })).status).toBe(405);
    expect((await ask(useapi.port, { ...place, path: `${place.path}x`, token: null })).status).toBe(403);
  });
});
