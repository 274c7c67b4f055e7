import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure, FailureCode } from '../../src/failure';
import { redact } from '../../src/services/redact';
import { service } from '../../src/services/runway/service';
import { type Fault, trapHost, type UseapiEmulator } from '../emulators/useapi';
import { demoEmail, demoToken, start } from '../emulators/useapi/line';
import type { UseapiOptions } from '../emulators/useapi/options';
import { reach } from './network';
import { begin, drive, keyOf, stopClock, taskOf } from './runway-client';

const { signal } = new AbortController();

let useapi: UseapiEmulator;
const open = async (options: Partial<UseapiOptions> = {}) => {
  useapi = await start(options);
  reach(useapi.port);
};
beforeEach(stopClock);
afterEach(async () => {
  expect(useapi.secrets.sightings.length).toBeGreaterThan(0);
  expect(useapi.secrets.strays).toEqual([]);
  await useapi.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const frames = (puts: Record<string, string> = {}) => taskOf('frames', { prompt: 'a heron', ...puts });
const creates = () =>
  useapi.traffic.filter(({ direction, path }) => direction === 'in' && path.endsWith('/create')).length;

/** What each status says of itself, of a create and of a question: code, sentence, who can mend it. */
const TABLE: [number, string, FailureCode, RegExp, RegExp][] = [
  [400, 'Bad.', 'invalid', /did not accept a value/, /Change it/],
  [400, 'Please configure at least one account.', 'invalid', /no Runway account to work with/, /Add one/],
  [
    400,
    'Param email is required when multiple accounts are configured.',
    'invalid',
    /several Runway accounts/,
    /Name it/,
  ],
  [401, 'Unauthorized', 'rejected-key', /rejected the API token/, /Copy it anew/],
  [401, '', 'rejected-key', /rejected the API token/, /Copy it anew/],
  [401, 'Wrong username/password combination.', 'invalid', /did not take this e-mail/, /not at fault/],
  [401, 'This account has been suspended.', 'service-error', /suspended/, /Only Runway/],
  [402, 'Expired.', 'quota', /subscription has run out/, /Renew it at useapi\.net/],
  [403, 'Forbidden.', 'invalid', /may not do that/, /same useapi\.net user/],
  [403, 'The prompt was moderated.', 'safety', /moderation refused/, /Change the prompt/],
  [404, 'Not found.', 'not-found', /knows no such/, /Check the id/],
  [410, 'Gone.', 'not-found', /expired/, /among the assets/],
  [412, 'Not enough credits.', 'quota', /not enough credits/, /runwayml\.com/],
  [412, 'Explore mode needs an Unlimited plan.', 'invalid', /Explore mode needs/, /with credits/],
  [413, 'Too large.', 'invalid', /too large/, /smaller file/],
  [415, 'Unsupported.', 'invalid', /did not accept a value/, /Change it/],
  [422, 'Moderated.', 'safety', /moderation refused/, /Change the prompt/],
  [422, 'Unprocessable.', 'safety', /did not take this/, /Change the prompt/],
  [596, 'Session refresh failed.', 'service-error', /no longer sign in/, /put the account in anew/],
  [596, 'Pending moderation message.', 'service-error', /message on moderation/, /Sign in at runwayml\.com/],
];

describe.each(TABLE)('status %i with “%s”', (status, error, code, message, next) => {
  const said = (failure: Failure | undefined) => {
    expect(failure?.code).toBe(code);
    expect(failure?.message).toMatch(message);
    expect(failure?.report.next).toMatch(next);
    expect(failure?.report.service).toEqual({ code: String(status), ...(error && { text: error }) });
  };

  it('refuses a create once and for all, and a question', async () => {
    await open();
    useapi.faults.add({ kind: 'http', status, body: { error, code: status }, times: 2 });
    const { failure, types } = await begin(frames());
    said(failure);
    expect(types).toEqual(['sending']);
    said((await begin(taskOf('tasks'))).failure);
    expect([creates(), useapi.ledger.count(), useapi.faults.pending.length]).toEqual([1, 0, 0]);
  });

  it('says the same with an object for an error', async () => {
    await open();
    const body = { error: { message: error, statusCode: status } };
    useapi.faults.add({ kind: 'http', status, body: error ? body : {} });
    said((await begin(frames())).failure);
  });
});

describe('a question that fails', () => {
  it.each([
    [429, 'All available accounts are busy.', 'rate-limit', /is busy/],
    [429, 'Too many requests', 'rate-limit', /no more requests/],
    [500, 'Oh.', 'service-error', /itself failed/],
    [502, 'Oh.', 'service-error', /itself failed/],
    [503, 'Oh.', 'service-error', /takes nothing just now/],
    [504, 'Oh.', 'service-error', /takes nothing just now/],
    [418, 'Oh.', 'service-error', /itself failed/],
  ] as const)('with %i “%s” says what it means', async (status, error, code, message) => {
    await open();
    useapi.faults.add({ kind: 'http', status, body: { error, code: status }, times: 3 });
    const { failure } = await begin(taskOf('credits'));
    expect(failure?.code).toBe(code);
    expect(failure?.message).toMatch(message);
    expect(failure?.report.service).toEqual({ code: String(status), text: error });
  });

  it.each([200, 401, 403, 404, 502])('with %i and no JSON has a sentence of its own', async status => {
    await open();
    for (const body of ['<!doctype html><p>Sign in</p>', '{"error": "Unautho']) {
      useapi.faults.add({ kind: 'http', status, body, times: status === 200 || status === 502 ? 3 : 1 });
      const { failure } = await begin(taskOf('credits'));
      expect(failure?.code).toBe('unreadable-answer');
      expect(failure?.message).toContain(`(${status}) was not its API`);
      expect(JSON.stringify(failure?.report)).not.toMatch(/doctype|Unautho/);
    }
  });

  it('keeps what else the service says', async () => {
    await open();
    const body = { error: 'Bad.', errorDetails: 'Very bad.', code: 400 };
    useapi.faults.add({ kind: 'http', status: 400, body });
    expect((await begin(taskOf('credits'))).failure?.report.service?.text).toBe('Bad. Very bad.');
    useapi.faults.add({ kind: 'http', status: 400, body: { error: { odd: [1] } } });
    expect((await begin(taskOf('credits'))).failure?.report.service?.text).toBe('{"odd":[1]}');
  });
});

describe('what the service itself refuses', () => {
  it('names the field that is wrong', async () => {
    await open();
    const video = (puts: Record<string, string>) => begin(taskOf('video', puts));
    expect((await video({ prompt: '' })).failure?.report.field).toBe('prompt');
    expect((await video({ prompt: 'a heron', duration: '60' })).failure?.report.field).toBe('duration');
    expect((await video({ prompt: 'a heron', model: 'gen4' })).failure?.report.field).toBe('reference1');
    expect((await video({ prompt: 'a heron', model: 'gen9' })).failure?.report.field).toBe('model');
    const image = await begin(taskOf('image', { prompt: 'a heron', model: 'gen4-turbo' }));
    expect(image.failure?.report).toMatchObject({ code: 'invalid', field: 'reference1' });
  });

  it('is told of whoever can mend it', async () => {
    await open();
    expect((await begin(frames({ prompt: 'a forbidden heron' }))).failure?.code).toBe('safety');
    expect((await begin(frames({ explore: 'true' }))).failure?.report).toMatchObject({ field: 'explore' });
    useapi.setCredits(demoToken, demoEmail, 0);
    expect((await begin(frames())).failure?.code).toBe('quota');
    expect((await begin(frames({ account: 'eve@example.com' }))).failure?.code).toBe('not-found');
    useapi.breakAccount(demoToken, demoEmail);
    expect((await begin(frames())).failure?.message).toMatch(/no longer sign in/);
    useapi.lapse(demoToken);
    expect((await begin(frames())).failure?.message).toMatch(/subscription/);
    useapi.revoke(demoToken);
    expect((await begin(frames())).failure?.code).toBe('rejected-key');
    expect(useapi.ledger.count()).toBe(0);
  });

  it('is that there is no account yet', async () => {
    await open({ tokens: { [demoToken]: {} } });
    expect((await begin(frames())).failure?.message).toMatch(/no Runway account to work with/);
    expect((await begin(taskOf('assets'))).failure?.message).toMatch(/no Runway account to work with/);
  });

  it('is another person’s task', async () => {
    await open();
    const task = 'user:99-runwayml:eve@example.com-task:3b2c1d0e-4f5a-4b6c-8d7e-9f0a1b2c3d4e';
    expect((await begin(taskOf('task', { task }))).failure?.message).toMatch(/may not do that/);
  });

  it('is what is too old', async () => {
    await open();
    const own = frames();
    await drive(own);
    const [{ taskId: task } = { taskId: '' }] = useapi.tasks;
    vi.setSystemTime(Date.now() + 8 * 86_400_000);
    expect((await begin(taskOf('task', { task }))).failure?.message).toMatch(/expired/);
  });
});

describe('the test of a token', () => {
  const verify = (key = keyOf()) => service.verify(key, signal);

  it('that is good says that it works, and touches no Runway account', async () => {
    await open();
    useapi.breakAccount(demoToken, demoEmail);
    expect(await verify()).toEqual({ outcome: 'works' });
    expect(useapi.traffic.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill('GET /v2/account'),
    );
  });

  it.each(['told', 'refused'] as const)(
    'whose subscription has lapsed (%s) says that, not that it is bad',
    async lapsed => {
      await open({ lapsed });
      useapi.lapse(demoToken);
      const verdict = await verify();
      expect(verdict).toMatchObject({ outcome: 'rejected', failure: { code: 'quota' } });
      expect('failure' in verdict && verdict.failure.next).toMatch(/token itself is right/);
    },
  );

  it('that is unknown is rejected', async () => {
    await open();
    await verify();
    useapi.revoke(demoToken);
    expect(await verify()).toMatchObject({ outcome: 'rejected', failure: { code: 'rejected-key' } });
  });

  it.each<[string, Fault]>([
    ['a lost connection', { kind: 'drop', at: 'arrival' }],
    ['half an answer', { kind: 'cut' }],
    ['a page', { kind: 'http', status: 200, body: '<html>Sign in to this network</html>' }],
    ['another’s answer', { kind: 'http', status: 200, body: { ok: true } }],
    ['no answer', { kind: 'http', status: 200, body: '' }],
    ['a page of 401', { kind: 'http', status: 401, body: '<html>Proxy</html>' }],
    ...[403, 404, 429, 500, 502, 503, 504, 596].map((status): [string, Fault] => [
      `status ${status}`,
      { kind: 'http', status },
    ]),
  ])('that meets %s could not tell', async (_, fault) => {
    await open();
    useapi.faults.add(fault);
    expect((await verify()).outcome).toBe('could-not-tell');
  });

  it('that meets a redirect could not tell, and does not follow it', async () => {
    await open({ redirect: 307 });
    expect((await verify()).outcome).toBe('could-not-tell');
    expect(useapi.traffic.some(({ host }) => host === trapHost)).toBe(false);
  });

  it('goes to no other origin', async () => {
    await open();
    await verify();
    const before = useapi.traffic.length;
    const verdict = await verify({ ...keyOf(), origins: ['https://elsewhere.example'] });
    expect(verdict).toMatchObject({ outcome: 'could-not-tell', failure: { code: 'wrong-origin' } });
    expect(useapi.traffic).toHaveLength(before);
  });
});

it('no failure quotes the token, nor a session that the service sends', async () => {
  await open();
  const session = 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MTIzNDU2fQ.c2lnbmF0dXJl';
  const error = `Token ${demoToken} is not ${demoToken.slice(5)}; session ${session}`;
  useapi.faults.add({ kind: 'http', status: 400, body: { error, code: 400 }, times: 2 });
  const { failure } = await begin(taskOf('credits'));
  expect(failure?.report.service?.text).not.toContain(demoToken.slice(5, 17));
  expect(failure?.report.service?.text).not.toContain('eyJ');
  expect(failure?.report.service?.text).toBe(redact(error, [demoToken]));
});
