import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { background, formOf, said, sending } from './background';
import { copyOf, PASSPHRASE, type Room, reborn, roomWithVault, runwareKey } from './vaults';

let template: Room;
let room: Room;
let key = '';

beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey());
});
beforeEach(async () => {
  room = await copyOf(template);
});

const wish = () => ({ key, operation: 'text', values: formOf('text', { prompt: 'Describe a heron.' }) });
const SOON = 5_000;

/** A background with a call that rests. */
async function resting({ untaken = false, until = Date.now() + SOON } = {}) {
  const one = background(room);
  one.script.run = async function* () {
    yield sending('a trace');
    if (untaken) yield { type: 'sending', trace: 'refused', untaken: true };
    yield { type: 'progress', percent: 40 };
    yield { type: 'later', at: until };
  };
  one.script.recover = async function* () {
    yield said('A heron stands.');
  };
  const { id } = await one.calls.start(wish());
  await vi.waitFor(() => expect(one.seen.due).toHaveLength(1));
  await one.idle();
  return { ...one, id, until };
}

describe('a call that rests', () => {
  it('stays open, with how far it is, and keeps nothing awake until it is due', async () => {
    const { seen, id, until, stateOf, calls } = await resting();
    expect(stateOf(id)).toMatchObject({ phase: 'sent', progress: 40, rests: until });
    expect(seen).toMatchObject({ held: 0, due: [{ at: until }], recover: [] });
    expect(calls.busy).toBe(false);
    expect(await calls.latest(5)).toMatchObject([{ id, state: { phase: 'sent' } }]);
  });

  it('is not gone on with before it is due', async () => {
    const { calls, seen } = await resting();
    await calls.recover();
    await calls.recover();
    expect(seen.recover).toEqual([]);
    expect(seen.held).toBe(0);
  });

  it('is gone on with when it is due, by its last trace', async () => {
    const { seen, id, reaches, stateOf } = await resting({ until: Date.now() + 30 });
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Number(seen.due[0]?.at)));
    seen.due[0]?.go();
    expect(await reaches(id, 'done')).toMatchObject({ items: [{ text: 'A heron stands.' }] });
    expect(seen.recover).toMatchObject([{ kept: { trace: 'a trace', items: [] } }]);
    expect(stateOf(id)).not.toHaveProperty('rests');
  });

  it('may rest again and again', async () => {
    const { seen, script, id, reaches } = await resting({ until: Date.now() - 1 });
    script.recover = async function* () {
      yield seen.recover.length < 3 ? { type: 'later', at: Date.now() - 1 } : said('At last.');
    };
    for (let turn = 0; turn < 3; turn++) {
      seen.due.at(-1)?.go();
      await vi.waitFor(() => expect(seen.recover).toHaveLength(turn + 1));
      await vi.waitFor(() => expect(seen.held).toBe(0));
    }
    expect(await reaches(id, 'done')).toMatchObject({ items: [{ text: 'At last.' }] });
  });

  it('is gone on with at once where it would rest for ages: the clock was set back', async () => {
    const { calls, id, reaches } = await resting({ until: Date.now() + 24 * 60 * 60_000 });
    await calls.recover();
    await reaches(id, 'done');
  });

  it('is due with the next background too, which does not go on with it sooner', async () => {
    const { until, id } = await resting();
    const next = background(await reborn(room));
    await next.calls.recover();
    expect(next.seen.due).toMatchObject([{ at: until }]);
    expect(next.seen.recover).toEqual([]);
    expect(await next.calls.latest(1)).toMatchObject([{ id, state: { phase: 'sent' } }]);
  });

  it('waits for an unlocking where the vault is locked when it is due', async () => {
    const { seen, calls, id, reaches } = await resting({ until: Date.now() - 1 });
    await room.vault.lock();
    seen.due[0]?.go();
    await expect(calls.recover()).rejects.toThrow(/locked/);
    expect(seen.recover).toEqual([]);
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    await calls.recover();
    await reaches(id, 'done');
  });

  it('lets another call of its key begin meanwhile', async () => {
    const { calls, script, reaches, stateOf, id } = await resting();
    script.run = async function* () {
      yield sending();
      yield said('Another.');
    };
    const other = await calls.start(wish());
    await reaches(other.id, 'done');
    expect(stateOf(id)?.phase).toBe('sent');
  });

  it('is not offered anew after a restart of the browser where it was refused', async () => {
    const { id, calls } = await resting({ untaken: true, until: Date.now() - 1 });
    const next = background(await reborn(room), 'boot-2');
    await next.calls.recover();
    expect(await next.reaches(id, 'failed')).toMatchObject({
      failure: { code: 'cancelled', message: expect.stringContaining('Nothing was charged.') },
    });
    expect(next.seen.recover).toEqual([]);
    expect(calls.busy).toBe(false);
  });

  it('is offered anew in the same run of the browser', async () => {
    const { calls, id, reaches } = await resting({ untaken: true, until: Date.now() - 1 });
    await calls.recover();
    await reaches(id, 'done');
  });

  it('is cancelled in the very moment in which it was to rest', async () => {
    const one = background(room);
    one.script.run = async function* ({ id }) {
      yield sending('a trace');
      void one.calls.cancel(id);
      yield { type: 'later', at: Date.now() + SOON };
    };
    const { id } = await one.calls.start(wish());
    expect(await one.reaches(id, 'cancelled')).toMatchObject({ sent: true });
  });

  it.each([
    ['may still be charged', { untaken: false }, true],
    ['cannot be charged where what left was refused for certain', { untaken: true }, false],
  ])('and is cancelled %s', async (_, options, sent) => {
    const { calls, id, reaches } = await resting(options);
    await calls.cancel(id);
    expect(await reaches(id, 'cancelled')).toMatchObject({ sent });
    expect(await calls.latest(1)).toMatchObject([{ id, state: { phase: 'cancelled', sent } }]);
  });
});
