import { describe, expect, it } from 'vitest';
import { Watchers } from '../../src/background/watchers';
import type { Call } from '../../src/calls/call';
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

  it('and cannot be told keeps no other from hearing', async () => {
    const readings: (() => void)[] = [];
    const watchers = new Watchers(
      () => new Promise(resolve => readings.push(() => resolve(state('unlocked')))),
    );
    watchers.add(() => {
      throw new Error('Attempting to use a disconnected port object');
    });
    const seen: string[] = [];
    watchers.add(({ type }) => seen.push(type));
    for (const end of readings) end();
    await new Promise(resolve => setTimeout(resolve));
    watchers.tellCall({ id: 'a' } as Call);
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(seen).toEqual(['snapshot', 'calls']);
  });

  it('and has stopped is sent nothing', async () => {
    const { seen, stop, end } = watching();
    stop();
    await end(0, 'unlocked');
    expect(seen).toEqual([]);
  });
});

describe('calls that change', () => {
  const call = (id: string, phase: 'queued' | 'sent' = 'queued'): Call => {
    const request = { service: 's', key: 'k', label: 'K', operation: 'o', values: {}, boot: 'b' };
    return { id, at: 1, request, state: phase === 'sent' ? { phase, items: [] } : { phase } };
  };
  const soon = () => new Promise(resolve => setTimeout(resolve));
  /** A page that has its first state, and what it is told from then on. */
  const shown = async () => {
    const readings: ((state: StateEvent) => void)[] = [];
    const watchers = new Watchers(() => new Promise(resolve => readings.push(resolve)));
    const told: string[][] = [];
    watchers.add(event =>
      told.push(
        event.type === 'calls' ? event.calls.map(({ id, state: { phase } }) => `${id} ${phase}`) : ['whole'],
      ),
    );
    readings[0]?.(state('unlocked'));
    await soon();
    told.splice(0);
    return { watchers, told, readings };
  };

  it('in one moment are told together, of each the latest', async () => {
    const { watchers, told } = await shown();
    watchers.tellCall(call('a'));
    watchers.tellCall(call('b'));
    watchers.tellCall(call('a', 'sent'));
    expect(told).toEqual([]);
    await soon();
    expect(told).toEqual([['a sent', 'b queued']]);
    watchers.tellCall(call('b', 'sent'));
    await soon();
    expect(told).toEqual([['a sent', 'b queued'], ['b sent']]);
  });

  it('while the whole is read are told after it, the latest last', async () => {
    const { watchers, told, readings } = await shown();
    void watchers.refresh();
    watchers.tellCall(call('a'));
    await soon();
    watchers.tellCall(call('a', 'sent'));
    readings[1]?.(state('unlocked'));
    await soon();
    expect(told).toEqual([['a queued'], ['a sent'], ['whole'], ['a queued'], ['a sent']]);
  });

  it('are told to nobody once the vault is locked', async () => {
    const { watchers, told, readings } = await shown();
    void watchers.refresh();
    watchers.tellCall(call('a'));
    await soon();
    watchers.tellCall(call('b'));
    watchers.forgetCalls();
    readings[1]?.(state('locked'));
    await soon();
    expect(told).toEqual([['a queued'], ['whole']]);
  });
});
