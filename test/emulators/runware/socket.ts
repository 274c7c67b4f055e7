import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { authenticate } from './authenticate';
import { type Carriage, Courier } from './courier';
import type { Engine, Submission } from './engine';
import { shaped } from './failures';
import type { FaultOf, Faults } from './faults';
import type { Switches } from './options';
import type { Receiver, Session, Sessions } from './session';
import type { Peer, Traffic } from './traffic';
import { type Failure, type Frame, isObject, type Task } from './wire';

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

/** One WebSocket connection: reads frames, answers them, keeps the idle clock. */
export class Connection implements Receiver, Carriage {
  readonly around: Surroundings;
  readonly #line: Line;
  session: Session | undefined;
  #frozen = false;
  #turn: Promise<void> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #unpaired: Failure[] = [];

  constructor(line: Line, around: Surroundings) {
    this.#line = line;
    this.around = around;
    line.socket.on('message', (data, binary) => this.#receive(String(data), binary));
    line.socket.on('close', () => this.#leave());
    // A broken peer is a close like any other; 'close' follows.
    line.socket.on('error', () => this.#leave());
    this.#touch();
  }

  post(frame: Frame, lost: () => void = () => {}): boolean {
    const { socket } = this.#line;
    if (this.#frozen || socket.readyState !== socket.OPEN) return false;
    const text = JSON.stringify(frame);
    this.around.traffic.note(this.#line.peer, 'websocket', 'out', text);
    socket.send(text, error => error && lost());
    this.#touch();
    return true;
  }

  postRaw(payload: string | Buffer): void {
    if (this.#frozen) return;
    this.around.traffic.note(this.#line.peer, 'websocket', 'out', String(payload));
    this.#line.socket.send(payload);
  }

  /** Makes the session this connection's own; an older connection of the session is let go. */
  take(session: Session): void {
    const older = session.receiver;
    if (older instanceof Connection && older !== this) older.drop(1000);
    this.session?.detach(this);
    this.session = session;
    session.attach(this);
  }

  break(fault: FaultOf<'drop'> | FaultOf<'freeze'>): void {
    if (fault.kind === 'freeze') this.freeze();
    else this.drop(fault.code);
  }

  /** With a close code, or (1006) by cutting the wire once what was said has gone out. */
  drop(code = 1006): void {
    this.#leave();
    const { socket } = this.#line;
    if (code !== 1006) socket.close(code);
    else this.#line.wire.write('', () => socket.terminate());
  }

  /** From here on half-open: nothing is read, nothing is said, only the end of the wire is noticed. */
  freeze(): void {
    this.#leave();
    this.#frozen = true;
    this.#line.wire.removeAllListeners('data').resume();
  }

  get broken(): boolean {
    return this.#frozen || this.#line.socket.readyState !== this.#line.socket.OPEN;
  }

  #leave(): void {
    clearTimeout(this.#idle);
    this.session?.detach(this);
    this.session = undefined;
  }

  #touch(): void {
    clearTimeout(this.#idle);
    const { idleMs, idleCode } = this.around.switches;
    this.#idle = setTimeout(() => this.drop(idleCode), idleMs);
  }

  #receive(text: string, binary: boolean): void {
    this.around.traffic.note(this.#line.peer, 'websocket', 'in', text);
    this.#touch();
    const { maxFrameBytes } = this.around.switches;
    if (binary) this.drop(1003);
    else if (Buffer.byteLength(text) > maxFrameBytes) this.drop(1009);
    // One after the other: a delayed authentication holds up what follows it.
    else this.#turn = this.#turn.then(() => this.#read(text));
  }

  async #read(text: string): Promise<void> {
    const tasks = parsed(text);
    if (!tasks) {
      const message = 'The message must be a JSON array of tasks.';
      this.post({ errors: [{ code: 'invalidJSON', message }] });
      return;
    }
    const failures: Failure[] = [];
    for (const task of tasks) {
      if (this.broken) return;
      failures.push(...(await this.#serve(task)));
    }
    if (failures.length > 0) this.#tell(failures);
  }

  /** Deals with one task; gives back the failures that may share a frame with its neighbours'. */
  async #serve(task: unknown): Promise<readonly Failure[]> {
    const known: Task = isObject(task) ? task : {};
    const { faults, engine } = this.around;
    if (known.taskType === 'authentication') {
      await authenticate(known, this);
      return [];
    }
    if (!this.session) return this.#stranger(known);
    if (known.taskType === 'ping') {
      const cut = faults.breakAt('pong', known);
      if (cut) this.break(cut);
      else this.post({ data: [{ taskType: 'ping', pong: true }] });
      return [];
    }
    const early = faults.breakAt('arrival', known);
    if (early) {
      this.break(early);
      return [];
    }
    const { account } = this.session;
    const { dryRun } = this.#line;
    return this.#answer(known, engine.submit(task, { account, dryRun, streams: false }));
  }

  #answer(task: Task, submission: Submission): readonly Failure[] {
    if (submission.kind === 'answered') {
      this.post({ data: submission.items });
      return [];
    }
    if (submission.kind === 'accepted') {
      this.#follow(task, submission);
      return [];
    }
    const { failures, fault } = submission;
    if (!fault?.shape && !fault?.body) return failures;
    if (fault.shape === 'paired') {
      this.#unpaired.push(...failures);
      if (this.#unpaired.length > 1) this.#tell(this.#unpaired.splice(0));
      return [];
    }
    for (const failure of failures)
      this.post(fault.body?.(task) ?? shaped(failure, fault.shape ?? 'errors-array'));
    return [];
  }

  #follow(task: Task, { work }: Extract<Submission, { kind: 'accepted' }>): void {
    const { session, around } = this;
    if (!session) return;
    session.works.add(work);
    work.watch({ done: () => session.works.delete(work) });
    const pushed = work.order.delivery === 'sync';
    if (pushed) work.watch(new Courier(work, session, this, around.faults, around.switches));
    const cut = around.faults.breakAt('accepted', task);
    if (cut) this.break(cut);
    if (cut || pushed) return;
    const { taskType, taskUUID } = work.order;
    if (!around.faults.take('no-ack', task)) session.send({ data: [{ taskType, taskUUID }] });
    const late = around.faults.breakAt('acked', task);
    if (late) this.break(late);
  }

  #stranger(task: Task): readonly Failure[] {
    const reaction = this.around.switches.unauthenticated;
    if (reaction === 'close') this.drop(1008);
    if (reaction !== 'error') return [];
    const { taskUUID } = task;
    const owner = typeof taskUUID === 'string' ? { taskUUID } : {};
    return [{ code: 'unauthorized', message: 'The first message must be an authentication.', ...owner }];
  }

  #tell(errors: readonly Failure[]): void {
    this.post({ ...(this.around.switches.emptyData && { data: [] }), errors });
  }
}

function parsed(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
