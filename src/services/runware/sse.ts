/** Characters that a line may have: several times what the longest answer of a model needs. */
const LONGEST_LINE = 4_000_000;

/**
 * The data of each server-sent event (HTML standard, 9.2.6): lines end in CR, LF or both, `data` lines of one
 * event are joined, comments and other fields are left out. Ends where the stream ends, an unfinished event with
 * it left out; throws when it breaks, says nothing for `silence` ms, or a line is too long.
 */
export async function* events(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  silence: number,
): AsyncGenerator<string, void> {
  let data: string[] = [];
  for await (const line of lines(body, silence)) {
    if (line === '') {
      if (data.length > 0) yield data.join('\n');
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
  }
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
      if (done) {
        if (held) yield rest;
        return;
      }
      const text = held + decoder.decode(value, { stream: true });
      held = text.endsWith('\r') ? '\r' : '';
      // Only what is new is searched, so that a line of many pieces costs no more than its length.
      const [first, ...lines] = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
      rest += first;
      for (const line of lines) {
        yield rest;
        rest = line;
      }
      if (rest.length > LONGEST_LINE) throw new Error('a line without end');
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
