import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuntypeEmulator } from '../../emulators/runtype';
import { call, type Event, eventsOf, start, streamOf } from './runtype-line';

let runtype: RuntypeEmulator;

const patient = { timeout: 10_000 };

beforeEach(async () => {
  runtype = await start();
});
afterEach(() => runtype.close());

const types = (events: readonly Event[]) => [...new Set(events.map(({ data }) => data.type))];
const textIn = (events: readonly Event[]) =>
  events.map(({ data }) => (data.type === 'text_delta' ? String(data.delta) : '')).join('');
const whole = 'In short – as the emulator sees it – it is about “Your input here”.';

describe('a stream', () => {
  it('tells the output in pieces, and then as a whole', async () => {
    const reply = await call(runtype, 'summarize-article?stream=true');
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/event-stream']);
    const events = eventsOf(reply.text);
    expect(types(events)).toEqual([
      'execution_start',
      'step_start',
      'text_start',
      'text_delta',
      'text_complete',
      'step_complete',
      'execution_complete',
    ]);
    expect(textIn(events)).toBe(whole);
    expect(events.at(-1)?.data).toMatchObject({ success: true, finalOutput: whole });
    expect(events.map(({ data }) => data.seq)).toEqual(events.map((_, seq) => seq));
    expect(new Set(events.map(({ data }) => data.executionId)).size).toBe(1);
    expect(runtype.ledger.entries).toMatchObject([{ streamed: true, outcome: 'completed' }]);
  });

  it('is asked for with an option, which is no input', async () => {
    const body = { topic: 'tea', options: { streamResponse: true } };
    const events = eventsOf((await call(runtype, 'echo', { body })).text);
    expect(events.at(-1)?.data.finalOutput).toBe('{"topic":"tea"}');
    const dispatched = { capability: 'Echo', input: { topic: 'tea' }, options: { streamResponse: true } };
    const reply = await call(runtype, 'dispatch', { body: dispatched });
    expect(eventsOf(reply.text).at(-1)?.data.finalOutput).toBe('{"topic":"tea"}');
  });

  it.each([
    [{ streamQuery: 'streamResponse' }, 'echo?stream=true', {}, false],
    [{ streamQuery: 'streamResponse' }, 'echo?streamResponse=true', {}, true],
    [{ streamQuery: 'none' }, 'echo?none=true&stream=true', {}, false],
    [{}, 'echo?stream=false', {}, false],
    [{ streamOption: 'stream' }, 'echo', { options: { streamResponse: true } }, false],
    [{ streamOption: 'stream' }, 'echo', { options: { stream: true } }, true],
    [{ streamOption: 'none' }, 'echo', { options: { none: true, stream: true } }, false],
  ] as const)('comes or does not with %j at %s, %j', async (switches, slug, body, streams) => {
    Object.assign(runtype.switches, switches);
    const type = (await call(runtype, slug, { body })).headers['content-type'];
    expect(type).toBe(streams ? 'text/event-stream' : 'application/json');
  });

  it.each([
    ['count-words', '3', 3],
    ['find-nothing', 'null', null],
  ])('of what is no text, %s, is its JSON', async (slug, text, output) => {
    const events = await streamOf(runtype, slug);
    expect([textIn(events), events.at(-1)?.data.finalOutput]).toEqual([text, text]);
    runtype.switches.finalOutput = 'value';
    expect((await streamOf(runtype, slug)).at(-1)?.data.finalOutput).toBe(output);
    runtype.switches.finalOutput = 'absent';
    expect((await streamOf(runtype, slug)).at(-1)?.data).not.toHaveProperty('finalOutput');
  });

  it('may think and use a tool first', async () => {
    runtype.switches.reasoning = true;
    const events = await streamOf(runtype);
    expect(types(events)).toEqual(expect.arrayContaining(['reasoning_delta', 'tool_start', 'tool_complete']));
    expect(textIn(events)).toBe(whole);
  });

  it('of an agent comes in turns', async () => {
    const events = await streamOf(runtype, 'judge-evidence', { message: 'because' });
    expect(types(events)).toEqual([
      'execution_start',
      'turn_start',
      'text_start',
      'text_delta',
      'text_complete',
      'turn_complete',
      'execution_complete',
    ]);
    expect(events[0]?.data.kind).toBe('agent');
    expect(JSON.parse(textIn(events))).toMatchObject({ reason: 'because' });
  });

  it('has the text of every step, and the output of the last', async () => {
    runtype.switches.steps = 2;
    const events = await streamOf(runtype);
    expect(textIn(events)).toBe(`The emulator has read it.${whole}`);
    expect(events.at(-1)?.data).toMatchObject({ totalSteps: 2, finalOutput: whole });
    runtype.switches.vocabulary = 'legacy';
    const deltas = (await streamOf(runtype)).filter(({ event }) => event === 'step_delta');
    expect(new Set(deltas.map(({ data }) => data.id))).toEqual(new Set(['step_1', 'step_2']));
  });

  it('may use the names of before', async () => {
    runtype.switches.vocabulary = 'legacy';
    const flow = await streamOf(runtype);
    expect(types(flow)).toEqual(['flow_start', 'step_start', 'step_delta', 'step_complete', 'flow_complete']);
    expect(flow.map(({ data }) => data.text ?? '').join('')).toBe(whole);
    const agent = await streamOf(runtype, 'judge-evidence', { message: 'because' });
    expect(types(agent)).toEqual([
      'agent_start',
      'agent_turn_start',
      'agent_turn_delta',
      'agent_turn_complete',
      'agent_complete',
    ]);
  });

  it.each([
    ['event', 'text_delta', undefined],
    ['data', undefined, 'text_delta'],
    ['both', 'text_delta', 'text_delta'],
  ] as const)('has its names in %s', async (named, event, type) => {
    runtype.switches.named = named;
    const delta = (await streamOf(runtype)).find(({ data }) => data.delta !== undefined);
    expect([delta?.event, delta?.data.type]).toEqual([event, type]);
  });

  it('may have ids', async () => {
    expect((await streamOf(runtype))[1]?.id).toBeUndefined();
    runtype.switches.eventIds = true;
    expect((await streamOf(runtype))[1]?.id).toBe('1');
  });

  it.each(['ping', 'comment'] as const)('is kept alive by a %s', async keepAlive => {
    runtype.switches.keepAlive = keepAlive;
    const { text } = await call(runtype, 'summarize-article?stream=true');
    expect(text).toContain(keepAlive === 'ping' ? 'event: ping' : ': keep-alive');
    expect(textIn(eventsOf(text))).toBe(whole);
  });

  it.each(['\r\n', '\r'] as const)('may end its lines with %j', async lineEnd => {
    runtype.switches.lineEnd = lineEnd;
    const { text } = await call(runtype, 'summarize-article?stream=true');
    expect(text.replaceAll(lineEnd, '')).not.toMatch(/[\r\n]/);
    expect(textIn(eventsOf(text))).toBe(whole);
  });

  it('may spread an event over several lines', async () => {
    runtype.switches.multiline = true;
    const { text } = await call(runtype, 'summarize-article?stream=true');
    expect(text).toMatch(/data: \{\ndata: {2}"type"/);
    expect(textIn(eventsOf(text))).toBe(whole);
  });

  it('may be cut within a character', async () => {
    Object.assign(runtype.switches, { chunks: 'cut' });
    const { chunks, text } = await call(runtype, 'summarize-article?stream=true');
    expect(chunks.some(chunk => chunk.toString('utf8').includes('\ufffd'))).toBe(true);
    expect(textIn(eventsOf(text))).toBe(whole);
  });

  it('may leave its last event without an end', async () => {
    runtype.switches.lastFrame = 'unterminated';
    const { text } = await call(runtype, 'summarize-article?stream=true');
    expect(text).toMatch(/"finalOutput".*\}$/);
    expect(types(eventsOf(text))).not.toContain('execution_complete');
  });
});

