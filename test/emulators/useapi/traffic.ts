import type { IncomingMessage } from 'node:http';
import type { Secrets } from './secrets';

export interface TrafficRecord {
  readonly at: number;
  readonly transport: 'api' | 'media' | 'trap';
  readonly direction: 'in' | 'out';
  /** Which request, counted from 1. */
  readonly peer: number;
  readonly host: string;
  readonly origin: string | undefined;
  readonly userAgent: string | undefined;
  readonly method: string;
  /** Path and query, without secrets. */
  readonly path: string;
  /** Of an answer. */
  readonly status?: number;
  /** Without secrets; cut after 64 Ki characters. An upload is its size alone. */
  readonly text: string;
  /** Size before cutting. */
  readonly bytes: number;
}

export type Peer = Pick<TrafficRecord, 'peer' | 'host' | 'origin' | 'userAgent' | 'method' | 'path'>;

const LONGEST = 64 * 1024;

export class Traffic {
  readonly records: TrafficRecord[] = [];
  readonly #secrets: Secrets;
  #peers = 0;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  peer(request: IncomingMessage): Peer {
    this.#peers += 1;
    return {
      peer: this.#peers,
      host: request.headers.host ?? '',
      origin: request.headers.origin,
      userAgent: request.headers['user-agent'],
      method: request.method ?? '',
      path: this.#secrets.redact(request.url ?? '/'),
    };
  }

  note(
    peer: Peer,
    transport: TrafficRecord['transport'],
    direction: 'in' | 'out',
    text: string,
    status?: number,
  ): void {
    this.records.push({
      ...peer,
      at: performance.timeOrigin + performance.now(),
      transport,
      direction,
      text: this.#secrets.redact(text).slice(0, LONGEST),
      bytes: Buffer.byteLength(text),
      ...(status !== undefined && { status }),
    });
  }
}
