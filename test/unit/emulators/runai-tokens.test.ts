import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoApplication, generations, type RunaiEmulator } from '../../emulators/runai';
import { pause, saas, say, signedIn, start, tokenV1, tokenV2 } from './runai-line';

let runai: RunaiEmulator;

beforeEach(async () => {
  runai = await start();
});
afterEach(() => runai.close());

const claimsOf = (token: unknown) =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());

const works = async (token: unknown, host = saas) =>
  (await say(runai, `${host}/api/v1/workloads/count`, { headers: { authorization: `Bearer ${token}` } }))
    .status;

describe("the seeds' token", () => {
  it('is answered as they show it, and opens the API', async () => {
    const reply = await tokenV1(runai);
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.json())).toEqual(['accessToken']);
    expect(await works(reply.json().accessToken)).toBe(200);
  });

  it.each([
    ['appID', 'appSecret'],
    ['appId', 'APPSECRET'],
  ])('is asked for by names in any case: %s, %s', async (id, secret) => {
    const reply = await say(runai, `${saas}/api/v1/token`, {
      body: { GRANTTYPE: 'app_token', [id]: demoApplication.id, [secret]: demoApplication.secret },
    });
    expect(reply.status).toBe(200);
  });

  it('is given for client credentials too', async () => {
    const reply = await say(runai, `${saas}/api/v1/token`, {
      body: {
        grantType: 'client_credentials',
        clientId: demoApplication.id,
        clientSecret: demoApplication.secret,
      },
    });
    expect(await works(reply.json().accessToken)).toBe(200);
  });

  it.each([
    ['another grant', { grantType: 'password' }, 'Unsupported grant type: password'],
    ['no grant', { grantType: undefined }, 'Unsupported grant type: undefined'],
    ['no id', { AppId: '' }, 'appid is required'],
    ['no secret', { AppSecret: '' }, 'appsecret is required'],
    ['another secret', { AppSecret: 'wrong' }, 'Invalid client or Invalid client credentials'],
    ['an id that is no text', { AppId: 7 }, 'Invalid client or Invalid client credentials'],
  ])('is refused to %s', async (_what, changes, message) => {
    const reply = await tokenV1(runai, changes);
    expect([reply.status, reply.json()]).toEqual([400, { code: 400, message }]);
    expect(runai.ledger.count('token')).toBe(0);
  });

  it('may be given without the name of a grant', async () => {
    runai.switches.v1NoGrant = 'understood';
    expect((await tokenV1(runai, { grantType: undefined })).status).toBe(200);
    const { id, secret } = demoApplication;
    const body = { clientId: id, clientSecret: secret };
    expect((await say(runai, `${saas}/api/v1/token`, { body })).status).toBe(200);
  });

  it.each([400, 401, 500, 503] as const)('may be refused with %i', async v1WrongSecret => {
    runai.switches.v1WrongSecret = v1WrongSecret;
    const reply = await tokenV1(runai, { AppSecret: 'wrong' });
    expect([reply.status, reply.json().code]).toEqual([v1WrongSecret, v1WrongSecret]);
  });

  it.each([
    ['{"grantType":', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['grantType=app_token', 'application/x-www-form-urlencoded', 415],
  ])('is not given for %s', async (body, type, status) => {
    runai.switches.wrongContentType = 415;
    const reply = await say(runai, `${saas}/api/v1/token`, { body, headers: { 'content-type': type } });
    expect([reply.status, reply.json().message]).toEqual([status, 'Failed to read request body']);
  });

  it('can come with everything the specification names', async () => {
    runai.switches.tokenFields = 'full';
    expect((await tokenV1(runai)).json()).toMatchObject({
      expiresIn: 3600,
      idToken: expect.any(String),
      refreshToken: expect.any(String),
    });
  });
});

describe("the newer documents' token", () => {
  it('is answered as they show it, and opens the API', async () => {
    const reply = await tokenV2(runai);
    expect(reply.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
    });
    expect(await works(reply.json().access_token)).toBe(200);
  });

  it.each([
    ['another grant', { grant_type: 'app_token' }, 400, 'unsupported_grant_type'],
    ['no grant', { grant_type: '' }, 400, 'invalid_request'],
    ['no id', { client_id: '' }, 400, 'invalid_request'],
    ['no secret', { client_secret: '' }, 400, 'invalid_request'],
    ['another secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
  ])('is refused to %s', async (_what, changes, status, error) => {
    const reply = await tokenV2(runai, changes);
    expect([reply.status, reply.json()]).toEqual([status, { error, error_description: expect.any(String) }]);
  });

  it('may be refused in the other ways of RFC 6749', async () => {
    runai.switches.v2WrongSecret = { status: 400, error: 'invalid_grant' };
    const reply = await tokenV2(runai, { client_secret: 'wrong' });
    expect([reply.status, reply.json().error]).toEqual([400, 'invalid_grant']);
  });

  it.each([
    ['application/json', '{"grant_type":"client_credentials"}'],
    ['application/x-www-form-urlencoded', 'grant_type=client_credentials&client_id=a&client_id=b'],
  ])('is not given for what is no form, or a doubled one: %s', async (type, body) => {
    const reply = await say(runai, `${saas}/api/v2/token`, { body, headers: { 'content-type': type } });
    expect([reply.status, reply.json().error]).toEqual([400, 'invalid_request']);
  });

  it('can say its life as a text, or not at all', async () => {
    runai.switches.expiresIn = 'string';
    expect((await tokenV2(runai)).json().expires_in).toBe('3600');
    runai.switches.tokenFields = 'no-expiry';
    expect(Object.keys((await tokenV2(runai)).json())).toEqual(['access_token', 'token_type']);
    runai.switches.tokenFields = 'full';
    expect((await tokenV2(runai)).json()).toMatchObject({
      scope: 'openid',
      refresh_token: expect.any(String),
    });
  });
});

