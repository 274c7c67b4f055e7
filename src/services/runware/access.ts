import { Failure, isFailure } from '../../failure';
import type { OpenedKey } from '../../vault/key-index';
import { unreachable } from '../egress';
import { pause } from '../pause';
import { locked } from './connection';
import { failureOf, standing } from './errors';
import { ADDRESS, answersOf, isOffline, isReached, PROBE, post, reached } from './http';
import { HttpLine } from './http-line';
import type { Line } from './line';
import { Session } from './session';

/** How long a link with no work is kept for the next call, ms. */
const IDLE = 20_000;
/** After so many attempts in a row without a socket it is tried over HTTP. */
const ATTEMPTS = 2;
/** How long after HTTP did not get through it is tried again, ms, where there is no other way. */
const AGAIN = 1_000;
/** How long HTTP is used once a socket could not be had, ms. */
const DETOUR = 5 * 60_000;

/**
 * One key's access to Runware, by whichever line can be had. It holds the key while there is work, and no
 * longer than twenty seconds beyond.
 */
export class Access {
  /** The id of its key. */
  readonly of: string;
  private held: OpenedKey | undefined;
  private readonly session: Session;
  private readonly http: HttpLine;
  private detourUntil = 0;
  private noStreamsUntil = 0;
  private work = 0;
  private retiring = false;
  private idle: ReturnType<typeof setTimeout> | undefined;

  /** `ended` is told when it has forgotten its key for lack of work. */
  constructor(
    key: OpenedKey,
    resume: string | undefined,
    private readonly ended: (access: Access) => void,
  ) {
    this.of = key.id;
    this.held = key;
    this.session = new Session(() => this.held, resume);
    this.http = new HttpLine(() => this.held);
  }

  /** Throws `vault-locked` when it was forgotten. */
  get key(): OpenedKey {
    if (!this.held) throw locked();
    return this.held;
  }

  /** Whether it would authenticate with this very key, in the same way. */
  serves({ fields }: OpenedKey): boolean {
    const { held } = this;
    return (
      held !== undefined &&
      held.fields.apiKey === fields.apiKey &&
      held.fields.connection === fields.connection
    );
  }

  /** Whether what a session has not delivered comes over it. */
  resumes(session: string): boolean {
    return this.session.resumes(session);
  }

  /** No stream is tried for a while: HTTP did not get through. */
  streamsFailed(): void {
    this.noStreamsUntil = Date.now() + DETOUR;
  }

  /**
   * Whether a stream is worth trying: where HTTP gets through, and did when it was tried last. Throws `offline` where
   * nothing does.
   */
  async streams(signal: AbortSignal): Promise<boolean> {
    if (isOffline()) throw unreachable(ADDRESS.host);
    if (!this.overHttp && Date.now() < this.noStreamsUntil) return false;
    if (this.session.up || (await this.getsThrough(signal))) return true;
    this.streamsFailed();
    return false;
  }

  /** A line that stands already, if there is one. */
  get standing(): Line | undefined {
    if (this.overHttp) return isReached() ? this.http : undefined;
    return this.session.up ? this.session : undefined;
  }

  /**
   * A line that stands: the socket, or HTTP where the key or the network wants it so. That HTTP gets through is found
   * out without a task: of one that was sent over it, it is never known that it stayed. Throws what `Session.connected`
   * throws, at `until` (ms since the epoch) at the latest.
   */
  async line(until: number, signal: AbortSignal): Promise<Line> {
    if (this.standing) return this.standing;
    while (this.overHttp) {
      if (!isOffline() && (await this.getsThrough(signal))) return this.http;
      if (isOffline() || Date.now() >= until) throw unreachable(ADDRESS.host);
      await pause(AGAIN, signal);
    }
    try {
      await this.session.connected(until, signal, ATTEMPTS);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!isFailure(thrown, 'unreachable') && !isFailure(thrown, 'timed-out')) throw thrown;
      if (await this.answersOverHttp(signal)) {
        this.detourUntil = Date.now() + DETOUR;
        return this.http;
      }
      if (Date.now() >= until) throw thrown;
      await this.session.connected(until, signal);
    }
    return this.session;
  }

  /** The socket, where HTTP stands in for it and one can be had again, by one attempt. */
  async socketAgain(signal: AbortSignal): Promise<Line | undefined> {
    if (Date.now() >= this.detourUntil) return undefined;
    try {
      await this.session.connected(0, signal, 1);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
    this.detourUntil = 0;
    return this.session;
  }

  /** Shows that the key opens its account, by a link of its own. Throws what `line` throws, after one attempt. */
  async proven(signal: AbortSignal): Promise<void> {
    if (this.overHttp) await this.probe(signal);
    else await this.session.connected(0, signal, 1);
  }

  /** Counts a task in. */
  hold(): void {
    this.work++;
    clearTimeout(this.idle);
  }

  /** Counts it out; with the last one the key is soon forgotten. */
  release(): void {
    this.work--;
    this.rest();
  }

  /** Forgets the key as soon as no work needs it. */
  retire(): void {
    this.retiring = true;
    this.rest();
  }

  /** Forgets the key. What is on its way may still arrive; a lost link is not made again. */
  forget(): void {
    this.held = undefined;
    this.rest();
  }

  /** Whether its line is HTTP just now. */
  get overHttp(): boolean {
    return (this.held?.fields.connection ?? 'socket') !== 'socket' || Date.now() < this.detourUntil;
  }

  private rest(): void {
    if (this.work > 0) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end(), this.held && !this.retiring ? IDLE : 0);
  }

  private end(): void {
    this.held = undefined;
    this.session.close();
    this.ended(this);
  }

  /** Should a gateway swallow the request that tries it out, the question that it is used to will do. */
  private async getsThrough(signal: AbortSignal): Promise<boolean> {
    return (await reached(this.key, signal)) || this.answersOverHttp(signal);
  }

  private async answersOverHttp(signal: AbortSignal): Promise<boolean> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE)]);
    try {
      await this.probe(limit);
      return true;
    } catch (thrown) {
      signal.throwIfAborted();
      if (isFailure(thrown, 'vault-locked') || isFailure(thrown, 'rejected-key')) throw thrown;
      return false;
    }
  }

  /** Asks over HTTP after a task that there is none of: it costs nothing, and only a good key is answered. */
  private async probe(signal: AbortSignal): Promise<void> {
    const question = { taskType: 'getResponse', taskUUID: crypto.randomUUID() };
    for (const answer of await answersOf(await post(this.key, [question], { signal }))) {
      if (answer.kind === 'unreadable') throw unreadable();
      if (answer.kind === 'error' && !standing(answer.error)) throw failureOf(answer.error);
    }
  }
}

function unreadable(): Failure {
  return new Failure('unreadable-answer', 'Something else than Runware answered at its address.', {
    next: 'A proxy or a hotel’s sign-in page may stand between. Open any web page, then try again.',
  });
}
