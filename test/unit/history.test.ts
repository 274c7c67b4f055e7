import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomBytes } from '../../src/bytes';
import type { CallRequest, CallState } from '../../src/calls/call';
import { History } from '../../src/calls/history';
import { Journal } from '../../src/calls/journal';
import { Failure } from '../../src/failure';
import type { StoredCall } from '../../src/store/database';
import { background, drawn, failing, formOf, gate, said, sending } from './background';
import { copyOf, idsIn, PASSPHRASE, type Room, reborn, roomWithVault, runwareKey } from './vaults';

const DAY = 24 * 60 * 60_000;

let template: Room;
let room: Room;
let key = '';
let other = '';

beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey('Work'));
  other = await template.vault.keys.add(runwareKey('Home'));
});

beforeEach(async () => {
  room = await copyOf(template);
});

const done: CallState = { phase: 'done', tookMs: 1, items: [] };

/** Puts finished calls into the history, as they would be: `at` in ms since the epoch. */
async function kept(
  calls: readonly ({ at: number; id?: string } & Partial<CallRequest>)[],
  media: Uint8Array<ArrayBuffer>[] = [],
) {
  const journal = new Journal(room.database, room.vault);
  const ids: string[] = [];
  for (const { at, id = crypto.randomUUID(), ...more } of calls) {
    const usual = { service: 'runware', key, label: 'Work', operation: 'text', values: {}, boot: 'b' };
    const entry = await journal.prepare(id, at, { ...usual, ...more });
    const { stored } = await journal.advance(entry, done, media);
    // It was over in the moment in which it was made.
    await room.database.put('calls', { ...(stored as StoredCall), ended: at });
    ids.push(id);
  }
  return ids;
}
const history = () => new History(room.database, new Journal(room.database, room.vault));
type Wish = Parameters<History['list']>[0];

/** Every page, as a page that shows them would ask; with how many there were to each. */
async function pages(wish: Wish): Promise<{ ids: string[]; sizes: number[] }> {
  const all = { ids: [] as string[], sizes: [] as number[] };
  let after: Wish['after'];
  for (let asked = 0; asked < 500; asked++) {
    const { calls, next } = await history().list({ ...wish, ...(after && { after }) });
    all.ids.push(...calls.map(({ id }) => id));
    all.sizes.push(calls.length);
    if (!next) return all;
    after = next;
  }
  throw new Error('there is no end of it');
}

