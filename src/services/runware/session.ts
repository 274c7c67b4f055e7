import { Failure, type FailureCode } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { abortable } from '../abortable';
import { pause } from '../pause';
import { Connection, locked } from './connection';
import { Deliveries } from './deliveries';
import type { Answer } from './frames';
import type { Inbox } from './inbox';
import { isQuestion, type Line, type WireTask } from './line';

// All in ms. Runware closes a link 120 s after its last message; Chromium ends a worker after 30 s
// without one, so work in flight is kept up by a ping every 20 s.
const HEARTBEAT = 20_000;
/** A link that has been silent for this long is asked whether it still lives when a task is sent on it. */
const FRESH = 5_000;
/**
 * How long a ping may stay unanswered. Three times as long after each link that was given up for it, up to the limit,
 * since on a slow line the answer queues behind a large image, and a frame is heard only when it is whole.
 */
const PONG = 5_000;
const LONGEST_PONG = 135_000;
/**
 * The waits between attempts to connect: the first after a loss is made at once, the rest with full jitter. They
 * grow slowly, for most outages are over in seconds.
 */
const FIRST_WAIT = 300;
const GROWTH = 1.5;
const LONGEST_WAIT = 10_000;

/** Failures to connect that pass by themselves. All others are final: nothing but the person could help. */
const PASSING: readonly FailureCode[] = [
  'unreachable',
  'offline',
  'timed-out',
  'rate-limit',
  'service-error',
];

/**
 * One key's conversation with Runware.
 *
 *   idle ──connected()──▶ connecting ──authenticated──▶ ready
 *    ▲                     │      ▲                       │
 *    │               passing failure                     lost
 *    │                     ▼      │                       │
 *    ├──final failure── waiting ──┘ ◀──────tasks told─────┘
 *    └──────────────────── close() from anywhere
 *
 * It authenticates first, and resumes with the id of the session it had.
 */
export class Session implements Line {
  private connection: Connection | undefined;
  private connecting: Promise<void> | undefined;
  private readonly deliveries = new Deliveries();
  /** The tasks that were asked after, and of which nothing has come since. */
  private readonly asked = new Set<string>();
  /** How often in a row it could not connect, and when the next attempt is. */
  private failures = 0;
  private nextAttempt = 0;
  private patience = PONG;
  /** The ids of every session that it went on with: the service may give a resumed one another. */
  private readonly ids = new Set<string | undefined>();
  private heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly key: () => OpenedKey | undefined,
    private resumable: string | undefined,
  ) {
    this.ids.add(resumable);
  }

  get session(): string | undefined {
    return this.resumable;
  }

  get up(): boolean {
    return this.connection?.up ?? false;
  }

  /** Whether what that session has not delivered comes here. */
  resumes(session: string): boolean {
    return this.ids.has(session);
  }

  attach(task: string, taskType: string, inbox: Inbox): void {
    this.deliveries.attach(task, taskType, inbox);
    this.heartbeat ??= setInterval(() => this.ping(), HEARTBEAT);
  }

  detach(task: string, givenUp: boolean): void {
    this.deliveries.detach(task, givenUp);
    this.asked.delete(task);
    if (this.deliveries.busy) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }

  send(task: WireTask): boolean {
    if (!this.key()) throw locked();
    const { connection } = this;
    if (!connection) return false;
    const silent = Date.now() - connection.heardAt > FRESH;
    if (!connection.send(task)) return false;
    if (isQuestion(task)) this.asked.add(task.taskUUID);
    if (silent) this.ping();
    return true;
  }

  /**
   * Waits until the link stands: connecting at once, then again after growing waits. All who wait share the
   * attempts. Throws a final failure at once, and a passing one at `until` (ms since the epoch) or after so
   * many `attempts` in a row.
   */
  async connected(until: number, signal: AbortSignal, attempts = Number.POSITIVE_INFINITY): Promise<void> {
    let last: unknown;
    while (!this.up) {
      signal.throwIfAborted();
      const wait = this.nextAttempt - Date.now();
      if (last !== undefined && (this.failures >= attempts || Date.now() + wait >= until)) throw last;
      if (wait > 0) await pause(Math.min(wait, Math.max(0, until - Date.now())), signal);
      try {
        await abortable(this.connect(), signal);
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof Failure) || !PASSING.includes(thrown.code)) throw thrown;
        last = thrown;
      }
    }
  }

  /** Ends the link. Who waits for it, or for an answer over it, hears that the vault is locked, or nothing. */
  close(): void {
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
    this.connection?.close();
    this.connection = undefined;
  }

  private connect(): Promise<void> {
    this.connecting ??= this.attempt().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async attempt(): Promise<void> {
    const key = this.key();
    if (!key) throw locked();
    const connection = new Connection(key, {
      key: this.key,
      resume: this.resumable,
      heard: answers => this.hear(answers),
      lost: () => this.lost(connection),
    });
    this.connection = connection;
    try {
      this.resumable = await connection.ready;
      this.ids.add(this.resumable);
      this.failures = 0;
      this.nextAttempt = 0;
    } catch (thrown) {
      const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** this.failures++);
      this.nextAttempt = Date.now() + Math.random() * longest;
      throw thrown;
    }
  }

  /** An empty answer names no task: it is that of the only question under way. */
  private hear(answers: readonly Answer[]): void {
    if (answers.length === 0 && this.asked.size === 1) {
      this.deliveries.tell({ kind: 'nothing' }, this.asked);
      this.asked.clear();
    }
    for (const answer of answers) if ('task' in answer && answer.task) this.asked.delete(answer.task);
    this.deliveries.bring(answers);
  }

  /** Open tasks are told, and decide what to do. */
  private lost(connection: Connection): void {
    if (this.connection !== connection) return;
    this.asked.clear();
    this.connection = undefined;
    this.deliveries.tell({ kind: 'dropped' });
  }

  private ping(): void {
    const patience = this.patience;
    this.connection?.ping(patience, () => {
      this.patience = Math.min(LONGEST_PONG, patience * 3);
    });
  }
}
