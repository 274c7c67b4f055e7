import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoKey, type RunwareEmulator } from '../../emulators/runware';
import { ask, image, json, pause, post, RawLine, start, text, within } from './runware-line';

let runware: RunwareEmulator;
let line: RawLine;

beforeEach(async () => {
  runware = await start();
  line = new RawLine(runware.port);
  await line.signIn();
});
afterEach(() => runware.close());

const again = () => new RawLine(runware.port);

describe('turned away can be', () => {
  it('sockets, while HTTP works', async () => {
    runware.refuse(150, 'sockets');
    await expect(again().opened()).rejects.toThrow();
    expect((await post(runware.port, [image()])).status).toBe(200);
    await pause(170);
    await again().signIn();
  });

  it('HTTP, while sockets work', async () => {
    runware.refuse(150, 'http');
    await expect(post(runware.port, [image()])).rejects.toThrow();
    await again().signIn();
    await pause(170);
    expect((await post(runware.port, [image()])).status).toBe(200);
  });

  it('both, each for a time of its own', async () => {
    runware.refuse(5_000, 'http');
    runware.refuse(60);
    await expect(again().opened()).rejects.toThrow();
    await pause(80);
    await again().signIn();
    await expect(post(runware.port, [image()])).rejects.toThrow();
  });
});

describe('media', () => {
  const speech = () => ({
    taskType: 'audioInference',
    taskUUID: randomUUID() as string,
    model: 'xai:tts@0',
    speech: { text: 'Good morning' },
  });

  it.each([
    ['guessed', 'am.runware.ai'],
    ['documented', 'im.runware.ai'],
  ] as const)('lie under the %s host', async (mediaHost, host) => {
    runware.switches.mediaHost = mediaHost;
    const task = speech();
    line.say(task);
    const [item] = await line.items(task.taskUUID);
    expect(new URL(String(item?.audioURL)).host).toBe(host);
    const reply = await ask(runware.port, String(item?.audioURL), { method: 'GET' });
    expect(reply.headers['content-type']).toBe('audio/wav');
  });

  it('can be given by address although bytes were asked for', async () => {
    runware.switches.outputType = 'URL';
    const task = image({ outputType: 'base64Data' });
    line.say(task);
    const [item = {}] = await line.items(task.taskUUID);
    expect(Object.keys(item)).toContain('imageURL');
    expect(Object.keys(item)).not.toContain('imageBase64Data');
  });
});

