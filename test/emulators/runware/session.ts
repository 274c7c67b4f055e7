import { randomUUID } from 'node:crypto';
import type { Account } from './accounts';
import type { Switches } from './options';
import { Shuffler } from './shuffle';
import type { Frame } from './wire';
import type { Work } from './work';

/** The far end of a session, while there is one. */
export interface Receiver {
  /** False when it cannot be sent at all; `lost` when that shows only later. */
  post(frame: Frame, lost: () => void): boolean;
}

/** Frames meant for one frame wait this long for each other when batching is "mixed", ms. */
const GATHERING = 25;

/** What outlives a connection: its id and the results nobody was there to take. */
export class Session {
  id = randomUUID() as string;
  readonly account: Account;
  readonly works = new Set<Work>();
  readonly #switches: Switches;
  readonly #shuffler = new Shuffler(frame => this.#pass(frame));
  #receiver: Receiver | undefined;
  #leftAt = 0;
  #buffer: { frame: Frame; expires: number }[] = [];
  #gathered: Frame[] = [];

  constructor(account: Account, switches: Switches) {
    this.account = account;
    this.#switches = switches;
  }

  attach(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  detach(receiver: Receiver): void {
    if (this.#receiver !== receiver) return;
    this.#receiver = undefined;
    this.#leftAt = Date.now();
    if (this.#switches.closedTasks === 'run-on') return;
    // An acknowledged task has nothing to do with its connection any more.
    for (const work of this.works) if (work.order.delivery === 'sync') work.stop();
  }

  get receiver(): Receiver | undefined {
    return this.#receiver;
  }

  /** Whether coming back under this id still means anything. */
  get alive(): boolean {
    const { bufferMs } = this.#switches;
    return this.#receiver !== undefined || this.works.size > 0 || this.#waiting().length > 0
      ? true
      : Date.now() - this.#leftAt < bufferMs;
  }

  /** Results go to the connection, or wait for the next one. */
  send(frame: Frame): void {
    if (this.#switches.shuffle) {
      this.#shuffler.send(frame, this.#switches.shuffle);
      return;
    }
    if (this.#switches.batching !== 'mixed') {
      this.#pass(frame);
      return;
    }
    if (this.#gathered.length === 0) setTimeout(() => this.#passGathered(), GATHERING);
    this.#gathered.push(frame);
  }

  /** Takes what has been waiting; what waited too long is gone. */
  collect(): Frame[] {
    const frames = this.#waiting();
    this.#buffer = [];
    return frames;
  }

  #passGathered(): void {
    const { whole, rest } = merged(this.#gathered);
    this.#gathered = [];
    for (const frame of [whole, ...rest]) this.#pass(frame);
  }

  #pass(frame: Frame): void {
    const keep = () => this.#buffer.push({ frame, expires: Date.now() + this.#switches.bufferMs });
    if (!this.#receiver?.post(frame, keep)) keep();
  }

  #waiting(): Frame[] {
    const now = Date.now();
    return this.#buffer.filter(({ expires }) => expires > now).map(({ frame }) => frame);
  }
}

export class Sessions {
  readonly #byId = new Map<string, Session>();
  readonly #switches: Switches;

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  open(account: Account): Session {
    const session = new Session(account, this.#switches);
    this.#byId.set(session.id, session);
    return session;
  }

  /** The session of that id, if it belongs to the account and has not expired. */
  resume(id: string, account: Account): Session | undefined {
    const session = this.#byId.get(id);
    if (!session || session.account !== account || !session.alive) return undefined;
    if (this.#switches.resumeId === 'new') {
      this.#byId.delete(id);
      session.id = randomUUID();
      this.#byId.set(session.id, session);
    }
    return session;
  }
}

/** Frames put into one. Those of unusual shape cannot be, and stay by themselves. */
export function merged(frames: readonly Frame[]): { whole: Frame; rest: Frame[] } {
  const plain = frames.filter(isPlain);
  const data = plain.flatMap(frame => frame.data ?? []);
  const errors = plain.flatMap(frame => frame.errors ?? []);
  return {
    whole: { data, ...(errors.length > 0 && { errors }) },
    rest: frames.filter(frame => !isPlain(frame)),
  };
}

type PlainFrame = { data?: unknown[]; errors?: unknown[] };

const isPlain = (frame: Frame): frame is PlainFrame =>
  Object.entries(frame).every(([name, value]) => /^(data|errors)$/.test(name) && Array.isArray(value));
