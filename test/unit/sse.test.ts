import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Message, messages } from '../../src/services/sse';

type Chunk = Uint8Array<ArrayBuffer>;
const bytes = (text: string): Chunk => new Uint8Array(new TextEncoder().encode(text));

/** A body of these chunks; `left` says whether its reader has gone. */
function body(chunks: readonly Chunk[], end: 'closes' | 'breaks' | 'hangs' = 'closes') {
  let at = 0;
  const state = { left: false };
  const stream = new ReadableStream<Chunk>({
    pull(controller) {
      const chunk = chunks[at++];
      if (chunk) controller.enqueue(chunk);
      else if (end === 'closes') controller.close();
      else if (end === 'breaks') controller.error(new TypeError('network error'));
      else return new Promise(() => {});
    },
    cancel() {
      state.left = true;
    },
  });
  return { stream, state };
}

async function told(chunks: readonly Chunk[]): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of messages(body(chunks).stream, 5_000)) all.push(message);
  return all;
}
const read = async (chunks: readonly Chunk[]) => (await told(chunks)).map(({ data }) => data);
const readText = (text: string) => read([bytes(text)]);

/** The pieces that a text falls into where it is cut at these bytes, in any order. */
function cutAt(all: Chunk, cuts: readonly number[]): Chunk[] {
  const places = [...cuts].sort((a, b) => a - b);
  return [0, ...places].map((from, at) => all.slice(from, places[at] ?? all.length));
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a stream of events', () => {
  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])('is read whose lines end in %s', async (_, end) => {
    const lines = ['data: {"a":1}', '', 'data: two', '', 'data: [DONE]', '', ''];
    expect(await readText(lines.join(end))).toEqual(['{"a":1}', 'two', '[DONE]']);
  });

  it('may mix its line ends', async () => {
    expect(await readText('data: a\r\rdata: b\n\ndata: c\r\n\r\ndata: d\r\n\ndata: e\n\r\n')).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
  });

  it.each([
    ['one space after the colon is left out', 'data: a\n\n', ['a']],
    ['no space is needed', 'data:a\n\n', ['a']],
    ['a second space stays', 'data:  a \n\n', [' a ']],
    ['lines of one event are joined', 'data: a\ndata: b\n\n', ['a\nb']],
    ['an empty line of data is one', 'data:\ndata: b\n\n', ['\nb']],
    ['a comment is left out', ': keep-alive\n\ndata: a\n: b\n\n', ['a']],
    ['other fields are left out', 'event: x\nid: 7\nretry: 9\ndata: a\n\n', ['a']],
    ['an event without data is none', 'event: x\n\n\n\ndata: a\n\n', ['a']],
    ['a field that only begins like data is none', 'datax: a\nDATA: b\n\ndata: c\n\n', ['c']],
    ['a field without a colon is empty', 'data: a\ndata\n\n', ['a\n']],
    ['a last event needs no empty line', 'data: a\n\ndata: b\n', ['a', 'b']],
    ['a last event needs no line end', 'data: a\n\ndata: b\ndata: c', ['a', 'b\nc']],
    ['a last event without data is none', 'data: a\n\nevent: x', ['a']],
    ['a mark of byte order is left out', '\ufeffdata: a\n\n', ['a']],
    ['nothing is nothing', '', []],
  ])('%s', async (_, text, expected) => {
    expect(await readText(text)).toEqual(expected);
  });

  it('names its events, each by its own name alone', async () => {
    expect(await told([bytes('event: x\nevent: y\ndata: a\n\nevent: z\n\ndata: b\n\n')])).toEqual([
      { name: 'y', data: 'a' },
      { name: '', data: 'b' },
    ]);
  });

  /** The same events in every form that the format allows, and what is to be read of them. */
  const wanted: Message[] = [
    { name: 'text_delta', data: '{"delta":"Zażółć 🦢 雪"}' },
    { name: '', data: 'two\nlines\n' },
    { name: 'ping', data: '' },
    { name: 'last', data: '[DONE]' },
  ];
  const written = (end: string): string =>
    [
      ': a comment',
      'event: text_delta',
      'id: 7',
      'data: {"delta":"Zażółć 🦢 雪"}',
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
      'data: [DONE]',
    ].join(end);
  /** Line ends, and what stands after the last line: none, half or all of what ends an event. */
  const forms = ['\n', '\r\n', '\r'].flatMap(end =>
    ['', end, end + end].map(tail => ({ end, all: bytes(`\ufeff${written(end)}${tail}`) })),
  );

  it('is read the same wherever it is cut in two: within a character, within CR LF', async () => {
    for (const { all } of forms) {
      for (let at = 0; at <= all.length; at++)
        expect(await told(cutAt(all, [at])), `cut at ${at}`).toEqual(wanted);
    }
  });

  it('is read the same byte by byte, with empty chunks between', async () => {
    for (const { all } of forms) {
      const chunks = [...all].flatMap(byte => [new Uint8Array([byte]), new Uint8Array(0)]);
      expect(await told(chunks)).toEqual(wanted);
    }
  });

  it('is read the same under 10,000 random splits', async () => {
    const split = fc.record({
      form: fc.constantFrom(...forms),
      // A share of the whole, so that the cuts fit whichever form it is.
      cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(split, async ({ form: { all }, cuts }) => {
        const places = cuts.map(share => Math.round(share * all.length));
        expect(await told(cutAt(all, places))).toEqual(wanted);
      }),
      { numRuns: 10_000 },
    );
  });

  it('is read the same in any pieces, with any line ends', async () => {
    const line = fc.array(fc.constantFrom('a', ' ', 'é', '🦢', ':', 'data', '{', '\t'), { maxLength: 6 });
    const event = fc.array(
      line.map(parts => parts.join('')),
      { minLength: 1, maxLength: 3 },
    );
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    const stream = fc.record({
      events: fc.array(event, { maxLength: 4 }),
      endings: fc.array(ending, { minLength: 1, maxLength: 5 }),
      cuts: fc.array(fc.nat(), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(stream, async ({ events, endings, cuts }) => {
        let at = 0;
        const end = () => endings[at++ % endings.length] ?? '\n';
        let text = '';
        for (const lines of events) {
          for (const line of lines) text += `data: ${line}${end()}`;
          // An empty line ends the event: a lone CR before a LF would be one line end with it.
          text += text.endsWith('\r') ? '\r' : end();
        }
        const all = bytes(text);
        const places = cuts.map(cut => cut % (all.length + 1));
        expect(await read(cutAt(all, places))).toEqual(events.map(lines => lines.join('\n')));
      }),
      { numRuns: 500 },
    );
  });

  it('gives each event as soon as it is there', async () => {
    const { stream } = body([bytes('data: a\n\ndata: b'), bytes('\n\n')], 'hangs');
    const reading = messages(stream, 60_000);
    expect(await reading.next()).toMatchObject({ done: false, value: { data: 'a' } });
    expect(await reading.next()).toMatchObject({ done: false, value: { data: 'b' } });
    await reading.return();
  });

  it('throws when it breaks, after what had come, and gives no half of an event', async () => {
    const got: string[] = [];
    const reading = (async () => {
      for await (const { data } of messages(body([bytes('data: a\n\ndata: b\n')], 'breaks').stream, 1_000))
        got.push(data);
    })();
    await expect(reading).rejects.toThrow();
    expect(got).toEqual(['a']);
  });

  it('throws when it is silent for too long, and lets go of its body', async () => {
    vi.useFakeTimers();
    const { stream, state } = body([bytes('data: a\n\n')], 'hangs');
    const reading = messages(stream, 60_000);
    await reading.next();
    const next = reading.next();
    next.catch(() => {});
    await vi.advanceTimersByTimeAsync(59_999);
    expect(state.left).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await expect(next).rejects.toThrow('silent');
    expect(state.left).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is kept alive by comments, for as long as they come', async () => {
    vi.useFakeTimers();
    let comments = 5;
    const stream = new ReadableStream<Chunk>({
      async pull(controller) {
        await new Promise(resolve => setTimeout(resolve, 50_000));
        controller.enqueue(bytes(comments-- > 0 ? ': still there\n' : 'data: a\n\n'));
      },
    });
    const next = messages(stream, 60_000).next();
    await vi.advanceTimersByTimeAsync(6 * 50_000);
    expect(await next).toMatchObject({ done: false, value: { data: 'a' } });
  });

  it('takes a line of very many pieces in time', async () => {
    const pieces = 20_000;
    const piece = bytes('aaaaaaaa');
    const chunks = [bytes('data: '), ...Array<Chunk>(pieces).fill(piece), bytes('\n\n')];
    const began = performance.now();
    const [data] = await read(chunks);
    expect(data).toHaveLength(8 * pieces);
    // Looking through all of it at every piece would take ten times as long.
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('throws at a line without end, and lets go of its body', async () => {
    const chunk = bytes('a'.repeat(1_000_000));
    let given = 0;
    let left = false;
    const stream = new ReadableStream<Chunk>({
      pull: controller => {
        if (given++ < 12) controller.enqueue(chunk);
        else controller.close();
      },
      cancel() {
        left = true;
      },
    });
    await expect(messages(stream, 1_000).next()).rejects.toThrow('without end');
    expect([given < 8, left]).toEqual([true, true]);
  });

  it('throws at an event without end, whose lines do end', async () => {
    const line = bytes(`data: ${'x'.repeat(1_000_000)}\n`);
    await expect(read(Array<Chunk>(6).fill(line))).rejects.toThrow('an event without end');
  });

  it('lets go of its body when nobody listens any more', async () => {
    const { stream, state } = body([bytes('data: a\n\n')], 'hangs');
    for await (const { data } of messages(stream, 60_000)) {
      expect(data).toBe('a');
      break;
    }
    expect(state.left).toBe(true);
  });
});
