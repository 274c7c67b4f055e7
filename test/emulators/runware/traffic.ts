import type { IncomingMessage } from 'node:http';
import type { Accounts } from './accounts';

export interface TrafficRecord {
  readonly at: number;
  readonly transport: 'websocket' | 'http' | 'sse' | 'media';
  readonly direction: 'in' | 'out';
  /** Which connection or request, counted from 1. */
  readonly peer: number;
  readonly host: string;
  readonly origin: string | undefined;
  readonly userAgent: string | undefined;
  /** Path and query. */
  readonly path: string;
  /** Without API keys; cut after 64 Ki characters. */
  readonly text: string;
  /** Size before cutting. */
  readonly bytes: number;
}

export type Peer = Pick<TrafficRecord, 'peer' | 'host' | 'origin' | 'userAgent' | 'path'>;

const LONGEST = 64 * 1024;

export class Traffic {
  readonly records: TrafficRecord[] = [];
  readonly #accounts: Accounts;
  #peers = 0;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  peer(request: IncomingMessage): Peer {
    this.#peers += 1;
    return {
      peer: this.#peers,
      host: request.headers.host ?? '',
      origin: request.headers.origin,
      userAgent: request.headers['user-agent'],
      path: this.#redact(request.url ?? '/'),
    };
  }

  note(peer: Peer, transport: TrafficRecord['transport'], direction: 'in' | 'out', text: string): void {
    this.records.push({
      ...peer,
      at: performance.timeOrigin + performance.now(),
      transport,
      direction,
      text: this.#redact(text).slice(0, LONGEST),
      bytes: Buffer.byteLength(text),
    });
  }

  /** Known keys become their label; anything else that sits where a key belongs is blanked. */
  #redact(text: string): string {
    let clean = text;
    for (const { apiKey, label } of this.#accounts.all) clean = clean.replaceAll(apiKey, `[key ${label}]`);
    return clean
      .replace(/("apiKey"\s*:\s*)"(?!\[key )(?:[^"\\]|\\.)*"/gi, '$1"[key unknown]"')
      .replace(/(\bapi_?key=|Bearer )(?!\[key )[^&\s"]+/gi, '$1[key unknown]');
  }
}
