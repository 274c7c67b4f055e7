import { afterEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/failure';
import { service } from '../../src/services/runware/service';
import type { Fault, RunwareEmulator, RunwareOptions, Switches } from '../emulators/runware';
import { start } from './emulators/runware-line';
import { faster, reach } from './network';
import { keyOf, type Outcome, run, taskOf } from './runware-client';

let runware: RunwareEmulator;
const begin = async (options: Partial<RunwareOptions> = {}) => {
  runware = await start(options);
  reach(runware.port);
};

afterEach(async () => {
  service.lock();
  await runware?.close();
  vi.unstubAllGlobals();
});

const http = keyOf({ connection: 'http' });
const inBody = keyOf({ connection: 'http-body' });
const { signal } = new AbortController();

/** Whole, each item once, and paid for once. */
function expectWhole({ items, failure }: Outcome, task: { id: string }, count = 1): void {
  expect(failure?.report).toBeUndefined();
  expect(items).toHaveLength(count);
  expect(items.at(-1)).toMatchObject({ last: true });
  expect(runware.ledger.count(task.id)).toBe(1);
  expect(runware.ledger.count()).toBe(1);
}
const isText = (outcome: Outcome, said: string) =>
  expect(outcome.items).toEqual([
    expect.objectContaining({ type: 'text', text: expect.stringContaining(said) }),
  ]);
const tasksIn = (what: string) =>
  runware.traffic.filter(({ direction, text }) => direction === 'in' && text.includes(what));

describe('a key that is to be used over HTTP', () => {
  it.each([
    ['in a header', http, undefined],
    ['in the message', inBody, undefined],
    ['in the message, not echoed', inBody, { echoAuth: false }],
  ] as const)('%s runs a task without any socket', async (_, key, switches) => {
    await begin(switches);
    const task = taskOf('image', { count: '3' });
    const outcome = await run(task, key);
    expectWhole(outcome, task, 3);
    expect(outcome.types.slice(-4)).toEqual(['sending', 'image', 'image', 'image']);
    expect(runware.opened).toBe(0);
    expect(runware.traffic.every(({ path }) => !path.includes('key'))).toBe(true);
  });

  it.each<[string, Fault[], Partial<Switches>]>([
    ['that breaks before it arrived', [{ kind: 'drop', at: 'arrival' }], {}],
    ['that breaks once it was accepted', [{ kind: 'drop', at: 'accepted' }], {}],
    [
      'that breaks, whose answer is in the archive alone',
      [{ kind: 'drop', at: 'accepted' }],
      { pollSync: false },
    ],
    [
      'that a gateway loses',
      [{ kind: 'http', status: 502, body: '<html>Bad gateway</html>', accept: true }],
      {},
    ],
    ['that a gateway gives up', [{ kind: 'http', status: 504, body: '', accept: true }], {}],
    ['that fails without a word', [{ kind: 'http', status: 500, body: '', accept: true }], {}],
    ['that is answered by nonsense', [{ kind: 'http', status: 200, body: 'hello', accept: true }], {}],
    ['that is answered by nothing', [{ kind: 'http', status: 200, body: '{}', accept: true }], {}],
    ['for which there is no room', [{ kind: 'http', status: 503, times: 2 }], {}],
    ['that comes too fast', [{ kind: 'http', status: 429, body: '', times: 2 }], {}],
  ])('loses nothing and pays once for a request %s', async (_, faults, switches) => {
    await begin({ ...switches, taskMs: 40 });
    runware.faults.add(...faults);
    const task = taskOf('image', { count: '2' });
    expectWhole(await faster(() => run(task, http)), task, 2);
  });

  it.each([
    [401, 'rejected-key'],
    [402, 'quota'],
    [403, 'rejected-key'],
    [400, 'invalid'],
    [404, 'not-found'],
    [418, 'service-error'],
  ])('is told what a bare status %i means, once', async (status, code) => {
    await begin();
    runware.faults.add({ kind: 'http', status, body: '', times: 9 });
    const { failure } = await run(taskOf('image'), http);
    expect(failure?.report).toMatchObject({ code, service: { text: `HTTP ${status}` } });
    expect([runware.faults.pending.length, tasksIn('imageInference').length, runware.ledger.count()]).toEqual(
      [1, 1, 0],
    );
  });

  it.each(['errors', 'error'] as const)('is told the service’s own words under “%s”', async restErrors => {
    await begin({ restErrors });
    const { failure } = await run(taskOf('image', { model: 'a:b@1', width: '130' }), http);
    expect(failure?.report).toMatchObject({ code: 'invalid', field: 'width' });
    expect(failure?.report.service?.text).toContain('128 to 2048');
  });

  it('that is wrong is rejected', async () => {
    await begin();
    for (const connection of ['http', 'http-body']) {
      const { failure } = await run(taskOf('image'), keyOf({ apiKey: 'not-a-key-at-all', connection }));
      expect(failure?.code).toBe('rejected-key');
    }
  });

  it('asks after a film until it is there', async () => {
    await begin({ taskMs: 300, mediaHost: 'documented' });
    const task = taskOf('video', { prompt: 'a heron flies' });
    expectWhole(await faster(() => run(task, http)), task);
  });

  it('on a machine that is offline sends nothing, and says so', async () => {
    await begin();
    vi.stubGlobal('navigator', { onLine: false });
    const { failure, types } = await run(taskOf('image'), http);
    expect([failure?.code, types.includes('sending')]).toEqual(['offline', false]);
    expect(runware.traffic).toEqual([]);
  });
});

describe('a network that leads nowhere, though the computer calls it one', () => {
  let hours = 0;
  /** An hour later each time, when what was learnt of the network no longer counts. */
  const later = <T>(work: () => Promise<T>): Promise<T> => {
    vi.setSystemTime(Date.now() + ++hours * 3_600_000);
    return faster(work);
  };
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told within half a minute, and nothing is sent over HTTP', async () => {
    await begin();
    runware.refuse(24 * 3_600_000);
    let took = 0;
    const { failure, types } = await later(async () => {
      const began = Date.now();
      const outcome = await run(taskOf('image'), http);
      took = Date.now() - began;
      return outcome;
    });
    expect([failure?.code, types]).toEqual(['unreachable', ['connecting']]);
    expect(took).toBeLessThan(30_000);
    expect(runware.traffic).toEqual([]);
  });

  it('for a moment keeps a call waiting that long', async () => {
    await begin();
    const task = taskOf('image');
    const outcome = await later(() => {
      runware.refuse(5_000);
      return run(task, http);
    });
    expectWhole(outcome, task);
    expect(outcome.types).toEqual(['connecting', 'sending', 'image']);
  });

  it('is told of a text as of any other task', async () => {
    await begin();
    runware.refuse(24 * 3_600_000);
    const { failure, types } = await later(() => run(taskOf('text'), keyOf()));
    expect([failure?.code, types]).toEqual(['unreachable', ['connecting']]);
    expect(runware.traffic).toEqual([]);
  });

  it('but by a socket does for a text as well', async () => {
    await begin();
    runware.refuse(24 * 3_600_000, 'http');
    const { types } = await later(() => run(taskOf('text'), keyOf()));
    expect(types).toEqual(['connecting', 'sending', 'text']);
  });

  const trials = () => runware.traffic.filter(({ transport }) => transport === 'media').length;

  it('is tried out once, and again once it has failed', async () => {
    await begin();
    const calls = async (count: number) => {
      for (let call = 0; call < count; call++)
        expect((await run(taskOf('image'), http)).items).toHaveLength(1);
    };
    await later(async () => {
      await calls(3);
      expect(trials()).toBe(1);
      runware.faults.add({ kind: 'drop', at: 'arrival' });
      await calls(2);
    });
    expect(trials()).toBe(2);
  });

  it('is not tried out where a socket stands', async () => {
    await begin();
    const key = keyOf();
    const { types } = await later(async () => {
      await run(taskOf('image'), key);
      return run(taskOf('text'), key);
    });
    expect(types.slice(0, 2)).toEqual(['sending', 'partial']);
    expect(trials()).toBe(0);
  });
});

