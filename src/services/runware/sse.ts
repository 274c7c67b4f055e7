/**
 * The data of each server-sent event (HTML standard, 9.2.6): lines end in CR, LF or both, `data` lines of one
 * event are joined, comments and other fields are left out. Ends where the stream ends, an unfinished event with
 * it left out; throws when it breaks, or says nothing for `silence` ms.
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
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), silence);
      if (done) {
        if (rest.endsWith('\r')) yield rest.slice(0, -1);
        return;
      }
      rest += decoder.decode(value, { stream: true });
      // A CR at the very end may be the first half of a CR LF.
      const parts = rest.split(/\r\n|\n|\r(?!$)/);
      rest = parts.pop() ?? '';
      yield* parts;
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
