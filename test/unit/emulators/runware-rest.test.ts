import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoKey, type RunwareEmulator } from '../../emulators/runware';
import { ask, image, json, post, start, text } from './runware-line';

let runware: RunwareEmulator;

beforeEach(async () => {
  runware = await start();
});
afterEach(() => runware.close());

const v1 = 'https://api.runware.ai/v1';

describe('REST', () => {
  it('answers a task array once all is done', async () => {
    const [one, other] = [image({ numberResults: 2 }), text('Good morning')];
    const reply = await post(runware.port, [one, other]);
    expect(reply.status).toBe(200);
    expect(json(reply).data?.map(item => item.taskUUID)).toEqual([
      one.taskUUID,
      one.taskUUID,
      other.taskUUID,
    ]);
    expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([]);
  });

  it('takes the key as first task, and echoes it', async () => {
    const body = [{ taskType: 'authentication', apiKey: demoKey }, image()];
    const { data } = json(await ask(runware.port, v1, { body }));
    expect(data?.map(item => item.taskType)).toEqual(['authentication', 'imageInference']);
    expect(JSON.stringify(runware.traffic)).not.toContain(demoKey);
  });

  it.each([
    ['a bad key', { authorization: 'Bearer wrong' }, {}, 401, 'invalidApiKey'],
    ['a validation error', {}, { width: 100 }, 400, 'invalidParameter'],
    ['no balance', {}, { numberResults: 20, width: 2048, height: 2048 }, 402, 'insufficientCredits'],
    ['no JSON', { 'content-type': 'text/plain' }, {}, 400, 'invalidContentType'],
  ])('answers %s with its status', async (_what, headers, changes, status, code) => {
    runware.setBalance(demoKey, 0.1);
    const reply = await post(runware.port, [image(changes)], headers);
    expect(reply.status).toBe(status);
    expect(json(reply).errors?.[0]?.code).toBe(code);
    expect(runware.ledger.count()).toBe(0);
  });

  it('can name a failure in the singular', async () => {
    runware.switches.restErrors = 'error';
    expect(json(await post(runware.port, [image({ width: 1 })]))).toMatchObject({
      error: { parameter: 'width' },
    });
  });

  it('lets one task fail and its neighbour work', async () => {
    const [good, bad] = [image(), image({ steps: 900 })];
    const reply = await post(runware.port, [good, bad]);
    const { data, errors } = json(reply);
    expect([reply.status, data?.[0]?.taskUUID, errors?.[0]?.taskUUID]).toEqual([
      200,
      good.taskUUID,
      bad.taskUUID,
    ]);
  });

  it.each([400, 401, 402, 403, 404, 429, 500, 503, 504])('can fail with status %i', async status => {
    runware.faults.add({
      kind: 'http',
      status,
      body: { errors: [{ code: 'scripted', message: 'As asked.' }] },
    });
    const reply = await post(runware.port, [image()]);
    expect([reply.status, json(reply).errors?.[0]?.code]).toEqual([status, 'scripted']);
    expect(runware.ledger.count()).toBe(0);
  });

  it('can time out on a task that was accepted, so that its repetition conflicts', async () => {
    runware.faults.add({ kind: 'http', status: 504, accept: true });
    const task = image();
    expect((await post(runware.port, [task])).status).toBe(504);
    const reply = await post(runware.port, [task]);
    expect([reply.status, json(reply).errors?.[0]?.code]).toEqual([400, 'conflictTaskUUID']);
    expect(runware.ledger.count(task.taskUUID)).toBe(1);
  });

  it('can lose the call before or after acceptance', async () => {
    runware.faults.add({ kind: 'drop', at: 'arrival' }, { kind: 'drop', at: 'accepted' });
    await expect(post(runware.port, [image()])).rejects.toThrow();
    expect(runware.ledger.count()).toBe(0);
    await expect(post(runware.port, [image()])).rejects.toThrow();
    expect(runware.ledger.count()).toBe(1);
  });

  it('prices a dry run asked for by header', async () => {
    const { data } = json(await post(runware.port, [image()], { 'x-runware-dry-run': '1' }));
    expect(data?.[0]?.cost).toBe(0.0006);
    expect(runware.ledger.count()).toBe(0);
  });

  it.each([
    ['GET', v1, 405],
    ['OPTIONS', v1, 405],
    ['POST', 'https://api.runware.ai/v2', 404],
    ['POST', 'https://ws-api.runware.ai/v1', 404],
    ['GET', 'https://im.runware.ai/image/none.jpg', 404],
  ])('%s %s gives %i', async (method, address, status) => {
    const reply = await ask(runware.port, address, { method });
    expect(reply.status).toBe(status);
  });
});

describe('a streamed text', () => {
  const events = (bytes: Buffer) =>
    [...bytes.toString('utf8').matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
  const ask = (changes = {}) =>
    post(runware.port, [text('How are you?', { deliveryMethod: 'stream', ...changes })]);

  it('comes in pieces that make up the whole', async () => {
    runware.switches.reasoning = true;
    const reply = await ask({ includeUsage: true, includeCost: true });
    expect(reply.headers['content-type']).toBe('text/event-stream');
    const data = events(reply.bytes);
    expect(data.pop()).toBe('[DONE]');
    const chunks = data.map(line => JSON.parse(line));
    const whole = chunks.map(({ delta }) => delta.text ?? '').join('');
    expect(whole).toContain('How are you?');
    expect(chunks[0].delta.reasoningContent).toBeTypeOf('string');
    expect(chunks.at(-1)).toMatchObject({ finishReason: 'stop', usage: { promptTokens: 3 } });
    expect(chunks.at(-1).cost).toBeGreaterThan(0);
    expect(runware.ledger.count()).toBe(1);
  });

  it('can break off', async () => {
    runware.faults.add({ kind: 'sse-cut', after: 3 });
    const reply = await ask();
    expect(reply.cut).toBe(true);
    expect(events(reply.bytes)).toHaveLength(3);
  });

  it('can fail midway, unbilled', async () => {
    runware.faults.add({ kind: 'error', after: 2, failure: { code: 'providerError' } });
    const data = events((await ask()).bytes).map(line => JSON.parse(line));
    expect(data).toHaveLength(3);
    expect(data[2].errors[0].code).toBe('providerError');
    expect(runware.ledger.count()).toBe(0);
  });

  it('is refused before it starts with an HTTP status', async () => {
    runware.faults.add({ kind: 'error', shape: 'uuid-outside', failure: { code: 'invalidParameter' } });
    const reply = await ask();
    expect([reply.status, Object.keys(json(reply))]).toEqual([400, ['error', 'taskUUID']]);
    expect((await ask({ numberResults: 2 })).status).toBe(400);
  });
});