describe('where no socket can be had', () => {
  it('a task goes over HTTP, and so does the next at once', async () => {
    await begin();
    runware.refuse(3_600_000, 'sockets');
    const key = keyOf();
    const task = taskOf('image');
    expectWhole(await faster(() => run(task, key)), task);
    expect((await run(taskOf('image'), key)).types).toEqual(['sending', 'image']);
  });

  it('what was sent by a socket that went is found over HTTP', async () => {
    await begin({ taskMs: 60 });
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const task = taskOf('image', { count: '2' });
    const outcome = await faster(() =>
      run(task, keyOf(), ({ type }) => {
        if (type === 'sending') runware.refuse(3_600_000, 'sockets');
      }),
    );
    expectWhole(outcome, task, 2);
  });

  it('nor HTTP nothing is sent, and the call says so within half a minute', async () => {
    await begin();
    runware.refuse(3_600_000);
    let took = 0;
    const { failure, types } = await faster(async () => {
      const began = Date.now();
      const outcome = await run(taskOf('image'), keyOf());
      took = Date.now() - began;
      return outcome;
    });
    expect([failure?.code, types]).toEqual(['unreachable', ['connecting']]);
    expect(took).toBeLessThan(35_000);
  });

  it('a bad key is told apart from a bad network', async () => {
    await begin();
    runware.refuse(3_600_000, 'sockets');
    const { failure } = await faster(() => run(taskOf('image'), keyOf({ apiKey: 'not-a-key-at-all' })));
    expect(failure?.code).toBe('rejected-key');
  });
});

