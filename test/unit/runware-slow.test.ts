import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { service } from '../../src/services/runware/service';
import { keyOf, type Outcome, outcomeOf, taskOf } from './runware-client';
import { stopClock, until } from './runware-fake';
import { itemOf } from './runware-frames-mutated';

beforeEach(() => {
  stopClock();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  service.lock();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A service at the end of a slow line: each frame is heard once it is whole, one after another. Its answers weigh `bytes`. */
function slowLine(bytesPerMs: number, bytes: number): void {
  const accepted = new Map<string, unknown>();
  const undelivered = new Set<string>();
  class Slow {
    readonly OPEN = 1;
    readonly bufferedAmount = 0;
    readyState = 0;
    onopen?: () => void;
    onmessage?: (event: { data: string }) => void;
    private free = 0;
    constructor() {
      setTimeout(() => {
        this.readyState = 1;
        this.onopen?.();
      }, 50);
    }
    send(text: string): void {
      for (const { taskType, taskUUID } of JSON.parse(text)) {
        if (taskType === 'authentication') {
          this.say({ data: [{ taskType, connectionSessionUUID: 's' }] });
          for (const task of undelivered) this.deliver(task);
        } else if (taskType === 'ping') this.say({ data: [{ taskType, pong: true }] });
        else if (/^get/.test(taskType)) this.deliver(taskUUID);
        else if (accepted.has(taskUUID))
          this.say({ errors: [{ code: 'conflictTaskUUID', message: '', taskUUID }] });
        else {
          accepted.set(taskUUID, itemOf({ id: taskUUID, taskType }, 0));
          undelivered.add(taskUUID);
          this.deliver(taskUUID);
        }
      }
    }
    close(): void {
      this.readyState = 3;
    }
    private deliver(task: string): void {
      this.say({ data: [accepted.get(task)] }, bytes, () => undelivered.delete(task));
    }
    private say(frame: unknown, weight = 200, arrived = () => {}): void {
      this.free = Math.max(this.free, Date.now()) + weight / bytesPerMs;
      setTimeout(() => {
        if (this.readyState !== 1) return;
        arrived();
        this.onmessage?.({ data: JSON.stringify(frame) });
      }, this.free - Date.now());
    }
  }
  vi.stubGlobal('WebSocket', Slow);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
}

it.each([
  [10, 8],
  [10, 2],
  [8, 1],
  [20, 2],
  [4, 0.5],
  [70, 10],
])('%s MB come over a line of %s Mbit/s', async (megabytes, megabits) => {
  slowLine(megabits * 125, megabytes * 1e6);
  let outcome: Outcome | undefined;
  void outcomeOf(service.run(taskOf('image'), keyOf(), new AbortController().signal)).then(
    it => (outcome = it),
  );
  await until(() => outcome !== undefined, 600_000);
  expect(outcome).toMatchObject({ failure: undefined, items: [{ type: 'image' }] });
});
