import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallState } from '../../src/calls/call';
import { costOf, dayOf } from '../../src/calls/spending';
import { Failure } from '../../src/failure';
import { background, type Events, failing, formOf, gate, never, said, sending, stopped } from './background';
import { copyOf, idsIn, type Room, reborn, roomWithVault, runwareKey } from './vaults';

let template: Room;
let room: Room;
let key = '';
let other = '';
let boundless = '';
let small = '';
let single = '';

beforeAll(async () => {
  template = await roomWithVault();
  const { keys } = template.vault;
  key = await keys.add(runwareKey('Work'));
  other = await keys.add(runwareKey('Home'));
  boundless = await keys.add({ ...runwareKey('Boundless'), dailyLimit: null });
  small = await keys.add({ ...runwareKey('Small'), dailyLimit: 0.03 });
  single = await keys.add({ ...runwareKey('Single'), fields: { atOnce: '1' }, dailyLimit: 0.03 });
});

beforeEach(async () => {
  room = await copyOf(template);
});

afterEach(() => {
  vi.useRealTimers();
});

let texts = 100;
/** A text, which is expected to cost $0.01: nothing is known of one with such settings. */
const wish = (of = key) => {
  const values = formOf('text', { prompt: 'p', maxTokens: String(texts++) });
  return { key: of, operation: 'text', values };
};

/** A background whose calls cost what is said. */
function costing(...costs: (number | undefined)[]) {
  const made = background(room);
  made.script.run = async function* (): Events {
    yield sending();
    yield said('A bird.', costs.length > 1 ? costs.shift() : costs[0], true);
  };
  const finish = async (of?: string) => {
    const { id } = await made.calls.start(wish(of));
    await made.reaches(id, 'done');
    await made.idle();
    return id;
  };
  return { ...made, finish };
}