describe('a text', () => {
  it('grows as it is streamed, and is whole at its end', async () => {
    await begin({ deltaMs: 1 });
    const task = taskOf('text', { prompt: 'What is a heron?' });
    const outcome = await run(task, keyOf());
    expectWhole(outcome, task);
    const partial = outcome.events.flatMap(event => (event.type === 'partial' ? event.text : []));
    expect(partial.length).toBeGreaterThan(5);
    for (const [at, text] of partial.entries()) expect(text.startsWith(partial[at - 1] ?? '')).toBe(true);
    expect(outcome.items).toMatchObject([{ text: partial.at(-1), cost: expect.any(Number) }]);
    isText(outcome, 'You asked: “What is a heron?”');
    const begun = outcome.types.find(type => type !== 'connecting');
    expect([runware.opened, begun]).toEqual([0, 'sending']);
  });

  it('that ends at its limit says so', async () => {
    await begin({ deltaMs: 1 });
    const { items } = await run(taskOf('text', { prompt: 'p', maxTokens: '3' }), keyOf());
    expect(items).toMatchObject([{ cut: 'length' }]);
  });

  it.each<[string, Partial<Switches>]>([
    ['with comments between', { keepAlive: 'often' }],
    ['with CR LF', { lineEnd: '\r\n' }],
    ['over several lines', { multiline: true }],
    ['cut within characters', { chunks: 'cut' }],
    ['with all of that', { keepAlive: 'often', lineEnd: '\r\n', multiline: true, chunks: 'cut' }],
    ['after reasoning', { reasoning: true }],
  ])('is read %s', async (_, switches) => {
    await begin({ deltaMs: 0, ...switches });
    const task = taskOf('text', { prompt: 'Żółw 🦢 雪?' });
    const outcome = await run(task, keyOf());
    expectWhole(outcome, task);
    isText(outcome, 'You asked: “Żółw 🦢 雪?”');
    expect(JSON.stringify(outcome)).not.toContain('thinks nothing');
  });

  const cuts: [string, Fault[], Partial<Switches>][] = [
    ['before a word', [{ kind: 'sse-cut', after: 0 }], {}],
    ['after a few words', [{ kind: 'sse-cut', after: 3 }], {}],
    ['before it was accepted', [{ kind: 'drop', at: 'arrival' }], {}],
    ['once it was accepted', [{ kind: 'drop', at: 'accepted' }], {}],
    ['by a gateway', [{ kind: 'http', status: 502, body: '<html>', accept: true }], {}],
    ['by a gateway that gave up', [{ kind: 'http', status: 504, body: '', accept: true }], {}],
    ['after a few words, and in the archive alone', [{ kind: 'sse-cut', after: 3 }], { pollSync: false }],
    [
      'after a few words, and in the archive as a list',
      [{ kind: 'sse-cut', after: 3 }],
      { pollSync: false, taskDetails: 'array' },
    ],
  ];
  it.each(cuts)('whose stream is cut %s is found whole, and paid for once', async (_, faults, switches) => {
    await begin({ deltaMs: 1, ...switches });
    runware.faults.add(...faults);
    const task = taskOf('text', { prompt: 'What is a heron?' });
    const outcome = await faster(() => run(task, keyOf()));
    expectWhole(outcome, task);
    isText(outcome, 'You asked: “What is a heron?” That is 4 words');
    expect(tasksIn('textInference').every(({ text }) => text.includes(task.id))).toBe(true);
  });

  it('whose stream is cut for good keeps the words that had come, and is unknown', async () => {
    await begin({ deltaMs: 1, pollSync: false, taskDetails: 'missing' });
    runware.faults.add({ kind: 'sse-cut', after: 4 });
    const task = taskOf('text', { prompt: 'What is a heron?' });
    const { events, failure } = await faster(() => run(task, keyOf()), 500);
    expect(failure?.code).toBe('outcome-unknown');
    const last = events.findLast(({ type }) => type === 'partial');
    expect(last).toMatchObject({ text: expect.stringMatching(/^This is the emulator/) });
    expect([runware.ledger.count(task.id), tasksIn('textInference').length]).toEqual([1, 1]);
  });

  it.each<[string, Fault, object]>([
    [
      'before a word',
      { kind: 'error', failure: { code: 'contentPolicyViolation', message: 'No.' } },
      { code: 'safety' },
    ],
    [
      'after two',
      { kind: 'error', after: 2, failure: { code: 'providerError', message: 'No.' } },
      { code: 'service-error' },
    ],
    [
      'of a field',
      { kind: 'error', failure: { code: 'invalidValue', message: 'No.', parameter: 'settings.maxTokens' } },
      { code: 'invalid', field: 'maxTokens' },
    ],
  ])('that is refused %s fails with the service’s reason', async (_, fault, report) => {
    await begin({ deltaMs: 1 });
    runware.faults.add(fault);
    const { failure, items } = await run(taskOf('text'), keyOf());
    expect(failure?.report).toMatchObject(report);
    expect([items, runware.ledger.count()]).toEqual([[], 0]);
  });

  it('that is refused for a while is offered again, under its own id', async () => {
    await begin({ deltaMs: 1 });
    runware.faults.add({
      kind: 'error',
      failure: { code: 'serviceUnavailable', message: 'Full.' },
      times: 2,
    });
    const task = taskOf('text');
    const outcome = await faster(() => run(task, keyOf()));
    expectWhole(outcome, task);
    expect(outcome.types.filter(type => type === 'busy')).toHaveLength(2);
  });

  it('goes over the socket for a while once HTTP could not be had', async () => {
    await begin({ deltaMs: 1 });
    runware.refuse(3_600_000, 'http');
    const key = keyOf();
    const first = taskOf('text');
    expectWhole(await faster(() => run(first, key)), first);
    const second = await run(taskOf('text'), key);
    expect(second.types).toEqual(['sending', 'text']);
  });

  it('that is answered all at once is taken so', async () => {
    await begin();
    const task = taskOf('text');
    const answer = {
      taskType: 'textInference',
      taskUUID: task.id,
      text: 'A bird.',
      cost: 0.5,
      finishReason: 'length',
    };
    runware.faults.add({ kind: 'http', status: 200, body: { data: [answer] } });
    const { types, items } = await run(task, keyOf());
    expect(types.filter(type => type !== 'connecting')).toEqual(['sending', 'text']);
    expect(items).toMatchObject([{ text: 'A bird.', cost: 0.5, cut: 'length', last: true }]);
  });

  it('of another task is not taken for its own', async () => {
    await begin({ deltaMs: 1 });
    const task = taskOf('text');
    const answer = { taskType: 'textInference', taskUUID: crypto.randomUUID(), text: 'Not yours.' };
    runware.faults.add({ kind: 'http', status: 200, body: { data: [answer] } });
    const outcome = await faster(() => run(task, keyOf()));
    expect(JSON.stringify(outcome)).not.toContain('Not yours.');
    expectWhole(outcome, task);
  });

  it('stops when nobody wants it any more', async () => {
    await begin({ deltaMs: 20 });
    const abort = new AbortController();
    const task = taskOf('text');
    let words = 0;
    const running = run(
      task,
      keyOf(),
      ({ type }) => {
        if (type === 'partial' && ++words === 2) abort.abort(new Error('enough'));
      },
      abort.signal,
    );
    await expect(running).rejects.toThrow('enough');
    expect(words).toBe(2);
  });
});

