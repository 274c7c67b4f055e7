import { connect, type Socket } from 'node:net';

/** An error that Firefox answered, with its WebDriver code such as `no such element`. */
export class MarionetteError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * Speaks Marionette, the protocol beneath geckodriver: JSON messages over TCP, each preceded by its length in
 * bytes and a colon. A command is [0, id, name, parameters], its answer [1, id, error, result].
 * https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
 */
export class Marionette {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #unread: Buffer = Buffer.alloc(0);
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', chunk => this.#read(chunk));
    socket.on('error', error => this.#end(error));
    socket.on('close', () => this.#end(new Error('Firefox closed the connection.')));
  }

  static connect(port: number): Promise<Marionette> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Marionette(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends a command and waits for its result, which most commands wrap as `{ value }`: the value, then. */
  send(name: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const message = JSON.stringify([0, id, name, parameters]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    });
  }

  disconnect(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const colon = this.#unread.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(this.#unread.toString('latin1', 0, colon));
      if (this.#unread.length < end) return;
      const message: unknown = JSON.parse(this.#unread.toString('utf8', colon + 1, end));
      this.#unread = this.#unread.subarray(end);
      // The greeting is an object and needs no reply.
      if (Array.isArray(message)) this.#answer(message);
    }
  }

  #answer([, id, error, result]: unknown[]): void {
    const waiting = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    if (error) {
      const { error: code, message }: Record<string, unknown> = Object(error);
      waiting?.reject(new MarionetteError(String(code), String(message)));
    } else {
      const { value = result }: Record<string, unknown> = Object(result);
      waiting?.resolve(value);
    }
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
