import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Switches } from '../emulators/runtype';
import { type Capability, demoCapabilities, type RuntypeEmulator } from '../emulators/runtype';
import { start } from './emulators/runtype-line';
import { reach } from './network';
import { keyOf, run, taskOf, textOf } from './runtype-client';

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
  reach(runtype.port);
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