describe('over HTTP, a task that was taken', () => {
  const http = () => keyOf({ connection: 'http' });

  it('comes although a gateway gives up with a word of its own', async () => {
    await begin({ taskMs: 40 });
    const body = { errors: [{ code: 'timeoutProvider', message: 'The queue wait was exceeded.' }] };
    runware.faults.add({ kind: 'http', status: 504, accept: true, body });
    const task = taskOf('image');
    expectWhole(await faster(() => run(task, http()), 200), task, 1);
    expect(runware.ledger.count(task.id)).toBe(1);
  });

  it('may have been billed where a gateway that is down answered for it', async () => {
    await begin({ taskMs: 40 });
    runware.faults.add({ kind: 'http', status: 503, accept: true });
    runware.faults.add({ kind: 'http', status: 503, times: 1_000 });
    const { failure } = await faster(() => run(taskOf('image'), http()), 200);
    expect(failure?.code).toBe('outcome-unknown');
  });

  it.each([404, 405, 408, 410])('comes although the question is answered with an empty %i', async status => {
    await begin({ taskMs: 40 });
    runware.faults.add(
      {
        kind: 'http',
        status: 502,
        accept: true,
        body: '',
        when: ({ taskType }) => taskType === 'imageInference',
      },
      { kind: 'http', status, body: '', when: ({ taskType }) => taskType === 'getResponse' },
    );
    const task = taskOf('image');
    expectWhole(await faster(() => run(task, http()), 200), task, 1);
    expect(runware.ledger.count(task.id)).toBe(1);
  });
});

