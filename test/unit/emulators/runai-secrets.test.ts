import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoApplication, type RunaiEmulator, trapHost } from '../../emulators/runai';
import { cluster, saas, say, signedIn, start, tokenV1, tokenV2 } from './runai-line';

let runai: RunaiEmulator;

const patient = { timeout: 10_000 };

beforeEach(async () => {
  runai = await start();
});
afterEach(() => runai.close());

const { id, secret } = demoApplication;
const written = () => JSON.stringify(runai.traffic);

describe('traffic', () => {
  it('has labels in place of secrets and tokens', async () => {
    const { accessToken } = (await tokenV1(runai)).json();
    const headers = { authorization: `Bearer ${accessToken}` };
    await say(runai, `${saas}/api/v1/workloads`, { headers });
    expect(written()).not.toContain(secret);
    expect(written()).not.toContain(accessToken);
    expect(runai.traffic.map(({ direction, status }) => [direction, status])).toEqual([
      ['in', undefined],
      ['out', 200],
      ['in', undefined],
      ['out', 200],
    ]);
    expect(runai.traffic[0]?.text).toContain('[secret demo]');
    expect(runai.traffic[2]?.headers.authorization).toBe('Bearer [token demo]');
    expect(runai.strayed).toEqual([]);
  });

  it('blanks what nobody told it about', async () => {
    await tokenV1(runai, { AppSecret: 'somebody-elses-secret' });
    await tokenV2(runai, { client_secret: 'somebody-elses-secret' });
    const headers = { authorization: 'Bearer somebody-elses-token' };
    await say(runai, `${saas}/api/v1/workloads`, { headers });
    expect(written()).not.toContain('somebody-elses');
    expect(written().match(/\[unknown\]/g)).toHaveLength(3);
  });
});

describe('a secret that strays is seen', () => {
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

  it.each([
    ['in an address', `${saas}/api/v1/workloads?s=${secret}`, {}, 'url'],
    ['in a header', `${saas}/api/v2/token`, { method: 'POST', headers: { authorization: basic } }, 'header'],
    ['in the body of another call', `${saas}/api/v1/workloads/trainings`, { body: { name: secret } }, 'body'],
    ['at a cluster', `${cluster}/api/v1/token`, { body: { AppSecret: secret } }, 'body'],
    ['with another host', `https://${trapHost}/api/v1/token`, { body: { AppSecret: secret } }, 'body'],
  ])('%s', async (_where, address, asking, place) => {
    await say(runai, address, asking);
    expect(runai.strayed).toMatchObject([{ label: 'secret demo', place, host: new URL(address).hostname }]);
    expect(written()).not.toContain(secret);
    expect(written()).not.toContain(basic);
  });

  it.each([
    ...['', 'a', 'ab'].map(before => Buffer.from(`${before}${secret}:`).toString('base64url')),
    Buffer.from(secret).toString('hex'),
  ])('however it is encoded: %s', async encoded => {
    await say(runai, `${saas}/api/v1/workloads?s=${encoded}`);
    expect(runai.strayed).toMatchObject([{ label: 'secret demo', place: 'url' }]);
    expect(runai.traffic[0]?.path).toContain('[secret demo]');
  });

  it('with letters that an address writes otherwise', async () => {
    const odd = await start({ applications: { odd: { secret: 'a+b/c d"e&f', label: 'odd' } } });
    await say(odd, `${saas}/x?s=${encodeURIComponent('a+b/c d"e&f')}`);
    expect(odd.strayed).toMatchObject([{ label: 'secret odd', place: 'url' }]);
    const credentials = { client_id: 'odd', client_secret: 'a+b/c d"e&f' };
    expect((await tokenV2(odd, credentials)).status).toBe(200);
    expect(odd.traffic.find(({ path }) => path.endsWith('token'))?.text).toContain('[secret odd]');
    await odd.close();
  });

  it('and so is a token', async () => {
    const token = String((await tokenV2(runai)).json().access_token);
    const headers = { authorization: `Bearer ${token}` };
    await say(runai, `${cluster}/apis/run.ai/v1alpha1/namespaces/runai-team-a/trainingworkloads`, {
      headers,
    });
    expect(runai.strayed).toEqual([]);
    await say(runai, 'https://runai.example.com/api/v1/workloads', { headers });
    await say(runai, `${saas}/api/v1/workloads?token=${token}`);
    expect(runai.strayed).toMatchObject([
      { label: 'token demo', place: 'header', host: 'runai.example.com' },
      { label: 'token demo', place: 'url' },
    ]);
  });
});

describe('the trap', () => {
  it.each([
    ['token', 307, 200],
    ['api', 200, 307],
    ['all', 307, 307],
  ] as const)('redirects %s', async (redirect, token, api) => {
    const call = await signedIn(runai);
    runai.switches.redirect = redirect;
    expect([(await tokenV2(runai)).status, (await call('/api/v1/workloads')).status]).toEqual([token, api]);
  });

  it.each([301, 302, 303, 307, 308] as const)('redirects with %i to where everything works', async status => {
    Object.assign(runai.switches, { redirect: 'all', redirectStatus: status });
    const { headers } = await tokenV1(runai);
    expect(headers.location).toBe(`https://${trapHost}/api/v1/token`);
    expect((await tokenV1(runai, {}, `https://${trapHost}`)).status).toBe(200);
    expect(runai.strayed).toMatchObject([{ label: 'secret demo', host: trapHost }]);
  });
});

describe('a fault', () => {
  const submit = async () => {
    const call = await signedIn(runai);
    const project = { projectId: '4501101', clusterId: '71f69d83-ba66-4822-adf5-55ce55efd210' };
    return call('/api/v1/workloads/trainings', { body: { name: 'a1', ...project, spec: { image: 'i' } } });
  };
  const when = ({ path }: { path: string }) => path.endsWith('/trainings');

  it.each([
    ['before', 'arrival', 0],
    ['after', 'accepted', 1],
  ] as const)('can drop a call %s it was carried out', async (_when, at, count) => {
    runai.faults.add({ kind: 'drop', at, when });
    await expect(submit()).rejects.toThrow();
    expect(runai.ledger.count('create')).toBe(count);
    expect(runai.faults.pending).toEqual([]);
  });

  it('can leave a call without an answer', async () => {
    runai.faults.add({ kind: 'freeze', at: 'arrival' });
    await expect(say(runai, saas, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  });

  it('can answer with anything, having done it or not', async () => {
    runai.faults.add({ kind: 'http', status: 503, body: { code: 503, message: 'try again' }, when });
    expect((await submit()).json()).toEqual({ code: 503, message: 'try again' });
    runai.faults.add({ kind: 'http', status: 502, body: '<html>Bad Gateway', accept: true, when });
    expect((await submit()).text).toBe('<html>Bad Gateway');
    expect(runai.ledger.count('create')).toBe(1);
  });

  it('can be slow, or break off', async () => {
    runai.faults.add({ kind: 'slow', ms: 80 }, { kind: 'cut', after: 10 });
    const from = Date.now();
    const reply = await tokenV2(runai);
    expect(Date.now() - from).toBeGreaterThan(70);
    expect([reply.cut, reply.text.length]).toEqual([true, 10]);
  });

  it('can be that nobody is there', async () => {
    runai.refuse(400);
    await expect(tokenV2(runai)).rejects.toThrow();
    await expect
      .poll(async () => (await tokenV2(runai).catch(() => ({ status: 0 }))).status, patient)
      .toBe(200);
  });
});
