import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { together } from '../../src/background/together';

interface One {
  readonly id: string;
  readonly phase: string;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const collected = () => {
  const told: (readonly One[])[] = [];
  return { told, tell: together<One>(all => told.push(all)) };
};

it('hands on together what comes in one moment, of each id the latest', () => {
  const { told, tell } = collected();
  tell({ id: 'a', phase: 'queued' });
  tell({ id: 'b', phase: 'queued' });
  tell({ id: 'a', phase: 'sent' });
  expect(told).toEqual([]);
  vi.runAllTimers();
  expect(told).toEqual([
    [
      { id: 'a', phase: 'sent' },
      { id: 'b', phase: 'queued' },
    ],
  ]);
});

it('loses nothing that comes while it hands on', () => {
  const told: (readonly One[])[] = [];
  const tell = together<One>(all => {
    told.push(all);
    if (told.length === 1) tell({ id: 'b', phase: 'done' });
  });
  tell({ id: 'a', phase: 'done' });
  vi.runAllTimers();
  expect(told).toEqual([[{ id: 'a', phase: 'done' }], [{ id: 'b', phase: 'done' }]]);
});

it('has nothing to hand on where nothing came', () => {
  const { told } = collected();
  vi.runAllTimers();
  expect(told).toEqual([]);
});
