import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runware/service';
import type { Task } from '../../src/services/service';
import { demoKey, type RunwareEmulator, type RunwareOptions } from '../emulators/runware';
import { start } from './emulators/runware-line';
import { faster, reach } from './network';
import { keyOf, outcomeOf, recover, run, taskOf } from './runware-client';
import { FakeServer, pass, stopClock, until } from './runware-fake';
import { itemOf } from './runware-frames-mutated';

afterEach(() => {
  service.lock();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('with the emulator, a task', () => {
  const other = 'other-runware-key-0123456789abcdef';
  let runware: RunwareEmulator;
  const begin = async (options: Partial<RunwareOptions> = {}) => {
    runware = await start(options);
    reach(runware.port);
  };
  afterEach(() => runware.close());
  const posted = (what: string) =>
    runware.traffic.filter(({ direction, text }) => direction === 'in' && text.includes(what));

  it('that was taken before a gateway gave up again and again is asked after, and not called a failure', async () => {
    await begin();
    runware.faults.add({ kind: 'http', status: 504, accept: true }, { kind: 'http', status: 504, times: 3 });
    const task = taskOf('image');
    const { items, failure } = await faster(() => run(task, keyOf({ connection: 'http' })));
    expect([items.length, failure]).toEqual([1, undefined]);
    expect(runware.ledger.count()).toBe(1);
  });

  it('that is refused for lack of room four times is asked after, and told as refused', async () => {
    await begin();
    const failure = { code: 'serviceUnavailable', message: 'Full.' };
    runware.faults.add({ kind: 'error', failure, times: 4 });
    const task = taskOf('image');
    const outcome = await faster(() => run(task, keyOf()));
    expect(outcome.failure?.code).toBe('service-error');
    expect(runware.ledger.count()).toBe(0);
    expect(posted('"imageInference"')).toHaveLength(4);
    expect(posted('"getTaskDetails"')).not.toHaveLength(0);
  });

  it('whose text has begun to come is not posted once more for an error that passes', async () => {
    await begin();
    const failure = { code: 'rateLimitExceeded', message: 'Slower.' };
    runware.faults.add({ kind: 'error', after: 2, failure });
    const task = taskOf('text');
    const { types } = await faster(() => run(task, keyOf()), 500);
    expect(types).toContain('partial');
    expect(posted('"textInference"')).toHaveLength(1);
  });

  it('is only asked after with the secret of another account, without the first one’s session', async () => {
    await begin({ keys: { [demoKey]: { label: 'one' }, [other]: { label: 'other' } }, taskMs: 60_000 });
    const key = keyOf();
    const task = taskOf('image');
    const stop = new AbortController();
    let trace: unknown;
    await outcomeOf(service.run(task, key, stop.signal), async event => {
      if (event.type !== 'sending') return;
      trace = event.trace;
      setTimeout(() => stop.abort(new Error('The background died.')), 200);
    }).catch(() => {});
    expect(runware.ledger.count(task.id)).toBe(1);
    const { session } = trace as { session: string };
    const before = runware.traffic.length;
    const anew = { ...key, fields: { apiKey: other } };
    const { failure } = await faster(() => recover(task, { trace, items: [] }, anew), 500);
    expect(failure?.code).toBe('outcome-unknown');
    expect(runware.ledger.entries.map(entry => entry.key)).toEqual(['one']);
    const later = runware.traffic.slice(before);
    expect(later.some(({ text }) => text.includes('getResponse'))).toBe(true);
    expect(later.some(({ text }) => text.includes(session) || text.includes('imageInference'))).toBe(false);
  });
});

describe('with a server that does as it likes, a task', () => {
  let server: FakeServer;
  let sent: string[];
  let answer: (task: { taskType: string; taskUUID?: string }) => unknown;
  beforeEach(() => {
    stopClock();
    sent = [];
    answer = () => undefined;
    server = new FakeServer(task => {
      sent.push(task.taskType);
      return answer(task);
    });
  });
  const { signal } = new AbortController();
  const running = (task: Task) => {
    const made = { code: undefined as string | undefined, over: false };
    void outcomeOf(service.run(task, keyOf(), signal)).then(({ failure }) => {
      Object.assign(made, { code: failure?.code, over: true });
    });
    return made;
  };

  it('that it has acknowledged is not sent again, however late it says that it is busy', async () => {
    let questions = 0;
    const busy = { code: 'serviceUnavailable', message: 'Later.' };
    answer = ({ taskType, taskUUID }) => {
      if (taskType === 'videoInference') return { data: [{ taskType, taskUUID }] };
      if (questions++ > 0) return { errors: [{ code: 'taskNotFound', message: 'No.', taskUUID }] };
      setTimeout(() => server.say({ errors: [{ ...busy, taskUUID }] }), 10_500);
      return undefined;
    };
    const call = running(taskOf('video', { prompt: 'a heron' }));
    expect(await until(() => call.over, 3_600_000)).toBe(true);
    expect(call.code).toBe('outcome-unknown');
    expect(sent.filter(taskType => taskType === 'videoInference')).toHaveLength(1);
  });

  it('of which it says for ever that it works on it ends', async () => {
    const task = taskOf('image');
    const call = running(task);
    await until(() => sent.length > 0, 1_000);
    const work = setInterval(
      () => server.say({ data: [{ taskType: 'imageInference', taskUUID: task.id, status: 'processing' }] }),
      60_000,
    );
    expect(await until(() => call.over, 2 * 3_600_000)).toBe(true);
    clearInterval(work);
    expect(call.code).toBe('outcome-unknown');
  });

  it('that takes long to go out is not taken for a dead link’s', async () => {
    const task = taskOf('image');
    const call = running(task);
    await until(() => sent.length > 0, 1_000);
    server.deaf = true;
    server.waiting = 4_000_000;
    const uplink = setInterval(() => {
      server.waiting = Math.max(0, server.waiting - 128_000);
    }, 1_000);
    await until(() => server.pings.length > 0, 30_000);
    // Long beyond the five seconds for a pong, until all of it is out.
    await until(() => server.waiting === 0, 30_000);
    await pass(1_000);
    clearInterval(uplink);
    server.deaf = false;
    server.say({ data: [itemOf({ id: task.id, taskType: 'imageInference' }, 0)] });
    await until(() => call.over, 10_000);
    expect([call.code, server.opened]).toEqual([undefined, 1]);
  });
});