describe('the list of finished calls', () => {
  it('is empty where there are none', async () => {
    expect(await history().list({ most: 30 })).toEqual({ calls: [] });
  });

  it('has the newest first, in pages, each once', async () => {
    const ids = await kept(Array.from({ length: 25 }, (_, at) => ({ at: 1_000 + at })));
    for (const most of [1, 7, 25, 100]) expect((await pages({ most })).ids).toEqual(ids.toReversed());
    expect((await pages({ most: 10 })).sizes.slice(0, 3)).toEqual([10, 10, 5]);
  });

  it('goes over calls of the same moment once each, wherever a page ends', async () => {
    const ids = await kept([...Array(9).fill({ at: 5 }), { at: 4 }, { at: 6 }, { at: 6 }]);
    for (const most of [1, 2, 3, 4, 5]) {
      const found = await pages({ most });
      expect([...found.ids].sort()).toEqual([...ids].sort());
      expect(new Set(found.ids).size).toBe(12);
    }
  });

  it('goes on where it was, though calls came and went meanwhile', async () => {
    const ids = await kept(Array.from({ length: 6 }, (_, at) => ({ at })));
    const first = await history().list({ most: 2 });
    await history().delete(ids[4] ?? '');
    await history().delete(ids[2] ?? '');
    await kept([{ at: 100 }]);
    const second = await history().list({ most: 2, ...(first.next && { after: first.next }) });
    expect(second.calls.map(({ id }) => id)).toEqual([ids[3], ids[1]]);
  });

  it('lets through what fits the filter, and no other', async () => {
    const ids = await kept([
      { at: 1 },
      { at: 2, key: other },
      { at: 3, operation: 'image' },
      { at: 4, key: other, operation: 'image' },
      { at: 5, service: 'another' },
    ]);
    const found = async (wish: Partial<Wish>) =>
      (await pages({ most: 2, ...wish })).ids.map(id => ids.indexOf(id) + 1);
    expect(await found({ key: other })).toEqual([4, 2]);
    expect(await found({ operation: 'image' })).toEqual([4, 3]);
    expect(await found({ key: other, operation: 'text' })).toEqual([2]);
    expect(await found({ service: 'runware' })).toEqual([4, 3, 2, 1]);
    expect(await found({ service: 'runware', key, operation: 'image' })).toEqual([3]);
    expect(await found({ service: 'nobody' })).toEqual([]);
    expect(await found({ key: '__proto__' })).toEqual([]);
  });

  it('finds the one that fits among a thousand, a limited number at a time', async () => {
    const journal = new Journal(room.database, room.vault);
    const [id = ''] = await kept([{ at: 1, operation: 'image' }]);
    const [template = ''] = await kept([{ at: 2 }]);
    const stored = await room.database.get('calls', template);
    if (!stored) throw new Error('not kept');
    // Records that do not open are quicker made, and looked at like any other.
    for (let at = 3; at < 900; at++)
      await room.database.put('calls', { ...stored, id: crypto.randomUUID(), at });
    const list = new History(room.database, journal);
    const first = await list.list({ most: 30, operation: 'image' });
    expect(first.calls).toEqual([]);
    expect(first.next).toBeDefined();
    expect(await pages({ most: 30, operation: 'image' })).toMatchObject({ ids: [id] });
  });

  it('passes by what no longer opens', async () => {
    const ids = await kept([{ at: 1 }, { at: 2 }, { at: 3 }]);
    const stored = await room.database.get('calls', ids[1] ?? '');
    if (!stored) throw new Error('not kept');
    await room.database.put('calls', { ...stored, state: { ...stored.state, data: new Uint8Array(40) } });
    expect((await pages({ most: 1 })).ids).toEqual([ids[2], ids[0]]);
  });

  it('is for whoever has opened the vault', async () => {
    await kept([{ at: 1 }]);
    await room.vault.lock();
    await expect(history().list({ most: 1 })).rejects.toEqual(failing('vault-locked'));
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect((await history().list({ most: 1 })).calls).toHaveLength(1);
  });

  it('says nothing of what only a service needs: the id of a session is as good as a key', async () => {
    const { calls, script, reaches, history: list } = background(room);
    script.run = async function* () {
      yield sending({ session: 'the-secret-session' });
      throw new Failure('outcome-unknown', 'Lost.');
    };
    const { id } = await calls.start({ key, operation: 'text', values: formOf('text', { prompt: 'p' }) });
    await reaches(id, 'unknown');
    const told = [...(await list.list({ most: 9 })).calls, ...(await calls.latest(9))];
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain('the-secret-session');
  });
});

describe('deleting', () => {
  it('takes a call with its pictures, and nothing of another', async () => {
    const [one = '', two = ''] = await kept([{ at: 1 }, { at: 2 }], [randomBytes(9), randomBytes(9)]);
    await history().delete(one);
    expect(await idsIn(room.database, 'history')).toEqual([two]);
    expect(await room.database.getAllKeys('media')).toEqual([
      [two, 0],
      [two, 1],
    ]);
    await history().delete(one);
    await history().delete('another');
    expect((await idsIn(room.database, 'history')).length).toBe(1);
  });

  it('leaves a call that is under way', async () => {
    const { calls, script, reaches, history: list } = background(room);
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      yield drawn('i', randomBytes(9));
      await opened;
    };
    const { id } = await calls.start({ key, operation: 'image', values: formOf('image', { prompt: 'pp' }) });
    await vi.waitFor(async () => expect(await room.database.count('media')).toBe(1));
    await list.delete(id);
    await list.clear();
    expect([(await idsIn(room.database, 'journal')).length, await room.database.count('media')]).toEqual([
      1, 1,
    ]);
    open();
    await reaches(id, 'done');
    expect(await calls.media(id, 0)).toHaveLength(9);
  });

  it('all takes those too whose moments are damaged', async () => {
    const ids = await kept(Array.from({ length: 230 }, (_, at) => ({ at })));
    for (const id of ids.slice(0, 210)) {
      const stored = await room.database.get('calls', id);
      await room.database.put('calls', { ...(stored as StoredCall), at: 'never' as unknown as number });
    }
    await history().clear();
    expect(await room.database.count('calls')).toBe(0);
  });

  it('all takes every call that is finished, however many', async () => {
    const [id = ''] = await kept([{ at: 1 }], [randomBytes(9)]);
    const stored = await room.database.get('calls', id);
    if (!stored) throw new Error('not kept');
    for (let at = 2; at < 450; at++) {
      const next = crypto.randomUUID();
      await room.database.put('calls', { ...stored, id: next, at });
      await room.database.put('media', stored.request, [next, 0]);
    }
    await history().clear();
    expect([(await idsIn(room.database, 'history')).length, await room.database.count('media')]).toEqual([
      0, 0,
    ]);
  });

  it('all takes those too of which nothing is kept, but none that is under way', async () => {
    const { calls, script, reaches, idle, history: list, preferences } = background(room);
    await preferences.setRetention({ days: 0 });
    const wish = { key, operation: 'text', values: formOf('text', { prompt: 'p' }) };
    script.run = async function* () {
      yield sending();
      yield said('A bird.', 0.25, true);
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'done');
    await idle();
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      await opened;
      yield said('Late.', 0.25, true);
    };
    const under = await calls.start(wish);
    await list.clear();
    expect((await calls.latest(5)).map(call => call.id)).toEqual([under.id]);
    open();
    await reaches(under.id, 'done');
  });

  it('of a call takes nothing of its key’s uses, nor of what its day has cost', async () => {
    const { calls, script, reaches, idle, history: list, spent } = background(room);
    script.run = async function* () {
      yield sending();
      yield said('A bird.', 0.25, true);
    };
    const { id } = await calls.start({ key, operation: 'text', values: formOf('text', { prompt: 'p' }) });
    await reaches(id, 'done');
    await idle();
    await list.delete(id);
    expect((await room.vault.uses.of(key)).uses).toMatchObject([{ task: 'text', cost: 0.25 }]);
    expect(await spent()).toEqual({ [key]: 0.25 });
  });
});

