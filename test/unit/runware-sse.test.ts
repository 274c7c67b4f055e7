import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { events } from '../../src/services/runware/sse';

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

async function read(chunks: readonly Chunk[]): Promise<string[]> {
  const all: string[] = [];
  for await (const data of events(body(chunks).stream, 1_000)) all.push(data);
  return all;
}
const readText = (text: string) => read([bytes(text)]);

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
    ['an event that is not finished is none', 'data: a\n\ndata: b\n', ['a']],
    ['half a line is none', 'data: a\n\ndata: b', ['a']],
    ['a mark of byte order is left out', '\ufeffdata: a\n\n', ['a']],
    ['nothing is nothing', '', []],
  ])('%s', async (_, text, expected) => {
    expect(await readText(text)).toEqual(expected);
  });

  const sample =
    ': hi\r\ndata: {"delta":{"text":"Zażółć 🦢 雪"}}\r\n\r\ndata: a\rdata: b\r\rdata: é\n\ndata: [DONE]\r\n\r\n';
  const whole = ['{"delta":{"text":"Zażółć 🦢 雪"}}', 'a\nb', 'é', '[DONE]'];

  it('is read the same wherever it is cut in two: within a character, within CR LF', async () => {
    const all = bytes(sample);
    for (let at = 0; at <= all.length; at++)
      expect(await read([all.slice(0, at), all.slice(at)]), `cut at ${at}`).toEqual(whole);
  });

  it('is read the same byte by byte, with empty chunks between', async () => {
    const chunks = [...bytes(sample)].flatMap(byte => [new Uint8Array([byte]), new Uint8Array(0)]);
    expect(await read(chunks)).toEqual(whole);
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
        const places = [...new Set(cuts.map(cut => cut % (all.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((from, place) => all.slice(from, places[place] ?? all.length));
        expect(await read(chunks)).toEqual(events.map(lines => lines.join('\n')));
      }),
      { numRuns: 500 },
    );
  });

  it('gives each event as soon as it is there', async () => {
    const { stream } = body([bytes('data: a\n\ndata: b'), bytes('\n\n')], 'hangs');
    const reading = events(stream, 60_000);
    expect(await reading.next()).toEqual({ done: false, value: 'a' });
    expect(await reading.next()).toEqual({ done: false, value: 'b' });
    await reading.return();
  });

  it('throws when it breaks, after what had come', async () => {
    const got: string[] = [];
    const reading = (async () => {
      for await (const data of events(body([bytes('data: a\n\ndata: b\n')], 'breaks').stream, 1_000))
        got.push(data);
    })();
    await expect(reading).rejects.toThrow();
    expect(got).toEqual(['a']);
  });

  it('throws when it is silent for too long, and lets go of its body', async () => {
    vi.useFakeTimers();
    const { stream, state } = body([bytes('data: a\n\n')], 'hangs');
    const reading = events(stream, 60_000);
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
    const next = events(stream, 60_000).next();
    await vi.advanceTimersByTimeAsync(6 * 50_000);
    expect(await next).toEqual({ done: false, value: 'a' });
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
    await expect(events(stream, 1_000).next()).rejects.toThrow('without end');
    expect([given < 8, left]).toEqual([true, true]);
  });

  it('lets go of its body when nobody listens any more', async () => {
    const { stream, state } = body([bytes('data: a\n\n')], 'hangs');
    for await (const data of events(stream, 60_000)) {
      expect(data).toBe('a');
      break;
    }
    expect(state.left).toBe(true);
  });
});
