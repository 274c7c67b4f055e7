import { describe, expect, it } from 'vitest';
import { Watchers } from '../../src/background/watchers';
import type { StateEvent } from '../../src/messages/contract';

const state = (vault: 'locked' | 'unlocked'): StateEvent => ({
  type: 'snapshot',
  vault,
  passkeys: [],
  keys: [],
  used: {},
  spent: {},
  calls: [],
  waiting: [],
});

/** Watchers whose readings end when they are told to, in any order. */
function watching() {
  const readings: ((state: StateEvent) => void)[] = [];
  const watchers = new Watchers(() => new Promise(resolve => readings.push(resolve)));
  const seen: string[] = [];
  const stop = watchers.add(event => seen.push(event.type === 'snapshot' ? event.vault : event.type));
  const end = async (at: number, vault: 'locked' | 'unlocked') => {
    readings[at]?.(state(vault));
    await new Promise(resolve => setTimeout(resolve));
  };
  return { watchers, seen, stop, end };
}

describe('a page that watches', () => {
  it('is not shown an open vault by a reading that began before the lock and ended after it', async () => {
    const { watchers, seen, end } = watching();
    void watchers.refresh();
    await end(1, 'locked');
    await end(0, 'unlocked');
    expect(seen).toEqual(['locked']);
  });

  it('is shown every reading that ends in its turn', async () => {
    const { watchers, seen, end } = watching();
    void watchers.refresh();
    await end(0, 'unlocked');
    await end(1, 'locked');
    expect(seen).toEqual(['unlocked', 'locked']);
  });

  it('that came late takes nothing from the others', async () => {
    const { watchers, seen, end } = watching();
    const late: string[] = [];
    void watchers.refresh();
    watchers.add(event => late.push(event.type));
    await end(2, 'locked');
    await end(1, 'locked');
    expect([seen, late]).toEqual([['locked'], ['snapshot']]);
  });

  it('and has stopped is sent nothing', async () => {
    const { seen, stop, end } = watching();
    stop();
    await end(0, 'unlocked');
    expect(seen).toEqual([]);
  });
});