describe('keeping for a while', () => {
  it.each([1, 7, 30, 90, 365] as const)('of %i days deletes what is older, and nothing else', async days => {
    const now = Date.now();
    const [, young = ''] = await kept(
      [{ at: now - days * DAY - 60_000 }, { at: now - days * DAY + 60_000 }],
      [randomBytes(9)],
    );
    await history().keep({ days });
    expect(await idsIn(room.database, 'history')).toEqual([young]);
    expect(await room.database.getAllKeys('media')).toEqual([[young, 0]]);
  });

  it('until they are deleted deletes nothing', async () => {
    await kept([{ at: 1 }]);
    await history().keep({ days: null });
    expect((await idsIn(room.database, 'history')).length).toBe(1);
  });

  it('not at all deletes everything that could be seen for ten minutes', async () => {
    const now = Date.now();
    const [, seen = ''] = await kept([{ at: now - 11 * 60_000 }, { at: now - 9 * 60_000 }]);
    await history().keep({ days: 0 });
    expect(await idsIn(room.database, 'history')).toEqual([seen]);
  });

  it.each([1, 0] as const)('of %i days leaves what was made long ago and has only now come', async days => {
    const journal = new Journal(room.database, room.vault);
    const request = { service: 'runware', key, label: 'Work', operation: 'text', values: {}, boot: 'b' };
    const entry = await journal.prepare(crypto.randomUUID(), Date.now() - 2 * DAY, request);
    await journal.advance(entry, done, [randomBytes(9)]);
    await history().keep({ days });
    expect([(await idsIn(room.database, 'history')).length, await room.database.count('media')]).toEqual([
      1, 1,
    ]);
    await history().clear();
    expect([(await idsIn(room.database, 'history')).length, await room.database.count('media')]).toEqual([
      0, 0,
    ]);
  });

  it('of a first version counts from its making', async () => {
    const [old = ''] = await kept([{ at: Date.now() - 2 * DAY }]);
    const { ended: _, ...stored } = (await room.database.get('calls', old)) ?? {};
    await room.database.put('calls', stored as StoredCall);
    await history().keep({ days: 1 });
    expect((await idsIn(room.database, 'history')).length).toBe(0);
  });

  it('is seen to with every call that ends', async () => {
    const [old = ''] = await kept([{ at: Date.now() - 91 * DAY }]);
    const { calls, reaches, idle } = background(room);
    const { id } = await calls.start({ key, operation: 'text', values: formOf('text', { prompt: 'p' }) });
    await reaches(id, 'done');
    await idle();
    expect(await idsIn(room.database, 'history')).toEqual([id]);
    expect(id).not.toBe(old);
  });

  it('not at all shows a call until the browser closes, and keeps nothing of it', async () => {
    const { calls, preferences, reaches, idle, journal, history: list } = background(room);
    await preferences.setRetention({ days: 0 });
    const { id } = await calls.start({ key, operation: 'text', values: formOf('text', { prompt: 'p' }) });
    await reaches(id, 'done');
    await idle();
    expect((await calls.latest(5)).map(call => call.id)).toEqual([id]);
    expect((await list.list({ most: 5 })).calls).toEqual([]);
    await journal.forgetPassing();
    expect([
      (await idsIn(room.database, 'journal')).length,
      (await idsIn(room.database, 'history')).length,
    ]).toEqual([0, 0]);
  });
});

