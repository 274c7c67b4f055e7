import { Failure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { connect, type Socket, unreachable } from '../egress';
import { failureOf } from './errors';
import { type Answer, readFrame } from './frames';
import { type Delivery, Inbox } from './inbox';

const ADDRESS = new URL('wss://ws-api.runware.ai/v1');

// All in ms. Runware closes a link 120 s after its last message; Chromium ends a worker after 30 s
// without one, so work in flight is kept up by a ping every 20 s.
const HANDSHAKE = 10_000;
const HEARTBEAT = 20_000;
/** A link that has been silent for this long is asked whether it still lives when a task is sent on it. */
const FRESH = 5_000;
const PONG = 5_000;
/**
 * How long a link with work may leave a ping unanswered: the answer may queue behind a large image on a slow
 * line, and a frame is heard only when it is whole. Doubled each time that a link was given up for it.
 */
const PONG_AT_WORK = 15_000;
/** How long a task that was given up may still be the one an error without a name is about. */
const GIVEN_UP = 300_000;
/** How long a link with no work is kept for the next call. */
const IDLE = 20_000;
/** Deliveries for tasks nobody has asked after yet: a resumed session may replay before its tasks are back. */
const UNCLAIMED = 200;

/**
 * closed ──ready()──▶ connecting ──authenticated──▶ ready
 *    ▲                    │                           │
 *    └──── any failure, close, silence or idleness ───┘
 */
type Link =
  | { readonly state: 'closed' }
  | { readonly state: 'connecting'; readonly socket: Socket; readonly ready: Promise<void> }
  | { readonly state: 'ready'; readonly socket: Socket };

/**
 * One key's conversation with Runware. It connects when there is something to say, authenticates first,
 * resumes with the id of the session it had, and closes when it has had no work for a while.
 */
export class Session {
  private link: Link = { state: 'closed' };
  private key: OpenedKey | undefined;
  private resumable: string | undefined;
  private readonly inboxes = new Map<string, Inbox>();
  private readonly unclaimed: { task: string; delivery: Delivery }[] = [];
  private heard = 0;
  private patience = PONG_AT_WORK;
  private retiring = false;
  private readonly givenUp = new Map<string, number>();
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private pong: ReturnType<typeof setTimeout> | undefined;
  private idle: ReturnType<typeof setTimeout> | undefined;

  constructor(key: OpenedKey, resume?: string) {
    this.key = key;
    this.resumable = resume;
  }

  /** Names this session to Runware: whoever has it and the key gets its undelivered results. A secret. */
  get id(): string | undefined {
    return this.resumable;
  }

  /** Whether a task can be sent this moment. */
  get up(): boolean {
    return this.link.state === 'ready' && this.link.socket.readyState === this.link.socket.OPEN;
  }

  get busy(): boolean {
    return this.inboxes.size > 0;
  }

  /** Whether it would authenticate with this very key. */
  serves(key: OpenedKey): boolean {
    return this.key !== undefined && this.key.fields.apiKey === key.fields.apiKey;
  }

  /** Forgets the key. What is on its way may still arrive; a lost link is not made again. */
  forget(): void {
    this.key = undefined;
    this.rest();
  }

  /** Forgets the key as soon as no work needs it. */
  retire(): this {
    this.retiring = true;
    this.rest();
    return this;
  }

  inbox(task: string): Inbox {
    clearTimeout(this.idle);
    const inbox = new Inbox();
    this.inboxes.set(task, inbox);
    for (let at = 0; at < this.unclaimed.length; ) {
      const entry = this.unclaimed[at];
      if (entry?.task !== task) at++;
      else {
        inbox.put(entry.delivery);
        this.unclaimed.splice(at, 1);
      }
    }
    this.heartbeat ??= setInterval(() => this.ping(), HEARTBEAT);
    return inbox;
  }

  /** Ends a task's deliveries. One that is `given up` may still be answered. */
  release(task: string, givenUp: boolean): void {
    this.inboxes.delete(task);
    if (givenUp) this.givenUp.set(task, Date.now());
    this.rest();
  }

  /**
   * Resolves once the link is up and authenticated. Throws `rejected-key`, `offline`, `unreachable`,
   * `timed-out` (after 10 s), or `vault-locked` when the key was forgotten.
   */
  ready(): Promise<void> {
    if (this.link.state === 'ready') return Promise.resolve();
    if (this.link.state === 'connecting') return this.link.ready;
    return this.open();
  }

  /**
   * Sends tasks in one frame. False when the link is down: then nothing has left. Throws `vault-locked` when
   * the key was forgotten: what is sent already may be answered, but nothing more is asked.
   */
  send(...tasks: object[]): boolean {
    if (!this.key) throw locked();
    if (this.link.state !== 'ready' || !this.up) return false;
    const silent = Date.now() - this.heard > FRESH;
    this.link.socket.send(JSON.stringify(tasks));
    // Before another answer this one cannot queue: a short wait is enough.
    if (silent) this.ping(this.inboxes.size > 1 ? this.patience : PONG);
    return true;
  }

  private open(): Promise<void> {
    const { key } = this;
    if (!key) return Promise.reject(locked());
    const socket = connect(key, ADDRESS);
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Failure('timed-out', 'Runware did not answer within 10 seconds.', {
            next: 'Try again in a moment.',
          }),
        );
        this.drop(socket);
      }, HANDSHAKE);
      const authenticate = () => {
        const resume = this.resumable ? { connectionSessionUUID: this.resumable } : {};
        socket.send(JSON.stringify([{ taskType: 'authentication', apiKey: key.fields.apiKey, ...resume }]));
      };
      socket.onopen = () => {
        if (this.key) return authenticate();
        // Locked while it was being opened: the key does not leave any more.
        clearTimeout(timer);
        reject(locked());
        this.drop(socket);
      };
      socket.onmessage = ({ data }) => {
        this.heard = Date.now();
        clearTimeout(this.pong);
        this.pong = undefined;
        const answers = readFrame(data);
        for (const answer of answers) {
          if (answer.kind === 'authenticated') {
            clearTimeout(timer);
            this.resumable = answer.session;
            if (this.socket === socket) this.link = { state: 'ready', socket };
            resolve();
          } else if (this.link.state === 'connecting' && isHandshakeError(answer)) {
            const failure = failureOf(answer.error);
            if (this.resumable && this.key && failure.code !== 'rejected-key') {
              // The old session is not known any more. A new one serves as well: its tasks are asked after.
              this.resumable = undefined;
              authenticate();
              continue;
            }
            clearTimeout(timer);
            reject(failure);
            this.drop(socket);
          } else this.deliver(answer);
        }
      };
      socket.onclose = () => {
        clearTimeout(timer);
        reject(unreachable(ADDRESS.host));
        this.drop(socket);
      };
    });
    this.link = { state: 'connecting', socket, ready };
    return ready;
  }

  private get socket(): Socket | undefined {
    return this.link.state === 'closed' ? undefined : this.link.socket;
  }

  /** The end of a link, however it came. Open tasks are told, and decide what to do. */
  private drop(socket: Socket): void {
    if (this.socket !== socket) return;
    // Those who wait for a link that never stood hear it from `ready`.
    const stood = this.link.state === 'ready';
    this.link = { state: 'closed' };
    clearTimeout(this.pong);
    this.pong = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    if (stood) for (const inbox of this.inboxes.values()) inbox.put({ kind: 'dropped' });
  }

  private deliver(answer: Answer): void {
    switch (answer.kind) {
      case 'item':
        this.hand(answer.task, { kind: 'item', item: answer.item });
        break;
      case 'error':
        this.handError(answer);
        break;
      case 'authenticated':
      case 'pong':
      case 'unreadable':
        // A frame that cannot be read belongs to nobody we could name; its task's own wait ends it.
        break;
    }
  }

  private hand(task: string, delivery: Delivery): void {
    this.givenUp.delete(task);
    this.patience = PONG_AT_WORK;
    const inbox = this.inboxes.get(task);
    if (inbox) inbox.put(delivery);
    else this.unclaimed.push({ task, delivery });
    if (this.unclaimed.length > UNCLAIMED) this.unclaimed.shift();
  }

  /** An error that names no task is a lone task's own; of several tasks none is blamed. */
  private handError({ task, error, ofItem }: Extract<Answer, { kind: 'error' }>): void {
    for (const [gone, at] of this.givenUp) if (Date.now() - at > GIVEN_UP) this.givenUp.delete(gone);
    const [only, ...others] = [...this.inboxes.keys(), ...this.givenUp.keys()];
    const meant = task ?? (others.length === 0 ? only : undefined);
    if (meant) this.hand(meant, { kind: 'error', error, ofItem: ofItem === true });
  }

  private ping(patience = this.patience): void {
    if (this.link.state !== 'ready' || this.pong) return;
    const { socket } = this.link;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify([{ taskType: 'ping', ping: true }]));
    // Any frame is an answer. None: the link is dead, although nobody closed it.
    this.pong = setTimeout(() => {
      this.patience *= 2;
      this.drop(socket);
    }, patience);
  }

  private rest(): void {
    if (this.inboxes.size > 0) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.close(), this.key && !this.retiring ? IDLE : 0);
  }

  /** What has no work needs no key either. */
  private close(): void {
    this.key = undefined;
    const { socket } = this;
    if (!socket) return;
    socket.onclose = null;
    socket.close(1000);
    this.drop(socket);
  }
}

function isHandshakeError(answer: Answer): answer is Extract<Answer, { kind: 'error' }> {
  // An error for a task may come before the authentication's answer when a session is resumed.
  return answer.kind === 'error' && answer.task === undefined;
}

function locked(): Failure {
  return new Failure('vault-locked', 'The vault was locked while this was under way.', {
    next: 'Unlock it, and Runkey goes on.',
  });
}
