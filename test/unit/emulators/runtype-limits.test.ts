import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoKey, demoSurface, type RuntypeEmulator, trapHost } from '../../emulators/runtype';
import { bearer, call, say, start, surfaceAt } from './runtype-line';

let runtype: RuntypeEmulator;

beforeEach(async () => {
  runtype = await start({ taskMs: 0 });
});
afterEach(() => runtype.close());

const patient = { timeout: 10_000 };
const pause = (ms: number) => new Promise(resolve => setTimeout(() => resolve('nothing yet'), ms));

const statuses = async (count: number, key = demoKey) => {
  const all: number[] = [];
  for (let number = 0; number < count; number++) {
    all.push((await call(runtype, 'echo', { headers: bearer(key) })).status);
  }
  return all;
};

describe('a limit', () => {
  it.each([
    ['a minute', { perMinute: 2 }, 60],
    ['a day', { perDay: 2 }, 86_400],
  ])('of a key %s says when to come again', async (_what, limit, seconds) => {
    await runtype.close();
    runtype = await start({ taskMs: 0, keys: { [demoKey]: limit, papi_free: {} } });
    expect(await statuses(2)).toEqual([200, 200]);
    const reply = await call(runtype, 'echo');
    expect([reply.status, reply.json()]).toEqual([429, { error: 'Rate limit exceeded' }]);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(seconds - 10);
    expect(await statuses(1, 'papi_free')).toEqual([200]);
    expect(runtype.ledger.count()).toBe(3);
  });

  it.each([
    ['date', expect.stringMatching(/GMT$/)],
    ['absent', undefined],
  ] as const)('may say so with a %s', async (retryAfter, header) => {
    Object.assign(runtype.switches, { plan: 'startup', retryAfter });
    const all = await statuses(50);
    expect(all.every(status => status === 200)).toBe(true);
    const reply = await call(runtype, 'echo');
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, header]);
  });

  it('of the free plan slows down first, and then refuses', async () => {
    Object.assign(runtype.switches, { plan: 'build', executionsPerDay: 1, slowMs: 80, slowPerHour: 1 });
    expect(await statuses(1)).toEqual([200]);
    const from = Date.now();
    expect(await statuses(1)).toEqual([200]);
    expect(Date.now() - from).toBeGreaterThan(70);
    const reply = await call(runtype, 'echo');
    expect([reply.status, reply.json()]).toEqual([
      429,
      { error: 'Slow mode limit exceeded', code: 'SLOW_MODE_HOURLY_LIMIT_EXCEEDED' },
    ]);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(3500);
    expect(runtype.ledger.count()).toBe(2);
  });
});

describe('a key is seen', () => {
  const written = () => JSON.stringify(runtype.traffic);

  it('in its header, with a label in its place', async () => {
    await call(runtype, 'echo');
    await call(runtype, 'echo', { headers: { authorization: 'Bearer papi_somebody_elses' } });
    expect(written()).not.toContain(demoKey);
    expect(written()).not.toContain('papi_somebody_elses');
    expect(runtype.traffic[0]).toMatchObject({
      method: 'POST',
      host: 'api.runtype.com',
      headers: { authorization: 'Bearer [key demo]' },
      text: '{"input":"Your input here"}',
    });
    expect(runtype.traffic[1]).toMatchObject({ direction: 'out', status: 200 });
    expect(runtype.sightings).toMatchObject([{ place: 'header', header: 'authorization', strayed: false }]);
    expect(runtype.strayed).toEqual([]);
  });

  it.each([
    ['in an address', `${surfaceAt()}/echo?api_key=${demoKey}`, {}, 'url'],
    ['in a body', `${surfaceAt()}/echo`, { body: { key: demoKey } }, 'body'],
    ['in another header', `${surfaceAt()}/echo`, { headers: { cookie: `key=${demoKey}` } }, 'header'],
    ['with another host', `https://${trapHost}/`, { headers: bearer() }, 'header'],
  ])('%s, where it does not belong', async (_where, address, asking, place) => {
    await say(runtype, address, { body: {}, ...asking });
    expect(runtype.strayed).toMatchObject([{ label: 'key demo', place }]);
    expect(written()).not.toContain(demoKey);
  });

  it.each([301, 302, 303, 307, 308] as const)('when it follows a %i to where all works', async status => {
    Object.assign(runtype.switches, { redirect: true, redirectStatus: status });
    const reply = await call(runtype, 'echo');
    expect(reply.status).toBe(status);
    const { location = '' } = reply.headers;
    expect(location).toBe(`${surfaceAt().replace('api.runtype.com', trapHost)}/echo`);
    expect((await say(runtype, location, { body: {}, headers: bearer() })).status).toBe(200);
    expect(runtype.strayed).toMatchObject([{ label: 'key demo', host: trapHost }]);
  });
});