describe('a call of a private window', () => {
  const wish = () => ({
    key,
    operation: 'image',
    values: formOf('image', { prompt: 'the quiet heron', count: '2' }),
    site: 'https://secret.example',
    private: true as const,
  });

  /** One that is done, with a picture. */
  async function finished() {
    const made = background(room);
    made.script.run = async function* () {
      yield sending();
      yield drawn('i-1', randomBytes(9), 0.03125);
      yield drawn('i-2', randomBytes(9), 0.03125);
    };
    const { id } = await made.calls.start(wish());
    await made.reaches(id, 'done');
    await made.idle();
    return { ...made, id };
  }

  it('is never in the history, names no site, and is no use of its key', async () => {
    const { id, history: list, calls } = await finished();
    expect((await idsIn(room.database, 'history')).length).toBe(0);
    expect((await list.list({ most: 9 })).calls).toEqual([]);
    expect(await room.vault.uses.of(key)).toEqual({ uses: [], unreadable: 0 });
    expect(await room.database.count('uses')).toBe(0);
    const [call] = await calls.latest(0);
    expect(call).toMatchObject({ id, request: { private: true } });
    expect(call?.request).not.toHaveProperty('site');
  });

  it('can be looked at, run again and deleted while private windows are open', async () => {
    const { id, calls, history: list, reaches, idle } = await finished();
    expect(await calls.media(id, 1)).toHaveLength(9);
    const again = await calls.again(id);
    await reaches(again.id, 'done');
    await idle();
    expect((await idsIn(room.database, 'history')).length).toBe(0);
    expect((await calls.latest(0)).map(({ request }) => request.private)).toEqual([true, true]);
    await list.delete(again.id);
    expect((await calls.latest(0)).map(call => call.id)).toEqual([id]);
    expect(await room.database.count('media')).toBe(2);
  });

  it('is gone with its pictures once they are closed, with whatever else was private, and no more', async () => {
    const { journal } = await finished();
    const [public_ = ''] = await kept([{ at: 1 }], [randomBytes(9)]);
    await journal.forgetPassing();
    expect((await idsIn(room.database, 'journal')).length).toBe(0);
    expect(await idsIn(room.database, 'history')).toEqual([public_]);
    expect(await room.database.getAllKeys('media')).toEqual([[public_, 0]]);
    await journal.forgetPassing();
  });

  it('that is under way then is not forgotten: it is paid for', async () => {
    const { calls, script, journal, reaches } = background(room);
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      await opened;
      yield drawn('i-1', randomBytes(9), 0.25);
    };
    const { id } = await calls.start(wish());
    await reaches(id, 'sent');
    await journal.forgetPassing();
    expect((await idsIn(room.database, 'journal')).length).toBe(1);
    open();
    await reaches(id, 'done');
    expect((await calls.latest(0)).map(call => call.id)).toEqual([id]);
  });

  it('counts for its key’s day all the same', async () => {
    const { spent } = await finished();
    expect(await spent()).toEqual({ [key]: 0.0625 });
  });

  it('that is finished is not taken up again by the next background', async () => {
    await finished();
    const next = background(reborn(room), 'boot-2');
    await next.calls.recover();
    expect(next.seen).toMatchObject({ run: [], recover: [], changes: [] });
    expect((await idsIn(room.database, 'journal')).length).toBe(1);
  });

  it('whose outcome is unknown can be asked after, and is private still', async () => {
    const { calls, script, reaches, idle } = background(room);
    script.run = async function* () {
      yield sending();
      throw new Failure('outcome-unknown', 'Lost.');
    };
    const { id } = await calls.start(wish());
    await reaches(id, 'unknown');
    await idle();
    script.recover = async function* () {
      yield drawn('i-1', randomBytes(9), 0.25);
    };
    await calls.ask(id);
    await reaches(id, 'done');
    await idle();
    expect([
      (await idsIn(room.database, 'journal')).length,
      (await idsIn(room.database, 'history')).length,
    ]).toEqual([1, 0]);
  });
});
