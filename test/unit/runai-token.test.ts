import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runai/service';
import { tokenIn } from '../../src/services/runai/token';
import { demoApplication, generations, type RunaiEmulator } from '../emulators/runai';
import { saas, start } from './emulators/runai-line';
import { reach } from './network';
import { keyOf, run, taskOf, textOf, verify } from './runai-client';

let runai: RunaiEmulator;

beforeEach(async () => {
  runai = await start();
  reach(runai.port);
});
afterEach(async () => {
  service.lock();
  vi.unstubAllGlobals();
  expect(runai.strayed).toEqual([]);
  await runai.close();
});

/** Every request for a token, by what it was answered. */
const asked = () =>
  runai.traffic
    .filter(({ direction, path }) => direction === 'out' && path.endsWith('/token'))
    .map(({ path, status }) => `${path.slice(5)} ${status}`);
const sent = () =>
  runai.traffic.filter(({ direction, path }) => direction === 'in' && path.endsWith('/token'));
const counting = () => taskOf('count');
describe('a token is asked for', () => {
  it.each([
    ['the newest way', generations.both, ['v2/token 200']],
    ['the newest way alone', generations.v2Only, ['v2/token 200']],
    ['client credentials as JSON', generations.clientCredentials, ['v2/token 404', 'v1/token 200']],
    ['an application', generations.applications, ['v2/token 404', 'v1/token 400', 'v1/token 200']],
  ] as const)('in the way that there is: %s', async (_what, generation, said) => {
    Object.assign(runai.switches, generation);
    const key = keyOf({ url: saas });
    expect(await textOf(counting(), key)).toBe('4');
    expect(asked()).toEqual(said);
    // Once it is known, no other way is tried.
    service.lock();
    const before = asked().length;
    expect(await textOf(counting(), key)).toBe('4');
    expect(asked().slice(before)).toEqual([said.at(-1)]);
  });

  it.each([404, 405, 'page'] as const)('in another way where one is not there (%s)', async absent => {
    Object.assign(runai.switches, { ...generations.applications, absent });
    expect(await textOf(counting(), keyOf())).toBe('4');
  });

  it('as the seeds show it', async () => {
    Object.assign(runai.switches, generations.applications);
    await textOf(counting(), keyOf());
    expect(JSON.parse(sent().at(-1)?.text ?? '')).toEqual({
      grantType: 'app_token',
      AppId: demoApplication.id,
      AppSecret: '[secret demo]',
    });
    expect(sent().at(-1)?.headers['content-type']).toBe('application/json');
    expect(sent().at(-1)?.headers.authorization).toBeUndefined();
  });

  it('as the newer documents show it', async () => {
    Object.assign(runai.switches, generations.v2Only);
    await textOf(counting(), keyOf());
    expect(sent().at(-1)).toMatchObject({
      path: '/api/v2/token',
      headers: expect.objectContaining({ 'content-type': 'application/x-www-form-urlencoded' }),
      text: expect.stringMatching(/^grant_type=client_credentials&client_id=runkey-demo&client_secret=\[/),
    });
  });

  it('nowhere where there is none', async () => {
    Object.assign(runai.switches, { v1Grants: [], v2: false });
    const { failure } = await run(counting(), keyOf());
    expect(failure?.report).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no Run:ai at this URL'),
    });
  });

  it.each([
    ['v2', { v2WrongSecret: { status: 401, error: 'invalid_client' } }],
    ['v2', { v2WrongSecret: { status: 400, error: 'invalid_grant' } }],
    ['v2', { v2WrongSecret: { status: 400, error: 'unauthorized_client' } }],
    ['v1', { v1WrongSecret: 400, ...generations.clientCredentials }],
    ['v1', { v1WrongSecret: 401, ...generations.clientCredentials }],
    ['v1', { v1WrongSecret: 500, ...generations.clientCredentials }],
    ['v1', { v1WrongSecret: 503, ...generations.clientCredentials }],
  ] as const)('never in another way after a rejection (%s, %o)', async (version, switches) => {
    Object.assign(runai.switches, switches);
    const { failure } = await run(counting(), keyOf({ secretKey: 'a-wrong-secret-key' }));
    expect(failure?.report).toMatchObject({
      code: 'rejected-key',
      message: 'Run:ai rejected the application or its secret key.',
      service: { text: 'Invalid client or Invalid client credentials' },
    });
    expect(asked()).toHaveLength(version === 'v2' ? 1 : 2);
  });

  it('from a realm where the key has one', async () => {
    const path = '/auth/realms/acme/protocol/openid-connect/token';
    const body = { access_token: 'old-token', token_type: 'bearer', expires_in: 36000 };
    runai.faults.add({ kind: 'http', status: 200, body, when: ask => ask.path === path });
    const { failure } = await run(counting(), keyOf({ realm: 'acme', secretKey: 'a-secret-of-the-realm' }));
    expect(sent()[0]).toMatchObject({
      path,
      text: expect.stringContaining('scope=openid&response_type=id_token'),
    });
    expect(failure).toBeDefined();
    expect(runai.traffic.some(({ headers }) => headers.authorization === 'Bearer [unknown]')).toBe(true);
  });
});

