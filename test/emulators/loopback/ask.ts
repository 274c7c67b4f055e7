import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

/** A raw client with no cleverness of its own: it follows nothing, retries nothing, and tells all. */

export interface Heard {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json(): Record<string, unknown>;
  /** The pieces as they came. */
  readonly chunks: readonly Buffer[];
  /** Whether the connection broke before the end. */
  readonly cut: boolean;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/** One HTTPS request under any host name, always to the emulator. */
export function ask(
  { port, ca }: { port: number; ca: string },
  address: string,
  { method, headers = {}, body, signal }: Asking = {},
): Promise<Heard> {
  const url = new URL(address);
  const plain = typeof body === 'string';
  const bytes = body === undefined ? undefined : Buffer.from(plain ? body : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        servername: url.hostname,
        ca,
        agent: false,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        path: url.pathname + url.search,
        headers: {
          host: url.host,
          ...(bytes && {
            'content-type': plain ? 'text/plain' : 'application/json',
            'content-length': String(bytes.length),
          }),
          ...headers,
        },
        ...(signal && { signal }),
      },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        const done = (cut: boolean) => () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, headers: answered, text, json: () => JSON.parse(text), chunks, cut });
        };
        response.on('end', done(false));
        response.on('error', done(true));
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}
