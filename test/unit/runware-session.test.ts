import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runware/service';
import type { Task, TaskEvent } from '../../src/services/service';
import { keyOf, type Outcome, outcomeOf, recover, taskOf } from './runware-client';
import { FakeServer, pass, stopClock, until } from './runware-fake';
import { itemOf } from './runware-frames-mutated';

interface Asked {
  readonly taskType: string;
  readonly taskUUID?: string;
  readonly at: number;
}

/** A server that answers as the test says, and remembers what it was asked and when. */
let asked: Asked[];
let server: FakeServer;
let answer: (task: Asked) => unknown;
let begun: number;
const { signal } = new AbortController();

beforeEach(() => {
  stopClock();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  asked = [];
  begun = Date.now();
  answer = () => undefined;
  server = new FakeServer(task => {
    const entry = { ...task, at: Date.now() - begun } as Asked;
    asked.push(entry);
    return answer(entry);
  });
});

afterEach(async () => {
  service.lock();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A task under way. */
function running(task: Task, key = keyOf(), stop = signal) {
  const made = {
    task,
    events: [] as TaskEvent[],
    outcome: undefined as Outcome | undefined,
    thrown: undefined as unknown,
  };
  void outcomeOf(service.run(task, key, stop), event => made.events.push(event)).then(
    outcome => (made.outcome = outcome),
    thrown => (made.thrown = thrown),
  );
  return made;
}
const ends = ({ outcome }: ReturnType<typeof running>) => outcome !== undefined;
const sent = ({ events }: ReturnType<typeof running>) => events.some(({ type }) => type === 'sending');
const subjectOf = ({ id }: Task, taskType = 'imageInference') => ({ id, taskType });
const questions = () => asked.filter(({ taskType }) => /^get/.test(taskType));
const pings = () => server.pings.map(at => at - begun);

const failure = { code: 'providerError', message: 'No.' };
const failedItem = ({ id }: Task) => ({
  taskType: 'imageInference',
  taskUUID: id,
  status: 'error',
  error: failure,
});

describe('a link', () => {
  it('is asked every twenty seconds whether it lives, while there is work and no longer', async () => {
    const one = running(taskOf('image'));
    await until(() => sent(one), 1_000);
    await pass(65_000);
    expect(pings()).toEqual([20, 40, 60].map(seconds => expect.closeTo(seconds * 1_000, -2)));
    server.say({ data: [itemOf(subjectOf(one.task), 0)] });
    await until(() => ends(one), 1_000);
    const before = pings().length;
    await pass(60_000);
    expect(pings()).toHaveLength(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is kept for twenty seconds after its last work, and closed then', async () => {
    const key = keyOf();
    const call = async () => {
      const one = running(taskOf('image'), key);
      await until(() => sent(one), 1_000);
      await pass(10);
      server.say({ data: [itemOf(subjectOf(one.task), 0)] });
      await until(() => ends(one), 1_000);
    };
    await call();
    await pass(19_000);
    await call();
    expect(server.opened).toBe(1);
    await pass(21_000);
    expect(server.open).toBe(false);
    await call();
    expect(server.opened).toBe(2);
  });

  it('that was silent for a while is asked at once when a task is sent on it', async () => {
    const key = keyOf();
    const first = running(taskOf('image'), key);
    await until(() => sent(first), 1_000);
    await pass(10);
    server.say({ data: [itemOf(subjectOf(first.task), 0)] });
    await until(() => ends(first), 1_000);
    await pass(8_000);
    const second = running(taskOf('image'), key);
    await until(() => sent(second), 1_000);
    await pass(1);
    expect(pings()).toHaveLength(1);
  });

  it('that does not answer is given up after five seconds, then three times as long, and no more than 135', async () => {
    const one = running(taskOf('video', { prompt: 'a heron' }));
    answer = ({ taskUUID }) => ({ data: [{ taskUUID, status: 'processing' }] });
    await until(() => sent(one), 1_000);
    const patience: number[] = [];
    for (let round = 0; round < 5; round++) {
      server.deaf = true;
      const { opened } = server;
      const before = server.pings.length;
      await until(() => server.pings.length > before, 60_000);
      const asked = server.pings.at(-1) ?? 0;
      await until(() => server.opened > opened, 200_000);
      patience.push(Math.round((Date.now() - asked) / 1_000));
      server.deaf = false;
      await pass(1_000);
    }
    // And a little more for the new link, the longer the more often it was lost.
    for (const [round, seconds] of [5, 15, 45, 135, 135].entries()) {
      expect(patience[round]).toBeGreaterThanOrEqual(seconds);
      expect(patience[round]).toBeLessThan(seconds + 6);
    }
  });
});

describe('an error that is about something else', () => {
  const codes = ['internalServerError', 'timeout', 'gatewayTimeout', 'standardError', 'someNewCode'];
  it.each(codes)('than the task, a question that failed with %s, is asked again', async code => {
    const one = running(taskOf('image', { count: '2' }));
    const both = () => ({ data: [0, 1].map(place => itemOf(subjectOf(one.task), place)) });
    let failures = 0;
    answer = ({ taskType, taskUUID }) => {
      if (taskType !== 'getResponse') return undefined;
      return failures++ === 0 ? { errors: [{ code, message: 'Oops.', taskUUID, taskType }] } : both();
    };
    await until(() => sent(one), 1_000);
    await pass(50);
    server.drop();
    await until(() => ends(one), 120_000);
    expect(one.outcome).toMatchObject({ failure: undefined, items: [{ type: 'image' }, { type: 'image' }] });
  });

  it.each(['authentication', 'ping', 'getResponse'])(
    'than the only task, of the type %s, does not end it',
    async taskType => {
      const one = running(taskOf('image'));
      await until(() => sent(one), 1_000);
      await pass(50);
      server.say({ errors: [{ code: 'invalidApiKey', message: 'No.', taskType }] });
      await pass(500);
      server.say({ data: [itemOf(subjectOf(one.task), 0)] });
      await until(() => ends(one), 1_000);
      expect(one.outcome).toMatchObject({ failure: undefined, items: [{ type: 'image' }] });
    },
  );
});

describe('a stream that ends without a text', () => {
  const streams = (chunk: object) =>
    vi.stubGlobal('fetch', async (_: URL, { method }: RequestInit) =>
      method === 'HEAD'
        ? new Response('')
        : new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, {
            headers: { 'content-type': 'text/event-stream' },
          }),
    );

  it('is asked after: it may be of another shape than is known', async () => {
    answer = ({ taskType, taskUUID }) =>
      taskType === 'getResponse'
        ? { data: [{ taskType: 'textInference', taskUUID, text: 'The paid answer.', cost: 0.25 }] }
        : undefined;
    streams({ choices: [{ delta: { content: 'The paid answer.' } }] });
    const one = running(taskOf('text'));
    await until(() => ends(one), 60_000);
    expect(one.outcome?.items).toMatchObject([{ type: 'text', text: 'The paid answer.', cost: 0.25 }]);
  });

  it('is whole where it says why: the model may have written nothing in the room that it had', async () => {
    streams({ delta: {}, finishReason: 'length', cost: 0.25 });
    const one = running(taskOf('text'));
    await until(() => ends(one), 60_000);
    expect(one.outcome?.items).toMatchObject([{ type: 'text', text: '', cut: 'length', cost: 0.25 }]);
    expect(questions()).toEqual([]);
  });
});

it.each([0, 1, 2])('a film is asked after when the computer wakes, after %i dead links', async deadLinks => {
  const one = running(taskOf('video', { prompt: 'a heron' }));
  let made = false;
  answer = ({ taskType, taskUUID }) => {
    if (taskType === 'getTaskDetails') return { data: [] };
    return {
      data: [made ? itemOf(subjectOf(one.task, 'videoInference'), 0) : { taskUUID, status: 'processing' }],
    };
  };
  const reconnects = async () => {
    server.deaf = true;
    const { opened } = server;
    await until(() => server.opened > opened || ends(one), 300_000);
    server.deaf = false;
  };
  await until(() => sent(one), 1_000);
  await pass(3_000);
  for (let link = 0; link < deadLinks; link++) {
    await reconnects();
    await pass(8_000);
  }
  // It sleeps for an hour, in which the link is lost without a word.
  made = true;
  vi.setSystemTime(Date.now() + 3_600_000);
  await reconnects();
  await until(() => ends(one), 300_000);
  expect(one.outcome).toMatchObject({ failure: undefined, items: [{ type: 'link' }] });
});

describe('a task is not held open for ever', () => {
  const minutes = () => (Date.now() - begun) / 60_000;

  it('by what comes again and again', async () => {
    const one = running(taskOf('image', { count: '2' }));
    await until(() => sent(one), 1_000);
    const again = setInterval(() => server.say({ data: [itemOf(subjectOf(one.task), 0)] }), 2_000);
    await until(() => ends(one), 3_600_000);
    clearInterval(again);
    expect(one.outcome?.items).toMatchObject([{ type: 'image' }]);
    expect(one.outcome?.failure?.code).toBe('outcome-unknown');
    expect(minutes()).toBeLessThan(5);
  });

  it('by a clock that was set back since it was sent', async () => {
    const task = taskOf('image');
    const trace = { session: undefined, sent: Date.now() + 8 * 3_600_000 };
    const asking = outcomeOf(service.recover(task, { trace, items: [] }, keyOf(), signal));
    let ended: Outcome | undefined;
    void asking.then(outcome => (ended = outcome));
    answer = ({ taskType }) => (/^get/.test(taskType) ? { data: [] } : undefined);
    await until(() => ended !== undefined, 3_600_000);
    expect(ended?.failure?.code).toBe('outcome-unknown');
    expect(minutes()).toBeLessThan(5);
  });
});

it.each([{ status: 'queued', progress: 0 }, { deliveryMethod: 'async' }, { cost: 0 }, { status: 'success' }])(
  'an acknowledgement may say more: %j',
  async more => {
    const one = running(taskOf('video', { prompt: 'a heron' }));
    await until(() => sent(one), 1_000);
    await pass(50);
    server.say({ data: [{ taskType: 'videoInference', taskUUID: one.task.id, ...more }] });
    await pass(500);
    expect(one.outcome).toBeUndefined();
    answer = ({ taskType }) =>
      taskType === 'getResponse' ? { data: [itemOf(subjectOf(one.task, 'videoInference'), 0)] } : undefined;
    await until(() => ends(one), 240_000);
    expect(one.outcome?.failure).toBeUndefined();
  },
);

describe('what comes of several', () => {
  it('is complete although a refusal comes twice: none of the others is taken for it', async () => {
    const one = running(taskOf('image', { count: '3' }));
    const { task } = one;
    await until(() => sent(one), 1_000);
    await pass(10);
    const good = (place: number) => itemOf(subjectOf(task), place);
    answer = ({ taskType }) =>
      taskType === 'getResponse' ? { data: [good(0), failedItem(task), good(2)] } : undefined;
    server.say({ data: [good(0)] });
    server.say({ data: [failedItem(task)] });
    server.say({ data: [failedItem(task)] });
    await pass(2_000);
    server.say({ data: [good(2)] });
    await until(() => ends(one), 60_000);
    expect(one.outcome?.items).toMatchObject([
      { type: 'image' },
      { type: 'image' },
      { type: 'refused', count: 1 },
    ]);
  });

  it('and is refused altogether ends with the reason', async () => {
    const one = running(taskOf('image', { count: '2' }));
    const { task } = one;
    await until(() => sent(one), 1_000);
    await pass(10);
    const refused = { data: [failedItem(task), failedItem(task)] };
    answer = () => refused;
    server.say(refused);
    await until(() => ends(one), 60_000);
    expect(one.outcome).toMatchObject({ items: [], failure: { report: { code: 'service-error' } } });
  });

  it('and says the same words twice is two, if the service lists them so', async () => {
    const one = running(taskOf('enhance', { prompt: 'p', count: '2' }));
    const { id } = one.task;
    await until(() => sent(one), 1_000);
    await pass(10);
    const alike = { taskType: 'promptEnhance', taskUUID: id, text: 'the same' };
    answer = ({ taskType }) => (taskType === 'getResponse' ? { data: [alike, alike] } : undefined);
    server.say({ data: [alike] });
    server.say({ data: [alike] });
    await until(() => ends(one), 60_000);
    expect(one.outcome?.items).toMatchObject([{ text: 'the same' }, { text: 'the same', last: true }]);
  });

  it('more than were asked for changes nothing', async () => {
    const one = running(taskOf('image', { count: '2' }));
    await until(() => sent(one), 1_000);
    await pass(10);
    server.say({ data: [0, 1, 2, 3].map(place => itemOf(subjectOf(one.task), place)) });
    await until(() => ends(one), 1_000);
    expect(one.outcome?.items.map(item => 'last' in item && item.last)).toContain(true);
    expect(one.outcome?.failure).toBeUndefined();
  });
});

describe('an error that names nobody', () => {
  it('is the only open task’s', async () => {
    const one = running(taskOf('image'));
    await until(() => sent(one), 1_000);
    await pass(10);
    server.say({ errors: [{ code: 'contentPolicyViolation', message: 'No.' }] });
    await until(() => ends(one), 1_000);
    expect(one.outcome?.failure?.code).toBe('safety');
  });

  it('is the only one’s of its type', async () => {
    const key = keyOf();
    const [image, models] = [
      running(taskOf('image'), key),
      running(taskOf('models', { search: 'flux' }), key),
    ];
    await until(() => sent(image) && sent(models), 1_000);
    await pass(10);
    server.say({ errors: [{ code: 'invalidSearch', message: 'No.', taskType: 'modelSearch' }] });
    await until(() => ends(models), 1_000);
    expect([models.outcome?.failure?.code, image.outcome]).toEqual(['invalid', undefined]);
    expect(questions()).toEqual([]);
  });

  it('of several blames none: each asks how it stands', async () => {
    const key = keyOf();
    const [one, other] = [running(taskOf('image'), key), running(taskOf('image'), key)];
    answer = ({ taskType, taskUUID }) => {
      if (taskType !== 'getResponse') return undefined;
      return taskUUID === one.task.id
        ? { data: [failedItem(one.task)] }
        : { data: [{ taskType: 'imageInference', taskUUID, status: 'processing' }] };
    };
    await until(() => sent(one) && sent(other), 1_000);
    await pass(10);
    server.say({ errors: [{ code: 'invalidModel', message: 'No.' }] });
    await until(() => ends(one), 5_000);
    expect(one.outcome?.failure?.code).toBe('service-error');
    expect(other.outcome).toBeUndefined();
    server.say({ data: [itemOf(subjectOf(other.task), 0)] });
    await until(() => ends(other), 5_000);
    expect(other.outcome?.items).toHaveLength(1);
  });

  it('is not a new task’s while one that was given up may be meant', async () => {
    const key = keyOf();
    const abort = new AbortController();
    const given = running(taskOf('image'), key, abort.signal);
    await until(() => sent(given), 1_000);
    abort.abort(new Error('enough'));
    await until(() => given.thrown !== undefined, 1_000);
    const one = running(taskOf('image'), key);
    answer = ({ taskType }) =>
      taskType === 'getResponse' ? { data: [itemOf(subjectOf(one.task), 0)] } : undefined;
    await until(() => sent(one), 1_000);
    await pass(10);
    server.say({ errors: [{ code: 'invalidModel', message: 'No.' }] });
    await until(() => ends(one), 10_000);
    expect(one.outcome).toMatchObject({ failure: undefined, items: [{ type: 'image' }] });
  });
});

describe('a question that is refused', () => {
  it.each(['rateLimitExceeded', 'serviceUnavailable', 'insufficientCredits', 'invalidApiKey'])(
    'with %s says nothing of the task: it ends as unknown, not as never charged',
    async code => {
      const one = running(taskOf('image'));
      answer = ({ taskType, taskUUID }) =>
        /^get/.test(taskType) ? { errors: [{ code, message: 'No.', taskUUID }] } : undefined;
      await until(() => ends(one), 15 * 60_000);
      expect(one.outcome?.failure?.code).toBe('outcome-unknown');
      expect(questions().length).toBeGreaterThan(2);
    },
  );

  it.each(['rateLimitExceeded', 'serviceUnavailable'])('with %s for a while is asked again', async code => {
    const one = running(taskOf('image'));
    answer = ({ taskType, taskUUID }) => {
      if (taskType !== 'getResponse') return undefined;
      return questions().length > 5
        ? { data: [itemOf(subjectOf(one.task), 0)] }
        : { errors: [{ code, message: 'No.', taskUUID }] };
    };
    await until(() => ends(one), 15 * 60_000);
    expect(one.outcome).toMatchObject({ failure: undefined, items: [{ type: 'image' }] });
  });
});

describe('how long a task is waited for', () => {
  const processing = ({ taskType, taskUUID }: Asked) =>
    taskType === 'getTaskDetails' ? undefined : { data: [{ taskUUID, status: 'processing' }] };

  it.each([
    ['image', 10],
    ['video', 40],
  ])('though Runware says that it works on it, an %s for %i minutes', async (operation, minutes) => {
    const one = running(taskOf(operation, { prompt: 'a heron' }));
    answer = processing;
    await until(() => ends(one), 60 * 60_000);
    expect(one.outcome?.failure?.code).toBe('outcome-unknown');
    const waited = (Date.now() - begun) / 60_000;
    expect(waited).toBeGreaterThan(minutes - 1);
    expect(waited).toBeLessThan(minutes + 1);
    // Never more than once in a second, and never sent again.
    const times = questions().map(({ at }) => at);
    expect(times.every((at, place) => at - (times[place - 1] ?? 0) >= 990)).toBe(true);
    expect(
      asked.filter(({ taskUUID, taskType }) => taskUUID === one.task.id && !/^get/.test(taskType)),
    ).toHaveLength(1);
  });

  it('a film of half an hour comes', async () => {
    const one = running(taskOf('video', { prompt: 'a heron' }));
    answer = task =>
      task.at < 30 * 60_000 ? processing(task) : { data: [itemOf(subjectOf(one.task, 'videoInference'), 0)] };
    await until(() => ends(one), 60 * 60_000);
    expect(one.outcome).toMatchObject({ failure: undefined, items: [{ type: 'link', of: 'video' }] });
  });

  it('with questions that grow rare, to one in ten seconds', async () => {
    const one = running(taskOf('video', { prompt: 'a heron' }));
    answer = processing;
    await until(() => sent(one), 1_000);
    await pass(5 * 60_000);
    const times = questions().map(({ at }) => at);
    const waits = times.slice(1).map((at, place) => at - (times[place] ?? 0));
    expect(Math.max(...waits.slice(-5))).toBeLessThan(11_000);
    expect(Math.min(...waits.slice(-5))).toBeGreaterThan(9_000);
  });
});

describe('what a resumed session replays', () => {
  it('before a task is back is kept for it', async () => {
    const key = keyOf();
    const [first, second] = [taskOf('image'), taskOf('image')];
    const kept = { trace: { session: 'session', sent: Date.now() }, items: [] };
    const replayed = { data: [itemOf(subjectOf(first), 0), itemOf(subjectOf(second), 0)] };
    let one: Outcome | undefined;
    let two: Outcome | undefined;
    void recover(first, kept, key).then(outcome => (one = outcome));
    await until(() => server.opened > 0, 1_000);
    await pass(20);
    server.say(replayed);
    await until(() => one !== undefined, 10_000);
    void recover(second, kept, key).then(outcome => (two = outcome));
    await until(() => two !== undefined, 10_000);
    expect([one?.items.length, two?.items.length]).toEqual([1, 1]);
    expect(questions()).toEqual([]);
  });

  it('of a task that was given up is kept for nobody', async () => {
    const key = keyOf();
    const abort = new AbortController();
    const given = running(taskOf('image'), key, abort.signal);
    await until(() => sent(given), 1_000);
    abort.abort(new Error('enough'));
    await until(() => given.thrown !== undefined, 1_000);
    const one = running(taskOf('image'), key);
    await until(() => sent(one), 1_000);
    await pass(10);
    server.say({ data: [itemOf(subjectOf(given.task), 0)] });
    server.say({ data: [itemOf(subjectOf(one.task), 0)] });
    await until(() => ends(one), 1_000);
    expect(one.outcome?.items).toMatchObject([{ id: itemOf(subjectOf(one.task), 0).imageUUID }]);
  });

  it('of a task that was given up is kept for nobody, however much it is', async () => {
    const key = keyOf();
    const [given, other] = [taskOf('image', { count: '4' }), taskOf('image')];
    const kept = { trace: { session: 'session', sent: Date.now() }, items: [] };
    const abort = new AbortController();
    const lost = running(given, key, abort.signal);
    await until(() => sent(lost), 1_000);
    abort.abort(new Error('enough'));
    await until(() => lost.thrown !== undefined, 1_000);
    const one = running(taskOf('image'), key);
    await until(() => sent(one), 1_000);
    await pass(10);
    // More than is kept of tasks that nobody has asked after yet: it would push out the other's.
    server.say({ data: [itemOf(subjectOf(other), 0)] });
    for (let frame = 0; frame < 60; frame++) server.say({ data: [itemOf(subjectOf(given), frame % 4)] });
    let found: Outcome | undefined;
    void recover(other, kept, key).then(outcome => (found = outcome));
    await until(() => found !== undefined, 10_000);
    expect(found?.items).toMatchObject([{ id: itemOf(subjectOf(other), 0).imageUUID }]);
    expect(questions()).toEqual([]);
  });
});
