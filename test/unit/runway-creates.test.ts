import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runway/service';
import { type Fault, type Switches, trapHost, type UseapiEmulator } from '../emulators/useapi';
import { create, demoEmail, demoToken, json, pause, runway, start, upload } from '../emulators/useapi/line';
import type { UseapiOptions } from '../emulators/useapi/options';
import { faster, reach } from './network';
import { begin, drive, goOn, keyOf, stopClock, taskOf } from './runway-client';

const [ada, bob] = ['ada@example.com', 'bob@example.com'];

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

/** The create calls that arrived. */
const creates = () =>
  useapi.traffic.filter(
    ({ direction, method, path }) => direction === 'in' && method === 'POST' && path.endsWith('/create'),
  );
const at =
  (place: string) =>
  ({ path }: { path: string }) =>
    path.endsWith(place);
const scheduler = (body: unknown): Fault => ({ kind: 'http', status: 200, body, when: at('/scheduler/') });
const listing = (tasks: unknown): Fault => ({
  kind: 'http',
  status: 200,
  body: { tasks },
  when: at('/tasks/'),
});
const sentForm = () => JSON.parse(creates()[0]?.text ?? '{}');

const MADE = [
  ['image', { prompt: 'a heron' }, 'images/create', 'image', 1],
  ['image', { prompt: 'a heron', model: 'gen4', count: '4', style: 'sketch' }, 'images/create', 'image', 4],
  ['video', { prompt: 'a heron', duration: '2' }, 'videos/create', 'video', 1],
  ['frames', { prompt: 'a heron', count: '4', ratio: '21:9' }, 'frames/create', 'image', 4],
] as const;

