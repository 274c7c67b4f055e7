import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../src/calls/turns';
import { background, type Events, failing, formOf, gate, never, said, sending, stopped } from './background';
import { copyOf, PASSPHRASE, type Room, reborn, roomWithVault, runwareKey } from './vaults';

const { signal } = new AbortController();
const moment = () => new Promise(resolve => setTimeout(resolve));

describe('turns', () => {
  it('let so many of a key go at once, and the others in the order in which they came', async () => {
    const turns = new Turns();
    const order: number[] = [];
    const leave: (() => void)[] = [];
    const taking = [0, 1, 2, 3, 4].map(async at => {
      leave[at] = await turns.take('a', 2, signal);
      order.push(at);
    });
    await moment();
    expect([order, turns.full('a', 2)]).toEqual([[0, 1], true]);
    leave[1]?.();
    await moment();
    expect(order).toEqual([0, 1, 2]);
    leave[0]?.();
    leave[2]?.();
    await Promise.all(taking);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    leave[3]?.();
    leave[4]?.();
    expect(turns.full('a', 1)).toBe(false);
  });

  it('of one key are none of another’s', async () => {
    const turns = new Turns();
    await turns.take('a', 1, signal);
    await turns.take('b', 1, signal);
    expect([turns.full('a', 1), turns.full('b', 1), turns.full('c', 1)]).toEqual([true, true, false]);
  });

  it('given back twice are given back once', async () => {
    const turns = new Turns();
    const [first] = [await turns.take('a', 2, signal), await turns.take('a', 2, signal)];
    first();
    first();
    expect([turns.full('a', 1), turns.full('a', 2)]).toEqual([true, false]);
  });

  it('are not waited for by who was stopped, and are not lost with them', async () => {
    const turns = new Turns();
    const leave = await turns.take('a', 1, signal);
    const abort = new AbortController();
    const stopped = turns.take('a', 1, abort.signal);
    const next = turns.take('a', 1, signal);
    abort.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await expect(turns.take('a', 1, abort.signal)).rejects.toThrow('enough');
    leave();
    await next;
    expect(turns.full('a', 1)).toBe(true);
  });

  it('are taken at once by what cannot wait, whether there is one or not', async () => {
    const turns = new Turns();
    const leave = [turns.enter('a'), turns.enter('a'), turns.enter('a')];
    let taken = false;
    const taking = turns.take('a', 2, signal).then(() => {
      taken = true;
    });
    leave[0]?.();
    await moment();
    // There are as many as may be.
    expect([taken, turns.full('a', 2)]).toEqual([false, true]);
    leave[1]?.();
    await taking;
  });
});

describe('calls of one key', () => {
  let template: Room;
  let room: Room;
  let key = '';
  let other = '';
  let one = '';

  beforeAll(async () => {
    template = await roomWithVault();
    key = await template.vault.keys.add(runwareKey('Work'));
    other = await template.vault.keys.add(runwareKey('Home'));
    one = await template.vault.keys.add({ ...runwareKey('Slow'), fields: { atOnce: '1' } });
  });

  beforeEach(async () => {
    room = await copyOf(template);
  });

  const wish = (of: string) => ({ key: of, operation: 'text', values: formOf('text', { prompt: 'p' }) });

  /** A background whose calls are sent and wait for their gates. */
  function gated() {
    const made = background(room);
    const gates: (() => void)[] = [];
    made.script.run = async function* (_, signal): Events {
      const { opened, open } = gate();
      gates.push(open);
      yield sending();
      await Promise.race([opened, stopped(signal)]);
      yield said('Done.', 0.001, true);
    };
    return { ...made, gates };
  }

  it('are four at once, and the others wait and say so', async () => {
    const { calls, seen, gates, stateOf, reaches } = gated();
    const ids: string[] = [];
    for (let at = 0; at < 6; at++) ids.push((await calls.start(wish(key))).id);
    expect(seen.run).toHaveLength(4);
    expect(ids.map(id => stateOf(id))).toMatchObject([
      ...Array(4).fill({ phase: 'sent' }),
      ...Array(2).fill({ phase: 'queued', note: 'waiting' }),
    ]);
    gates[2]?.();
    await reaches(ids[2] ?? '', 'done');
    await reaches(ids[4] ?? '', 'sent');
    expect(stateOf(ids[5] ?? '')).toMatchObject({ phase: 'queued', note: 'waiting' });
    for (const open of gates) open();
    await reaches(ids[5] ?? '', 'sent');
    gates.at(-1)?.();
    for (const id of ids) await reaches(id, 'done');
  });

  it('wait for none of another key’s', async () => {
    const { calls, seen } = gated();
    for (let at = 0; at < 4; at++) await calls.start(wish(key));
    const { id } = await calls.start(wish(other));
    expect(seen.run.map(task => task.id)).toContain(id);
  });

  it('are as many at once as the key says', async () => {
    const { calls, stateOf } = gated();
    const ids = [(await calls.start(wish(one))).id, (await calls.start(wish(one))).id];
    expect(ids.map(id => stateOf(id)?.phase)).toEqual(['sent', 'queued']);
  });

  it('that wait can be cancelled, and nothing of them leaves', async () => {
    const { calls, seen, gates, reaches, idle } = gated();
    const first = await calls.start(wish(one));
    const second = await calls.start(wish(one));
    const third = await calls.start(wish(one));
    await calls.cancel(second.id);
    expect(await reaches(second.id, 'cancelled')).toMatchObject({ sent: false });
    gates[0]?.();
    await reaches(first.id, 'done');
    await reaches(third.id, 'sent');
    gates[1]?.();
    await idle();
    expect(seen.run.map(task => task.id)).toEqual([first.id, third.id]);
  });

  it('that wait do not leave after a lock', async () => {
    const { calls, seen, gates, reaches, idle } = gated();
    await calls.start(wish(one));
    const { id } = await calls.start(wish(one));
    await room.vault.lock();
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'vault-locked' } });
    gates[0]?.();
    await idle();
    expect(seen.run).toHaveLength(1);
  });

  it('that were sent go on all at once after a death, and those that waited wait again', async () => {
    const dead = gated();
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) ids.push((await dead.calls.start(wish(key))).id);
    const next = background(reborn(room));
    next.script.recover = async function* () {
      await never;
      yield* [];
    };
    await next.calls.recover();
    await vi.waitFor(() => expect(next.seen.recover).toHaveLength(4));
    await vi.waitFor(() =>
      expect(next.seen.changes.at(-1)).toMatchObject({
        id: ids[4],
        state: { phase: 'queued', note: 'waiting' },
      }),
    );
    expect(next.seen.run).toEqual([]);
  });

  it('whose key is gone when their turn comes are not sent', async () => {
    const { calls, seen, gates, reaches } = gated();
    await calls.start(wish(one));
    const { id } = await calls.start(wish(one));
    await room.vault.keys.remove(one);
    gates[0]?.();
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'key-missing' } });
    expect(seen.run).toHaveLength(1);
  });
});