describe('a fault', () => {
  it.each([
    ['before', 'arrival', 0],
    ['after', 'accepted', 1],
  ] as const)('can drop a call %s it was run', async (_when, at, count) => {
    runtype.faults.add({ kind: 'drop', at });
    await expect(call(runtype, 'echo')).rejects.toThrow();
    expect(runtype.ledger.count()).toBe(count);
  });

  it('can leave a call without an answer, run or not', async () => {
    runtype.faults.add({ kind: 'freeze', at: 'accepted' });
    const leaving = new AbortController();
    const left = call(runtype, 'echo', { signal: leaving.signal });
    left.catch(() => {});
    await expect.poll(() => runtype.ledger.entries[0]?.outcome, patient).toBe('completed');
    expect(await Promise.race([left, pause(100)])).toBe('nothing yet');
    leaving.abort();
    await expect(left).rejects.toThrow();
  });

  it.each([402, 429, 500, 502, 504])('can be a %i, run or not', async status => {
    runtype.faults.add(
      { kind: 'http', status, body: { error: 'As asked', hint: 'Wait' }, headers: { 'retry-after': '3' } },
      { kind: 'http', status, body: '<html>', accept: true, when: ({ path }) => path.endsWith('/echo') },
    );
    const reply = await call(runtype, 'echo');
    expect([reply.status, reply.json(), reply.headers['retry-after']]).toEqual([
      status,
      { error: 'As asked', hint: 'Wait' },
      '3',
    ]);
    expect(runtype.ledger.count()).toBe(0);
    expect((await call(runtype, 'echo')).text).toBe('<html>');
    expect(runtype.ledger.count()).toBe(1);
  });

  it('can strike as often as it says, and be cleared', async () => {
    runtype.faults.add(
      { kind: 'http', status: 500, times: 2 },
      { kind: 'http', status: 502, times: Infinity },
    );
    expect(await statuses(4)).toEqual([500, 500, 502, 502]);
    runtype.faults.clear();
    expect(await statuses(1)).toEqual([200]);
  });

  it('can be slow, or break off', async () => {
    runtype.faults.add({ kind: 'slow', ms: 80 }, { kind: 'cut', after: 5 });
    const from = Date.now();
    const reply = await call(runtype, 'echo');
    expect(Date.now() - from).toBeGreaterThan(70);
    expect([reply.cut, reply.text]).toEqual([true, '{"inp']);
  });

  it('can be that nobody is there', async () => {
    runtype.refuse(400);
    await expect(call(runtype, 'echo')).rejects.toThrow();
    await expect
      .poll(async () => (await call(runtype, 'echo').catch(() => ({ status: 0 }))).status, patient)
      .toBe(200);
  });
});

it('plays every host under a loopback name', async () => {
  const address = surfaceAt(demoSurface).replace('api.runtype.com', 'localhost');
  expect((await say(runtype, `${address}/echo`, { body: {}, headers: bearer() })).status).toBe(200);
});
