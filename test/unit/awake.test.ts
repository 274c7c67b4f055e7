import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Awake, DUE } from '../../src/calls/awake';

const { create } = vi.hoisted(() => ({ create: vi.fn() }));
vi.mock('webextension-polyfill', () => ({ default: { alarms: { create, clear: vi.fn() } } }));
beforeEach(() => {
  vi.useFakeTimers();
  create.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});
const alarms = () => create.mock.calls.map(([name, { when }]) => [name, when - Date.now()]);

it('goes on by a timer, with an alarm behind it of at least half a minute', () => {
  const go = vi.fn();
  new Awake().wakeBy(Date.now() + 10_000, go);
  expect(alarms()).toEqual([[DUE, 30_000]]);
  vi.advanceTimersByTime(10_000);
  expect(go).toHaveBeenCalledOnce();
});

it('of several moments takes the first, and after it the next that is asked for', () => {
  const awake = new Awake();
  const go = vi.fn();
  awake.wakeBy(Date.now() + 60_000, go);
  awake.wakeBy(Date.now() + 10_000, go);
  awake.wakeBy(Date.now() + 90_000, go);
  expect(alarms()).toEqual([
    [DUE, 60_000],
    [DUE, 30_000],
  ]);
  vi.advanceTimersByTime(10_000);
  expect(go).toHaveBeenCalledOnce();
  awake.wakeBy(Date.now() + 90_000, go);
  expect(alarms().at(-1)).toEqual([DUE, 90_000]);
});

it('sets another alarm after a sleep in which its timer stood still', () => {
  const awake = new Awake();
  awake.wakeBy(Date.now() + 10_000, () => {});
  // The computer slept: the clock went on, the timer did not.
  vi.setSystemTime(Date.now() + 3_600_000);
  awake.wakeBy(Date.now() + 60_000, () => {});
  expect(alarms().at(-1)).toEqual([DUE, 60_000]);
});
