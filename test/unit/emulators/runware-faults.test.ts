import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoKey, type ErrorShape, type Fault, type RunwareEmulator } from '../../emulators/runware';
import { image, pause, RawLine, start, text, within } from './runware-line';

let runware: RunwareEmulator;
let line: RawLine;

beforeEach(async () => {
  runware = await start({ taskMs: 40 });
  line = new RawLine(runware.port);
  await line.signIn();
});
afterEach(() => runware.close());

const again = () => new RawLine(runware.port);
const sessionOf = (frame: RawLine['frames'][number]) => String(frame.data?.[0]?.connectionSessionUUID);

describe('resuming', () => {
  /** Sends a task, loses the connection, and comes back when the results are waiting. */
  async function lose(task = image({ numberResults: 2 })) {
    const session = sessionOf(line.frames[0] ?? {});
    line.say(task);
    await within(5_000, () => (runware.ledger.count() > 0 ? true : undefined));
    runware.drop();
    expect(await line.closed).toBe(1006);
    await pause(80);
    const next = again();
    return { task, session, next, resumed: await next.signIn(session) };
  }

  it('delivers what was missed, under the same session', async () => {
    const { task, session, next, resumed } = await lose();
    expect(resumed).toBe(session);
    expect(await next.items(task.taskUUID, 2)).toHaveLength(2);
    expect(next.frames[0]?.data?.[0]?.taskType).toBe('authentication');
    expect(runware.ledger.count()).toBe(1);
  });

  it('can replay before the answer', async () => {
    runware.switches.replay = 'before-auth';
    const { task, next } = await lose();
    expect(next.frames.map(({ data }) => data?.[0]?.taskUUID)).toEqual([
      task.taskUUID,
      task.taskUUID,
      undefined,
    ]);
  });

  it('can replay in the frame of the answer', async () => {
    runware.switches.replay = 'same-frame';
    const { next } = await lose();
    expect(next.frames).toHaveLength(1);
    expect(next.frames[0]?.data?.map(item => item.taskType)).toEqual([
      'authentication',
      'imageInference',
      'imageInference',
    ]);
  });

  it('can replay twice', async () => {
    runware.switches.replay = 'twice';
    const { task, next } = await lose();
    const items = await next.items(task.taskUUID, 4);
    expect(new Set(items.map(item => item.imageUUID)).size).toBe(2);
  });

  it('can change the id', async () => {
    runware.switches.resumeId = 'new';
    const { task, session, next, resumed } = await lose();
    expect(resumed).not.toBe(session);
    await next.items(task.taskUUID, 2);
  });

  it.each(['new', 'error'] as const)('too late gives a %s', async reaction => {
    runware.switches.bufferMs = 20;
    runware.switches.expiredSession = reaction;
    const session = sessionOf(line.frames[0] ?? {});
    runware.drop();
    await pause(50);
    const next = again();
    if (reaction === 'new') {
      expect(await next.signIn(session)).not.toBe(session);
    } else {
      await next.opened();
      next.say({ taskType: 'authentication', apiKey: demoKey, connectionSessionUUID: session });
      expect(await next.error()).toMatchObject({ parameter: 'connectionSessionUUID' });
    }
  });

  it('too late for a result leaves it to getResponse', async () => {
    runware.switches.bufferMs = 10;
    const { task, next } = await lose(image());
    await pause(30);
    expect(next.known(task.taskUUID)).toEqual([]);
    next.say({ taskType: 'getResponse', taskUUID: task.taskUUID });
    expect((await next.items(task.taskUUID))[0]?.status).toBe('success');
  });

  it('finds nothing when the tasks of lost connections stop, nor is it billed', async () => {
    runware.switches.closedTasks = 'stop';
    const { task, next } = await lose(image());
    await pause(80);
    expect(next.known(task.taskUUID)).toEqual([]);
    expect(runware.ledger.count()).toBe(0);
  });

  it('takes the session from a connection that is still open', async () => {
    const next = again();
    await next.signIn(sessionOf(line.frames[0] ?? {}));
    expect(await line.closed).toBe(1000);
  });
});

