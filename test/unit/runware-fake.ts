import './browser-urls';
import { vi } from 'vitest';

interface Task extends Record<string, unknown> {
  readonly taskType: string;
  readonly taskUUID?: string;
}

/** A socket that is not on any network: what is sent goes to the server below, in the same moment. */
class FakeSocket {
  readonly OPEN = 1;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly server: FakeServer) {
    setTimeout(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    }, 5);
  }

  get bufferedAmount(): number {
    return this.server.waiting;
  }

  send(text: string): void {
    for (const task of JSON.parse(text)) this.server.receive(this, task);
  }

  close(): void {
    this.readyState = 3;
  }

  /** The network takes it away. */
  lose(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.();
  }
}

/** A server in memory, that authenticates, answers pings, and leaves the rest to `answer`. Nothing is there by HTTP. */
export class FakeServer {
  private current: FakeSocket | undefined;
  private authenticated = false;
  /** Sockets ever opened. */
  opened = 0;
  /** How many bytes of what was sent are still on their way to it. */
  waiting = 0;
  /** When each ping came, ms since the epoch. */
  readonly pings: number[] = [];
  /** Takes in what it is told, and says nothing more to whoever is there now. */
  deaf = false;
  /** What was sent in vain, for nobody was there. */
  readonly missed: unknown[] = [];

  constructor(private readonly answer: (task: Task) => unknown) {
    const server = this;
    vi.stubGlobal('navigator', { onLine: true });
    vi.stubGlobal(
      'WebSocket',
      class extends FakeSocket {
        constructor() {
          super(server);
        }
      },
    );
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  }

  receive(socket: FakeSocket, task: Task): void {
    if (task.taskType === 'ping') this.pings.push(Date.now());
    if (this.deaf && socket === this.current) return;
    const reply = (data: object) => setTimeout(() => socket.onmessage?.({ data: JSON.stringify(data) }), 5);
    if (task.taskType === 'authentication') {
      this.opened++;
      this.current = socket;
      this.authenticated = false;
      setTimeout(() => {
        this.authenticated = true;
      }, 5);
      reply({ data: [{ taskType: 'authentication', connectionSessionUUID: 'session' }] });
      for (const data of this.missed.splice(0)) setTimeout(() => this.say(data), 10);
    } else if (task.taskType === 'ping') reply({ data: [{ taskType: 'ping', pong: true }] });
    else {
      const said = this.answer(task);
      if (said !== undefined) setTimeout(() => this.say(said), 5);
    }
  }

  /** One message; objects go as JSON, anything else as it is. */
  say(said: unknown): void {
    const isPlain =
      typeof said === 'object' && said !== null && Object.getPrototypeOf(said) === Object.prototype;
    const data = isPlain ? JSON.stringify(said) : said;
    // What rejects the key before it is accepted is no mishap: that ends everything, and rightly so.
    const rejects = !this.authenticated && /api\s?key|authentication/i.test(String(data));
    if (this.current?.readyState === 1 && !rejects) this.current.onmessage?.({ data });
    else this.missed.push(data);
  }

  /** Whether a socket stands. */
  get open(): boolean {
    return this.current?.readyState === 1;
  }

  drop(): void {
    this.current?.lose();
  }
}

/** Timers and dates that stand still until `until` runs them, one by one, with no time lost between. */
export function stopClock(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    now: 1.8e12,
  });
}

const moment = () => new Promise(resolve => setImmediate(resolve));

/** Lets time pass until something is so, for so many ms at most. True when it came to be so. */
export async function until(is: () => boolean, longest: number): Promise<boolean> {
  const end = Date.now() + longest;
  await moment();
  while (!is()) {
    if (vi.getTimerCount() === 0 || Date.now() > end) return false;
    vi.advanceTimersToNextTimer();
    await moment();
  }
  return true;
}

/** Lets so many ms pass. */
export async function pass(ms: number): Promise<void> {
  let over = false;
  setTimeout(() => {
    over = true;
  }, ms);
  await until(() => over, ms + 1);
}
