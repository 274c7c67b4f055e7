import './browser-urls';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { vi } from 'vitest';
import WebSocket from 'ws';
import { authorities } from '../emulators/tls';

// In every browser, and not in Node 20. What ends after a test still asks for it.
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } });

/**
 * Lets Runkey's own code reach an emulator as a browser would that takes the services' host names for this
 * computer's: by `fetch` and `WebSocket`, as far as `egress.ts` uses them. Until `vi.unstubAllGlobals()`. The `clock`
 * is the one that answers are dated by.
 */
export function reach(port: number, clock = () => Date.now()): void {
  vi.stubGlobal('fetch', (url: URL, init: RequestInit = {}) => fetched(port, clock, url, init));
  vi.stubGlobal(
    'WebSocket',
    class extends WebSocket {
      constructor({ host, pathname }: URL) {
        super(`wss://127.0.0.1:${port}${pathname}`, { ca: [...authorities], headers: { host } });
        // A browser tells of it by closing.
        this.on('error', () => {});
      }
    },
  );
}

function fetched(port: number, clock: () => number, url: URL, init: RequestInit): Promise<Response> {
  const { method, headers, body, signal, redirect } = init;
  return new Promise((resolve, reject) => {
    const failed = () => reject(signal?.aborted ? signal.reason : new TypeError('Failed to fetch'));
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        servername: url.hostname,
        ca: [...authorities],
        agent: false,
        path: url.pathname + url.search,
        ...(method && { method }),
        headers: { ...(headers as Record<string, string>), host: url.host },
        ...(signal && { signal }),
      },
      answer => {
        const { statusCode: status = 0 } = answer;
        if (REDIRECTS.includes(status)) {
          answer.destroy();
          return redirect === 'error' ? failed() : reject(new Error('This network follows no redirect.'));
        }
        // Node's own type of a stream and the browser's differ in name alone.
        const stream = Readable.toWeb(answer) as NodeStream<Uint8Array> as ReadableStream<
          Uint8Array<ArrayBuffer>
        >;
        const shown = headersOf(answer, clock);
        resolve(new Response(BARE.includes(status) ? null : stream, { status, headers: shown }));
      },
    );
    sent.on('error', failed);
    sent.end(body);
  });
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** Statuses that have no body. */
const BARE = [101, 103, 204, 205, 304];

/** What is said from hop to hop is the connection's own, and cookies no script gets to see. */
const UNSEEN = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['set-cookie', 'set-cookie2'],
];

/** An answer's headers as a script sees them. */
function headersOf(answer: IncomingMessage, clock: () => number): Headers {
  const shown = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    if (UNSEEN.includes(name)) continue;
    for (const value of values) shown.append(name, value);
  }
  // Node keeps a date for a second of real time, and a clock that a test sets forward leaves it behind.
  if (shown.has('date')) shown.set('date', new Date(clock()).toUTCString());
  return shown;
}

const realTimeout = setTimeout;
const inReality = (ms: number) => new Promise(resolve => realTimeout(resolve, ms));

/**
 * Runs a piece of work with the clock going faster: timers and dates, the emulator's too, jump by `step` ms
 * whenever the network has had a moment. Network time itself stays real.
 */
export async function faster<T>(work: () => Promise<T>, step = 50): Promise<T> {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: Date.now(),
  });
  try {
    let over = false;
    const working = work().finally(() => {
      over = true;
    });
    working.catch(() => {});
    while (!over) {
      await inReality(2);
      await vi.advanceTimersByTimeAsync(step);
    }
    return await working;
  } finally {
    vi.useRealTimers();
  }
}
