import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FailureCode } from '../../src/failure';
import { momentIn, waitOf } from '../../src/services/runtype/again';
import { service } from '../../src/services/runtype/service';
import { demoKey, type RuntypeEmulator } from '../emulators/runtype';
import { start } from './emulators/runtype-line';
import { reach } from './network';
import { keyOf, run, surface, taskOf, textOf } from './runtype-client';
import { outcomeOf } from './runware-client';

let runtype: RuntypeEmulator;

const begin = async (options: Parameters<typeof start>[0] = {}) => {
  await runtype?.close();
  runtype = await start({ taskMs: 0, ...options });
  reach(runtype.port);
};
beforeEach(() => begin());
afterEach(async () => {
  vi.unstubAllGlobals();
  expect(runtype.strayed).toEqual([]);
  await runtype.close();
});

const failureOf = async (capability = 'echo', key = keyOf()) => {
  const { failure } = await run(taskOf('ask', { prompt: 'x', capability }), key);
  return failure?.report;
};
const calls = () => runtype.traffic.filter(({ direction }) => direction === 'in').length;

describe('a refusal has its own sentence, and who can fix it:', () => {
  it('401, in the document’s words', async () => {
    runtype.revoke(demoKey);
    expect(await failureOf()).toEqual({
      code: 'rejected-key',
      message: 'Runtype rejected the API key.',
      next: expect.stringMatching(/Keys tab.*Replace/),
      service: { code: 'HTTP 401', text: 'Invalid or missing API key' },
    });
  });

  it('403, in the document’s words', async () => {
    await begin({ keys: { [demoKey]: { scopes: ['draft-post'] } } });
    expect(await failureOf()).toEqual({
      code: 'rejected-key',
      message: 'This API key may not use this capability.',
      next: expect.stringMatching(/limited to other capabilities/),
      service: { code: 'HTTP 403', text: 'API key does not have permission to access this resource' },
    });
    expect(await failureOf('draft-post')).toBeUndefined();
  });

  it.each([
    ['a capability that there is not', 'nobody', surface, 'Runtype knows no such capability.', 'capability'],
    [
      'a surface that there is not',
      'echo',
      surface.replace(/surf_\w+/, 'surf_0'),
      'Runtype knows no such API surface.',
      undefined,
    ],
  ])('404 of %s', async (_what, capability, endpoint, message, field) => {
    const report = await failureOf(capability, keyOf({ endpoint }));
    expect([report?.code, report?.message, report?.field]).toEqual(['not-found', message, field]);
  });

  it.each(['error', 'message', 'object'] as const)('400, however it is worded (%s)', async errorForm => {
    runtype.switches.errorForm = errorForm;
    expect(await failureOf('judge-evidence')).toMatchObject({
      code: 'invalid',
      message: 'Runtype did not accept the input.',
      service: { code: 'HTTP 400', text: 'Missing required input: message' },
    });
  });

  it.each(['error', 'message', 'object'] as const)('500 with the execution’s id (%s)', async errorForm => {
    runtype.switches.errorForm = errorForm;
    const { failure } = await run(taskOf('ask', { prompt: 'x', capability: 'fail-always', answer: 'whole' }));
    const id = runtype.ledger.entries[0]?.executionId;
    expect(failure?.report).toMatchObject({
      code: 'service-error',
      message: 'The capability failed while it ran.',
      service: { text: `Step "Write" failed: the model provider returned an error (executionId ${id})` },
    });
  });

  it.each([403, 404, 409, 423, 503] as const)('a paused surface, as %i', async pausedStatus => {
    runtype.switches.pausedStatus = pausedStatus;
    runtype.pause();
    expect(await failureOf()).toMatchObject({
      code: 'service-error',
      message: 'This API surface is paused.',
      service: { text: 'This surface is paused' },
    });
  });

  it.each<[number, FailureCode, string]>([
    [402, 'quota', 'The Runtype account’s plan does not pay for this.'],
    [413, 'invalid', 'Runtype did not accept the input.'],
    [422, 'invalid', 'Runtype did not accept the input.'],
    [418, 'service-error', 'Runtype refused with status 418.'],
    [500, 'service-error', 'Runtype itself failed.'],
    [502, 'outcome-unknown', 'Runtype answered 502. What became of this call is not known.'],
    [503, 'service-error', 'Runtype takes nothing just now.'],
    [504, 'outcome-unknown', 'Runtype answered 504. What became of this call is not known.'],
  ])('%i', async (status, code, message) => {
    runtype.faults.add({ kind: 'http', status, body: { error: 'As asked', hint: 'Wait' } });
    const report = await failureOf();
    expect(report).toMatchObject({ code, message });
    expect(report?.next).toBeTruthy();
    if (code !== 'outcome-unknown')
      expect(report?.service).toEqual({ code: `HTTP ${status}`, text: 'As asked Wait' });
    expect(calls()).toBe(1);
  });

  it.each<[number, FailureCode, string]>([
    [200, 'unreadable-answer', 'Runtype answered with something that is not JSON.'],
    [401, 'unreadable-answer', 'What answered (401) was no JSON, and so not Runtype’s API.'],
    [403, 'unreadable-answer', 'What answered (403) was no JSON, and so not Runtype’s API.'],
    [
      500,
      'outcome-unknown',
      'What answered (500) was not Runtype’s API. What became of this call is not known.',
    ],
    [
      503,
      'outcome-unknown',
      'What answered (503) was not Runtype’s API. What became of this call is not known.',
    ],
  ])('a body that is no JSON, with %i', async (status, code, message) => {
    runtype.faults.add({ kind: 'http', status, body: '<html>A page</html>', accept: true });
    expect(await failureOf()).toMatchObject({ code, message });
    expect(runtype.ledger.count()).toBe(1);
  });
});

