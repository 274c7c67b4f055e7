import { afterEach, describe, expect, it, vi } from 'vitest';
import { ended } from '../../src/calls/progress';
import { service } from '../../src/services/runware/service';
import type { Task, TaskEvent } from '../../src/services/service';
import type { RunwareEmulator, RunwareOptions } from '../emulators/runware';
import { start } from './emulators/runware-line';
import { faster, reach } from './network';
import { keyOf, type Outcome, outcomeOf, recover, run, taskOf } from './runware-client';
import { FakeServer, stopClock, until } from './runware-fake';

/** Answers that lie where one way alone leads to them. */

afterEach(() => {
  service.lock();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** From now on sockets can be had, or not, as `away` says. */
function flakySockets() {
  const net = { away: false };
  const Good = globalThis.WebSocket;
  class Never {
    readonly OPEN = 1;
    readonly readyState = 3;
    onclose: (() => void) | undefined;
    constructor() {
      setTimeout(() => this.onclose?.(), 5);
    }
    close() {}
    send() {}
  }
  vi.stubGlobal(
    'WebSocket',
    class {
      constructor(url: URL) {
        // biome-ignore lint/correctness/noConstructorReturn: it stands in for either.
        return net.away ? new Never() : new Good(url);
      }
    },
  );
  return net;
}

describe('with the emulator, a task', () => {
  let runware: RunwareEmulator;
  const begin = async (options: Partial<RunwareOptions> = {}) => {
    runware = await start(options);
    reach(runware.port);
  };
  afterEach(() => runware.close());
  /** No question finds an answer: only its session brings it. */
  const hopeless = { pollSync: false, taskDetails: 'missing' } as const;

  it.each([429, 503])(
    'that was taken, and is answered with %i from then on, may be there',
    async status => {
      await begin({ taskMs: 60_000 });
      runware.faults.add({ kind: 'http', status: 504, accept: true, body: 'Bad gateway' });
      const code = status === 429 ? 'rateLimitExceeded' : 'serviceUnavailable';
      const task = taskOf('image');
      const outcome = await faster(
        () =>
          run(task, keyOf({ connection: 'http' }), ({ type }) => {
            if (type !== 'reconnecting') return;
            const body = { errors: [{ code, message: 'Slower.' }] };
            runware.faults.add({ kind: 'http', status, times: 10_000, body });
          }),
        500,
      );
      expect(outcome.failure?.code).toBe('outcome-unknown');
      expect(runware.ledger.count(task.id)).toBe(1);
    },
    60_000,
  );

  it.each([true, false])(
    'whose socket is away for a while (HTTP there: %s) is resumed',
    async there => {
      await begin({ ...hopeless, taskMs: 400 });
      const net = flakySockets();
      if (!there) vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
      const task = taskOf('image');
      let struck = false;
      const outcome = await faster(
        () =>
          run(task, keyOf(), ({ type }) => {
            if (type !== 'sending' || struck) return;
            struck = true;
            setTimeout(() => {
              net.away = true;
              runware.drop();
              setTimeout(() => (net.away = false), 3_000);
            }, 200);
          }),
        50,
      );
      expect([outcome.items.length, outcome.failure]).toEqual([1, undefined]);
      expect(runware.ledger.count(task.id)).toBe(1);
    },
    60_000,
  );

  it('that HTTP stands in for keeps the session it was sent in', async () => {
    await begin({ ...hopeless, taskMs: 60_000 });
    const net = flakySockets();
    const stop = new AbortController();
    const sessions: unknown[] = [];
    await outcomeOf(service.run(taskOf('image'), keyOf(), stop.signal), event => {
      if (event.type !== 'sending') return;
      sessions.push(Object(event.trace).session);
      if (sessions.length > 1)
        return void setTimeout(() => stop.abort(new Error('The background died.')), 100);
      setTimeout(() => {
        net.away = true;
        runware.drop();
      }, 100);
    }).catch(() => {});
    expect(sessions).toEqual([expect.any(String), sessions[0]]);
  });

  it.each(['alone', 'beside a new session'])('gets its answer after its sibling did, %s', async how => {
    await begin({ ...hopeless, taskMs: 400 });
    const tasks = [taskOf('image'), taskOf('image')];
    const traces = await left(tasks);
    const key = keyOf();
    if (how !== 'alone') await run(taskOf('image'), key);
    for (const task of tasks) {
      const kept = { trace: traces.get(task.id), items: [], askOnly: true } as const;
      const { items } = await faster(() => recover(task, kept, key), 200);
      expect(items).toHaveLength(1);
      await sleep(50);
    }
  });

  /** Sends tasks, and dies before their answers. */
  async function left(tasks: readonly Task[]): Promise<Map<string, unknown>> {
    const stop = new AbortController();
    const traces = new Map<string, unknown>();
    const key = keyOf();
    const heard = (task: Task) => (event: TaskEvent) => {
      if (event.type === 'sending') traces.set(task.id, event.trace);
      if (traces.size === tasks.length) setTimeout(() => stop.abort(new Error('dead')), 30);
    };
    await Promise.all(
      tasks.map(task => outcomeOf(service.run(task, key, stop.signal), heard(task)).catch(() => {})),
    );
    service.lock();
    runware.drop();
    await sleep(600);
    return traces;
  }
});

describe('with the clock in hand, a task', () => {
  interface Told extends Outcome {
    over?: true;
  }
  /** Runs it to its end, however long that takes. */
  async function told(task: Task, heard?: (event: TaskEvent) => unknown): Promise<Told> {
    const made: Partial<Told> = {};
    void outcomeOf(service.run(task, keyOf(), new AbortController().signal), heard).then(outcome =>
      Object.assign(made, outcome, { over: true }),
    );
    await until(() => made.over === true, 3 * 3_600_000);
    return made as Told;
  }

  it('of text is in the journal at once, though HTTP is swallowed', async () => {
    stopClock();
    new FakeServer(({ taskType, taskUUID }) =>
      taskType === 'textInference'
        ? { data: [{ taskType, taskUUID, text: 'A bird.', cost: 0.01 }] }
        : undefined,
    );
    vi.stubGlobal(
      'fetch',
      (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    // By the clock that is in hand.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(new DOMException('late', 'TimeoutError')), ms);
      return abort.signal;
    });
    const begun = Date.now();
    const seen: [string, number][] = [];
    const { items } = await told(taskOf('text'), ({ type }) => void seen.push([type, Date.now() - begun]));
    expect(seen[0]).toEqual(['connecting', 0]);
    expect(items).toHaveLength(1);
  });

  it.each([403, 401, 429, 502])(
    'is not judged by a page of status %i that is not Runware’s',
    async status => {
      stopClock();
      let id = '';
      const server: FakeServer = new FakeServer(({ taskType, taskUUID = '' }) => {
        if (taskType === 'imageInference') {
          id = taskUUID;
          setTimeout(() => {
            net.away = true;
            server.drop();
          }, 3);
          return undefined;
        }
        const item = {
          taskType: 'imageInference',
          taskUUID: id,
          imageUUID: 'x',
          imageBase64Data: 'iVBORw0KGgo=',
        };
        return { data: [item] };
      });
      const net = flakySockets();
      const page = '<html>Blocked by your organisation</html>';
      vi.stubGlobal('fetch', async () => new Response(page, { status }));
      setTimeout(() => (net.away = false), 20_000);
      const { items, failure } = await told(taskOf('image'));
      expect([items.length, failure]).toEqual([1, undefined]);
    },
  );

  it('that never left says so, however long there was no network', async () => {
    stopClock();
    let sent = 0;
    const server = new FakeServer(() => {
      sent++;
      return undefined;
    });
    const net = flakySockets();
    const { failure } = await told(taskOf('image'), ({ type }) => {
      if (type !== 'sending' || net.away) return;
      net.away = true;
      server.drop();
    });
    expect(sent).toBe(0);
    expect(ended({ phase: 'sent', trace: {}, items: [] }, failure)).toMatchObject({
      phase: 'failed',
      failure: { code: 'unreachable' },
    });
  });
});