describe('shuffled results', () => {
  /** How the results of several tasks came, each by its place in the order asked for. */
  async function shuffled(seed: number): Promise<number[][]> {
    runware.switches.taskMs = 20;
    runware.switches.shuffle = { seed, withinMs: 60 };
    line.frames.length = 0;
    const tasks = [1, 2, 3, 4].map(n => image({ seed: 10 * n, numberResults: 3 }));
    line.say(...tasks);
    const wanted = tasks.flatMap(({ taskUUID }) => [0, 1, 2].map(at => ({ taskUUID, at })));
    await within(10_000, () => {
      const came = tasks.every(({ taskUUID }) => new Set(line.known(taskUUID).map(i => i.seed)).size === 3);
      return came || undefined;
    });
    await pause(150);
    return line.frames.map(({ data = [] }) =>
      data.map(({ taskUUID, seed }) =>
        wanted.findIndex(one => one.taskUUID === taskUUID && Number(seed) % 10 === one.at),
      ),
    );
  }

  it('all come, some twice, joined and split across tasks, in another order', async () => {
    const frames = await shuffled(3);
    const order = frames.flat();
    expect([...new Set(order)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(order.length).toBeGreaterThan(12);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect(new Set(frames.map(({ length }) => length)).size).toBeGreaterThan(1);
    expect(frames.some(frame => new Set(frame.map(at => Math.floor(at / 3))).size > 1)).toBe(true);
    expect(runware.ledger.count()).toBe(4);
  });

  it('are not overtaken by the failure that ends their task', async () => {
    runware.switches.shuffle = { seed: 1, withinMs: 500 };
    runware.faults.add({ kind: 'error', after: 2 });
    const task = image({ numberResults: 3 });
    line.say(task);
    await line.error();
    expect(new Set(line.known(task.taskUUID).map(item => item.imageUUID)).size).toBe(2);
  });

  it('wait for their session when the connection is lost meanwhile', async () => {
    runware.switches.shuffle = { seed: 1, withinMs: 80 };
    const session = String(line.frames[0]?.data?.[0]?.connectionSessionUUID);
    runware.faults.add({ kind: 'drop', at: 'result', after: 1 });
    const task = image({ numberResults: 2 });
    line.say(task);
    await line.closed;
    const next = again();
    await next.signIn(session);
    await within(
      10_000,
      () => new Set(next.known(task.taskUUID).map(i => i.imageUUID)).size === 2 || undefined,
    );
  });
});

it('a message can be cut into fragments, within characters too', async () => {
  runware.switches.fragments = 9;
  const next = again();
  const heads: number[] = [];
  next.socket.on('upgrade', ({ socket }) =>
    socket.on('data', (chunk: Buffer) => chunk[0] !== undefined && heads.push(chunk[0])),
  );
  await next.signIn();
  const task = text('“é漢🙂”'.repeat(9));
  next.say(task);
  const [item] = await next.items(task.taskUUID);
  expect(item?.text).toContain('“é漢🙂”'.repeat(9));
  const TEXT_NOT_FINAL = 0x01;
  expect(heads).toContain(TEXT_NOT_FINAL);
});

describe('a task that is forgotten', () => {
  it.each(['getResponse', 'getTaskDetails'])('is unknown to %s', async asking => {
    runware.switches.rememberMs = 60;
    runware.switches.unknownTask = 'error';
    const task = image();
    line.say(task);
    await line.items(task.taskUUID);
    await pause(80);
    line.say({ taskType: asking, taskUUID: task.taskUUID });
    expect(await line.error()).toMatchObject({ code: 'taskNotFound', taskUUID: task.taskUUID });
  });

  it('is run and billed anew, and the ledger says what each was', async () => {
    runware.switches.rememberMs = 60;
    const task = image();
    line.say(task);
    await line.items(task.taskUUID);
    await pause(80);
    line.say(task);
    await line.items(task.taskUUID, 2);
    expect(runware.ledger.entries).toMatchObject([{ task }, { task }]);
  });

  it('is not forgotten while it runs', async () => {
    runware.switches.taskMs = 200;
    runware.switches.rememberMs = 10;
    const task = image();
    line.say(task);
    await pause(60);
    line.say(task);
    expect(await line.error()).toMatchObject({ code: 'conflictTaskUUID' });
  });

  it('because its connection was lost, may be sent again, and is billed once', async () => {
    runware.switches.closedTasks = 'stop';
    runware.switches.taskMs = 100;
    const task = image();
    line.say(task);
    await within(5_000, () => (runware.ledger.count() > 0 ? true : undefined));
    runware.drop();
    await line.closed;
    const next = again();
    await next.signIn();
    next.say(task);
    await next.items(task.taskUUID);
    expect(runware.ledger.count(task.taskUUID)).toBe(1);
  });

  it('is none that was acknowledged', async () => {
    runware.switches.closedTasks = 'stop';
    runware.switches.taskMs = 60;
    const task = image({ deliveryMethod: 'async' });
    line.say(task);
    await line.items(task.taskUUID);
    runware.drop();
    await line.closed;
    await pause(120);
    const next = again();
    await next.signIn();
    next.say({ taskType: 'getResponse', taskUUID: task.taskUUID });
    expect((await next.items(task.taskUUID))[0]?.status).toBe('success');
  });
});

it.each([
  ['object', { data: [expect.objectContaining({ taskType: 'textInference' })] }],
  ['array', [expect.objectContaining({ taskType: 'textInference' })]],
  ['missing', undefined],
] as const)('details of a task can have their response as %s', async (taskDetails, response) => {
  runware.switches.taskDetails = taskDetails;
  const task = text('Remember me');
  line.say(task);
  await line.items(task.taskUUID);
  line.say({ taskType: 'getTaskDetails', taskUUID: task.taskUUID });
  const [, details] = await line.items(task.taskUUID, 2);
  expect(details?.request).toEqual([task]);
  expect(details?.response).toEqual(response);
});

it('the balance can be refused to a key', async () => {
  runware.switches.balanceForm = 'refused';
  const asked = { taskType: 'accountManagement', taskUUID: randomUUID(), operation: 'getDetails' };
  line.say(asked);
  expect(await line.error()).toMatchObject({ code: 'insufficientPermissions', taskUUID: asked.taskUUID });
  const reply = await post(runware.port, [{ ...asked, taskUUID: randomUUID() }]);
  expect([reply.status, json(reply).errors?.[0]?.code]).toEqual([403, 'insufficientPermissions']);
});

it('a dry run can be run and billed', async () => {
  runware.switches.dryRun = 'run';
  const task = image();
  const { data } = json(await post(runware.port, [task], { 'x-runware-dry-run': '1' }));
  expect(data).toEqual([expect.objectContaining({ imageURL: expect.any(String) })]);
  expect(runware.ledger.count(task.taskUUID)).toBe(1);
});

describe('a stream', () => {
  const stream = async () =>
    (await post(runware.port, [text('How are you?', { deliveryMethod: 'stream' })])).bytes;

  /** Reads a stream as the standard says. */
  const read = (bytes: Buffer): string =>
    bytes
      .toString('utf8')
      .split(/\r?\n\r?\n/)
      .map(event => [...event.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data.trimEnd()).join('\n'))
      .filter(event => event !== '' && event !== '[DONE]')
      .map(event => JSON.parse(event).delta.text)
      .join('');

  it('says the same in every form', async () => {
    const plain = read(await stream());
    expect(plain).toContain('“How are you?”');
    Object.assign(runware.switches, { lineEnd: '\r\n', multiline: true, keepAlive: 'often', chunks: 'cut' });
    const bytes = await stream();
    expect(read(bytes)).toBe(plain);
    const odd = bytes.toString('utf8');
    expect(odd).not.toMatch(/[^\r]\n/);
    expect(odd).toMatch(/data: \{\r\ndata: {2}"taskUUID"/);
    expect(odd.match(/^: keep-alive/gm)?.length).toBeGreaterThan(5);
  });

  it('can be cut within a character and within a line end', async () => {
    runware.switches.chunks = 'cut';
    const chunks: Buffer[] = [];
    const response = await fetchChunks(chunks);
    expect(response).toBe(200);
    const lone = chunks.filter(chunk => chunk.toString('utf8').includes('\ufffd'));
    expect(lone.length).toBeGreaterThanOrEqual(2);
    expect(chunks.some(chunk => chunk.length === 1 && chunk.toString() === '\n')).toBe(true);
    expect(read(Buffer.concat(chunks))).toContain('“How are you?”');
  });
});

/** Streams a text and keeps the chunks as they came. */
function fetchChunks(chunks: Buffer[]): Promise<number> {
  const body = JSON.stringify([text('How are you?', { deliveryMethod: 'stream' })]);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: runware.port,
        rejectUnauthorized: false,
        method: 'POST',
        path: '/v1',
        headers: { authorization: `Bearer ${demoKey}`, 'content-type': 'application/json' },
      },
      response => {
        response.on('data', chunk => chunks.push(chunk));
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
