import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import WebSocket from 'ws';
import type { RunwareOptions } from '../../emulators/runware';
import { demoKey, type RunwareEmulator, runwareHosts, startRunware } from '../../emulators/runware';
import { certificateFor } from '../../emulators/tls';

/** A raw client of the protocol, with no cleverness of its own. */

export const tls = await certificateFor(runwareHosts);

export const start = (options: Partial<RunwareOptions> = {}): Promise<RunwareEmulator> =>
  startRunware({ tls, taskMs: 20, ...options });

interface Answer {
  data?: Record<string, unknown>[];
  errors?: Record<string, unknown>[];
  [field: string]: unknown;
}

export class RawLine {
  readonly frames: Answer[] = [];
  /** Frames as they came, for those that are no JSON or not text. */
  readonly raw: { text: string; binary: boolean }[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(port: number, query = '', origin = 'https://example.com') {
    this.socket = new WebSocket(`wss://127.0.0.1:${port}/v1${query}`, { ca: tls.cert, origin });
    this.closed = new Promise(resolve => this.socket.on('close', resolve));
    this.socket.on('message', (data, binary) => {
      const text = String(data);
      this.raw.push({ text, binary });
      try {
        this.frames.push(JSON.parse(text));
      } catch {
        // Kept in raw.
      }
    });
    this.socket.on('error', () => this.socket.terminate());
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.OPEN) return this;
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('close', () => reject(new Error('The connection was refused')));
    });
    return this;
  }

  say(...tasks: object[]): void {
    this.socket.send(JSON.stringify(tasks));
  }

  /** Signs in and gives back the session's id. */
  async signIn(connectionSessionUUID?: string, apiKey = demoKey): Promise<string> {
    await this.opened();
    this.say({ taskType: 'authentication', apiKey, ...(connectionSessionUUID && { connectionSessionUUID }) });
    const frame = await this.until(
      ({ data }) => data?.some(item => item.taskType === 'authentication') === true,
    );
    return String(frame.data?.find(item => item.taskType === 'authentication')?.connectionSessionUUID);
  }

  async until(fits: (frame: Answer) => boolean, ms = 10_000): Promise<Answer> {
    return within(ms, () => this.frames.find(fits));
  }

  /** Waits until so many items of that task have come. */
  async items(taskUUID: string, count = 1): Promise<Record<string, unknown>[]> {
    return within(10_000, () => {
      const found = this.known(taskUUID);
      return found.length >= count ? found : undefined;
    });
  }

  known(taskUUID: string): Record<string, unknown>[] {
    return this.frames.flatMap(({ data = [] }) => data).filter(item => item.taskUUID === taskUUID);
  }

  async error(): Promise<Record<string, unknown>> {
    const { errors = [] } = await this.until(frame => Array.isArray(frame.errors));
    return errors[0] ?? {};
  }
}

export async function within<T>(ms: number, look: () => T | undefined): Promise<T> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    const found = look();
    if (found !== undefined) return found;
    await pause(3);
  }
  throw new Error(`Waited ${ms} ms for nothing`);
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

export const image = (changes: object = {}) => ({
  taskType: 'imageInference',
  taskUUID: randomUUID() as string,
  model: 'runware:100@1',
  positivePrompt: 'a lighthouse',
  width: 128,
  height: 128,
  ...changes,
});

export const text = (content: string, changes: object = {}) => ({
  taskType: 'textInference',
  taskUUID: randomUUID() as string,
  model: 'google:gemma@4-31b',
  messages: [{ role: 'user', content }],
  ...changes,
});

export interface Reply {
  status: number;
  headers: Record<string, unknown>;
  bytes: Buffer;
  /** Whether the connection broke before the end. */
  cut: boolean;
}

interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** One HTTPS request under any host name, always to the emulator. */
export function ask(
  port: number,
  address: string,
  { method = 'POST', headers = {}, body }: Asking,
): Promise<Reply> {
  const url = new URL(address);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        servername: url.hostname,
        ca: tls.cert,
        method,
        path: url.pathname + url.search,
        headers: { host: url.hostname, 'content-type': 'application/json', ...headers },
      },
      response => {
        response.on('data', chunk => chunks.push(chunk));
        const done = (cut: boolean) => () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, bytes: Buffer.concat(chunks), cut });
        };
        response.on('end', done(false));
        response.on('error', done(true));
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export const post = (port: number, body: unknown, headers = {}): Promise<Reply> =>
  ask(port, 'https://api.runware.ai/v1', {
    body,
    headers: { authorization: `Bearer ${demoKey}`, ...headers },
  });

export const json = ({ bytes }: Reply): Answer => JSON.parse(bytes.toString('utf8'));