describe('results', () => {
  it('can share a frame', async () => {
    runware.switches.batching = 'joined';
    line.say(image({ numberResults: 3 }));
    await line.until(({ data }) => data?.length === 3);
  });

  it('can share a frame with those of other tasks', async () => {
    runware.switches.batching = 'mixed';
    const [one, other] = [image(), text('Hello')];
    line.say(one, other);
    const { data } = await line.until(frame => frame.data?.length === 2);
    expect(new Set(data?.map(item => item.taskUUID))).toEqual(new Set([one.taskUUID, other.taskUUID]));
  });

  it('can come in reverse, or twice', async () => {
    runware.faults.add({ kind: 'order', order: 'reversed' }, { kind: 'order', order: 'twice' });
    const [reversed, twice] = [image({ seed: 5, numberResults: 3 }), image()];
    line.say(reversed);
    line.say(twice);
    expect((await line.items(reversed.taskUUID, 3)).map(item => item.seed)).toEqual([7, 6, 5]);
    const [first, second] = await line.items(twice.taskUUID, 2);
    expect(first).toEqual(second);
  });

  it('can stay out though billed', async () => {
    runware.faults.add({ kind: 'silence', after: 1 });
    const task = image({ numberResults: 2 });
    line.say(task);
    await line.items(task.taskUUID);
    await pause(50);
    expect(line.known(task.taskUUID)).toHaveLength(1);
    expect(runware.ledger.total).toBeCloseTo(0.0012);
  });
});

describe('a break', () => {
  it('on arrival leaves the task unaccepted', async () => {
    runware.faults.add({ kind: 'drop', at: 'arrival' });
    line.say(image());
    expect(await line.closed).toBe(1006);
    expect(runware.ledger.count()).toBe(0);
    expect(runware.faults.pending).toEqual([]);
  });

  it('after acceptance lets the task run on', async () => {
    runware.faults.add({ kind: 'drop', at: 'accepted' });
    const task = image();
    line.say(task);
    await line.closed;
    const next = again();
    await next.signIn(sessionOf(line.frames[0] ?? {}));
    await next.items(task.taskUUID);
    expect(runware.ledger.count(task.taskUUID)).toBe(1);
  });

  it('between two results delivers the one and keeps the other', async () => {
    runware.faults.add({ kind: 'drop', at: 'result', after: 1 });
    const task = image({ numberResults: 2, seed: 3 });
    line.say(task);
    await line.closed;
    expect(line.known(task.taskUUID).map(item => item.seed)).toEqual([3]);
    const next = again();
    await next.signIn(sessionOf(line.frames[0] ?? {}));
    expect((await next.items(task.taskUUID)).map(item => item.seed)).toEqual([4]);
  });

  it('after the ack leaves an async task to be polled', async () => {
    runware.faults.add({ kind: 'drop', at: 'acked' });
    const task = image({ deliveryMethod: 'async' });
    line.say(task);
    await line.closed;
    expect(line.known(task.taskUUID)).toHaveLength(1);
  });

  it.each([1001, 1011])('can carry code %i', async code => {
    runware.faults.add({ kind: 'drop', at: 'pong', code });
    line.say({ taskType: 'ping', ping: true });
    expect(await line.closed).toBe(code);
  });

  it('instead of authentication', async () => {
    runware.faults.add({ kind: 'drop', at: 'auth' });
    const next = again();
    await next.opened();
    next.say({ taskType: 'authentication', apiKey: 'whatever' });
    expect(await next.closed).toBe(1006);
  });

  it('half-open says nothing more, and the session can be had elsewhere', async () => {
    runware.faults.add({ kind: 'freeze', at: 'accepted' });
    const task = image();
    line.say(task);
    line.say({ taskType: 'ping', ping: true });
    await pause(100);
    expect(line.frames).toHaveLength(1);
    const next = again();
    await next.signIn(sessionOf(line.frames[0] ?? {}));
    await next.items(task.taskUUID);
    line.socket.terminate();
    await within(5_000, () => (runware.connections === 1 ? true : undefined));
  });
});

