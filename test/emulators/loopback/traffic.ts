import { type Ask, mediaType, noted } from './wire';

export interface TrafficRecord {
  readonly at: number;
  readonly direction: 'in' | 'out';
  /** Which request, counted from 1. */
  readonly peer: number;
  readonly method: string;
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  /** Of the request, or of the answer's beginning; without secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of an answer. */
  readonly status: number | undefined;
  /** The body, or a piece of it, without secrets; cut after 64 Ki characters. A file is its size alone. */
  readonly text: string;
  /** Size before cutting. */
  readonly bytes: number;
}

type Peer = Pick<TrafficRecord, 'peer' | 'method' | 'host' | 'path'>;
type Said = Pick<TrafficRecord, 'direction' | 'status' | 'text'> & {
  headers: Readonly<Record<string, unknown>>;
};

/** Notes an answer, or a piece of it. */
export type Note = (
  status: number | undefined,
  text: string,
  headers?: Readonly<Record<string, unknown>>,
) => void;

/** Puts labels in place of secrets. */
interface Redacting {
  redact(text: string): string;
}

const LONGEST = 64 * 1024;

/** What was said, with labels in place of secrets. */
export class Traffic {
  readonly records: TrafficRecord[] = [];
  readonly #secrets: Redacting;
  #peers = 0;

  constructor(secrets: Redacting) {
    this.#secrets = secrets;
  }

  /** Notes a request, and gives back what notes its answer. */
  hear(ask: Ask): Note {
    this.#peers += 1;
    const { method, host, target, headers, bytes } = ask;
    const peer = { peer: this.#peers, method, host, path: this.#secrets.redact(target) };
    this.#note(peer, { direction: 'in', status: undefined, text: noted(mediaType(ask), bytes), headers });
    return (status, text, answered = {}) =>
      this.#note(peer, { direction: 'out', status, text, headers: answered });
  }

  #note(peer: Peer, { direction, status, text, headers }: Said): void {
    const clean = (value: unknown) => this.#secrets.redact(String(value));
    this.records.push({
      ...peer,
      at: performance.timeOrigin + performance.now(),
      direction,
      status,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, clean(value)])),
      text: clean(text).slice(0, LONGEST),
      bytes: Buffer.byteLength(text),
    });
  }
}
