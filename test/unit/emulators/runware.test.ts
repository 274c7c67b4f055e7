import { randomUUID } from 'node:crypto';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoKey, type RunwareEmulator } from '../../emulators/runware';
import { ask, image, pause, RawLine, start, text, within } from './runware-line';

let runware: RunwareEmulator;
let line: RawLine;

beforeEach(async () => {
  runware = await start();
  line = new RawLine(runware.port, '?sdk=none');
});
afterEach(() => runware.close());

const again = () => new RawLine(runware.port);

describe('authentication', () => {
  it('gives a session id to a good key', async () => {
    expect(await line.signIn()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers a bad key as documented and leaves the socket open', async () => {
    await line.opened();
    line.say({ taskType: 'authentication', apiKey: 'nonsense' });
    expect(await line.until(() => true)).toEqual({
      errors: [
        {
          code: 'invalidApiKey',
          message: 'Invalid API key. Get one at https://my.runware.ai/signup',
          parameter: 'apiKey',
          type: 'string',
          taskType: 'authentication',
        },
      ],
    });
    expect(runware.connections).toBe(1);
  });

  it('refuses a parameter the schema does not know', async () => {
    await line.opened();
    line.say({ taskType: 'authentication', apiKey: demoKey, taskUUID: randomUUID() });
    expect(await line.error()).toMatchObject({ code: 'unknownParameter', parameter: 'taskUUID' });
  });

  it.each(['ignore', 'error', 'close'] as const)('can %s what comes before it', async reaction => {
    runware.switches.unauthenticated = reaction;
    await line.opened();
    line.say(image());
    if (reaction === 'close') expect(await line.closed).toBe(1008);
    if (reaction === 'error') expect(await line.error()).toMatchObject({ code: 'unauthorized' });
    if (reaction === 'ignore') {
      await pause(60);
      expect(line.frames).toEqual([]);
    }
    expect(runware.ledger.count()).toBe(0);
  });

  it('turns a revoked key away, and takes it back', async () => {
    await line.signIn();
    runware.revoke(demoKey);
    line.say(image());
    expect(await line.error()).toMatchObject({ code: 'invalidApiKey' });
    runware.restore(demoKey);
    const task = image();
    line.say(task);
    expect(await line.items(task.taskUUID)).toHaveLength(1);
  });
});

describe('the connection', () => {
  it('answers ping with pong', async () => {
    await line.signIn();
    line.say({ taskType: 'ping', ping: true });
    const frame = await line.until(({ data }) => data?.[0]?.taskType === 'ping');
    expect(frame).toEqual({ data: [{ taskType: 'ping', pong: true }] });
  });

  it('closes after silence, which a ping postpones', async () => {
    runware.switches.idleMs = 150;
    runware.switches.idleCode = 1001;
    await line.signIn();
    await pause(100);
    line.say({ taskType: 'ping', ping: true });
    await pause(100);
    expect(runware.connections).toBe(1);
    expect(await line.closed).toBe(1001);
    expect(runware.connections).toBe(0);
    expect(runware.opened).toBe(1);
  });

  it('closes on a frame beyond its size', async () => {
    runware.switches.maxFrameBytes = 500;
    await line.signIn();
    line.say(image({ positivePrompt: 'x'.repeat(600) }));
    expect(await line.closed).toBe(1009);
  });

  it('keeps what was said, without the keys', async () => {
    await line.signIn();
    line.say({ taskType: 'authentication', apiKey: 'another-secret-key' });
    await line.error();
    const [first] = runware.traffic;
    expect(first).toMatchObject({ direction: 'in', origin: 'https://example.com', path: '/v1?sdk=none' });
    expect(first?.text).toContain('"apiKey":"[key demo]"');
    expect(JSON.stringify(runware.traffic)).not.toContain(demoKey);
    expect(JSON.stringify(runware.traffic)).not.toContain('another-secret-key');
  });

  it('refuses new connections for a while', async () => {
    await line.signIn();
    runware.refuse(80);
    await expect(again().opened()).rejects.toThrow();
    await pause(100);
    await again().signIn();
    expect(runware.connections).toBe(2);
  });
});

describe('images', () => {
  it('are encoded in the asked size and form, each seed one above the last', async () => {
    await line.signIn();
    const asked = {
      outputType: 'base64Data',
      outputFormat: 'PNG',
      width: 192,
      seed: 7,
      numberResults: 3,
      includeCost: true,
    };
    const task = image(asked);
    line.say(task);
    const items = await line.items(task.taskUUID, 3);
    expect(items.map(item => item.seed)).toEqual([7, 8, 9]);
    expect(items[0]?.cost).toBe(0.0006);
    const png = PNG.sync.read(Buffer.from(String(items[0]?.imageBase64Data), 'base64'));
    expect([png.width, png.height]).toEqual([192, 128]);
    expect(new Set(items.map(item => item.imageUUID)).size).toBe(3);
  });

  it('are the same for the same prompt and seed', async () => {
    await line.signIn();
    const [one, two, other] = [1, 1, 2].map(seed => image({ seed, outputType: 'dataURI' }));
    for (const task of [one, two, other]) line.say(task ?? {});
    const uri = async (task = image()) => (await line.items(task.taskUUID))[0]?.imageDataURI;
    expect(await uri(one)).toMatch(/^data:image\/jpeg;base64,/);
    expect(await uri(one)).toBe(await uri(two));
    expect(await uri(one)).not.toBe(await uri(other));
  });

  it('by address are served, without any CORS header', async () => {
    await line.signIn();
    const task = image({ height: 256 });
    line.say(task);
    const [item] = await line.items(task.taskUUID);
    const reply = await ask(runware.port, String(item?.imageURL), { method: 'GET' });
    expect(reply.headers['content-type']).toBe('image/jpeg');
    expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([]);
    const { width, height } = jpeg.decode(reply.bytes);
    expect([width, height]).toEqual([128, 256]);
  });

  it.each([
    [{ width: 100 }, { code: 'invalidParameter', parameter: 'width', min: 128, max: 2048, multiplier: 64 }],
    [{ positivePrompt: 'x' }, { code: 'invalidParameter', parameter: 'positivePrompt', min: 2, max: 3000 }],
    [{ positivePrompt: undefined }, { code: 'missingParameter', parameter: 'positivePrompt' }],
    [{ steps: 0 }, { parameter: 'steps' }],
    [{ numberResults: 21 }, { parameter: 'numberResults' }],
    [{ seed: 0 }, { parameter: 'seed' }],
    [{ model: 'flux' }, { code: 'unknownModel', parameter: 'model' }],
    [{ outputFormat: 'WEBP' }, { code: 'unsupportedParameter', parameter: 'outputFormat' }],
    [{ deliveryMethod: 'stream' }, { parameter: 'deliveryMethod' }],
    [{ taskType: 'imageInvention' }, { code: 'unsupportedTaskType' }],
    [{ taskUUID: undefined }, { code: 'missingTaskUUID' }],
    [{ taskUUID: 'seven' }, { code: 'invalidTaskUUID' }],
  ])('with %j are refused and not billed', async (wrong, expected) => {
    await line.signIn();
    const task = image(wrong);
    line.say(task);
    const error = await line.error();
    expect(error).toMatchObject(expected);
    expect(error.documentation).toMatch(/^https:/);
    if (task.taskUUID) expect(error.taskUUID).toBe(task.taskUUID);
    expect(runware.ledger.count()).toBe(0);
  });
});

describe('billing', () => {
  it('counts a task once and answers its repetition with a conflict', async () => {
    await line.signIn();
    const task = image();
    line.say(task);
    line.say(task);
    expect(await line.error()).toMatchObject({ code: 'conflictTaskUUID', taskUUID: task.taskUUID });
    await line.items(task.taskUUID);
    expect(runware.ledger.count(task.taskUUID)).toBe(1);
    expect(runware.ledger.total).toBeCloseTo(0.0006);
  });

  it('forgets a taskUUID after the set time', async () => {
    runware.switches.rememberMs = 50;
    await line.signIn();
    const task = image();
    line.say(task);
    await pause(80);
    line.say(task);
    await line.items(task.taskUUID, 2);
    expect(runware.ledger.count(task.taskUUID)).toBe(2);
  });

  it('refuses what the balance does not cover', async () => {
    await line.signIn();
    runware.setBalance(demoKey, 0.001);
    line.say(image({ numberResults: 2 }));
    expect(await line.error()).toMatchObject({ code: 'insufficientCredits' });
    expect(runware.ledger.count()).toBe(0);
  });

  it('gives back what a failed task did not deliver', async () => {
    runware.setBalance(demoKey, 1);
    runware.faults.add({ kind: 'error', after: 1 }, { kind: 'error', after: 0 });
    await line.signIn();
    const [half, none] = [image({ numberResults: 2 }), image()];
    line.say(half);
    line.say(none);
    await within(10_000, () => (line.frames.filter(({ errors }) => errors).length === 2 ? true : undefined));
    expect(line.known(half.taskUUID)).toHaveLength(1);
    expect(runware.ledger.entries.map(({ taskUUID, cost }) => [taskUUID, cost])).toEqual([
      [half.taskUUID, 0.0006],
    ]);
    expect(runware.balanceOf(demoKey)).toBeCloseTo(1 - 0.0006);
  });

  it('prices a dry run without running or charging it', async () => {
    const dry = new RawLine(runware.port, '?dryRun=1');
    await dry.signIn();
    const task = image({ numberResults: 2 });
    dry.say(task);
    expect(await dry.items(task.taskUUID)).toEqual([
      { taskType: 'imageInference', taskUUID: task.taskUUID, cost: 0.0012 },
    ]);
    expect(runware.ledger.count()).toBe(0);
  });
});

describe('asynchronous tasks', () => {
  it('are acknowledged, then polled until all results are there', async () => {
    runware.switches.taskMs = 500;
    await line.signIn();
    const task = image({ deliveryMethod: 'async', numberResults: 2 });
    line.say(task);
    expect(await line.items(task.taskUUID)).toEqual([
      { taskType: 'imageInference', taskUUID: task.taskUUID },
    ]);
    line.say({ taskType: 'getResponse', taskUUID: task.taskUUID });
    const waiting = (await line.items(task.taskUUID, 3)).slice(1);
    expect(waiting.map(item => item.status)).toEqual(['processing', 'processing']);
    await pause(1_000);
    for (let poll = 0; poll < 2; poll += 1) line.say({ taskType: 'getResponse', taskUUID: task.taskUUID });
    const [first, second, third, fourth] = (await line.items(task.taskUUID, 7)).slice(3);
    expect(first?.status).toBe('success');
    expect([first, second]).toEqual([third, fourth]);
    expect(runware.ledger.count(task.taskUUID)).toBe(1);
  });

  it('tell their failure to the poll', async () => {
    runware.faults.add({
      kind: 'error',
      after: 1,
      failure: { code: 'providerError', message: 'Out of paint.' },
    });
    await line.signIn();
    const task = image({ deliveryMethod: 'async', numberResults: 2 });
    line.say(task);
    const [acknowledged] = await line.items(task.taskUUID, 1);
    expect(acknowledged).toMatchObject({ taskType: 'imageInference' });
    let [good, bad]: Record<string, unknown>[] = [];
    for (let heard = 1; bad?.status !== 'error'; heard += 2) {
      await pause(20);
      line.say({ taskType: 'getResponse', taskUUID: task.taskUUID });
      [good, bad] = (await line.items(task.taskUUID, heard + 2)).slice(-2);
    }
    expect(good?.status).toBe('success');
    expect(bad).toMatchObject({
      status: 'error',
      error: { code: 'providerError', message: 'Out of paint.' },
    });
  });

  it.each(['empty', 'error'] as const)('never seen are answered with %s', async form => {
    runware.switches.unknownTask = form;
    await line.signIn();
    const taskUUID = randomUUID();
    line.say({ taskType: 'getResponse', taskUUID });
    if (form === 'empty') expect(await line.until(({ data }) => data?.length === 0)).toEqual({ data: [] });
    else expect(await line.error()).toMatchObject({ code: 'taskNotFound', taskUUID });
  });

  it('and sync ones are archived with request and response', async () => {
    await line.signIn();
    const task = text('Remember me');
    line.say(task);
    const [item] = await line.items(task.taskUUID);
    line.say({ taskType: 'getTaskDetails', taskUUID: task.taskUUID });
    const [, details] = await line.items(task.taskUUID, 2);
    expect(details).toMatchObject({ request: [task], response: { data: [item] } });
  });
});
