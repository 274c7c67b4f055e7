import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { suspendedPassword, type UseapiEmulator, wrongPassword } from '../../emulators/useapi';
import { account, ask, configure, demoToken, json, runway, start } from '../../emulators/useapi/line';

let useapi: UseapiEmulator;
const email = 'ada@example.com';

beforeEach(async () => {
  useapi = await start({ tokens: { [demoToken]: { label: 'demo' } } });
});
afterEach(() => useapi.close());

describe('an account is configured', () => {
  it('as documented: with what was sent echoed, and a session of 30 days in fractions of seconds', async () => {
    const reply = await configure(useapi.port, email);
    expect(reply.status).toBe(200);
    const stored = json(reply);
    expect(stored).toMatchObject({ email, password: 'correct horse', maxJobs: 5 });
    expect(Object.keys(stored.jwt).sort()).toEqual(['exp', 'iat', 'id', 'token']);
    expect(stored.jwt.exp - stored.jwt.iat).toBeCloseTo(2_592_000, 3);
    expect(stored.jwt.iat).toBeCloseTo(Date.now() / 1000, -1);
    expect(stored.jwt.token).toMatch(/^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/);
  });

  it('by a form too, whose numbers are text', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(account())) form.append(name, String(value));
    const sent = new Response(form);
    const reply = await runway(useapi.port, `accounts/${email}`, {
      body: new Uint8Array(await sent.arrayBuffer()),
      headers: { 'content-type': sent.headers.get('content-type') ?? '' },
    });
    expect([reply.status, json(reply).maxJobs]).toEqual([200, 5]);
  });

  it('again, which changes it and puts right what was wrong', async () => {
    await configure(useapi.port, email);
    useapi.breakAccount(demoToken, email, 'Session refresh failed.');
    expect(json(await runway(useapi.port, `accounts/${email}`)).error).toBe('Session refresh failed.');
    await configure(useapi.port, email, { maxJobs: 2, password: 'another horse' });
    const stored = json(await runway(useapi.port, `accounts/${email}`));
    expect(stored).toMatchObject({ maxJobs: 2, password: 'another horse' });
    expect(stored).not.toHaveProperty('error');
    expect(useapi.accountsOf(demoToken)).toHaveLength(1);
  });

  it.each([
    ['no maxJobs', { maxJobs: undefined }, 'Required param maxJobs is missing or empty'],
    ['an empty password', { password: '' }, 'Required param password is missing or empty'],
    ['no e-mail', { email: undefined }, 'Required param email is missing or empty'],
    ['maxJobs 0', { maxJobs: 0 }, 'Param maxJobs (0) is out of valid range 1…10'],
    ['maxJobs 11', { maxJobs: 11 }, 'Param maxJobs (11) is out of valid range 1…10'],
    ['maxJobs 2.5', { maxJobs: 2.5 }, 'Param maxJobs must be an integer'],
    ['another e-mail', { email: 'eve@example.com' }, 'Param email must match the email in the URL path'],
  ])('not with %s', async (_what, changes, error) => {
    const reply = await runway(useapi.port, `accounts/${email}`, { body: account(changes) });
    expect([reply.status, json(reply)]).toEqual([400, { error, code: 400 }]);
    expect(useapi.accountsOf(demoToken)).toEqual([]);
  });

  it.each([
    ['text', 'hello', 'text/plain'],
    ['broken JSON', '{"email":', 'application/json'],
    ['an array', '[1]', 'application/json'],
    ['a form without its parts', 'hello', 'multipart/form-data; boundary=x'],
  ])('not with %s', async (_what, body, type) => {
    const reply = await runway(useapi.port, `accounts/${email}`, { body, headers: { 'content-type': type } });
    expect([reply.status, json(reply).code]).toEqual([400, 400]);
  });

  it.each([
    ['a wrong password', wrongPassword, 'Wrong username/password combination.'],
    ['a suspended account', suspendedPassword, 'This account has been suspended.'],
  ])('not with %s, which is a 401 all the same', async (_what, password, error) => {
    const reply = await configure(useapi.port, email, { password });
    expect([reply.status, json(reply)]).toEqual([401, { error, code: 401 }]);
    expect(useapi.accountsOf(demoToken)).toEqual([]);
  });

  it('only as many as are paid for', async () => {
    for (const name of ['a', 'b', 'c']) await configure(useapi.port, `${name}@example.com`);
    expect((await configure(useapi.port, 'd@example.com')).status).toBe(400);
    expect((await configure(useapi.port, 'c@example.com')).status).toBe(200);
  });
});

