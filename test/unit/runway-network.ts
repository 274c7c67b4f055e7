import './browser-urls';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { vi } from 'vitest';
import { tls } from '../emulators/useapi/line';

// In every browser, and not in Node 20.
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } });

/**
 * Lets Runkey's own code reach the emulator of useapi.net as a browser would that takes its host name for this
 * computer's, by `fetch` as far as `egress.ts` uses it. Until `vi.unstubAllGlobals()`. Node keeps the date that it
 * answers with for a second, and a clock that is set forward leaves it behind: `clock` tells it instead.
 */
export function reach(port: number, clock = () => Date.now()): void {
  vi.stubGlobal('fetch', (url: URL, init: RequestInit = {}) => fetched(port, clock, url, init));
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
        ca: tls.cert,
        agent: false,
        path: url.pathname + url.search,
        ...(method && { method }),
        headers: { ...(headers as Record<string, string>), host: url.host },
        ...(signal && { signal }),
      },
      response => {
        const { statusCode: status = 0, headers: answered } = response;
        if (status >= 300 && status < 400 && redirect === 'error') return failed();
        const empty = status === 204;
        // Node's own type of a stream and the browser's differ in name alone.
        const stream = Readable.toWeb(response) as NodeStream<Uint8Array> as ReadableStream<
          Uint8Array<ArrayBuffer>
        >;
        const kept = Object.entries(answered)
          .filter(([name]) => name !== 'date')
          .map(([name, value]): [string, string] => [name, String(value)]);
        const date = new Date(clock()).toUTCString();
        resolve(new Response(empty ? null : stream, { status, headers: [...kept, ['date', date]] }));
      },
    );
    sent.on('error', failed);
    sent.end(body);
  });
}