describe('too much', () => {
  const slow = { plan: 'build', executionsPerDay: 1, slowMs: 400 } as const;

  it('is waited for once where it is soon over', async () => {
    runtype.faults.add({
      kind: 'http',
      status: 429,
      body: { error: 'Rate limit exceeded' },
      headers: { 'retry-after': '1' },
    });
    const from = Date.now();
    const { types, failure } = await run(taskOf('ask', { prompt: 'x', answer: 'whole' }));
    expect([types, failure]).toEqual([['sending', 'busy', 'text'], undefined]);
    expect(Date.now() - from).toBeGreaterThan(950);
    expect([calls(), runtype.ledger.count()]).toEqual([2, 1]);
  });

  it('is waited for once, not twice', async () => {
    runtype.faults.add({ kind: 'http', times: 5, status: 429, body: {}, headers: { 'retry-after': '0' } });
    expect(await failureOf()).toMatchObject({
      code: 'rate-limit',
      message: 'Runtype is taking no more calls just now.',
    });
    expect(calls()).toBe(2);
  });

  it('can be cancelled while it waits', async () => {
    runtype.faults.add({ kind: 'http', status: 429, body: {}, headers: { 'retry-after': '20' } });
    const stop = new AbortController();
    const reason = new Error('stopped');
    const running = run(
      taskOf('ask', { prompt: 'x' }),
      keyOf(),
      ({ type }) => type === 'busy' && stop.abort(reason),
      stop.signal,
    );
    await expect(running).rejects.toBe(reason);
    expect(calls()).toBe(1);
  });

  it.each(['seconds', 'date', 'absent'] as const)(
    'of a key’s limit a day says when (%s)',
    async retryAfter => {
      await begin({ retryAfter, keys: { [demoKey]: { perDay: 1 } } });
      expect(await failureOf()).toBeUndefined();
      const report = await failureOf();
      const [message, next] =
        retryAfter === 'absent'
          ? ['Runtype is taking no more calls just now.', /^Wait a little, then run again/]
          : [
              'This API key has reached its limit.',
              /^Run again after \d\d:\d\d on \d+ \w+, or raise the key’s limit/,
            ];
      expect(report).toMatchObject({ code: 'rate-limit', message, next: expect.stringMatching(next) });
      expect([calls(), runtype.ledger.count()]).toEqual([2, 1]);
    },
  );

  it('of a key’s limit a minute says when', async () => {
    await begin({ keys: { [demoKey]: { perMinute: 1 } } });
    await failureOf();
    expect(await failureOf()).toMatchObject({
      message: 'Runtype is taking no more calls just now.',
      next: expect.stringMatching(/^Run again after \d\d:\d\d: it is the key’s limit a minute/),
    });
  });

  it('of the free plan is slow first, which is no failure, and then a sentence of its own', async () => {
    await begin({ ...slow, slowPerHour: 1 });
    expect(await failureOf()).toBeUndefined();
    const from = Date.now();
    expect(await failureOf()).toBeUndefined();
    expect(Date.now() - from).toBeGreaterThan(380);
    expect(await failureOf()).toMatchObject({
      code: 'rate-limit',
      message: 'The free plan’s executions of this hour are used up.',
      service: { code: 'SLOW_MODE_HOURLY_LIMIT_EXCEEDED' },
    });
    expect([calls(), runtype.ledger.count()]).toEqual([3, 2]);
  });
});

