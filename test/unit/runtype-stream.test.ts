import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Message, messages } from '../../src/services/runtype/sse';
import type { Switches } from '../emulators/runtype';
import { type Capability, demoCapabilities, type RuntypeEmulator } from '../emulators/runtype';
import { Dice } from './dice';
import { start, tls } from './emulators/runtype-line';
import { keyOf, run, taskOf, textOf } from './runtype-client';
import { reach } from './runtype-reach';

let runtype: RuntypeEmulator;

const chatty: Capability = {
  name: 'Chat Along',
  kind: 'agent',
  description: 'An agent that answers in words.',
  required: ['input'],
  output: ({ input }) => `You said – “${String(input)}” –\nand I heard 🪶 it.`,
};

beforeEach(async () => {
  runtype = await start({ taskMs: 0, deltaMs: 0, capabilities: [...demoCapabilities, chatty] });
  reach(runtype.port, tls.cert);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  expect(runtype.strayed).toEqual([]);
  await runtype.close();
});

const ask = (capability = 'summarize-article') => taskOf('ask', { prompt: 'Herons fly at dusk', capability });
const flow = 'In short – as the emulator sees it – it is about “Herons fly at dusk”.';
const agent = 'You said – “Herons fly at dusk” –\nand I heard 🪶 it.';

describe('a stream', () => {
  it('is told as it is written, and is at its end the whole', async () => {
    const { events, failure } = await run(ask());
    const partials = events.flatMap(event => (event.type === 'partial' ? [event.text] : []));
    expect(partials.at(0)).toBe('In ');
    expect(partials.length).toBeGreaterThan(5);
    partials.forEach((text, at) => void expect(text.startsWith(partials[at - 1] ?? '')).toBe(true));
    expect([partials.at(-1), events.at(-1)]).toEqual([
      flow,
      { type: 'text', id: 'only', text: flow, last: true },
    ]);
    expect(failure).toBeUndefined();
    expect(runtype.ledger.entries).toMatchObject([
      { streamed: true, input: { input: 'Herons fly at dusk' } },
    ]);
  });

  it('names the execution as soon as it is known', async () => {
    const { events } = await run(ask());
    const traces = events.flatMap(event => (event.type === 'sending' ? [event.trace] : []));
    expect(traces).toEqual([
      { sent: expect.any(Number) },
      { sent: expect.any(Number), execution: runtype.ledger.entries[0]?.executionId },
    ]);
  });

  const settings: Partial<Switches>[] = [
    {},
    { streamQuery: 'none' },
    { streamOption: 'none' },
    { named: 'event' },
    { named: 'data' },
    { eventIds: true, reasoning: true },
    { keepAlive: 'ping' },
    { keepAlive: 'comment' },
    { lineEnd: '\r\n' },
    { lineEnd: '\r' },
    { multiline: true },
    { chunks: 'cut' },
    { chunks: 'cut', lineEnd: '\r\n', multiline: true, keepAlive: 'comment', named: 'event' },
    { lastFrame: 'unterminated' },
    { lastFrame: 'unterminated', multiline: true, lineEnd: '\r' },
    { steps: 2 },
    { steps: 2, finalOutput: 'absent' },
    { finalOutput: 'value' },
    { finalOutput: 'absent' },
  ];
  describe.each(['execution', 'legacy'] as const)('in the %s vocabulary', vocabulary => {
    it.each(settings)('may be %o', async setting => {
      Object.assign(runtype.switches, { vocabulary, ...setting });
      expect(await textOf(ask())).toBe(flow);
      expect(await textOf(ask('chat-along'))).toBe(agent);
      const title = 'Herons fly at dusk';
      const post = JSON.stringify({ title, body: title, tags: ['draft', 'emulated'] }, null, 2);
      expect(await textOf(ask('draft-post'))).toBe(post);
      expect(await textOf(ask('count-words'))).toBe('4');
      expect(await textOf(ask('find-nothing'))).toBe('null');
      expect(runtype.ledger.entries.every(({ streamed }) => streamed)).toBe(true);
    });

    it('shows of two steps at last only the last one’s text', async () => {
      Object.assign(runtype.switches, { vocabulary, steps: 2, finalOutput: 'absent' });
      const { events } = await run(ask());
      const partials = events.flatMap(event => (event.type === 'partial' ? [event.text] : []));
      expect(partials[0]).toBe('The emulator has read it.');
      expect(partials.slice(1).join()).not.toContain('has read it');
    });

    it.each(['object', 'string'] as const)('tells that the execution failed (%s)', async streamError => {
      Object.assign(runtype.switches, { vocabulary, streamError });
      for (const capability of ['summarize-article', 'chat-along']) {
        runtype.faults.add({ kind: 'stream-error', after: 3, sentence: 'The model is gone' });
        const { failure, types } = await run(ask(capability));
        expect(types).toContain('partial');
        const id = runtype.ledger.entries.at(-1)?.executionId;
        expect(failure?.report).toMatchObject({
          code: 'service-error',
          message: 'The capability failed while it ran.',
          service: { text: `The model is gone (executionId ${id})` },
        });
      }
    });
  });

  it('goes on after an error that is none', async () => {
    runtype.faults.add({ kind: 'stream-warning', after: 2, sentence: 'A hiccup', recoverable: true });
    expect(await textOf(ask())).toBe(flow);
  });

  it('ends with an error that is the end', async () => {
    runtype.faults.add({ kind: 'stream-warning', after: 2, sentence: 'The end', recoverable: false });
    const { failure } = await run(ask());
    expect(failure?.report).toMatchObject({
      code: 'service-error',
      service: { text: expect.stringMatching(/^The end/) },
    });
  });

  it('takes no notice of what it does not know', async () => {
    runtype.faults.add({ kind: 'stream-noise', after: 2 });
    expect(await textOf(ask())).toBe(flow);
  });

  it('says where it waits for somebody', async () => {
    runtype.faults.add({ kind: 'await', after: 2 });
    expect((await run(ask())).failure?.message).toMatch(/waits for an approval/);
  });

  it.each(['stream-cut', 'stream-end'] as const)(
    'that breaks off (%s) leaves the outcome unknown',
    async kind => {
      runtype.faults.add({ kind, after: 3 });
      const { failure, items, types } = await run(ask());
      const id = runtype.ledger.entries[0]?.executionId;
      expect(failure?.report).toMatchObject({
        code: 'outcome-unknown',
        service: { text: `executionId ${id}` },
      });
      expect([items, types.includes('partial')]).toEqual([[], true]);
      expect(runtype.ledger.count()).toBe(1);
    },
  );

  it('can be cancelled', async () => {
    runtype.switches.deltaMs = 50;
    const stop = new AbortController();
    const reason = new Error('stopped');
    const running = run(ask(), keyOf(), ({ type }) => type === 'partial' && stop.abort(reason), stop.signal);
    await expect(running).rejects.toBe(reason);
  });
});

