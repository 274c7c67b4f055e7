/** Characters that a line, or an event’s data, may have: several times what the longest answer of a model needs. */
const LONGEST = 4_000_000;

/** One server-sent event. */
export interface Message {
  /** Empty where the event has none. */
  readonly name: string;
  readonly data: string;
}

/**
 * The server-sent events of a body (HTML standard, 9.2.6): lines end in CR, LF or both, `data` lines of one event
 * are joined, comments and other fields are left out. Unlike in the standard a last event counts though no empty
 * line ends it: services leave that out, and whether it is whole, its data tells. Throws when the stream breaks,
 * says nothing for `silence` ms, or an event is too long.
 */
export async function* messages(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  silence: number,
): AsyncGenerator<Message, void> {
  let name = '';
  let data: string[] = [];
  let length = 0;
  for await (const line of lines(body, silence)) {
    if (line === '') {
      if (data.length > 0) yield { name, data: data.join('\n') };
      [name, data, length] = ['', [], 0];
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field !== 'data') continue;
    data.push(value);
    length += value.length + 1;
    if (length > LONGEST) throw new Error('an event without end');
  }
  if (data.length > 0) yield { name, data: data.join('\n') };
}

async function* lines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  silence: number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  /** A CR at the very end: it may be the first half of a CR LF. */
  let held = '';
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), silence);
      const text = held + decoder.decode(value, { stream: !done });
      held = !done && text.endsWith('\r') ? '\r' : '';
      // Only what is new is searched, so that a line of many pieces costs no more than its length.
      const [first, ...lines] = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
      rest += first;
      for (const line of lines) {
        yield rest;
        rest = line;
      }
      if (rest.length > LONGEST) throw new Error('a line without end');
      if (!done) continue;
      if (rest) yield rest;
      return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function inTime<T>(work: Promise<T>, limit: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('silent')), limit);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
