import { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { connect, type Socket, unreachable } from '../egress';
import { failureOf, isPassing } from './errors';
import { type Answer, type RunwareError, readFrame } from './frames';

const ADDRESS = new URL('wss://ws-api.runware.ai/v1');

/** How long the opening and the authentication may take together, ms. */
const HANDSHAKE = 10_000;
/** Characters that tasks may share a frame of: how large one may be is not known. A larger task goes alone. */
const FRAME = 1_000_000;

interface Around {
  /** The key, unless it was forgotten in the meantime. */
  readonly key: () => OpenedKey | undefined;
  /** The session to go on with. */
  readonly resume: string | undefined;
  /** Told of everything that the server says of tasks. */
  readonly heard: (answers: readonly Answer[]) => void;
  /** Told once, of the end of a connection that was ready. */
  readonly lost: () => void;
}

/**
 * One socket: opening → authenticating → ready → closed, and never back.
 */
export class Connection {
  private state: 'opening' | 'authenticating' | 'ready' | 'closed' = 'opening';
  private readonly socket: Socket;
  /** What leaves with the next frame, as JSON. */
  private outbox = '';
  private settle: { resolve: (session: string) => void; reject: (why: Failure) => void } | undefined;
  private pong: ReturnType<typeof setTimeout> | undefined;
  private resume: string | undefined;
  /** When the server said anything last, ms since the epoch. */
  heardAt = 0;

  /**
   * Resolves with the session's id once it is authenticated. Rejects with `rejected-key`, `offline`,
   * `unreachable`, `timed-out` (after 10 s), `vault-locked`, or another failure that Runware names.
   */
  readonly ready: Promise<string>;

  constructor(
    key: OpenedKey,
    private readonly around: Around,
  ) {
    this.resume = around.resume;
    this.socket = connect(key, ADDRESS);
    this.ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever waits hears it; nobody may be waiting any more.
    this.ready.catch(() => {});
    const timer = setTimeout(() => this.fail(slow()), HANDSHAKE);
    this.ready.finally(() => clearTimeout(timer)).catch(() => {});
    this.socket.onopen = () => this.authenticate();
    this.socket.onmessage = ({ data }) => this.hear(readFrame(data));
    this.socket.onclose = () => this.fail(unreachable(ADDRESS.host));
  }

  get up(): boolean {
    return this.state === 'ready' && this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a task; those of one moment share a frame, if they are small. False when nothing can leave. */
  send(task: object): boolean {
    if (!this.up) return false;
    const said = JSON.stringify(task);
    if (this.outbox.length + said.length > FRAME) this.flush();
    if (!this.outbox) queueMicrotask(() => this.flush());
    this.outbox += this.outbox ? `,${said}` : said;
    return true;
  }

  /** Asks for a sign of life. Without any within `patience` ms the connection is dead, although nobody closed it. */
  ping(patience: number, dead: () => void): void {
    if (!this.up || this.pong) return;
    this.send({ taskType: 'ping', ping: true });
    this.awaitPong(patience, dead, Number.POSITIVE_INFINITY);
  }

  /** As long as what we send goes out, the ping is still behind it. */
  private awaitPong(patience: number, dead: () => void, before: number): void {
    this.pong = setTimeout(() => {
      const left = this.socket.bufferedAmount;
      const first = before === Number.POSITIVE_INFINITY;
      if (first ? left > 0 : left < before) {
        this.awaitPong(patience, dead, left);
        return;
      }
      dead();
      this.fail(unreachable(ADDRESS.host));
    }, patience);
  }

  /** Ends it, without telling anyone. */
  close(): void {
    if (this.state === 'closed') return;
    this.end(locked());
    this.socket.close(1000);
  }

  private flush(): void {
    const tasks = this.outbox;
    this.outbox = '';
    if (tasks && this.socket.readyState === this.socket.OPEN) this.socket.send(`[${tasks}]`);
  }

  private authenticate(): void {
    const key = this.around.key();
    // Locked while it was being opened: the key does not leave any more.
    if (!key) {
      this.fail(locked());
      return;
    }
    this.state = 'authenticating';
    const resume = this.resume ? { connectionSessionUUID: this.resume } : {};
    this.socket.send(JSON.stringify([{ taskType: 'authentication', apiKey: key.fields.apiKey, ...resume }]));
  }

  private hear(answers: readonly Answer[]): void {
    this.heardAt = Date.now();
    clearTimeout(this.pong);
    this.pong = undefined;
    const session = answers.find(answer => answer.kind === 'authenticated')?.session;
    if (session !== undefined && this.state === 'authenticating') {
      this.state = 'ready';
      this.settle?.resolve(session);
    }
    // What was replayed may stand before the answer to the authentication, or in one frame with it.
    const refusal = this.state === 'authenticating' ? answers.find(isHandshakeError) : undefined;
    if (refusal) this.refused(refusal.error);
    this.around.heard(answers.filter(answer => answer !== refusal));
  }

  private refused(error: RunwareError): void {
    const failure = failureOf(error);
    if (this.resume && failure.code !== 'rejected-key' && !isPassing(error)) {
      // The old session is not known any more. A new one serves as well: its tasks are asked after.
      this.resume = undefined;
      this.authenticate();
    } else this.fail(failure);
  }

  private fail(why: Failure): void {
    if (this.state === 'closed') return;
    const stood = this.state === 'ready';
    this.end(why);
    this.socket.close();
    if (stood) this.around.lost();
  }

  private end(why: Failure): void {
    this.state = 'closed';
    clearTimeout(this.pong);
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.settle?.reject(why);
  }
}

function isHandshakeError(answer: Answer): answer is Extract<Answer, { kind: 'error' }> {
  // An error for a task may come before the authentication's answer when a session is resumed.
  if (answer.kind !== 'error' || answer.task !== undefined) return false;
  return answer.taskType === undefined || answer.taskType === 'authentication';
}

function slow(): Failure {
  return new Failure('timed-out', 'Runware did not answer within 10 seconds.', {
    next: 'Try again in a moment.',
  });
}

export function locked(): Failure {
  return new Failure('vault-locked', 'The vault was locked while this was under way.', {
    next: 'Unlock it, and Runkey goes on.',
  });
}