describe('what a key’s day has cost', () => {
  it('is the sum of what its calls cost, each key its own', async () => {
    const { finish, spent } = costing(0.25, 0.5, 0.125);
    await finish();
    await finish(key);
    await finish(other);
    expect(await spent()).toEqual({ [key]: 0.75, [other]: 0.125 });
  });

  it('counts what was expected where the service does not say', async () => {
    const { finish, spent } = costing(undefined);
    await finish();
    expect(await spent()).toEqual({ [key]: 0.01 });
  });

  it('counts nothing where the service says that it was free', async () => {
    const { finish, spent } = costing(0);
    await finish();
    expect((await spent())[key] ?? 0).toBe(0);
  });

  it('holds what a call under way is expected to cost, and no more once it is over', async () => {
    const { calls, script, spent, reaches } = background(room);
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      await opened;
      yield said('A bird.', 0.002, true);
    };
    const { id } = await calls.start(wish());
    expect(await spent()).toEqual({ [key]: 0.01 });
    open();
    await reaches(id, 'done');
    expect(await spent()).toEqual({ [key]: 0.002 });
  });

  it('counts nothing of a call that was cancelled before it was sent', async () => {
    const { calls, script, spent, reaches, idle } = background(room);
    script.run = async function* (_, signal) {
      yield { type: 'connecting' };
      await stopped(signal);
    };
    const { id } = await calls.start(wish());
    await calls.cancel(id);
    await reaches(id, 'cancelled');
    await idle();
    expect(await spent()).toEqual({});
  });

  it('counts what was expected of a call that was cancelled once it was sent', async () => {
    const { calls, script, spent, reaches, idle } = background(room);
    script.run = async function* (_, signal) {
      yield sending();
      await stopped(signal);
    };
    const { id } = await calls.start(wish());
    await reaches(id, 'sent');
    await calls.cancel(id);
    await reaches(id, 'cancelled');
    await idle();
    expect(await spent()).toEqual({ [key]: 0.01 });
  });

  it('counts nothing of a call that failed, but what had come of it', async () => {
    const { calls, script, spent, reaches } = background(room);
    let half = false;
    script.run = async function* () {
      yield sending();
      if (half) yield said('Half.', 0.5);
      throw new Failure('safety', 'No.');
    };
    await reaches((await calls.start(wish())).id, 'failed');
    expect(await spent()).toEqual({});
    half = true;
    await reaches((await calls.start(wish())).id, 'failed');
    expect(await spent()).toEqual({ [key]: 0.5 });
  });

  it('is there for the next background, with what that one takes up', async () => {
    const { finish, calls, script, reaches } = costing(0.25);
    await finish();
    script.run = async function* () {
      yield sending();
      await never;
    };
    await reaches((await calls.start(wish())).id, 'sent');
    const next = background(reborn(room));
    expect(await next.spent()).toEqual({ [key]: 0.26 });
    next.script.recover = async function* () {
      yield said('Found.', 0.125, true);
    };
    await next.calls.recover();
    await next.idle();
    await vi.waitFor(async () => expect(await next.spent()).toEqual({ [key]: 0.375 }));
  });

  it('is counted once for a call whose outcome was unknown and is learnt later', async () => {
    const { calls, script, spent, reaches, idle } = background(room);
    script.run = async function* () {
      yield sending();
      throw new Failure('outcome-unknown', 'Lost.');
    };
    const { id } = await calls.start(wish());
    await reaches(id, 'unknown');
    await idle();
    expect(await spent()).toEqual({ [key]: 0.01 });
    script.recover = async function* () {
      yield said('Found.', 0.25, true);
    };
    await calls.ask(id);
    await reaches(id, 'done');
    await idle();
    expect(await spent()).toEqual({ [key]: 0.25 });
  });

  it('begins anew at midnight where the person is; a call under way is carried over', async () => {
    const day = new Date(2031, 4, 17, 23, 59, 50);
    vi.useFakeTimers({ toFake: ['Date'], now: day });
    // Made that very day: it locks after a while.
    room = await roomWithVault();
    const young = await room.vault.keys.add(runwareKey('Work'));
    const { finish, calls, script, spent, reaches, idle } = costing(0.25);
    await finish(young);
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      await opened;
      yield said('Late.', 0.5, true);
    };
    const { id } = await calls.start(wish(young));
    expect(await spent()).toEqual({ [young]: 0.26 });
    vi.setSystemTime(new Date(2031, 4, 18, 0, 0, 5));
    expect(await spent()).toEqual({ [young]: 0.01 });
    open();
    await reaches(id, 'done');
    await idle();
    expect(await spent()).toEqual({ [young]: 0.5 });
    // Yesterday is remembered for a week: a clock that is set back may bring it again.
    expect(await room.database.count('spending')).toBe(2);
  });

  it('is known again when the day comes again: the time zone was changed there and back', async () => {
    const zone = process.env.TZ;
    try {
      process.env.TZ = 'America/Los_Angeles';
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2031-05-17T20:00:00Z') });
      room = await roomWithVault();
      const limited = await room.vault.keys.add({ ...runwareKey('Work'), dailyLimit: 0.3 });
      const { finish, calls, spent } = costing(0.3);
      await finish(limited);
      process.env.TZ = 'Asia/Tokyo';
      await finish(limited);
      process.env.TZ = 'America/Los_Angeles';
      expect(await spent()).toEqual({ [limited]: 0.3 });
      await expect(calls.start(wish(limited))).rejects.toEqual(failing('daily-limit'));
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it('is forgotten after a week', async () => {
    const { finish } = costing(0.25);
    const days = [6, 8].map(ago => dayOf(Date.now() - ago * 24 * 60 * 60_000));
    for (const day of days) await room.database.put('spending', { day, key, dollars: 1 });
    await finish();
    const left = (await room.database.getAll('spending')).map(({ day }) => day);
    expect(left).toEqual([days[0], dayOf(Date.now())]);
  });

  it('is not lessened by what turned out cheaper than an earlier day has counted', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2031, 4, 17, 12) });
    room = await roomWithVault();
    await room.vault.autoLock.change({ minutes: 0, withScreen: false });
    const young = await room.vault.keys.add(runwareKey('Work'));
    const { calls, script, spent, reaches, idle } = costing(0.25);
    const lost = async () => {
      script.run = async function* () {
        yield sending();
        throw new Failure('outcome-unknown', 'Lost.');
      };
      const { id } = await calls.start(wish(young));
      await reaches(id, 'unknown');
      await idle();
      return id;
    };
    const yesterday = await lost();
    vi.setSystemTime(new Date(2031, 4, 18, 12));
    await lost();
    expect(await spent()).toEqual({ [young]: 0.01 });
    script.recover = async function* () {
      yield said('Found.', 0.001, true);
    };
    await calls.ask(yesterday);
    await reaches(yesterday, 'done');
    await idle();
    expect(await spent()).toEqual({ [young]: 0.01 });
  });

  it('goes with the vault when that is erased', async () => {
    const { finish, spent } = costing(0.25);
    await finish();
    await room.vault.erase();
    expect(await spent()).toEqual({});
  });
});