/** The same events in every form that the format allows, and what is to be read of them. */
const wanted: Message[] = [
  { name: 'text_delta', data: '{"delta":"Ünï 🪶"}' },
  { name: '', data: 'two\nlines\n' },
  { name: 'ping', data: '' },
  { name: 'last', data: '{"done":true}' },
];
const written = (end: string): string =>
  [
    ': a comment',
    'event: text_delta',
    'id: 7',
    'data: {"delta":"Ünï 🪶"}',
    '',
    ':',
    'data:two',
    'data: lines',
    'retry: 10',
    'data',
    '',
    '',
    'event: nothing',
    '',
    'event:ping',
    'data:',
    '',
    'event: last',
    'data: {"done":true}',
  ].join(end);

async function read(...chunks: Uint8Array<ArrayBuffer>[]): Promise<Message[]> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const next = chunks.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
  const all: Message[] = [];
  for await (const message of messages(body, 5_000)) all.push(message);
  return all;
}

describe('events', () => {
  it.each([
    ['\n', ''],
    ['\n', '\n'],
    ['\r\n', '\r\n\r\n'],
    ['\r', '\r'],
    ['\r\n', '\r'],
  ])('with lines that end in %o and an end of %o read the same under any split', async (end, tail) => {
    const bytes = new TextEncoder().encode(`\uFEFF${written(end)}${tail}`);
    const dice = new Dice(0x5e11);
    for (let round = 0; round < 2_000; round++) {
      const cuts = Array.from({ length: dice.below(12) }, () => dice.below(bytes.length + 1)).sort(
        (a, b) => a - b,
      );
      const chunks = [0, ...cuts].map((from, at) => bytes.slice(from, cuts[at] ?? bytes.length));
      expect(await read(...chunks), `cut at ${cuts.join()}`).toEqual(wanted);
    }
  });

  it('read the same byte by byte', async () => {
    const bytes = new TextEncoder().encode(written('\r\n'));
    expect(await read(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(wanted);
  });

  it('do not grow without end', async () => {
    const line = new TextEncoder().encode(`data: ${'x'.repeat(1_000_000)}\n`);
    await expect(read(...Array.from({ length: 6 }, () => line))).rejects.toThrow('an event without end');
    await expect(read(...Array.from({ length: 6 }, () => line.slice(0, -1)))).rejects.toThrow(
      'a line without end',
    );
  });

  it('that do not come are not waited for for ever', async () => {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({});
    await expect(messages(body, 10).next()).rejects.toThrow('silent');
  });
});
