import './browser-urls';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { vi } from 'vitest';
import WebSocket from 'ws';
import { tls } from './emulators/runware-line';

// In every browser, and not in Node 20. What ends after a test still asks for it.
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } });

/**
 * Lets Runkey's own code reach an emulator as a browser would that takes the services' host names for this
 * computer's: by `fetch` and `WebSocket`, as far as `egress.ts` uses them. Until `vi.unstubAllGlobals()`.
 */
export function reach(port: number): void {
  vi.stubGlobal('fetch', (url: URL, init: RequestInit = {}) => fetched(port, url, init));
  vi.stubGlobal(
    'WebSocket',
    class extends WebSocket {
      constructor({ host, pathname }: URL) {
        super(`wss://127.0.0.1:${port}${pathname}`, { ca: tls.cert, headers: { host } });
        // A browser tells of it by closing.
        this.on('error', () => {});
      }
    },
  );
}

function fetched(port: number, url: URL, { method, headers, body, signal }: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        servername: url.hostname,
        ca: tls.cert,
        agent: false,
        path: url.pathname + url.search,
        ...(method && { method }),
        headers: { ...(headers as Record<string, string>), host: url.host },
        ...(signal && { signal }),
      },
      response => {
        const { statusCode: status = 0, headers: answered } = response;
        // Node's own type of a stream and the browser's differ in name alone.
        const stream = Readable.toWeb(response) as NodeStream<Uint8Array> as ReadableStream<
          Uint8Array<ArrayBuffer>
        >;
        const type = answered['content-type'];
        resolve(new Response(stream, { status, ...(type && { headers: { 'content-type': type } }) }));
      },
    );
    sent.on('error', () => reject(signal?.aborted ? signal.reason : new TypeError('Failed to fetch')));
    sent.end(body);
  });
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
