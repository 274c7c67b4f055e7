import { afterEach, describe, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runware/service';
import type { Kept } from '../../src/services/service';
import type { Fault, RunwareEmulator, RunwareOptions, Switches } from '../emulators/runware';
import { start } from './emulators/runware-line';
import { faster, reach } from './network';
import { keyOf, type Outcome, recover, run, taskOf } from './runware-client';

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

const idsOf = ({ items }: Outcome) => items.map(item => ('id' in item ? item.id : item.type));

/** Complete, each item once, and paid for once. */
function expectWhole(outcome: Outcome, task: { id: string }, count = 1): void {
  expect(outcome.failure?.report).toBeUndefined();
  expect(outcome.items).toHaveLength(count);
  expect(new Set(idsOf(outcome)).size).toBe(count);
  expect(outcome.items.at(-1)).toMatchObject({ last: true });
  expect(runware.ledger.count(task.id)).toBe(1);
  expect(runware.ledger.count()).toBe(1);
}

describe('over a socket', () => {
  it('a task connects, is sent, and its picture is the last that comes', async () => {
    await begin();
    const task = taskOf('image');
    const { events, types } = await run(task, keyOf());
    expect(types).toEqual(['connecting', 'sending', 'image']);
    expect(events[1]).toMatchObject({ trace: { session: expect.any(String), sent: expect.any(Number) } });
    expect(events[2]).toMatchObject({ mime: 'image/png', last: true, cost: expect.any(Number) });
    expect(runware.ledger.count(task.id)).toBe(1);
  });

  it('a second task takes the link that stands', async () => {
    await begin();
    const key = keyOf();
    await run(taskOf('image'), key);
    expect((await run(taskOf('image'), key)).types).toEqual(['sending', 'image']);
    expect(runware.opened).toBe(1);
  });

  it('two keys never share a link', async () => {
    await begin();
    await Promise.all([run(taskOf('image'), keyOf()), run(taskOf('image'), keyOf())]);
    expect(runware.opened).toBe(2);
  });

  it('a key that was changed gets a link of its own, and the old one finishes its work', async () => {
    await begin({ taskMs: 150, keys: { 'one-key-12345': {}, 'other-key-12345': {} } });
    const key = keyOf({ apiKey: 'one-key-12345' });
    const first = taskOf('image');
    let second: Promise<Outcome> | undefined;
    const done = await run(first, key, ({ type }) => {
      if (type === 'sending')
        second = run(taskOf('image'), { ...key, fields: { apiKey: 'other-key-12345' } });
    });
    expect(done.items).toHaveLength(1);
    expect((await second)?.items).toHaveLength(1);
    expect(runware.opened).toBe(2);
  });

  const framings: [string, Partial<Switches>, Fault[]][] = [
    ['a frame each', { batching: 'split' }, []],
    ['one frame', { batching: 'joined' }, []],
    ['frames of several tasks', { batching: 'mixed' }, []],
    ['pieces of frames', { fragments: 7 }, []],
    ['the wrong order', {}, [{ kind: 'order', order: 'reversed' }]],
    ['frames that come twice', {}, [{ kind: 'order', order: 'twice' }]],
    ['any order, joined and repeated', { shuffle: { seed: 7, withinMs: 60 } }, []],
    ['frames after one that is malformed', {}, [{ kind: 'frame', frame: 'malformed' }]],
    ['frames after one that is binary', {}, [{ kind: 'frame', frame: 'binary' }]],
    ['frames after a huge one', {}, [{ kind: 'frame', frame: 'huge', bytes: 1_000_000 }]],
  ];
  it.each(framings)('several pictures come each once, in %s', async (_, switches, faults) => {
    await begin(switches);
    runware.faults.add(...faults);
    const task = taskOf('image', { count: '4' });
    const other = taskOf('image', { prompt: 'a bittern', count: '2' });
    const key = keyOf();
    const [outcome, beside] = await Promise.all([run(task, key), run(other, key)]);
    expect([outcome.items.length, beside.items.length]).toEqual([4, 2]);
    expect(new Set([...idsOf(outcome), ...idsOf(beside)]).size).toBe(6);
    expect(outcome.items.map(item => 'last' in item && item.last === true)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect([runware.ledger.count(task.id), runware.ledger.count(other.id)]).toEqual([1, 1]);
  });

  it('small tasks of one moment share a frame, and large ones go each in its own', async () => {
    await begin();
    const key = keyOf();
    await run(taskOf('image'), key);
    const before = runware.traffic.length;
    const sizes = [100, 100, 700_000, 700_000, 2_500_000, 100];
    const picture = (size: number) => `data:image/png;base64,${'A'.repeat(size)}`;
    await Promise.all(sizes.map(size => run(taskOf('cutout', { picture: picture(size) }), key)));
    const frames = runware.traffic
      .slice(before)
      .filter(({ direction, text }) => direction === 'in' && text.includes('removeBackground'))
      .map(({ bytes }) => Math.round(bytes / 100_000));
    expect(frames).toEqual([7, 7, 25, 0]);
  });

  it('versions of a text are told apart by their words', async () => {
    await begin({ batching: 'joined' });
    const task = taskOf('enhance', { prompt: 'a heron', count: '5' });
    expectWhole(await run(task, keyOf()), task, 5);
  });
});

describe('a link that is lost', () => {
  const drops: [string, Fault][] = [
    ['before the task arrived', { kind: 'drop', at: 'arrival' }],
    ['once it was accepted', { kind: 'drop', at: 'accepted' }],
    ['after one picture', { kind: 'drop', at: 'result', after: 1 }],
    ['after all but one', { kind: 'drop', at: 'result', after: 2 }],
    ['by a server that goes away', { kind: 'drop', at: 'accepted', code: 1001 }],
    ['by a server that fails', { kind: 'drop', at: 'accepted', code: 1011 }],
  ];
  const resuming: [string, Partial<Switches>][] = [
    ['resumed under the same id', {}],
    ['resumed under a new id', { resumeId: 'new' }],
    ['replayed before the authentication', { replay: 'before-auth' }],
    ['replayed in one frame with it', { replay: 'same-frame' }],
    ['replayed twice', { replay: 'twice' }],
  ];
  const rows = drops.flatMap(([when, fault]) =>
    resuming.map(([how, switches]) => ({ when, fault, how, switches })),
  );

  it.each(rows)('$when loses nothing and bills once: $how', async ({ fault, switches }) => {
    await begin({ ...switches, gapMs: 10 });
    runware.faults.add(fault);
    const task = taskOf('image', { count: '3' });
    const outcome = await faster(() => run(task, keyOf()));
    expectWhole(outcome, task, 3);
    expect(outcome.types).toContain('reconnecting');
  });

  const forgetful: [string, Partial<Switches>][] = [
    ['kept nothing', { bufferMs: 0 }],
    ['kept nothing, and calls an old session an error', { bufferMs: 0, expiredSession: 'error' }],
    ['kept nothing, and is not asked after pushed tasks', { bufferMs: 0, pollSync: false }],
    ['has them in the archive alone', { bufferMs: 0, pollSync: false, unknownTask: 'error' }],
    ['has the bare items in the archive', { bufferMs: 0, pollSync: false, taskDetails: 'array' }],
  ];
  it.each(forgetful)('to a server that %s loses nothing and bills once', async (_, switches) => {
    await begin({ ...switches, gapMs: 10 });
    runware.faults.add({ kind: 'drop', at: 'result', after: 1 });
    const task = taskOf('image', { count: '3' });
    expectWhole(await faster(() => run(task, keyOf())), task, 3);
  });

  it.each<[string, Partial<Switches>]>([
    ['forgets what it had not finished', { closedTasks: 'stop' }],
    ['forgets it, and says so', { closedTasks: 'stop', unknownTask: 'error' }],
  ])('to a server that %s is mended by sending anew, under the same id', async (_, switches) => {
    await begin({ ...switches, taskMs: 60 });
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const task = taskOf('image', { count: '3' });
    const outcome = await faster(() => run(task, keyOf()));
    expect(outcome).toMatchObject({ failure: undefined, items: [{}, {}, {}] });
    const sent = runware.traffic.filter(
      ({ direction, text }) => direction === 'in' && text.includes('imageInference'),
    );
    expect(sent.map(({ text }) => text.includes(task.id))).toEqual([true, true]);
  });

  it('to a server that forgets what it had begun to answer is never mended by sending anew', async () => {
    await begin({ closedTasks: 'stop', gapMs: 60 });
    runware.faults.add({ kind: 'drop', at: 'result', after: 1 });
    const task = taskOf('image', { count: '3' });
    const { items, failure } = await faster(() => run(task, keyOf()), 500);
    expect([items.length, failure?.code]).toEqual([1, 'outcome-unknown']);
    const sent = runware.traffic.filter(
      ({ direction, text }) => direction === 'in' && text.includes('imageInference'),
    );
    expect(sent).toHaveLength(1);
  });

  it('again and again loses nothing and bills once', async () => {
    await begin({ gapMs: 10, taskMs: 30 });
    runware.faults.add(
      { kind: 'drop', at: 'arrival' },
      { kind: 'drop', at: 'auth', times: 2 },
      { kind: 'drop', at: 'result', after: 1 },
    );
    const task = taskOf('image', { count: '4' });
    expectWhole(await faster(() => run(task, keyOf())), task, 4);
  });

  it('while nobody is there waits until somebody is', async () => {
    await begin();
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const task = taskOf('image');
    const outcome = await faster(() =>
      run(task, keyOf(), ({ type }) => {
        if (type === 'sending') runware.refuse(15_000);
      }),
    );
    expectWhole(outcome, task);
  });

  it('while the computer is offline is made again when it is not', async () => {
    await begin({ taskMs: 40 });
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const task = taskOf('image');
    const outcome = await faster(() =>
      run(task, keyOf(), ({ type }) => {
        if (type !== 'sending' || runware.opened > 1) return;
        runware.refuse(30_000);
        vi.stubGlobal('navigator', { onLine: false });
        setTimeout(() => vi.stubGlobal('navigator', { onLine: true }), 30_000);
      }),
    );
    expectWhole(outcome, task);
  });

  it.each(['rateLimitExceeded', 'serviceUnavailable', 'invalidRequest'])(
    'to a server that has no room to let anybody in is made again: %s',
    async code => {
      await begin({ taskMs: 40 });
      runware.faults.add({ kind: 'drop', at: 'accepted' });
      const task = taskOf('image');
      const outcome = await faster(() =>
        run(task, keyOf(), ({ type }) => {
          if (type !== 'sending' || runware.opened > 1) return;
          runware.faults.add({ kind: 'error', at: 'auth', failure: { code, message: 'No.' }, times: 4 });
        }),
      );
      expectWhole(outcome, task);
    },
  );

  it('and whose session is replayed with an error that names nobody is made all the same', async () => {
    await begin({ taskMs: 40, replay: 'before-auth' });
    const nameless = () => ({
      errors: [{ code: 'invalidModel', message: 'No.', taskType: 'imageInference' }],
    });
    const key = keyOf();
    const [bad, good] = [taskOf('image', { prompt: 'bad one' }), taskOf('image')];
    const isBad = (task: object) => JSON.stringify(task).includes('bad one');
    runware.faults.add(
      { kind: 'error', after: 0, body: nameless, when: isBad },
      { kind: 'drop', at: 'accepted', when: task => !isBad(task) && 'positivePrompt' in task },
    );
    const outcomes = await faster(() => Promise.all([run(bad, key), run(good, key)]));
    expect(outcomes[0]?.failure).toBeDefined();
    expect(outcomes[1]).toMatchObject({ failure: undefined, items: [{ type: 'image' }] });
    // It is no answer to the authentication: that need not be made again.
    const signedIn = runware.traffic.filter(
      ({ direction, text }) => direction === 'in' && text.includes('authentication'),
    );
    expect(signedIn).toHaveLength(2);
  });

  it('and dead without a word is noticed by its silence', async () => {
    await begin();
    runware.faults.add({ kind: 'freeze', at: 'accepted' });
    const task = taskOf('image');
    const began = Date.now();
    let took = 0;
    const outcome = await faster(async () => {
      const done = await run(task, keyOf());
      took = Date.now() - began;
      return done;
    });
    expectWhole(outcome, task);
    // A heartbeat, the patience for its answer, and one reconnecting.
    expect(took).toBeLessThan(35_000);
  });

  it('for half an hour costs no answer', async () => {
    await begin();
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const task = taskOf('image');
    const outcome = await faster(
      () =>
        run(task, keyOf(), ({ type }) => {
          if (type === 'sending' && runware.ledger.count(task.id) === 0) runware.refuse(1_800_000);
        }),
      4_000,
    );
    expectWhole(outcome, task, 1);
    expect(runware.ledger.count(task.id)).toBe(1);
  });
});

describe('a task that is answered by nothing', () => {
  it('is asked after', async () => {
    await begin();
    runware.faults.add({ kind: 'silence', after: 1 });
    const task = taskOf('image', { count: '2' });
    expectWhole(await faster(() => run(task, keyOf()), 500), task, 2);
  });

  it('and to which no question helps ends as unknown', async () => {
    await begin({ pollSync: false, taskDetails: 'missing' });
    runware.faults.add({ kind: 'silence' });
    const task = taskOf('image');
    const { failure } = await faster(() => run(task, keyOf()), 500);
    expect(failure?.code).toBe('outcome-unknown');
    expect(runware.ledger.count()).toBe(1);
  });
});

describe('a refusal', () => {
  it.each([
    ['as errors', 'error'],
    ['as one error', 'error-object'],
    ['without naming the task', 'anonymous'],
  ] as const)('of one task, told %s, is none of another’s', async (_, shape) => {
    await begin({ taskMs: 50 });
    const failure = { code: 'invalidModel', message: 'No such model.', parameter: 'model' };
    const bad = taskOf('image', { prompt: 'bad one' });
    const good = taskOf('text', { prompt: 'good one' });
    const key = keyOf();
    await run(taskOf('image'), key);
    const fault = {
      kind: 'error',
      failure,
      when: (task: object) => JSON.stringify(task).includes('bad one'),
    } as const;
    if (shape === 'error-object') runware.faults.add({ ...fault, shape });
    else if (shape === 'anonymous')
      runware.faults.add({
        ...fault,
        body: () => ({ errors: [{ ...failure, taskType: 'imageInference' }] }),
      });
    else runware.faults.add(fault);
    const outcomes = await faster(() => Promise.all([run(bad, key), run(good, key)]));
    expect(outcomes[0]?.failure?.report).toMatchObject({ code: 'invalid', field: 'model' });
    expect(outcomes[1]).toMatchObject({ failure: undefined, items: [{ type: 'text' }] });
    expect([runware.ledger.count(bad.id), runware.ledger.count(good.id)]).toEqual([0, 1]);
  });

  it('of two tasks in one frame is told to both', async () => {
    await begin();
    const key = keyOf();
    const failure = { code: 'invalidModel', message: 'No such model.', parameter: 'model' };
    runware.faults.add({ kind: 'error', shape: 'paired', failure, times: 2 });
    const outcomes = await Promise.all([
      run(taskOf('image'), key),
      run(taskOf('enhance', { prompt: 'x' }), key),
    ]);
    expect(outcomes.map(outcome => outcome.failure?.code)).toEqual(['invalid', 'invalid']);
    expect(runware.ledger.count()).toBe(0);
  });

  it('that passes is offered again under the same id, and billed once', async () => {
    await begin();
    runware.faults.add({ kind: 'error', failure: { code: 'rateLimitExceeded', message: 'Slow.' }, times: 3 });
    const task = taskOf('image');
    const outcome = await faster(() => run(task, keyOf()));
    expectWhole(outcome, task);
    expect(outcome.types).toEqual(['connecting', 'sending', 'busy', 'busy', 'busy', 'image']);
  });

  it.each([
    ['rateLimitExceeded', 'rate-limit'],
    ['serviceUnavailable', 'service-error'],
    ['noAvailableServer', 'service-error'],
  ])('that does not pass, %s, ends with its own reason, and nothing is billed', async (code, means) => {
    await begin();
    runware.faults.add({ kind: 'error', failure: { code, message: 'No.' }, times: 9 });
    const { failure, types } = await faster(() => run(taskOf('image'), keyOf()));
    expect(failure?.code).toBe(means);
    expect(types.filter(type => type === 'busy')).toHaveLength(3);
    expect([runware.ledger.count(), runware.faults.pending.length]).toEqual([0, 1]);
  });

  it('of what remains after one picture leaves that picture, and says how many did not come', async () => {
    await begin();
    runware.faults.add({ kind: 'error', after: 1, failure: { code: 'providerError', message: 'No.' } });
    const task = taskOf('image', { count: '3' });
    const began = Date.now();
    let took = 0;
    const { items, failure } = await faster(async () => {
      const outcome = await run(task, keyOf());
      took = Date.now() - began;
      return outcome;
    });
    expect(failure).toBeUndefined();
    expect(items).toMatchObject([
      { type: 'image' },
      { type: 'refused', count: 2, failure: { code: 'service-error' } },
    ]);
    expect(took).toBeLessThan(20_000);
  });

  it('of a bad key says so at once, and nothing is sent', async () => {
    await begin();
    const { failure, types } = await run(taskOf('image'), keyOf({ apiKey: 'not-a-key-at-all' }));
    expect([failure?.code, types]).toEqual(['rejected-key', ['connecting']]);
    expect(runware.opened).toBe(1);
    expect(JSON.stringify(runware.traffic)).not.toContain('imageInference');
  });

  it('of a key that is revoked while a task is under way is the next task’s alone', async () => {
    await begin({ taskMs: 100 });
    const key = keyOf();
    const first = taskOf('image');
    let second: Promise<Outcome> | undefined;
    const done = await run(first, key, ({ type }) => {
      if (type !== 'sending') return;
      setTimeout(() => {
        runware.revoke(key.fields.apiKey ?? '');
        second = run(taskOf('image'), key);
      }, 30);
    });
    expect(done.items).toHaveLength(1);
    expect((await second)?.failure?.code).toBe('rejected-key');
  });
});

describe('after a refusal that passed', () => {
  it('a task that was taken then, and lost, ends as unknown and not as refused', async () => {
    await begin({ pollSync: false, taskDetails: 'missing' });
    runware.faults.add(
      { kind: 'error', failure: { code: 'rateLimitExceeded', message: 'Slow.' } },
      { kind: 'silence' },
    );
    const task = taskOf('image');
    const { failure } = await faster(() => run(task, keyOf()), 500);
    expect(runware.ledger.count(task.id)).toBe(1);
    expect(failure?.report).toMatchObject({
      code: 'outcome-unknown',
      next: expect.stringContaining('charged'),
    });
  });
});

describe('a film', () => {
  it('is asked after until it is there, and tells how far it is', async () => {
    await begin({ taskMs: 500, mediaHost: 'documented' });
    const task = taskOf('video', { prompt: 'a heron flies' });
    const outcome = await faster(() => run(task, keyOf()));
    expectWhole(outcome, task);
    expect(outcome.items).toMatchObject([{ type: 'video', mime: 'video/mp4' }]);
    const percents = outcome.events.flatMap(event => (event.type === 'progress' ? event.percent : []));
    expect(percents.length).toBeGreaterThan(2);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  it('at a foreign host is a link', async () => {
    await begin();
    const task = taskOf('video', { prompt: 'a heron flies', count: '2' });
    const outcome = await faster(() => run(task, keyOf()));
    expectWhole(outcome, task, 2);
    expect(outcome.items).toMatchObject([
      { type: 'link', of: 'video', url: expect.stringMatching(/^https:\/\/vm\./) },
      { type: 'link' },
    ]);
  });

  it.each([
    ['whose acknowledgement does not come', [{ kind: 'no-ack' }]],
    ['whose link is lost after it', [{ kind: 'drop', at: 'acked' }]],
    ['whose link is lost before it', [{ kind: 'drop', at: 'accepted' }]],
    [
      'whose link is lost again and again',
      [
        { kind: 'drop', at: 'acked' },
        { kind: 'drop', at: 'auth', times: 3 },
      ],
    ],
  ] as [string, Fault[]][])('%s comes all the same', async (_, faults) => {
    await begin({ taskMs: 500, mediaHost: 'documented' });
    runware.faults.add(...faults);
    const task = taskOf('video', { prompt: 'a heron flies' });
    expectWhole(await faster(() => run(task, keyOf())), task);
  });

  it('that fails says why', async () => {
    await begin({ taskMs: 2_000 });
    runware.faults.add({
      kind: 'error',
      after: 0,
      failure: { code: 'contentPolicyViolation', message: 'No.' },
    });
    const { failure } = await faster(() => run(taskOf('video', { prompt: 'a heron flies' }), keyOf()));
    expect(failure?.code).toBe('safety');
    expect(runware.ledger.count()).toBe(0);
  });
});

describe('after the background’s death', () => {
  /** A task that is sent, and what is kept of it when its background dies. */
  async function abandoned(
    count: number,
    after?: number,
  ): Promise<{ task: ReturnType<typeof taskOf>; kept: Kept }> {
    const task = taskOf('image', { count: String(count) });
    const abort = new AbortController();
    const kept = { trace: undefined as unknown, items: [] as string[] };
    const enough = () => abort.abort(new Error('dead'));
    await run(
      task,
      keyOf(),
      event => {
        if (event.type === 'sending') kept.trace = event.trace;
        if (event.type === 'image') kept.items.push(event.id);
        if (after === undefined ? event.type === 'sending' : kept.items.length === after)
          setTimeout(enough, 20);
      },
      abort.signal,
    ).catch(() => {});
    service.lock();
    runware.drop();
    return { task, kept };
  }

  it('a task is resumed, and only what had not come is given', async () => {
    await begin({ taskMs: 10, gapMs: 100 });
    const { task, kept } = await abandoned(4, 2);
    const { items, failure } = await faster(() => recover(task, kept, keyOf()));
    expect([failure, items.length]).toEqual([undefined, 2]);
    expect(kept.items).not.toContain(idsOf({ items } as unknown as Outcome)[0]);
    expect(runware.ledger.count()).toBe(1);
  });

  it('a task that never arrived is sent under its own id', async () => {
    await begin();
    const task = taskOf('image');
    const kept = { trace: { session: crypto.randomUUID(), sent: Date.now() - 30_000 }, items: [] };
    expectWhole(await faster(() => recover(task, kept, keyOf())), task);
  });

  it('a task that never arrived is not sent any more two minutes later', async () => {
    await begin();
    const task = taskOf('image');
    const kept = { trace: { session: crypto.randomUUID(), sent: Date.now() - 121_000 }, items: [] };
    const { failure } = await faster(() => recover(task, kept, keyOf()), 200);
    expect([failure?.code, runware.ledger.count()]).toEqual(['outcome-unknown', 0]);
  });

  it('a task that is only asked after is never sent', async () => {
    await begin();
    const task = taskOf('image');
    const kept = {
      trace: { session: crypto.randomUUID(), sent: Date.now() - 1_000 },
      items: [],
      askOnly: true,
    };
    const { failure } = await faster(() => recover(task, kept, keyOf()), 500);
    expect([failure?.code, runware.ledger.count()]).toEqual(['outcome-unknown', 0]);
    expect(JSON.stringify(runware.traffic)).not.toContain('imageInference');
  });

  it('a task that is only asked after gives what there is', async () => {
    await begin();
    const { task, kept } = await abandoned(2);
    await new Promise(resolve => setTimeout(resolve, 100));
    expectWhole(await faster(() => recover(task, { ...kept, askOnly: true }, keyOf())), task, 2);
  });

  const hopeless = { pollSync: false, taskDetails: 'missing' } as const;

  it('a session is resumed although a new call came first', async () => {
    await begin({ ...hopeless, taskMs: 100 });
    const { task, kept } = await abandoned(2);
    const key = keyOf();
    expect((await run(taskOf('image'), key)).items).toHaveLength(1);
    const outcome = await faster(() => recover(task, kept, key), 200);
    expect([outcome.failure, outcome.items.length]).toEqual([undefined, 2]);
    expect(runware.ledger.count(task.id)).toBe(1);
  });

  it.each(['same', 'new'] as const)(
    'several tasks of one session are resumed by one link, under the %s id',
    async resumeId => {
      await begin({ ...hopeless, taskMs: 400, resumeId });
      const [old, key] = [keyOf(), keyOf()];
      const tasks = [taskOf('image'), taskOf('image'), taskOf('image')];
      const stop = new AbortController();
      const traces = new Map<string, unknown>();
      await run(taskOf('image'), old);
      await Promise.all(
        tasks.map(task =>
          run(
            task,
            old,
            event => {
              if (event.type === 'sending') traces.set(task.id, event.trace);
              if (traces.size === tasks.length) setTimeout(() => stop.abort(new Error('dead')), 50);
            },
            stop.signal,
          ).catch(() => {}),
        ),
      );
      service.lock();
      runware.drop();
      await run(taskOf('image'), key);
      const before = runware.opened;
      const outcomes = await faster(
        () =>
          Promise.all(
            tasks.map(task => recover(task, { trace: traces.get(task.id), items: [], askOnly: true }, key)),
          ),
        200,
      );
      expect(outcomes.map(({ items }) => items.length)).toEqual([1, 1, 1]);
      expect(runware.opened - before).toBe(1);
    },
  );

  it.each([undefined, null, 'x', {}, { sent: 'yesterday' }, { sent: 1, session: 7 }, { sent: 1, by: {} }])(
    'a task whose trace is %j is unknown',
    async trace => {
      await begin();
      const { failure } = await recover(taskOf('image'), { trace, items: [] }, keyOf());
      expect([failure?.code, runware.opened]).toEqual(['outcome-unknown', 0]);
    },
  );
});

describe('a lock', () => {
  it('lets what was sent arrive, and forgets the key', async () => {
    await begin({ taskMs: 150 });
    const task = taskOf('image');
    const outcome = await run(task, keyOf(), ({ type }) => {
      if (type === 'sending') setTimeout(() => service.lock(), 50);
    });
    expectWhole(outcome, task);
    await vi.waitFor(() => expect(runware.connections).toBe(0));
  });

  it('does not let a lost link be made again', async () => {
    await begin({ taskMs: 150 });
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const { failure } = await run(taskOf('image'), keyOf(), ({ type }) => {
      if (type === 'reconnecting') service.lock();
    });
    expect([failure?.code, runware.opened]).toEqual(['vault-locked', 1]);
  });

  it('before there is a link lets the key no more leave', async () => {
    await begin();
    const { failure, types } = await run(taskOf('image'), keyOf(), ({ type }) => {
      if (type === 'connecting') service.lock();
    });
    expect([failure?.code, types]).toEqual(['vault-locked', ['connecting']]);
    expect(JSON.stringify(runware.traffic)).not.toContain('authentication');
  });

  it('while a link is being opened lets the key no more leave', async () => {
    await begin();
    const running = run(taskOf('image'), keyOf());
    await new Promise(resolve => setTimeout(resolve));
    service.lock();
    expect((await running).failure?.code).toBe('vault-locked');
    expect(JSON.stringify(runware.traffic)).not.toContain('authentication');
  });
});

describe('a call that is cancelled', () => {
  it('ends at once with the reason, and what comes of it later is nobody else’s', async () => {
    await begin({ taskMs: 80 });
    const key = keyOf();
    const abort = new AbortController();
    const first = run(
      taskOf('image'),
      key,
      ({ type }) => {
        if (type === 'sending') setTimeout(() => abort.abort(new Error('enough')), 20);
      },
      abort.signal,
    );
    await expect(first).rejects.toThrow('enough');
    const next = taskOf('image', { count: '2' });
    const outcome = await run(next, key);
    expect(outcome.items).toHaveLength(2);
    expect(runware.ledger.count()).toBe(2);
  });
});