describe('a dear call', () => {
  let template: Room;
  let room: Room;
  let key = '';

  beforeAll(async () => {
    template = await roomWithVault();
    key = await template.vault.keys.add(runwareKey('Work'));
  });

  beforeEach(async () => {
    room = await copyOf(template);
  });

  const film = () => ({ key, operation: 'video', values: formOf('video', { prompt: 'a heron' }) });

  it('waits two seconds, says until when and what it may cost, and is sent then', async () => {
    const { calls, seen, stateOf, reaches } = background(room);
    const began = Date.now();
    const { id } = await calls.start(film());
    const state = stateOf(id);
    expect(state).toMatchObject({ phase: 'queued', note: 'undo', until: expect.any(Number) });
    expect(seen.changes[0]?.request.estimate).toBe(1);
    expect(seen.run).toEqual([]);
    await vi.waitFor(() => reaches(id, 'done'), 4_000);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_990);
    expect(seen.run).toHaveLength(1);
  });

  it('that is cancelled by then never leaves, and counts for nothing', async () => {
    const { calls, seen, reaches, idle, spent } = background(room);
    const { id } = await calls.start(film());
    expect(await spent()).toEqual({ [key]: 1 });
    await calls.cancel(id);
    expect(await reaches(id, 'cancelled')).toMatchObject({ sent: false });
    await idle();
    expect([seen.run, (await spent())[key] ?? 0]).toEqual([[], 0]);
  });

  it('whose background dies meanwhile can still be undone for the rest of the time', async () => {
    const dead = background(room);
    const { id } = await dead.calls.start(film());
    const until = (dead.stateOf(id) as { until?: number }).until;
    const next = background(reborn(room));
    await next.calls.recover();
    await vi.waitFor(() => expect(next.stateOf(id)).toMatchObject({ note: 'undo', until }));
    await next.calls.cancel(id);
    await next.reaches(id, 'cancelled');
    expect(next.seen.run).toEqual([]);
    await dead.calls.cancel(id);
  });

  it('is what the person says is one', async () => {
    const { calls, preferences, stateOf, reaches } = background(room);
    await preferences.setMoney({ dear: 2 });
    await reaches((await calls.start(film())).id, 'done');
    await preferences.setMoney({ dear: 0.005 });
    const { id } = await calls.start({ key, operation: 'text', values: formOf('text', { prompt: 'p' }) });
    expect(stateOf(id)).toMatchObject({ note: 'undo' });
    await calls.cancel(id);
  });

  it('is never one that is free', async () => {
    const { calls, preferences, reaches } = background(room);
    await preferences.setMoney({ dear: 0 });
    const { id } = await calls.start({
      key,
      operation: 'models',
      values: formOf('models', { search: 'flux' }),
    });
    await reaches(id, 'done');
  });

  it('does not leave when the vault is locked meanwhile', async () => {
    const { calls, seen, reaches } = background(room);
    const { id } = await calls.start(film());
    await room.vault.lock();
    await reaches(id, 'failed');
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect((await calls.latest(1))[0]?.state).toEqual(expect.objectContaining({ phase: 'failed' }));
    expect(seen.run).toEqual([]);
    await expect(calls.again(crypto.randomUUID())).rejects.toEqual(failing('call-missing'));
  });
});
