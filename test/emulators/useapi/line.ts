import { request } from 'node:https';
import { type Certificate, certificateFor } from '../tls';
import { apiHost, demoToken, startUseapi, type UseapiEmulator, useapiHosts } from '.';
import type { UseapiOptions } from './options';

export { demoEmail, demoToken } from '.';

/** A raw client for tests of the emulator itself, with no cleverness of its own. */

export const tls: Certificate = await certificateFor(useapiHosts);

export const start = (options: Partial<UseapiOptions> = {}): Promise<UseapiEmulator> =>
  startUseapi({ tls, ...options });

export interface Asking {
  method?: string;
  /** As it goes into the request line: nothing is encoded or tidied up. */
  path: string;
  host?: string;
  /** None with `null`. */
  token?: string | null;
  headers?: Record<string, string>;
  /** JSON, unless it is text or bytes. */
  body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
  /** The connection broke before the end. */
  readonly cut: boolean;
}

/** One HTTPS request under any of the host names, always to the emulator. */
export function ask(port: number, asking: Asking): Promise<Answer> {
  const { path, host = apiHost, token = demoToken, body } = asking;
  const { method = body === undefined ? 'GET' : 'POST', headers = {} } = asking;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        servername: useapiHosts.includes(host) ? host : 'localhost',
        ca: tls.cert,
        agent: false,
        method,
        path,
        headers: {
          host,
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      response => {
        response.on('data', chunk => chunks.push(chunk));
        const done = (cut: boolean) => () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, text: bytes.toString('utf8'), bytes, cut });
        };
        response.on('end', done(false));
        response.on('error', done(true));
      },
    );
    sent.on('error', reject);
    sent.end(typeof body === 'string' || body instanceof Uint8Array ? body : body && JSON.stringify(body));
  });
}

export const runway = (port: number, place: string, asking: Omit<Asking, 'path'> = {}): Promise<Answer> =>
  ask(port, { ...asking, path: `/v1/runwayml/${place}` });

export const json = ({ text }: Pick<Answer, 'text'>) => JSON.parse(text);

export const account = (changes: object = {}) => ({
  email: 'ada@example.com',
  password: 'correct horse',
  maxJobs: 5,
  ...changes,
});

/** Configures an account. */
export function configure(port: number, email: string, changes: object = {}): Promise<Answer> {
  return runway(port, `accounts/${email}`, { body: account({ email, ...changes }) });
}

export const frames = (changes: object = {}) => ({ text_prompt: 'a lighthouse', num_images: 1, ...changes });

export const create = (port: number, changes: object = {}, endpoint = 'frames/create'): Promise<Answer> =>
  runway(port, endpoint, { body: frames(changes) });

export const upload = (port: number, query = 'name=lighthouse', type = 'image/png'): Promise<Answer> =>
  runway(port, `assets/?${query}`, { body: Buffer.from('bytes'), headers: { 'content-type': type } });

/** Reads a task until it is over. */
export async function finished(port: number, taskId: string) {
  for (const end = Date.now() + 5000; Date.now() < end; ) {
    const task = json(await runway(port, `tasks/${taskId}`));
    if (task.status === 'SUCCEEDED' || task.status === 'FAILED') return task;
    await pause(5);
  }
  throw new Error('The task did not end');
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** The address of a result, taken apart for `ask`. */
export function located(address: string): Pick<Asking, 'host' | 'path'> {
  const { host, pathname, search } = new URL(address);
  return { host, path: pathname + search };
}
