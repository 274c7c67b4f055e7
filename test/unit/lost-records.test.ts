import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readState } from '../../src/background/watchers';
import { background, type Events, formOf, never, said, sending } from './background';
import { idsIn, type Room, reborn, roomWithVault, runwareKey } from './vaults';

let room: Room;
let key = '';
beforeEach(async () => {
  room = await roomWithVault();
  key = await room.vault.keys.add(runwareKey('Work'));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const wish = () => ({ key, operation: 'text', values: formOf('text', { prompt: 'A heron.' }) });

/** Chromium keeps large values in files of their own: once the file is gone, whatever reads the record is refused. */
function lose(lost: string): void {
  const broken = () => new DOMException('Data lost due to missing file.', 'NotReadableError');
  const { get } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, wanted) {
    if (this.name === 'calls' && wanted === lost) throw broken();
    return get.call(this, wanted);
  });
  const { getAll, openCursor } = IDBIndex.prototype;
  vi.spyOn(IDBIndex.prototype, 'getAll').mockImplementation(function (this: IDBIndex, ...all) {
    if (this.objectStore.name === 'calls') throw broken();
    return getAll.apply(this, all);
  });
  vi.spyOn(IDBIndex.prototype, 'openCursor').mockImplementation(function (this: IDBIndex, ...all) {
    if (this.objectStore.name === 'calls') throw broken();
    return openCursor.apply(this, all);
  });
}

describe('a line of the journal that the browser has lost', () => {
  it('keeps no other call from being gone on with, nor the pages from showing, and is cleared away', async () => {
    const first = background(room);
    first.script.run = async function* (): Events {
      yield sending();
      await never;
    };
    const lost = await first.calls.start(wish());
    await new Promise(resolve => setTimeout(resolve, 5));
    const other = await first.calls.start(wish());
    lose(lost.id);

    const { calls, script, seen, reaches, idle, spent } = background(reborn(room));
    script.recover = async function* (): Events {
      yield said('A bird.', 0.01, true);
    };
    const rooms = { vault: room.vault, calls, spent, waiting: async () => [] };
    expect(await readState(async () => rooms)).toMatchObject({ type: 'snapshot', calls: [{ id: other.id }] });
    await calls.recover();
    await reaches(other.id, 'done');
    await idle();
    expect(seen.recover.map(({ task }) => task.id)).toEqual([other.id]);
    vi.restoreAllMocks();
    expect((await idsIn(room.database, 'journal')).length).toBe(0);
  });

  it('keeps none of those that are to be forgotten', async () => {
    const { calls, script, journal, preferences, reaches, idle } = background(room);
    await preferences.setRetention({ days: 0 });
    script.run = async function* (): Events {
      yield sending();
      yield said('A bird.', 0.01, true);
    };
    const ids: string[] = [];
    for (let at = 0; at < 2; at++) {
      const { id } = await calls.start(wish());
      await reaches(id, 'done');
      ids.push(id);
    }
    await idle();
    lose(ids[0] ?? '');
    expect(await journal.passing()).toEqual(ids);
    await journal.forgetPassing();
    vi.restoreAllMocks();
    expect(await idsIn(room.database, 'journal')).toEqual([]);
  });
});

it('a call of the history that the browser has lost hides none of the others', async () => {
  const { calls, script, history, reaches, idle } = background(room);
  script.run = async function* (): Events {
    yield sending();
    yield said('A bird.', 0.01, true);
  };
  const ids: string[] = [];
  for (let at = 0; at < 3; at++) {
    const { id } = await calls.start(wish());
    await reaches(id, 'done');
    ids.unshift(id);
    await new Promise(resolve => setTimeout(resolve, 2));
  }
  await idle();
  lose(ids[1] ?? '');
  const others = [ids[0], ids[2]];
  const page = await history.list({ most: 2 });
  expect(page.calls.map(({ id }) => id)).toEqual(others);
  expect((await calls.latest(5)).map(({ id }) => id)).toEqual(others);
  // It may have ended just now: only who wants all gone has it deleted.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 23 * 60 * 60_000 });
  await history.keep({ days: 0 });
  expect(await idsIn(room.database, 'history')).toEqual([ids[1]]);
  await history.clear();
  vi.restoreAllMocks();
  expect((await idsIn(room.database, 'history')).length).toBe(0);
});