describe('a generation', () => {
  it.each([
    ['applications', 200, 400, 404],
    ['clientCredentials', 200, 200, 404],
    ['both', 200, 200, 200],
    ['noAppToken', 400, 200, 200],
    ['v2Only', 404, 404, 200],
  ] as const)('%s takes what it knows', async (name, app, client, form) => {
    Object.assign(runai.switches, generations[name]);
    const { id, secret } = demoApplication;
    const credentials = { grantType: 'client_credentials', clientId: id, clientSecret: secret };
    expect([
      (await tokenV1(runai)).status,
      (await tokenV1(runai, credentials)).status,
      (await tokenV2(runai)).status,
    ]).toEqual([app, client, form]);
  });

  it('may answer 405 or a page where there is no endpoint', async () => {
    Object.assign(runai.switches, generations.applications, { absent: 405 });
    expect((await tokenV2(runai)).status).toBe(405);
    runai.switches.absent = 'page';
    const page = await tokenV2(runai);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('answers only POST', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      expect((await say(runai, `${saas}/api/v1/token`, { method })).status).toBe(405);
    }
  });
});

describe('a token', () => {
  it('is a JWT that says when it ends', async () => {
    runai.switches.tokenSeconds = 900;
    const { exp, iat, iss } = claimsOf((await tokenV1(runai)).json().accessToken);
    expect([exp - iat, iss]).toEqual([900, 'https://acme.run.ai/auth/realms/runai']);
    expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(5);
  });

  it('has a payload for every decoder, or one for base64url alone, or none', async () => {
    const payload = async () => String((await tokenV1(runai)).json().accessToken).split('.')[1];
    expect(await payload()).toMatch(/^[A-Za-z0-9]+$/);
    runai.switches.tokenForm = 'url-safe-jwt';
    expect(await payload()).toMatch(/[-_]/);
    runai.switches.tokenForm = 'opaque';
    expect(await payload()).toBeUndefined();
  });

  it('can be dated by another clock, and lives as long', async () => {
    Object.assign(runai.switches, { clockAhead: -7200 });
    const { accessToken } = (await tokenV1(runai)).json();
    expect(claimsOf(accessToken).exp).toBeLessThan(Date.now() / 1000);
    expect(await works(accessToken)).toBe(200);
  });

  it('ends', async () => {
    runai.switches.tokenSeconds = 0.05;
    const { accessToken } = (await tokenV1(runai)).json();
    await pause(80);
    const headers = { authorization: `Bearer ${accessToken}` };
    const reply = await say(runai, `${saas}/api/v1/workloads`, { headers });
    expect([reply.status, reply.json()]).toEqual([401, { code: 401, message: 'Issuer is not familiar.' }]);
  });

  it('can be ended', async () => {
    const { accessToken } = (await tokenV1(runai)).json();
    runai.endTokens(demoApplication.id);
    expect(await works(accessToken)).toBe(401);
  });

  it('opens the control plane that issued it, and no other', async () => {
    const own = 'https://runai.example.com';
    const { accessToken } = (await tokenV1(runai, {}, own)).json();
    expect([await works(accessToken, own), await works(accessToken)]).toEqual([200, 401]);
  });
});

describe('an application', () => {
  it('loses its secret when a new one is made, and its tokens live on', async () => {
    const call = await signedIn(runai);
    const secret = runai.regenerate(demoApplication.id);
    expect((await tokenV2(runai)).status).toBe(401);
    expect((await tokenV2(runai, { client_secret: secret })).status).toBe(200);
    expect((await call('/api/v1/workloads')).status).toBe(200);
  });

  it('may lose its tokens as well', async () => {
    const call = await signedIn(runai);
    runai.switches.regenerateEndsTokens = true;
    runai.regenerate(demoApplication.id);
    expect((await call('/api/v1/workloads')).status).toBe(401);
  });

  it('may be locked by wrong secrets', async () => {
    runai.switches.lockAfter = 2;
    await tokenV2(runai, { client_secret: 'wrong' });
    expect((await tokenV2(runai)).status).toBe(200);
    for (let time = 0; time < 2; time++) await tokenV2(runai, { client_secret: 'wrong' });
    expect((await tokenV2(runai)).status).toBe(401);
  });

  it('may do nothing without access rules, and read with some', async () => {
    const call = await signedIn(runai);
    runai.setAccess(demoApplication.id, 'none');
    const refused = await call('/api/v1/workloads');
    expect([refused.status, refused.json()]).toEqual([
      403,
      { code: 403, message: 'You do not have sufficient permissions.' },
    ]);
    expect((await call('/api/v1/authorization/me/access-rules?limit=1')).json().accessRules).toEqual([]);
    runai.setAccess(demoApplication.id, 'read');
    expect((await call('/api/v1/workloads')).status).toBe(200);
    expect((await call('/api/v1/workloads/trainings', { body: {} })).status).toBe(403);
  });

  it('is known to its own control plane only', async () => {
    const other = await start({
      applications: { mine: { secret: 'a-secret-of-my-own', host: 'runai.example.com' } },
    });
    const credentials = { client_id: 'mine', client_secret: 'a-secret-of-my-own' };
    expect((await tokenV2(other, credentials)).status).toBe(401);
    expect((await tokenV2(other, credentials, 'https://runai.example.com')).status).toBe(200);
    await other.close();
  });
});