describe('a task', () => {
  it.each(MADE)(
    'of kind %s with %o is created once, then asked after',
    async (operation, puts, endpoint, of, count) => {
      await open();
      const task = taskOf(operation, puts);
      const { types, items, failure, kept } = await drive(task);
      expect(failure).toBeUndefined();
      expect(types.slice(0, 4)).toEqual(['sending', 'sending', 'progress', 'later']);
      expect(items.map(item => item.type === 'link' && [item.of, item.last === true])).toEqual(
        Array.from({ length: count }, (_, at) => [of, at === count - 1]),
      );
      for (const item of items)
        expect('url' in item && item.url).toMatch(/^https:\/\/dnznrvs05pmza\.cloudfront\.net\//);
      expect(new Set(kept.items).size).toBe(count);
      expect(useapi.ledger.entries.map(entry => entry.endpoint)).toEqual([endpoint]);
      expect(creates()).toHaveLength(1);
      expect(sentForm()).toMatchObject({ text_prompt: 'a heron', replyRef: task.id });
    },
  );

  it('has its id in the journal before anything else is done, and what is sent is there before it leaves', async () => {
    await open();
    const task = taskOf('frames', { prompt: 'a heron' });
    const seen: unknown[] = [];
    for await (const event of service.run(task, keyOf(), new AbortController().signal)) {
      seen.push(event.type === 'sending' ? event.trace : event.type);
      if (seen.length === 1) expect(creates()).toHaveLength(0);
    }
    const [{ taskId } = { taskId: '' }] = useapi.tasks;
    expect(seen).toEqual([
      { state: 'offered', first: Date.now(), sent: Date.now() },
      { state: 'accepted', sent: Date.now(), taskId },
      'progress',
      'later',
    ]);
  });

  it('is asked after once a step, by nothing that stays awake', async () => {
    await open({ taskMs: 60_000 });
    const task = taskOf('frames', { prompt: 'a heron' });
    const asked = () =>
      useapi.traffic.filter(({ path, direction }) => direction === 'in' && /tasks\//.test(path));
    const first = await begin(task);
    expect(asked()).toHaveLength(0);
    expect((first.later ?? 0) - Date.now()).toBe(10_000);
    vi.setSystemTime(first.later ?? 0);
    const next = await goOn(task, first.kept);
    expect(asked()).toHaveLength(1);
    expect(next.events).toEqual([
      { type: 'progress', percent: 16 },
      { type: 'later', at: Date.now() + 10_000 },
    ]);
    await pause(50);
    expect(asked()).toHaveLength(1);
  });

  it('that takes long is asked after less and less often', async () => {
    await open({ taskMs: 3 * 3_600_000 });
    const { steps, failure } = await drive(taskOf('video', { prompt: 'a heron' }));
    expect(failure).toBeUndefined();
    expect(steps).toBeLessThan(90);
  });

  it('in explore mode says that it waits, and costs nothing', async () => {
    await open({
      throttledMs: 400_000,
      tokens: { [demoToken]: { accounts: { [ada]: { unlimited: true } } } },
    });
    const { types, items } = await drive(taskOf('video', { prompt: 'a heron', explore: 'true' }));
    expect(types).toContain('busy');
    expect(items).toHaveLength(1);
    expect([useapi.ledger.count(), useapi.ledger.total()]).toEqual([1, 0]);
    expect(sentForm()).toMatchObject({ exploreMode: true, model: 'gen4.5', duration: 5 });
  });

  it('runs with the account that it names, else the key’s own', async () => {
    await open({ tokens: { [demoToken]: { accounts: { [ada]: {}, [bob]: {} } } } });
    const key = keyOf({ email: bob });
    await begin(taskOf('frames', { prompt: 'a heron' }), key);
    await begin(taskOf('frames', { prompt: 'a heron', account: ada, maxJobs: '3' }), key);
    expect(useapi.tasks.map(({ email }) => email)).toEqual([bob, ada]);
    expect(JSON.parse(creates()[1]?.text ?? '')).toMatchObject({ email: ada, maxJobs: 3 });
  });

  it('with an asset runs where the asset is', async () => {
    await open({ tokens: { [demoToken]: { accounts: { [ada]: {}, [bob]: {} } } } });
    const { assetId } = json(await upload(useapi.port, `name=x&email=${bob}`));
    const { failure } = await drive(taskOf('image', { prompt: 'a heron', reference1: assetId }));
    expect(failure).toBeUndefined();
    expect(useapi.tasks.map(({ email }) => email)).toEqual([bob]);
    expect(sentForm().imageAssetId1).toBe(assetId);
  });

  it('sends every field as the service names it, and a seed of its own only where models take one', async () => {
    await open({ unknownFields: 'refused', numbersAsText: false });
    const full = { prompt: 'a heron', diversity: '0', style: 'vivid', seed: '7', ratio: '9:16', count: '1' };
    expect(
      (await begin(taskOf('image', { ...full, model: 'gen4', resolution: '720p' }))).failure,
    ).toBeUndefined();
    expect(sentForm()).toMatchObject({
      diversity: 0,
      style: 'vivid',
      seed: 7,
      aspect_ratio: '9:16',
      num_images: 1,
    });
    for (const model of ['nano-banana', 'gen4-turbo']) {
      await begin(taskOf('image', { prompt: 'a heron', model }));
    }
    await begin(taskOf('video', { prompt: 'a heron', model: 'veo-3.1', audio: 'false', resolution: '720p' }));
    const [, banana, gen4, veo] = creates().map(({ text }) => JSON.parse(text));
    expect(banana).not.toHaveProperty('seed');
    expect(gen4.seed).toBeGreaterThan(0);
    expect(veo).toMatchObject({ audio: false, resolution: '720p' });
    expect(veo).not.toHaveProperty('seed');
  });

  it.each<Partial<Switches>>([
    { createForm: 'wrapped' },
    { progressForm: 'number' },
    { refInTask: true },
    { mediaHost: 'storage' },
    { retryAfter: 'neither' },
    { pathDecoding: 'percent' },
    { slashes: 'documented' },
  ])('is created and delivered with %o', async switches => {
    await open({ ...switches, tokens: { [demoToken]: { accounts: { 'ada+test@example.com': {} } } } });
    const { items, failure } = await drive(taskOf('frames', { prompt: 'a heron' }));
    expect([items.length, failure]).toEqual([1, undefined]);
  });

  it('that failed at Runway says why', async () => {
    await open();
    useapi.faults.add({ kind: 'fail' }, { kind: 'fail', error: 'As asked.' });
    const task = () => taskOf('frames', { prompt: 'a heron' });
    const [one, other] = [await drive(task()), await drive(task())];
    expect(one.failure?.report).toMatchObject({
      code: 'service-error',
      service: { code: 'INTERNAL', text: 'The generation failed.' },
    });
    expect(other.failure?.report.service).toEqual({ text: 'As asked.' });
    expect(useapi.ledger.count()).toBe(0);
  });

  it('that was moderated after it was taken is a matter of safety', async () => {
    await open({ moderation: 'task' });
    const { failure } = await drive(taskOf('frames', { prompt: 'a forbidden heron' }));
    expect(failure?.code).toBe('safety');
    expect(failure?.report.service?.code).toBe('SAFETY.INPUT.TEXT');
  });

  it('of which only a part had come brings the rest', async () => {
    await open();
    const task = taskOf('frames', { prompt: 'a heron', count: '4' });
    const first = await begin(task);
    vi.setSystemTime(first.later ?? 0);
    const whole = await goOn(task, first.kept);
    expect(whole.items).toHaveLength(4);
    const again = await goOn(task, { ...first.kept, items: whole.kept.items.slice(0, 3) });
    expect(again.items).toEqual(whole.items.slice(3));
  });
});

describe('while a task runs', () => {
  const started = async () => {
    await open({ taskMs: 60_000 });
    const task = taskOf('frames', { prompt: 'a heron' });
    return { task, first: await begin(task) };
  };
  const polls = ({ method, path }: { method: string; path: string }) =>
    method === 'GET' && path.includes('/tasks/');

  it.each<[string, Fault]>([
    ['a lost connection', { kind: 'drop', at: 'arrival' }],
    ['half an answer', { kind: 'cut' }],
    ['a gateway', { kind: 'http', status: 502, body: '<h1>Bad gateway</h1>' }],
    ['a failing service', { kind: 'http', status: 500 }],
    ['a busy one', { kind: 'http', status: 429 }],
    ['a page instead of an answer', { kind: 'http', status: 200, body: '<html>Sign in</html>' }],
    ['an answer without a task', { kind: 'http', status: 200, body: {} }],
  ])('%s is asked past', async (_, fault) => {
    const { task, first } = await started();
    useapi.faults.add({ ...fault, when: polls });
    const { items, types, failure } = await drive(task, keyOf(), first);
    expect([items.length, failure]).toEqual([1, undefined]);
    expect(types).toContain('reconnecting');
    expect(creates()).toHaveLength(1);
  });

  it('what somebody must mend ends it as not known, and it can be asked after when that is mended', async () => {
    const { task, first } = await started();
    useapi.breakAccount(demoToken, demoEmail);
    const lost = await drive(task, keyOf(), first);
    expect(lost.failure?.code).toBe('outcome-unknown');
    expect(lost.failure?.message).toMatch(/can no longer sign in/);
    await runway(useapi.port, `accounts/${demoEmail}`, {
      body: { email: demoEmail, password: 'another one', maxJobs: 5 },
    });
    vi.setSystemTime(Date.now() + 60_000);
    const found = await goOn(task, { ...lost.kept, askOnly: true });
    expect([found.items.length, found.failure]).toEqual([1, undefined]);
  });

  it.each([
    ['revoked', 'rejected the API token', () => useapi.revoke(demoToken)],
    ['lapsed', 'subscription has run out', () => useapi.lapse(demoToken)],
  ])('a token that is %s ends it as not known', async (_, words, spoil) => {
    const { task, first } = await started();
    spoil();
    const { failure } = await drive(task, keyOf(), first);
    expect(failure?.code).toBe('outcome-unknown');
    expect(failure?.message).toContain(words);
  });

  it('a task that expired meanwhile is not known', async () => {
    const { task, first } = await started();
    vi.setSystemTime(Date.now() + 8 * 24 * 3_600_000);
    const { failure } = await drive(task, keyOf(), first);
    expect(failure?.code).toBe('outcome-unknown');
    expect(failure?.report.service?.code).toBe('410');
  });
});

describe('two accounts of capacities 1 and 2', () => {
  const both = { [demoToken]: { accounts: { [ada]: { maxJobs: 1 }, [bob]: { maxJobs: 2 } } } };

  it.each<Partial<Switches>>([
    {},
    { retryAfter: 'header', retryAfterForm: 'date' },
    { retryAfter: 'body' },
    { retryAfter: 'neither' },
  ])(
    'share three tasks; the next waits its time out and then runs, and none is created twice (%o)',
    async switches => {
      await open({ tokens: both, taskMs: 25_000, retryAfterMs: 5_000, ...switches });
      const tasks = Array.from({ length: 4 }, (_, at) => taskOf('frames', { prompt: `heron ${at}` }));
      const begun = [];
      for (const task of tasks) begun.push(await begin(task));
      expect(useapi.tasks.map(({ email }) => email).sort()).toEqual([ada, bob, bob]);
      const [fourth] = begun.slice(3);
      expect(fourth?.types).toEqual(['sending', 'sending', 'busy', 'later']);
      expect(fourth?.kept.trace).toMatchObject({ state: 'turned-away', first: Date.now() });
      const wait = (fourth?.later ?? 0) - Date.now();
      expect(wait).toBeGreaterThanOrEqual(switches.retryAfter === 'neither' ? 15_000 : 4_000);
      expect(wait).toBeLessThanOrEqual(switches.retryAfter === 'neither' ? 17_000 : 8_000);

      const last = tasks[3];
      if (!last) throw new Error('There are four');
      // Too early is no time to offer it.
      const early = await goOn(last, fourth?.kept ?? { trace: undefined, items: [] });
      expect(early.types).toEqual(['later']);
      expect(creates()).toHaveLength(4);

      const { items, failure } = await drive(last, keyOf(), fourth);
      expect([items.length, failure]).toEqual([1, undefined]);
      for (const [at, task] of tasks.slice(0, 3).entries()) {
        expect((await drive(task, keyOf(), begun[at])).items).toHaveLength(1);
      }
      expect(useapi.ledger.entries.map(({ form }) => form.text_prompt).sort()).toEqual(
        [0, 1, 2, 3].map(at => `heron ${at}`),
      );
      expect(new Set(useapi.ledger.entries.map(({ form }) => form.replyRef)).size).toBe(4);
    },
  );

  it('never take a call for which there is no room for an hour', async () => {
    await open({ tokens: { [demoToken]: { accounts: { [ada]: { maxJobs: 1 } } } }, retryAfterMs: 240_000 });
    useapi.faults.add({ kind: 'stall' });
    await create(useapi.port);
    const begun = Date.now();
    const { failure, types } = await drive(taskOf('frames', { prompt: 'a heron' }));
    expect(failure?.code).toBe('rate-limit');
    expect(types).toContain('busy');
    expect(Date.now() - begun).toBeLessThanOrEqual(3_600_000);
    expect(useapi.ledger.count()).toBe(1);
  });

  it('are not offered what is only to be asked after', async () => {
    await open({ tokens: { [demoToken]: { accounts: { [ada]: { maxJobs: 1 } } } } });
    useapi.faults.add({ kind: 'stall' });
    await create(useapi.port);
    const task = taskOf('frames', { prompt: 'a heron' });
    const { kept, later } = await begin(task);
    vi.setSystemTime(later ?? 0);
    const { failure } = await goOn(task, { ...kept, askOnly: true });
    expect(failure?.message).toMatch(/never taken/);
    expect(creates()).toHaveLength(2);
  });
});

describe('a create whose answer is lost', () => {
  const done: [string, Fault][] = [
    ['the connection is lost once it is done', { kind: 'drop', at: 'accepted' }],
    ['half the answer comes', { kind: 'cut' }],
    ...[500, 502, 503, 504, 408].map((status): [string, Fault] => [
      `it is done and answered with ${status}`,
      { kind: 'http', status, accept: true },
    ]),
    [
      'it is done and a gateway’s page comes',
      { kind: 'http', status: 504, body: '<h1>504</h1>', accept: true },
    ],
    ['it is done and a page comes', { kind: 'http', status: 200, body: '<html>', accept: true }],
    ['it is done and nothing comes', { kind: 'http', status: 200, body: '', accept: true }],
    ['it is done and no id comes', { kind: 'http', status: 200, body: {}, accept: true }],
  ];
  const undone: [string, Fault][] = [
    ['the connection is lost before', { kind: 'drop', at: 'arrival' }],
    ...[500, 502, 503, 504].map((status): [string, Fault] => [
      `it is not done and answered with ${status}`,
      { kind: 'http', status },
    ]),
    ['it is not done and a gateway’s page comes', { kind: 'http', status: 502, body: '<h1>502</h1>' }],
  ];
  const creating = ({ path }: { path: string }) => path.endsWith('/create');
  const kinds = ['image', 'video', 'frames'];

  it.each(done)('because %s is found, and not sent again', async (_, fault) => {
    await open();
    for (const kind of kinds) {
      useapi.faults.add({ ...fault, when: creating });
      const { items, failure } = await drive(taskOf(kind, { prompt: `a heron, ${kind}` }));
      expect([kind, items.length, failure]).toEqual([kind, 1, undefined]);
    }
    expect([creates().length, useapi.ledger.count()]).toEqual([3, 3]);
  });

  it.each(undone)('because %s is not sent again: its outcome is not known', async (_, fault) => {
    await open();
    for (const kind of kinds) {
      useapi.faults.add({ ...fault, when: creating });
      const { failure, types } = await drive(taskOf(kind, { prompt: `a heron, ${kind}` }));
      expect([kind, failure?.code]).toEqual([kind, 'outcome-unknown']);
      expect(types).toContain('reconnecting');
    }
    expect([creates().length, useapi.ledger.count()]).toEqual([3, 0]);
  });

  it.each([
    ['accepted', 1],
    ['arrival', 0],
  ] as const)('because nothing ever comes, from its %s, ends all the same', async (at, billed) => {
    await open({ taskMs: 20 });
    vi.useRealTimers();
    useapi.faults.add({ kind: 'freeze', at, when: creating });
    const task = taskOf('frames', { prompt: 'a heron' });
    const first = await faster(() => begin(task), 1_000);
    stopClock();
    vi.setSystemTime(Date.now() + 200_000);
    const { failure, items } = await drive(task, keyOf(), first);
    expect([items.length, failure?.code]).toEqual(billed ? [1, undefined] : [0, 'outcome-unknown']);
    expect([creates().length, useapi.ledger.count()]).toEqual([1, billed]);
  });

  it('is found although it is listed late, by the accounts’ lists alone', async () => {
    await open({ listLagMs: 45_000, tokens: { [demoToken]: { accounts: { [ada]: {}, [bob]: {} } } } });
    useapi.faults.add({ kind: 'drop', at: 'accepted' });
    const { items, failure, steps } = await drive(taskOf('frames', { prompt: 'a heron' }));
    expect([items.length, failure]).toEqual([1, undefined]);
    expect(steps).toBeGreaterThan(1);
    expect(creates()).toHaveLength(1);
  });

  it.each(['wrapped', 'bare'] as const)('is found in a list that is %s', async listForm => {
    await open({ listForm });
    useapi.faults.add({ kind: 'drop', at: 'accepted' });
    const task = taskOf('image', { prompt: 'a heron' });
    const first = await begin(task);
    expect(first.kept.trace).toMatchObject({ state: 'accepted' });
    expect((await drive(task, keyOf(), first)).items).toHaveLength(1);
  });

  it('is looked for until the lists can be read again', async () => {
    await open();
    useapi.faults.add(
      { kind: 'drop', at: 'accepted' },
      { kind: 'http', status: 503, times: 40, when: call => call.method === 'GET' },
    );
    const begun = Date.now();
    const { items, failure } = await drive(taskOf('frames', { prompt: 'a heron' }));
    expect([items.length, failure]).toEqual([1, undefined]);
    expect(Date.now() - begun).toBeGreaterThan(120_000);
  });

  it('is found by the next background, which knows nothing but the journal', async () => {
    await open();
    const task = taskOf('image', { prompt: 'a heron' });
    const events = service.run(task, keyOf(), new AbortController().signal);
    const { value } = await events.next();
    const kept = { trace: value?.type === 'sending' && value.trace, items: [] };
    // It goes on, and nobody hears of it any more.
    await events.next();
    vi.resetModules();
    const { service: next } = await import('../../src/services/runway/service');
    const seen: string[] = [];
    for await (const event of next.recover(task, kept, keyOf(), new AbortController().signal))
      seen.push(event.type);
    expect(seen[0]).toBe('sending');
    expect(creates()).toHaveLength(1);
  });

  it('is not taken for a task of another call with the same words, tracked or over', async () => {
    await open({ taskMs: 30_000 });
    for (const at of [0, 1]) {
      const own = taskOf('image', { prompt: 'a heron' });
      const first = await begin(own);
      useapi.faults.add({ kind: 'drop', at: 'arrival', when: creating });
      const { failure, items } = await drive(taskOf('image', { prompt: 'a heron' }));
      expect([at, failure?.code, items.length]).toEqual([at, 'outcome-unknown', 0]);
      expect((await drive(own, keyOf(), first)).items).toHaveLength(1);
      // The second time it is over before the other is looked for.
      useapi.switches.taskMs = 1;
      vi.setSystemTime(Date.now() + 60_000);
    }
    expect(useapi.ledger.count()).toBe(2);
  });

  it('is not taken by the next background for a tracked task of another call', async () => {
    await open({ taskMs: 3_600_000 });
    await begin(taskOf('image', { prompt: 'a heron' }));
    useapi.faults.add({ kind: 'drop', at: 'arrival', when: creating });
    const task = taskOf('image', { prompt: 'a heron' });
    const { kept } = await begin(task);
    vi.resetModules();
    const { service: next } = await import('../../src/services/runway/service');
    const seen: string[] = [];
    for await (const { type } of next.recover(task, kept, keyOf(), new AbortController().signal))
      seen.push(type);
    expect(seen).toEqual(['reconnecting', 'later']);
  });

  it('is not taken for what another program made with the same words, where a seed tells them apart', async () => {
    await open({ taskMs: 1 });
    useapi.faults.add({ kind: 'drop', at: 'arrival', when: creating });
    const task = taskOf('frames', { prompt: 'a lighthouse' });
    const first = await begin(task);
    await create(useapi.port, { text_prompt: 'a lighthouse' });
    const { failure } = await drive(task, keyOf(), first);
    expect(failure?.code).toBe('outcome-unknown');
  });

  it('is not taken for an older task with the same words', async () => {
    await open({ taskMs: 1 });
    await create(useapi.port, { text_prompt: 'a heron', model: 'nano-banana' }, 'images/create');
    vi.setSystemTime(Date.now() + 5_000);
    useapi.faults.add({ kind: 'drop', at: 'arrival', when: creating });
    const { failure } = await drive(taskOf('image', { prompt: 'a heron' }));
    expect(failure?.code).toBe('outcome-unknown');
  });

  it.each([3_600_000, -3_600_000])('is found by a computer whose clock is %i ms off', async off => {
    await open();
    reach(useapi.port, () => Date.now() - off);
    useapi.faults.add({ kind: 'drop', at: 'accepted' }, scheduler([]));
    const task = taskOf('image', { prompt: 'a heron' });
    const made = (ms: number) => ({
      taskId: `user:1234-runwayml:demo@example.com-task:${off}`,
      createdAt: new Date(Date.now() - off + ms).toISOString(),
      status: 'RUNNING',
      options: { text_prompt: 'a heron' },
    });
    // One made before the call was sent, by the service's clock, is another's.
    useapi.faults.add(listing([made(-60_000)]), scheduler([]), listing([made(400), made(-60_000)]));
    const first = await begin(task);
    expect(first.types.at(-2)).toBe('reconnecting');
    const { kept } = await goOn(task, first.kept);
    expect(kept.trace).toMatchObject({ state: 'accepted', taskId: made(0).taskId });
  });

  it('is not taken for either of two that it could be', async () => {
    await open({ taskMs: 1 });
    useapi.faults.add({ kind: 'drop', at: 'arrival', when: creating });
    const task = taskOf('image', { prompt: 'a heron' });
    const first = await begin(task);
    for (let made = 0; made < 2; made += 1) {
      await create(useapi.port, { text_prompt: 'a heron', model: 'nano-banana' }, 'images/create');
      vi.setSystemTime(Date.now() + 500);
    }
    const { failure } = await drive(task, keyOf(), first);
    expect(failure?.code).toBe('outcome-unknown');
  });

  it('cannot be looked for with a token that was rejected, which says so', async () => {
    await open();
    useapi.faults.add({ kind: 'drop', at: 'accepted' });
    useapi.faults.add({
      kind: 'http',
      status: 401,
      body: { error: 'Unauthorized', code: 401 },
      when: call => call.method === 'GET',
    });
    const { failure } = await drive(taskOf('frames', { prompt: 'a heron' }));
    expect(failure?.code).toBe('outcome-unknown');
    expect(failure?.message).toMatch(/rejected the API token/);
  });

  it('without a trace is not known', async () => {
    await open();
    await create(useapi.port);
    for (const trace of [
      undefined,
      {},
      { state: 'offered' },
      { state: 'accepted', sent: 'then', taskId: 'x' },
    ]) {
      const { failure } = await goOn(taskOf('frames', { prompt: 'a heron' }), { trace, items: [] });
      expect(failure?.code).toBe('outcome-unknown');
    }
    expect(creates()).toHaveLength(1);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308] as const)('of status %i is not followed', async redirect => {
    await open();
    await create(useapi.port);
    useapi.switches.redirect = redirect;
    const { failure, types } = await begin(taskOf('frames', { prompt: 'a heron' }));
    expect(failure).toBeUndefined();
    expect(types.at(-1)).toBe('later');
    expect(useapi.traffic.some(({ host }) => host === trapHost)).toBe(false);
  });
});

describe('a computer that is offline', () => {
  it('sends nothing, and says so at once', async () => {
    await open();
    await create(useapi.port);
    vi.stubGlobal('navigator', { onLine: false });
    const { failure, events } = await begin(taskOf('frames', { prompt: 'a heron' }));
    expect([failure?.code, events]).toEqual(['offline', []]);
    expect(creates()).toHaveLength(1);
  });
});

it('a call that is stopped ends with the reason, and is not asked after', async () => {
  await open();
  await create(useapi.port);
  const stop = new AbortController();
  const events = service.run(taskOf('frames', { prompt: 'a heron' }), keyOf(), stop.signal);
  await events.next();
  stop.abort(new Error('Stopped.'));
  await expect(events.next()).rejects.toThrow('Stopped.');
  expect(creates()).toHaveLength(1);
});

it.each(['..', 'user:1-runwayml:a@b.c-task:\u0007'])(
  'an id that could never be asked after, “%s”, is none: the task is looked for, and not made again',
  async taskId => {
    await open();
    useapi.faults.add({ kind: 'http', status: 200, body: { taskId }, accept: true });
    const { failure } = await drive(taskOf('image', { prompt: 'A heron' }));
    expect(failure).toBeUndefined();
    expect(creates()).toHaveLength(1);
  },
);