describe('a token', () => {
  const kinds = [
    { tokenForm: 'jwt', tokenFields: 'documented' },
    { tokenForm: 'url-safe-jwt', tokenFields: 'no-expiry' },
    { tokenForm: 'opaque', tokenFields: 'no-expiry' },
    { tokenForm: 'jwt', tokenFields: 'full', expiresIn: 'string' },
    { tokenForm: 'jwt', tokenFields: 'no-expiry', clockAhead: 7200 },
    { tokenForm: 'jwt', tokenFields: 'no-expiry', clockAhead: -7200 },
  ] as const;
  it.each(kinds)('is used again while it is good: %o', async kind => {
    Object.assign(runai.switches, kind);
    const key = keyOf();
    for (let call = 0; call < 3; call++) expect(await textOf(counting(), key)).toBe('4');
    expect(runai.ledger.count('token')).toBe(1);
  });

  it.each([
    [true, 3600 - 61, 1],
    [false, 3600 - 59, 2],
  ])('is renewed a minute early, and not before (%s)', async (_early, seconds, tokens) => {
    const key = keyOf();
    await textOf(counting(), key);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
    try {
      await textOf(counting(), key);
    } finally {
      vi.useRealTimers();
    }
    expect(runai.ledger.count('token')).toBe(tokens);
  });

  it.each([
    ['expires_in', { access_token: 't', expires_in: 3600 }, 3540],
    ['expires_in as a text', { access_token: 't', expires_in: '36000', token_type: 'bearer' }, 35940],
    ['expiresIn', { accessToken: 't', expiresIn: 100 }, 50],
    ['nothing about time', { accessToken: 't' }, 240],
    ['the claims of a JWT', { accessToken: `h.${btoa('{"iat":1000,"exp":1600}')}.s` }, 540],
  ])('says by %s how long it lives', (_what, body, seconds) => {
    expect(tokenIn(200, JSON.stringify(body), 5_000)).toMatchObject({ until: 5_000 + seconds * 1000 });
  });

  it('that cannot be read is none', () => {
    expect(() => tokenIn(200, '{"accessToken": "a b"}', 0)).toThrow('no token');
    expect(() => tokenIn(200, '{"accessToken": 7}', 0)).toThrow('no token');
    expect(() => tokenIn(500, '<html>', 0)).toThrow('no JSON');
    expect(tokenIn(401, '{"code":401,"message":"Issuer is not familiar."}', 0)).toBe('elsewhere');
  });

  it('that ends in the middle of 50 parallel calls is renewed once, and no call fails', async () => {
    const key = keyOf();
    let done = 0;
    runai.faults.add({ kind: 'slow', ms: 60, times: 30, when: ({ path }) => path.endsWith('/count') });
    const calls = Array.from({ length: 50 }, () =>
      textOf(counting(), key).then(text => {
        if (++done === 10) runai.endTokens();
        return text;
      }),
    );
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => '4'));
    expect(runai.ledger.count('token')).toBe(2);
  });

  it('that runs out while 50 calls are on their way is renewed once', async () => {
    const key = keyOf();
    runai.switches.tokenSeconds = 1;
    await textOf(counting(), key);
    runai.switches.tokenSeconds = 3600;
    runai.faults.add({ kind: 'slow', ms: 1_100, times: 25, when: ({ path }) => path.endsWith('/count') });
    const texts = await Promise.all(Array.from({ length: 50 }, () => textOf(counting(), key)));
    expect(new Set(texts)).toEqual(new Set(['4']));
    expect(runai.ledger.count('token')).toBe(2);
  });

  it('is forgotten with a lock, and asked for anew afterwards', async () => {
    const key = keyOf();
    await textOf(counting(), key);
    service.lock();
    await textOf(counting(), key);
    expect(runai.ledger.count('token')).toBe(2);
  });

  it('is waited for no longer than until a lock', async () => {
    runai.faults.add({ kind: 'freeze', at: 'arrival' });
    const waiting = run(counting(), keyOf());
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    service.lock();
    expect((await waiting).failure?.code).toBe('vault-locked');
  });

  it('is not waited for by a call that is cancelled, and comes to the others', async () => {
    const key = keyOf();
    runai.faults.add({ kind: 'slow', ms: 100 });
    const stop = new AbortController();
    const left = run(counting(), key, undefined, stop.signal);
    left.catch(() => {});
    const other = textOf(counting(), key);
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    stop.abort(new Error('stopped'));
    await expect(left).rejects.toThrow('stopped');
    expect(await other).toBe('4');
    expect(sent()).toHaveLength(1);
  });

  it('that is never accepted is renewed once a call, and the call fails with a sentence', async () => {
    const body = { code: 401, message: 'Issuer is not familiar.' };
    runai.faults.add({
      kind: 'http',
      status: 401,
      body,
      times: 9,
      when: ({ path }) => path.endsWith('/count'),
    });
    const { failure } = await run(counting(), keyOf());
    expect(failure?.report).toMatchObject({
      code: 'service-error',
      message: 'Run:ai gave a token and does not accept it.',
    });
    expect(runai.ledger.count('token')).toBe(2);
  });
});