describe('the daily limit', () => {
  it('counts a call once that rests and is cancelled twice in one moment', async () => {
    const { calls, script, idle, spent } = background(room);
    script.run = async function* (): Events {
      yield sending();
      yield { type: 'later', at: Date.now() + 60_000 };
    };
    const { id } = await calls.start(wish(small));
    await idle();
    await Promise.all([calls.cancel(id), calls.cancel(id)]);
    expect(await spent()).toEqual({ [small]: 0.01 });
  });

  it('lets through as many of one moment as there is room for, while others end', async () => {
    const { calls, script, reaches, spent } = background(room);
    script.run = async function* (): Events {
      yield sending();
      yield said('A bird.', 0.01, true);
    };
    const begun: string[] = [];
    for (let at = 0; at < 4; at++) {
      const results = await Promise.allSettled([calls.start(wish(small)), calls.start(wish(small))]);
      for (const one of results) if (one.status === 'fulfilled') begun.push(one.value.id);
    }
    for (const id of begun) await reaches(id, 'done');
    expect(begun).toHaveLength(3);
    expect(await spent()).toEqual({ [small]: 0.03 });
  });

  it('refuses what would go beyond it, says the sums, and nothing is sent', async () => {
    const { finish, calls, seen } = costing(0.025);
    await finish(small);
    const runs = seen.run.length;
    await expect(calls.start(wish(small))).rejects.toMatchObject({
      report: {
        code: 'daily-limit',
        message:
          '“Small” has a daily limit of $0.03. Today $0.03 are spent or under way, and this call may cost $0.01.',
        next: expect.stringContaining('Nothing was sent'),
      },
    });
    // What the service began was ended before anything left.
    expect(seen.changes.filter(({ state }) => state.phase !== 'done' && state.phase !== 'sent')).toEqual([]);
    expect([seen.held, (await idsIn(room.database, 'journal')).length]).toEqual([0, 0]);
    expect((await idsIn(room.database, 'history')).length).toBe(runs);
  });

  it('says what a call may cost, be it less than a cent', async () => {
    const { finish, calls, preferences } = costing(0.03);
    await finish(small);
    const cheap = wish(small);
    await preferences.learn('runware', 'text', cheap.values, 0.0006);
    await expect(calls.start(cheap)).rejects.toMatchObject({
      report: { message: expect.stringContaining('this call may cost $0.0006.') },
    });
  });

  it('may be reached to the last cent', async () => {
    const { finish, calls, spent } = costing(0.01);
    for (let at = 0; at < 3; at++) await finish(small);
    expect((await spent())[small]).toBeCloseTo(0.03);
    await expect(calls.start(wish(small))).rejects.toEqual(failing('daily-limit'));
  });

  it('is five dollars unless the key says otherwise', async () => {
    const { finish, calls, preferences } = costing(4.995);
    await preferences.setMoney({ dear: 100 });
    await finish();
    const { calls: fresh, preferences: anew } = background(reborn(room));
    await anew.setMoney({ dear: 100 });
    await expect(fresh.start(wish())).rejects.toEqual(failing('daily-limit'));
    await expect(calls.start(wish())).rejects.toEqual(failing('daily-limit'));
  });

  it('is looked at again when a call that had to wait for its turn leaves', async () => {
    const { calls, script, idle, spent, seen } = background(room);
    const { opened, open } = gate();
    script.run = async function* (): Events {
      yield sending();
      await opened;
      yield said('A bird.', 0.02, true);
    };
    for (let at = 0; at < 3; at++) await calls.start(wish(single));
    open();
    await idle();
    expect(await spent()).toEqual({ [single]: 0.04 });
    const refused = seen.changes.filter(({ state }) => state.phase === 'failed');
    expect(refused.map(({ state }) => 'failure' in state && state.failure.code)).toEqual(['daily-limit']);
  });

  it('is none where the key says so', async () => {
    const { finish, preferences } = costing(1_000);
    await preferences.setMoney({ dear: 100_000 });
    for (let at = 0; at < 3; at++) await finish(boundless);
  });

  it('of nothing lets through what is free, and nothing else', async () => {
    const free = await room.vault.keys.add({ ...runwareKey('Free'), dailyLimit: 0 });
    const { calls, reaches } = background(room);
    await expect(calls.start(wish(free))).rejects.toEqual(failing('daily-limit'));
    const models = { key: free, operation: 'models', values: formOf('models', { search: 'flux' }) };
    await reaches((await calls.start(models)).id, 'done');
  });

  it('is not shared by two calls that start at once', async () => {
    const { calls, script, seen } = background(room);
    script.run = async function* () {
      yield sending();
      await never;
    };
    const starts = await Promise.allSettled(Array.from({ length: 6 }, () => calls.start(wish(small))));
    expect(starts.map(({ status }) => status).sort()).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(3).fill('rejected'),
    ]);
    for (const start of starts)
      if (start.status === 'rejected') expect(start.reason).toEqual(failing('daily-limit'));
    await vi.waitFor(() =>
      expect(seen.changes.filter(({ state }) => state.phase === 'sent')).toHaveLength(3),
    );
  });

  it('is not shared by two backgrounds over one database either', async () => {
    const backgrounds = [background(room), background(reborn(room))];
    for (const { script } of backgrounds)
      script.run = async function* () {
        yield sending();
        await never;
      };
    const starts = await Promise.allSettled(
      Array.from({ length: 6 }, (_, at) => backgrounds[at % 2]?.calls.start(wish(small))),
    );
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });

  it('holds over a restart of the background', async () => {
    const { finish } = costing(0.01);
    for (let at = 0; at < 3; at++) await finish(small);
    await expect(background(reborn(room)).calls.start(wish(small))).rejects.toEqual(failing('daily-limit'));
  });

  it('is raised at once when the person raises it', async () => {
    const { finish, calls, reaches } = costing(0.01);
    for (let at = 0; at < 3; at++) await finish(small);
    await expect(calls.start(wish(small))).rejects.toEqual(failing('daily-limit'));
    const { origins } = runwareKey();
    await room.vault.keys.change(small, { label: 'Small', fields: {}, secrets: {}, origins, dailyLimit: 1 });
    await reaches((await calls.start(wish(small))).id, 'done');
  });

  it('is free again once a call that held it is over without cost', async () => {
    const { calls, script, reaches, idle } = background(room);
    script.run = async function* (_, signal) {
      yield { type: 'connecting' };
      await stopped(signal);
    };
    const ids = [];
    for (let at = 0; at < 3; at++) ids.push((await calls.start(wish(small))).id);
    await expect(calls.start(wish(small))).rejects.toEqual(failing('daily-limit'));
    await calls.cancel(ids[0] ?? '');
    await reaches(ids[0] ?? '', 'cancelled');
    await calls.start(wish(small));
    for (const id of (await calls.latest(0)).map(call => call.id)) await calls.cancel(id);
    await idle();
  });

  it('counts each of several pictures', async () => {
    const { calls } = background(room);
    const values = formOf('image', { prompt: 'four', count: '4' });
    await expect(calls.start({ key: small, operation: 'image', values })).rejects.toEqual(
      failing('daily-limit'),
    );
  });
});