describe('a Retry-After', () => {
  const now = 'Tue, 24 Nov 2026 21:00:00 GMT';
  it.each([
    ['5', 5_000],
    ['0', 0],
    ['Tue, 24 Nov 2026 21:00:20 GMT', 20_000],
    ['Tue, 24 Nov 2026 20:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['Soon', undefined],
    ['99999999999', undefined],
    ['', undefined],
  ])('of %o is read by the server’s clock', (said, wait) => {
    expect(waitOf(new Headers({ 'retry-after': said, date: now }))).toEqual(wait);
  });

  it('names the day where it is another', () => {
    expect(momentIn(0)).toMatch(/^\d\d:\d\d$/);
    expect(momentIn(48 * 3_600_000)).toMatch(/^\d\d:\d\d on \d+ [A-Z]\w+$/);
  });
});

describe('a connection that breaks leaves the outcome unknown, and nothing is sent twice:', () => {
  const unknown = expect.objectContaining({
    code: 'outcome-unknown',
    next: expect.stringMatching(/It may have run.*Logs/),
  });

  it.each([
    ['arrival', 0],
    ['accepted', 1],
  ] as const)('at its %s', async (at, count) => {
    runtype.faults.add({ kind: 'drop', at });
    expect(await failureOf()).toEqual(unknown);
    expect([calls(), runtype.ledger.count()]).toEqual([1, count]);
  });

  it('within the answer', async () => {
    runtype.faults.add({ kind: 'cut', after: 5 });
    const { failure } = await run(taskOf('ask', { prompt: 'x', answer: 'whole' }));
    expect([failure?.report, calls()]).toEqual([unknown, 1]);
  });

  it('before it could be reached', async () => {
    runtype.refuse(60_000);
    expect(await failureOf()).toEqual(unknown);
  });

  it('while the background was dead', async () => {
    const trace = { sent: 1, execution: 'exec_7' };
    const { signal } = new AbortController();
    const task = taskOf('ask', { prompt: 'x' });
    const { failure } = await outcomeOf(service.recover(task, { trace, items: [] }, keyOf(), signal));
    expect(failure?.report).toMatchObject({
      code: 'outcome-unknown',
      service: { text: 'executionId exec_7' },
    });
    expect(calls()).toBe(0);
  });
});

it('a list that was asked for before the background died is asked for anew', async () => {
  const { signal } = new AbortController();
  const { items } = await outcomeOf(
    service.recover(taskOf('capabilities'), { trace: undefined, items: [] }, keyOf(), signal),
  );
  expect(items).toHaveLength(1);
});

it('a call can be cancelled while it runs', async () => {
  runtype.faults.add({ kind: 'freeze', at: 'accepted' });
  const stop = new AbortController();
  const reason = new Error('stopped');
  const running = run(taskOf('ask', { prompt: 'x' }), keyOf(), undefined, stop.signal);
  running.catch(() => {});
  await vi.waitFor(() => expect(runtype.ledger.count()).toBe(1));
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
});

it('a call that is never answered ends in ten minutes', async () => {
  const real = setTimeout;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    runtype.faults.add({ kind: 'freeze', at: 'accepted' });
    const running = failureOf();
    while (runtype.ledger.count() === 0) await new Promise(resolve => real(resolve, 5));
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(await running).toMatchObject({
      code: 'outcome-unknown',
      message: 'No answer came in ten minutes. What became of this call is not known.',
    });
  } finally {
    vi.useRealTimers();
  }
});

it('calls do not disturb each other', async () => {
  const prompts = Array.from({ length: 20 }, (_, at) => `number ${at}`);
  const texts = await Promise.all(prompts.map(prompt => textOf(taskOf('ask', { prompt }))));
  texts.forEach((text, at) => void expect(text).toContain(`“number ${at}”`));
});
