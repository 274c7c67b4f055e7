import './browser-urls';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { vi } from 'vitest';

// In every browser, and not in Node 20. What ends after a test still asks for it.
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { onLine: true } });

/** Statuses that a browser gives no body. */
const BARE = [101, 204, 205, 304];

/**
 * Lets Runkey's own code reach an emulator by `fetch`, as a browser would that takes the service's host names for
 * this computer's: with every header, and with redirects refused. Until `vi.unstubAllGlobals()`.
 */
export function reach(port: number, ca: string): void {
  vi.stubGlobal('fetch', (url: URL, init: RequestInit) => fetched(port, ca, url, init));
}

function fetched(
  port: number,
  ca: string,
  url: URL,
  { method, headers, body, signal, redirect }: RequestInit,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(signal?.aborted ? signal.reason : new TypeError('Failed to fetch'));
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, servername: url.hostname, ca, agent: false },
        path: url.pathname + url.search,
        ...(method && { method }),
        headers: { ...(headers as Record<string, string>), host: url.host },
        ...(signal && { signal }),
      },
      answer => {
        const { statusCode: status = 0, headers: answered } = answer;
        const all = Object.entries(answered).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        );
        if (redirect === 'error' && status >= 300 && status < 400) {
          answer.destroy();
          return failed();
        }
        // Node's own type of a stream and the browser's differ in name alone.
        const stream = Readable.toWeb(answer) as NodeStream<Uint8Array> as ReadableStream<
          Uint8Array<ArrayBuffer>
        >;
        resolve(new Response(BARE.includes(status) ? null : stream, { status, headers: all }));
      },
    );
    sent.on('error', failed);
    sent.end(body);
  });
}