describe('a price', () => {
  it.each([http, inBody, keyOf()])('is told without running or billing anything', async key => {
    await begin();
    const task = taskOf('image', { count: '3' });
    const price = await service.price?.(task, key, signal);
    expect(price).toBeCloseTo(3 * 0.0006, 6);
    expect([runware.ledger.count(), runware.opened]).toEqual([0, 0]);
    // The task's own id stays unused.
    expect(tasksIn('imageInference').map(({ text }) => text.includes(task.id))).toEqual([false]);
    expectWhole(await run(task, key), task, 3);
  });

  it.each([
    [{ cost: 0.5 }, 0.5],
    [{ totalCost: 0.25 }, 0.25],
    [{ price: 2 }, 2],
    [{ cost: 0 }, 0],
    [{ cost: 'a lot' }, undefined],
    [{ cost: -1 }, undefined],
    [{}, undefined],
  ])('is read from %j', async (answer, price) => {
    await begin();
    runware.faults.add({ kind: 'http', status: 200, body: { data: [{ taskUUID: 'x', ...answer }] } });
    expect(await service.price?.(taskOf('image'), http, signal)).toBe(price);
  });

  const ask = (operation: string, puts = {}) => service.price?.(taskOf(operation, puts), http, signal);
  it('for which the task was run says so, with what it cost, and is not asked for again', async () => {
    await begin({ dryRun: 'run' });
    const puts = { prompt: 'a heron', count: '2', width: '128', height: '128' };
    const priced = await ask('edit', { ...puts, picture: 'https://example.com/heron.png' });
    expect(runware.ledger.entries.map(({ cost }) => ({ charged: cost }))).toEqual([priced]);
    expect(await ask('edit', { ...puts, picture: 'https://example.com/bittern.png' })).toBeUndefined();
    expect(runware.ledger.count()).toBe(1);
    // Of another operation it is not known.
    runware.switches.dryRun = 'priced';
    expect(await ask('image', puts)).toBeGreaterThan(0);
  });

  it.each([
    ['text', { prompt: 'What is a heron?' }],
    ['video', { prompt: 'a heron flies' }],
  ])('for which a %s was made or begun says so', async (operation, puts) => {
    await begin({ dryRun: 'run' });
    expect(await ask(operation, puts)).toHaveProperty('charged');
    expect(await ask(operation, puts)).toBeUndefined();
    expect(runware.ledger.count()).toBe(1);
  });

  it('that cannot be had says what is wrong, at its field', async () => {
    await begin();
    const asked = service.price?.(taskOf('image', { width: '130' }), http, signal);
    await expect(asked).rejects.toMatchObject({ report: { code: 'invalid', field: 'width' } });
    runware.refuse(3_600_000);
    await expect(service.price?.(taskOf('image'), http, signal)).rejects.toMatchObject({
      report: { code: 'unreachable' },
    });
  });
});