describe('a stream goes wrong', () => {
  it.each([
    ['object', { code: 'EXECUTION_FAILED', message: expect.stringContaining('model provider') }],
    ['string', expect.stringContaining('model provider')],
  ] as const)('when its execution fails, told by %s', async (streamError, error) => {
    runtype.switches.streamError = streamError;
    const [last] = (await streamOf(runtype, 'fail-always')).slice(-1);
    expect(last).toMatchObject({ event: 'execution_error', data: { error } });
    runtype.switches.vocabulary = 'legacy';
    expect((await streamOf(runtype, 'fail-always')).at(-1)?.event).toBe('flow_error');
  });

  it('midway', async () => {
    runtype.faults.add({ kind: 'stream-error', after: 2 });
    const events = await streamOf(runtype);
    expect([textIn(events), events.at(-1)?.event]).toEqual(['In short ', 'execution_error']);
    expect(runtype.ledger.entries[0]?.outcome).toBe('failed');
  });

  it('but may go on', async () => {
    const sentence = 'A tool was slow';
    runtype.faults.add({ kind: 'stream-warning', after: 2, sentence, recoverable: true });
    const warned = await streamOf(runtype);
    expect(warned.find(({ event }) => event === 'error')?.data).toMatchObject({
      error: sentence,
      recoverable: true,
    });
    expect(textIn(warned)).toBe(whole);
    runtype.faults.add({ kind: 'stream-warning', after: 2, sentence, recoverable: false });
    expect((await streamOf(runtype)).at(-1)?.data).toMatchObject({ error: sentence, recoverable: false });
  });

  it('by waiting for somebody', async () => {
    runtype.faults.add({ kind: 'await', after: 1 });
    expect((await streamOf(runtype)).at(-1)?.event).toBe('await');
    expect(runtype.ledger.entries[0]?.outcome).toBe('running');
  });

  it('by ending without a word', async () => {
    runtype.faults.add({ kind: 'stream-end', after: 3 });
    const reply = await call(runtype, 'summarize-article?stream=true');
    expect([reply.cut, eventsOf(reply.text).at(-1)?.event]).toEqual([false, 'text_delta']);
  });

  it('by breaking off', async () => {
    runtype.faults.add({ kind: 'stream-cut', after: 3 });
    const reply = await call(runtype, 'summarize-article?stream=true');
    expect([reply.cut, textIn(eventsOf(reply.text))]).toEqual([true, 'In short – ']);
  });

  it('with events that nobody knows or can read', async () => {
    runtype.faults.add({ kind: 'stream-noise', after: 1 });
    const { text } = await call(runtype, 'summarize-article?stream=true');
    expect(text).toContain('event: weather_report');
    expect(text).toContain('data: {"delta":\n\n');
    expect(text).toContain('execution_complete');
  });

  it('and the execution runs on when nobody listens', async () => {
    runtype.switches.taskMs = 1000;
    const leaving = new AbortController();
    const left = call(runtype, 'summarize-article?stream=true', { signal: leaving.signal });
    left.catch(() => {});
    await expect.poll(() => runtype.ledger.count(), patient).toBe(1);
    leaving.abort();
    await expect(left).rejects.toThrow();
    expect(runtype.ledger.entries[0]?.outcome).toBe('running');
    await expect.poll(() => runtype.ledger.entries[0]?.outcome, patient).toBe('completed');
    runtype.faults.add({ kind: 'drop', at: 'accepted' });
    await expect(call(runtype, 'summarize-article?stream=true')).rejects.toThrow();
    await expect.poll(() => runtype.ledger.entries[1]?.outcome, patient).toBe('completed');
  });
});