describe('accounts are read', () => {
  it('all at once, keyed by e-mail', async () => {
    await configure(useapi.port, email);
    await configure(useapi.port, 'bob@example.com');
    const reply = await runway(useapi.port, 'accounts');
    expect(reply.status).toBe(200);
    expect(Object.keys(json(reply))).toEqual([email, 'bob@example.com']);
    expect(json(reply)['bob@example.com'].email).toBe('bob@example.com');
  });

  it.each(['accounts', `accounts/${email}`])('%s: a sentence and no JSON when there is none', async place => {
    const reply = await runway(useapi.port, place);
    expect([reply.status, reply.text]).toEqual([
      404,
      'Configuration not found. To create configuration use POST /accounts/email.',
    ]);
    expect(reply.headers['content-type']).toMatch(/^text\/plain/);
  });

  it('no longer when deleted', async () => {
    await configure(useapi.port, email);
    const deleted = await runway(useapi.port, `accounts/${email}`, { method: 'DELETE' });
    expect([deleted.status, json(deleted)]).toEqual([200, { success: true }]);
    expect((await runway(useapi.port, `accounts/${email}`, { method: 'DELETE' })).status).toBe(404);
    expect((await runway(useapi.port, 'accounts')).status).toBe(404);
  });
});

describe('a token', () => {
  it.each([
    ['none', { token: null }],
    ['an unknown one', { token: 'user:1234-unknown' }],
    ['one without its beginning', { token: demoToken.replace('user:', '') }],
    ['an encoded one', { token: encodeURIComponent(demoToken) }],
    ['another scheme', { token: null, headers: { authorization: `Basic ${demoToken}` } }],
    ['a small letter', { token: null, headers: { authorization: `bearer ${demoToken}` } }],
  ])('%s is refused', async (_what, asking) => {
    for (const path of ['/v1/runwayml/accounts', '/v2/account']) {
      const reply = await ask(useapi.port, { path, ...asking });
      expect([reply.status, json(reply)]).toEqual([401, { error: 'Unauthorized', code: 401 }]);
    }
  });

  it('is refused once revoked, until it is restored', async () => {
    useapi.revoke(demoToken);
    expect((await ask(useapi.port, { path: '/v2/account' })).status).toBe(401);
    useapi.restore(demoToken);
    expect((await ask(useapi.port, { path: '/v2/account' })).status).toBe(200);
  });

  it('needs a paid subscription for all but what it is', async () => {
    useapi.lapse(demoToken);
    expect((await runway(useapi.port, 'accounts')).status).toBe(402);
    expect((await ask(useapi.port, { path: '/v2/account/stats?bot=runwayml' })).status).toBe(402);
    const told = await ask(useapi.port, { path: '/v2/account' });
    expect([told.status, json(told).subscriptionIsActive]).toEqual([200, false]);
    useapi.renew(demoToken);
    await configure(useapi.port, email);
    expect((await runway(useapi.port, 'accounts')).status).toBe(200);
  });

  it('sees its own accounts alone', async () => {
    const other = 'user:77-Other0123456789';
    await useapi.close();
    useapi = await start({ tokens: { [demoToken]: {}, [other]: { accounts: { [email]: {} } } } });
    expect((await runway(useapi.port, 'accounts')).status).toBe(404);
    expect(Object.keys(json(await runway(useapi.port, 'accounts', { token: other })))).toEqual([email]);
  });
});

describe('/v2/account', () => {
  const read = async () => json(await ask(useapi.port, { path: '/v2/account' }));

  it('counts accounts and those in error, without a secret', async () => {
    expect(await read()).toMatchObject({
      id: 1234,
      subscriptionIsActive: true,
      subscriptions: 1,
      maxAccountsPerAPI: 3,
      accounts: {},
      sub: expect.stringMatching(/^\d{6}$/),
    });
    await configure(useapi.port, email);
    expect((await read()).accounts).toEqual({ 'Runway API': { total: 1, active: 1 } });
    useapi.breakAccount(demoToken, email);
    const text = JSON.stringify(await read());
    expect(JSON.parse(text).accounts).toEqual({ 'Runway API': { total: 1, active: 0, error: 1 } });
    expect(text).not.toContain('correct horse');
    expect(text).not.toContain('eyJ');
  });

  it.each(['/v2/account/', '/v2/accounts', '/v1/account', '/v1/runwayml', '/v1/runwayml/jobs/'])(
    '%s is not found',
    async path => {
      expect((await ask(useapi.port, { path })).status).toBe(404);
    },
  );
});
