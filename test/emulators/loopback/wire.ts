import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** One request, read to its end. */
export interface Ask {
  readonly method: string;
  /** Without its port, in lower case. */
  readonly host: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came: a file is no text. */
  readonly bytes: Buffer;
}

export interface Answer {
  readonly status: number;
  /** A string is sent as it is, and so are bytes, anything else as JSON; undefined is no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that comes in pieces; `say` notes each of them. */
export interface Flow {
  readonly flow: (response: ServerResponse, say: (text: string) => void) => Promise<void>;
}

export type Reply = Answer | Flow;

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined for what is no JSON, which itself cannot be undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The media type alone, in lower case. */
export const mediaType = ({ headers }: Ask): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** What follows the scheme, whose case does not matter. */
export const bearerOf = ({ headers }: Ask): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

/** What is written down of a body: its text, or of a file its size. */
export function noted(type: string, bytes: Buffer): string {
  return /^(image|video|audio)\//.test(type) ? `[${bytes.length} bytes of ${type}]` : bytes.toString('utf8');
}