describe('what a finished call counts for', () => {
  const failure = new Failure('safety', 'No.').report;
  const unread = new Failure('unreadable-answer', 'What is that?').report;
  it.each<[CallState, number]>([
    [{ phase: 'done', tookMs: 1, items: [], cost: 0.25 }, 0.25],
    [{ phase: 'done', tookMs: 1, items: [], cost: 0 }, 0],
    [{ phase: 'done', tookMs: 1, items: [] }, 1],
    [{ phase: 'unknown', failure, items: [] }, 1],
    [{ phase: 'unknown', failure, items: [], cost: 0.25 }, 1],
    [{ phase: 'unknown', failure, items: [], cost: 3 }, 3],
    [{ phase: 'cancelled', sent: true, items: [] }, 1],
    [{ phase: 'cancelled', sent: false, items: [] }, 0],
    [{ phase: 'failed', failure, items: [] }, 0],
    [{ phase: 'failed', failure, items: [], cost: 0.5 }, 0.5],
    [{ phase: 'failed', failure: unread, items: [] }, 1],
    [{ phase: 'failed', failure: unread, items: [], cost: 3 }, 3],
  ])('%j: %d', (state, dollars) => {
    expect(costOf(state, 1)).toBe(dollars);
  });

  it('counts for the day where the person is', () => {
    expect(dayOf(new Date(2031, 0, 2, 0, 0).getTime())).toBe('2031-01-02');
    expect(dayOf(new Date(2031, 11, 31, 23, 59, 59, 999).getTime())).toBe('2031-12-31');
  });
});

describe('what a call under way is expected to cost', () => {
  it('stays held back although a lock comes while the call is being read', async () => {
    const first = costing(0.01);
    first.script.run = async function* () {
      yield sending();
      await never;
    };
    const { id } = await first.calls.start(wish());
    await first.reaches(id, 'sent');
    const again = reborn(room);
    const { calls } = background(again);
    const idOf = again.vault.id.bind(again.vault);
    again.vault.id = async () => {
      const vault = await idOf();
      void again.vault.lock();
      return vault;
    };
    await calls.recover().catch(() => {});
    expect((await room.database.get('calls', id))?.hold).toEqual({ key, dollars: 0.01 });
  });
});