describe('a balance', () => {
  it.each(['number', 'object'] as const)(
    'is read as %s, and nothing else of the answer',
    async balanceForm => {
      await begin({ balanceForm });
      runware.setBalance('demo-runware-key-0123456789abcdef', 24.1);
      expect(await service.balance?.(keyOf(), signal)).toBe(24.1);
    },
  );

  it('is not told to a key that may not see it', async () => {
    await begin({ balanceForm: 'refused' });
    await expect(service.balance?.(keyOf(), signal)).rejects.toBeInstanceOf(Failure);
  });

  it.each([[{}], [{ balance: 'much' }], [{ balance: null }], [{ balance: { amount: 'x' } }]])(
    'is unknown where the answer is %j',
    async answer => {
      await begin();
      runware.faults.add({
        kind: 'http',
        status: 200,
        body: { data: [{ taskUUID: 'x', ...answer }] },
        when: ({ taskType }) => taskType === 'accountManagement',
      });
      expect(await service.balance?.(keyOf(), signal)).toBeUndefined();
    },
  );
});

describe('a test of a key', () => {
  it.each([
    ['over a socket', {}],
    ['over HTTP', { connection: 'http' }],
    ['in the message', { connection: 'http-body' }],
  ])('works %s for a good one, and rejects a bad one', async (_, fields) => {
    await begin();
    expect(await service.verify(keyOf(fields), signal)).toEqual({ outcome: 'works' });
    expect(await service.verify(keyOf({ ...fields, apiKey: 'not-a-key-at-all' }), signal)).toMatchObject({
      outcome: 'rejected',
      failure: { code: 'rejected-key' },
    });
    expect(runware.ledger.count()).toBe(0);
  });

  it.each([{}, { connection: 'http' }])('could not tell where nobody answers: %j', async fields => {
    await begin();
    runware.refuse(3_600_000);
    expect(await service.verify(keyOf(fields), signal)).toMatchObject({
      outcome: 'could-not-tell',
      failure: { code: 'unreachable' },
    });
  });

  it.each([{}, { connection: 'http' }])(
    'works for a key that may run tasks, and not see the account: %j',
    async fields => {
      await begin({ balanceForm: 'refused' });
      expect(await service.verify(keyOf(fields), signal)).toEqual({ outcome: 'works' });
    },
  );
});