describe('a secret that is revoked', () => {
  it('is one clear failure for each call, and no storm of token requests', async () => {
    const key = keyOf();
    await textOf(counting(), key);
    runai.regenerate(demoApplication.id);
    runai.endTokens();
    runai.faults.add({ kind: 'slow', ms: 100, times: 25, when: ({ path }) => path.endsWith('/count') });
    const before = sent().length;
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => run(counting(), key)));
    expect(new Set(outcomes.map(({ failure }) => failure?.message))).toEqual(
      new Set(['Run:ai rejected the application or its secret key.']),
    );
    await run(counting(), key);
    expect(sent().length - before).toBe(1);
  });

  it('is asked about again after a while, or by a test, or under another secret', async () => {
    const key = keyOf();
    await textOf(counting(), key);
    const secretKey = runai.regenerate(demoApplication.id);
    runai.endTokens();
    await run(counting(), key);
    expect(await verify(key)).toMatchObject({ outcome: 'rejected' });
    const renewed = { ...key, fields: { ...key.fields, secretKey } };
    expect(await verify(renewed)).toEqual({ outcome: 'works' });
    expect(await textOf(counting(), renewed)).toBe('4');
    const before = sent().length;
    await run(counting(), key);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    try {
      await run(counting(), key);
    } finally {
      vi.useRealTimers();
    }
    expect(sent().length - before).toBe(2);
  });
});

describe('a test of a key', () => {
  it('says that one with access works, whatever token there was', async () => {
    const key = keyOf();
    await textOf(counting(), key);
    expect(await verify(key)).toEqual({ outcome: 'works' });
    expect(runai.ledger.count('token')).toBe(2);
  });

  it('says that one without access rules lacks them', async () => {
    runai.setAccess(demoApplication.id, 'none');
    expect(await verify(keyOf())).toMatchObject({
      outcome: 'rejected',
      failure: { message: expect.stringContaining('has no access rules') },
    });
  });

  it('says that one which may do something else works', async () => {
    const body = { code: 403, message: 'You do not have sufficient permissions.' };
    runai.faults.add({ kind: 'http', status: 403, body, when: ({ path }) => path.endsWith('/count') });
    expect(await verify(keyOf())).toEqual({ outcome: 'works' });
  });

  it('says that a wrong secret is rejected', async () => {
    expect(await verify(keyOf({ secretKey: 'a-wrong-secret-key' }))).toMatchObject({
      outcome: 'rejected',
      failure: { code: 'rejected-key' },
    });
  });

  it.each([
    [429, { code: 429, message: 'Slow down' }],
    [500, { code: 500, message: 'Oops' }],
    [502, '<html>'],
    [503, { code: 503, message: 'try again' }],
  ])('could not tell from %i', async (status, body) => {
    runai.faults.add({ kind: 'http', status, body });
    expect(await verify(keyOf())).toMatchObject({ outcome: 'could-not-tell' });
  });

  it('could not tell where there is nobody, or where it is sent elsewhere', async () => {
    runai.switches.redirect = 'all';
    expect(await verify(keyOf())).toMatchObject({
      outcome: 'could-not-tell',
      failure: { code: 'unreachable' },
    });
    runai.refuse(60_000);
    expect(await verify(keyOf())).toMatchObject({
      outcome: 'could-not-tell',
      failure: { code: 'unreachable' },
    });
  });
});

it('what a control plane has no part in does not matter to another', async () => {
  const [one, other] = [keyOf(), keyOf({ url: 'https://runai.example.com/some/page' })];
  expect([await textOf(counting(), one), await textOf(counting(), other)]).toEqual(['4', '4']);
  expect(runai.ledger.entries.map(({ host }) => host)).toEqual(['acme.run.ai', 'runai.example.com']);
});
