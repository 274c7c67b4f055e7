import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Carriage } from './courier';
import { Dialogue } from './dialogue';
import type { Engine } from './engine';
import type { FaultOf, Faults } from './faults';
import type { Switches } from './options';
import type { Receiver, Session, Sessions } from './session';
import type { Peer, Traffic } from './traffic';
import type { Frame } from './wire';

export interface Surroundings {
  readonly engine: Engine;
  readonly sessions: Sessions;
  readonly faults: Faults;
  readonly switches: Switches;
  readonly traffic: Traffic;
}

export interface Line {
  readonly socket: WebSocket;
  readonly wire: Duplex;
  readonly peer: Peer;
  readonly dryRun: boolean;
}

/** One WebSocket connection: carries frames both ways, keeps the idle clock, and breaks on demand. */
export class Connection implements Receiver, Carriage {
  readonly #line: Line;
  readonly #around: Surroundings;
  readonly #dialogue: Dialogue;
  #session: Session | undefined;
  #over = false;
  #turn: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(line: Line, around: Surroundings) {
    this.#line = line;
    this.#around = around;
    this.#dialogue = new Dialogue(this, around, line.dryRun);
    line.socket.on('message', (data, binary) => this.#receive(String(data), binary));
    line.socket.on('close', () => this.#leave());
    // A broken peer is a close like any other; 'close' follows.
    line.socket.on('error', () => this.#leave());
    this.#touch();
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Makes the session this connection's own; an older connection of the session is let go. */
  take(session: Session): void {
    const older = session.receiver;
    if (older instanceof Connection && older !== this) older.drop(1000);
    this.#session?.detach(this);
    this.#session = session;
    session.attach(this);
  }

  post(frame: Frame, lost: () => void = () => {}): boolean {
    if (this.broken) return false;
    const text = JSON.stringify(frame);
    this.#around.traffic.note(this.#line.peer, 'websocket', 'out', text);
    this.#write(text, error => error && lost());
    this.#touch();
    return true;
  }

  postRaw(payload: string | Buffer): void {
    if (this.broken) return;
    this.#around.traffic.note(this.#line.peer, 'websocket', 'out', String(payload));
    this.#line.socket.send(payload);
  }

  break(fault: FaultOf<'drop'> | FaultOf<'freeze'>): void {
    if (fault.kind === 'freeze') this.freeze();
    else this.drop(fault.code);
  }

  /** With a close code, or (1006) by cutting the wire once what was said has gone out. */
  drop(code = 1006): void {
    this.#leave();
    this.#over = true;
    const { socket, wire } = this.#line;
    if (code !== 1006) socket.close(code);
    else wire.write('', () => socket.terminate());
  }

  /** From here on half-open: nothing is read, nothing is said, only the end of the wire is noticed. */
  freeze(): void {
    this.#leave();
    this.#over = true;
    this.#line.wire.removeAllListeners('data').resume();
  }

  get broken(): boolean {
    return this.#over || this.#line.socket.readyState !== this.#line.socket.OPEN;
  }

  #write(text: string, written: (error?: Error | null) => void): void {
    const bytes = Buffer.from(text);
    const size = Math.ceil(bytes.length / this.#around.switches.fragments);
    for (let at = 0; at < bytes.length; at += size) {
      const fin = at + size >= bytes.length;
      const part = bytes.subarray(at, at + size);
      this.#line.socket.send(part, { binary: false, fin }, fin ? written : undefined);
    }
  }

  #leave(): void {
    clearTimeout(this.#idle);
    this.#session?.detach(this);
    this.#session = undefined;
  }

  #touch(): void {
    clearTimeout(this.#idle);
    const { idleMs, idleCode } = this.#around.switches;
    this.#idle = setTimeout(() => this.drop(idleCode), idleMs);
  }

  #receive(text: string, binary: boolean): void {
    this.#around.traffic.note(this.#line.peer, 'websocket', 'in', text);
    this.#touch();
    const { maxFrameBytes } = this.#around.switches;
    if (binary) this.drop(1003);
    else if (Buffer.byteLength(text) > maxFrameBytes) this.drop(1009);
    // One after the other: a delayed authentication holds up what follows it.
    else this.#turn = this.#turn.then(() => this.#dialogue.read(text));
  }
}