describe('strange frames', () => {
  const strange = (fault: Fault) => {
    runware.faults.add(fault);
    const task = image({ outputType: 'URL' });
    line.say(task);
    return task;
  };

  it('can be no JSON', async () => {
    const task = strange({ kind: 'frame', frame: 'malformed' });
    await line.items(task.taskUUID);
    expect(() => JSON.parse(line.raw[1]?.text ?? '')).toThrow();
  });

  it('can be binary, and the results too', async () => {
    strange({ kind: 'frame', frame: 'binary', instead: true });
    await within(10_000, () => line.raw.find(({ binary }) => binary));
    expect(line.raw).toHaveLength(2);
  });

  it('can be huge', async () => {
    const task = strange({ kind: 'frame', frame: 'huge', bytes: 3_000_000, instead: true });
    await line.items(task.taskUUID);
    expect(line.raw[1]?.text.length).toBeGreaterThan(3_000_000);
  });

  it('can be missing: no ack', async () => {
    runware.faults.add({ kind: 'no-ack' });
    const task = image({ deliveryMethod: 'async' });
    line.say(task);
    await pause(40);
    expect(line.known(task.taskUUID)).toEqual([]);
    expect(runware.ledger.count(task.taskUUID)).toBe(1);
  });

  it('can be late: a slow opening', async () => {
    runware.faults.add({ kind: 'slow-open', ms: 120 });
    const from = Date.now();
    await again().signIn();
    expect(Date.now() - from).toBeGreaterThan(115);
  });
});

describe('error shapes', () => {
  const failure = { code: 'rateLimitExceeded', message: 'Too many.', parameter: 'width' };
  const taskUUID = randomUUID();
  const full = expect.objectContaining({ ...failure, taskUUID, taskType: 'imageInference' });
  const bare = { code: failure.code, message: failure.message };
  const shapes: readonly (readonly [ErrorShape, unknown])[] = [
    ['errors-array', { errors: [full] }],
    ['errors-object', { errors: full }],
    ['error-object', { error: full }],
    ['error-array', { error: [full] }],
    ['legacy', { error: true, errorId: 19, errorMessage: 'Too many.' }],
    ['no-uuid', { errors: [expect.not.objectContaining({ taskUUID: expect.anything() })] }],
    ['uuid-outside', { error: bare, taskUUID }],
    ['item', { data: [{ taskType: 'imageInference', taskUUID, status: 'error', error: bare }] }],
    ['parameters', { errors: [expect.objectContaining({ parameter: ['width'] })] }],
  ];

  it.each(shapes)('%s', async (shape, expected) => {
    runware.faults.add({ kind: 'error', shape, failure });
    line.say(image({ taskUUID }));
    await within(10_000, () => line.frames[1]);
    expect(line.frames[1]).toEqual(expected);
    expect(runware.ledger.count()).toBe(0);
  });

  it('paired: two failures in one frame', async () => {
    runware.faults.add({ kind: 'error', shape: 'paired', times: 2 });
    const [one, other] = [image(), image()];
    line.say(one);
    await pause(30);
    expect(line.frames).toHaveLength(1);
    line.say(other);
    const { errors } = await line.until(frame => frame.errors?.length === 2);
    expect(errors?.map(error => error.taskUUID)).toEqual([one.taskUUID, other.taskUUID]);
  });

  it('and any other body', async () => {
    runware.faults.add({ kind: 'error', body: task => ({ oops: task.taskUUID }) });
    line.say(image({ taskUUID }));
    await line.until(frame => frame.oops === taskUUID);
  });

  it('of authentication', async () => {
    runware.faults.add({ kind: 'error', at: 'auth', shape: 'legacy' });
    const next = await again().opened();
    next.say({ taskType: 'authentication', apiKey: demoKey });
    expect(await next.until(() => true)).toMatchObject({ error: true, errorId: 19 });
  });

  it('strike only the tasks meant, as often as asked, until cleared', async () => {
    runware.faults.add({ kind: 'error', when: task => task.width === 192, times: Number.POSITIVE_INFINITY });
    const [spared, struck, struckToo, later] = [
      image(),
      image({ width: 192 }),
      image({ width: 192 }),
      image({ width: 192 }),
    ];
    line.say(spared, struck, struckToo);
    await line.items(spared.taskUUID);
    expect((await line.until(({ errors }) => errors?.length === 2)).data).toEqual([]);
    runware.faults.clear();
    line.say(later);
    await line.items(later.taskUUID);
  });
});
