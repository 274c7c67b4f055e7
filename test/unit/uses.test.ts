import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyHandlers } from '../../src/background/keys';
import type { CallState } from '../../src/calls/call';
import { Journal } from '../../src/calls/journal';
import { Failure } from '../../src/failure';
import type { StoredUse } from '../../src/store/database';
import { copyOf, PASSPHRASE, type Room, reborn, roomWithVault, runwareKey } from './vaults';

// It loads in a browser only; no permission is asked for here.
vi.mock('webextension-polyfill', () => ({ default: {} }));

let template: Room;
let room: Room;
let work = '';
let home = '';

beforeAll(async () => {
  template = await roomWithVault();
  work = await template.vault.keys.add(runwareKey('Work'));
  home = await template.vault.keys.add(runwareKey('Home'));
});

beforeEach(async () => {
  room = await copyOf(template);
});

const failure = new Failure('safety', 'No.').report;
const nothing = { items: [] };
const sent: CallState = { phase: 'sent', ...nothing };

/** A call of a key, journaled and brought to each of these states; `between` comes before the last. */
async function called(
  key: string,
  at: number,
  states: CallState[],
  { site, between = async () => {} }: { site?: string; between?: () => Promise<void> } = {},
): Promise<string> {
  const id = `call at ${at} with ${key}`;
  const journal = new Journal(room.database, room.vault);
  const request = { service: 'runware', key, label: 'Work', operation: 'text', values: {}, boot: 'b' };
  let entry = await journal.prepare(id, at, { ...request, ...(site !== undefined && { site }) });
  for (const [place, state] of states.entries()) {
    if (place === states.length - 1) await between();
    entry = await journal.advance(entry, state);
  }
  await journal.settle();
  return id;
}

const usesOf = async (key: string) => (await room.vault.uses.of(key)).uses;

describe('a call', () => {
  it('notes its task, its site, its cost and how it ended', async () => {
    const done: CallState = { phase: 'done', tookMs: 1, cost: 0.25, ...nothing };
    await called(work, 1_000, [sent, done], { site: 'https://a.example' });
    expect(await room.vault.uses.of(work)).toEqual({
      uses: [{ at: 1_000, task: 'text', site: 'https://a.example', cost: 0.25, outcome: 'done' }],
      unreadable: 0,
    });
  });

  const endings: [string, CallState][] = [
    ['done', { phase: 'done', tookMs: 1, ...nothing }],
    ['failed', { phase: 'failed', failure, ...nothing }],
    ['unknown', { phase: 'unknown', failure, ...nothing }],
    ['cancelled', { phase: 'cancelled', sent: true, ...nothing }],
  ];
  it.each(endings)(
    'that was sent and ended as %s is noted, without what was not told',
    async (outcome, state) => {
      await called(work, 1_000, [sent, state]);
      expect(await usesOf(work)).toEqual([{ at: 1_000, task: 'text', outcome }]);
    },
  );

  it.each([
    ['was cancelled before it was sent', [{ phase: 'cancelled', sent: false, ...nothing }]],
    ['waits to be sent', [{ phase: 'queued' }]],
    ['is still open', [sent]],
  ] as [string, CallState[]][])('that %s is none', async (_, states) => {
    await called(work, 1_000, states);
    expect(await usesOf(work)).toEqual([]);
    expect(await room.database.count('uses')).toBe(0);
  });

  it('that ended while the vault was locked is noted too', async () => {
    const done: CallState = { phase: 'done', tookMs: 1, cost: 0.5, ...nothing };
    await called(work, 1_000, [sent, done], { between: () => room.vault.lock() });
    await expect(room.vault.uses.of(work)).rejects.toMatchObject({ report: { code: 'vault-locked' } });
    expect(await room.vault.uses.latest()).toEqual({ [work]: 1_000 });
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect(await usesOf(work)).toEqual([{ at: 1_000, task: 'text', cost: 0.5, outcome: 'done' }]);
  });

  it('that is finished twice, after a death, is one use', async () => {
    const done: CallState = { phase: 'done', tookMs: 1, ...nothing };
    await called(work, 1_000, [sent, done, done]);
    expect(await usesOf(work)).toHaveLength(1);
  });
});

describe('the uses of a key', () => {
  const note = (key: string, at: number) => room.vault.uses.note(key, at, { task: 'test', outcome: 'works' });

  it('come the newest first, and none of another key', async () => {
    for (const at of [30, 10, 20]) await note(work, at);
    await note(home, 40);
    expect((await usesOf(work)).map(({ at }) => at)).toEqual([30, 20, 10]);
    expect((await usesOf(home)).map(({ at }) => at)).toEqual([40]);
    expect(await usesOf('another')).toEqual([]);
  });

  it('are there for the next background', async () => {
    await note(work, 7);
    expect(await reborn(room).vault.uses.of(work)).toMatchObject({ uses: [{ at: 7, outcome: 'works' }] });
  });

  it('tell when each key was last used, locked or not', async () => {
    expect(await room.vault.uses.latest()).toEqual({});
    for (const at of [30, 10, 20]) await note(work, at);
    await note(home, 5);
    expect(await room.vault.uses.latest()).toEqual({ [work]: 30, [home]: 5 });
  });

  it('are kept up to two hundred, of each key its own', async () => {
    await note(home, 1);
    for (let at = 1; at <= 260; at++) await note(work, at);
    const kept = await usesOf(work);
    expect([kept.length, kept[0]?.at, kept.at(-1)?.at]).toEqual([200, 260, 61]);
    expect(await usesOf(home)).toHaveLength(1);
    expect(await room.database.count('uses')).toBeLessThanOrEqual(221);
  });

  it('are forgotten, and nobody else’s', async () => {
    await note(work, 1);
    await note(work, 2);
    await note(home, 3);
    await room.vault.uses.forget(work);
    expect([await usesOf(work), await usesOf(home)]).toMatchObject([[], [{ at: 3 }]]);
    expect(await room.vault.uses.latest()).toEqual({ [home]: 3 });
  });

  it('go with the key when it is removed', async () => {
    await note(work, 1);
    await note(home, 2);
    const { 'keys.remove': remove } = keyHandlers(
      async () => room.vault,
      async () => {},
      () => {},
      async () => {},
    );
    await remove({ id: work });
    expect(await room.vault.uses.latest()).toEqual({ [home]: 2 });
  });

  it('that no longer open are left out, and counted', async () => {
    for (const at of [1, 2, 3]) await note(work, at);
    const [first, second] = await room.database.getAll('uses');
    const [one, other] = [first?.uses[0], second?.uses[0]];
    if (!first || !second || !one || !other) throw new Error('no uses are kept');
    const flip = ({ iv, data }: StoredUse['use']) => ({ iv, data: data.map(byte => byte ^ 1) });
    await room.database.put('uses', { ...first, uses: [{ ...one, use: flip(one.use) }] });
    await room.database.put('uses', { ...second, uses: [{ ...other, wrapped: flip(other.wrapped) }] });
    expect(await room.vault.uses.of(work)).toMatchObject({ uses: [{}], unreadable: 2 });
  });

  it.each([-5, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])(
    'whose moment is damaged to %s keep nobody from seeing when the others were',
    async damaged => {
      await note(work, 1);
      await note(home, 2);
      const use = (await room.database.getAll('uses')).find(({ key }) => key === work);
      if (!use) throw new Error('no use is kept');
      await room.database.delete('uses', [use.key, use.at, use.id]);
      await room.database.put('uses', { ...use, at: damaged });
      expect(await room.vault.uses.latest()).toEqual({ [work]: damaged, [home]: 2 });
    },
  );

  it('that were noted together are one record, and each is shown', async () => {
    const done: CallState = { phase: 'done', tookMs: 1, ...nothing };
    const journal = new Journal(room.database, room.vault);
    const request = { service: 'runware', label: 'Work', operation: 'text', values: {}, boot: 'b' };
    const entries = await Promise.all(
      [work, work, home, work].map(async (key, at) => {
        const entry = await journal.prepare(`call ${at}`, at, { ...request, key });
        return journal.advance(entry, sent);
      }),
    );
    await Promise.all(entries.map(entry => journal.advance(entry, done)));
    expect((await usesOf(work)).map(({ at }) => at)).toEqual([3, 1, 0]);
    expect((await usesOf(home)).map(({ at }) => at)).toEqual([2]);
    expect(await room.vault.uses.latest()).toEqual({ [work]: 3, [home]: 2 });
    expect(await room.database.count('uses')).toBeLessThan(4);
    const proof = { by: 'passphrase', passphrase: PASSPHRASE } as const;
    await room.vault.replaceKey(proof, 'another anchor violin north');
    expect((await usesOf(work)).map(({ at }) => at)).toEqual([3, 1, 0]);
  });

  it.each([undefined, 'never', Number.NaN])('of a call whose moment is damaged to %s is noted', async at => {
    const done: CallState = { phase: 'done', tookMs: 1, ...nothing };
    await called(work, at as number, [sent, done]);
    expect(await usesOf(work)).toMatchObject([{ task: 'text', outcome: 'done' }]);
  });

  it('that were lost together and found one by one are all there, each as it was told last', async () => {
    const journal = new Journal(room.database, room.vault);
    const request = {
      service: 'runware',
      key: work,
      label: 'Work',
      operation: 'text',
      values: {},
      boot: 'b',
    };
    const ats = [100, 100, 100, 200, 300, 400];
    const entries = await Promise.all(
      ats.map(async (at, place) =>
        journal.advance(await journal.prepare(`call ${place}`, at, request), sent),
      ),
    );
    await Promise.all(
      entries.map(entry => journal.advance(entry, { phase: 'unknown', failure, ...nothing })),
    );
    for (const place of ats.slice(1).keys()) {
      const found = await journal.find(`call ${place}`);
      const entry = found && (await journal.reopen(found, { phase: 'sent', askOnly: true, ...nothing }));
      if (entry) await journal.advance(entry, { phase: 'done', tookMs: 0, cost: 0.5, ...nothing });
    }
    const uses = await usesOf(work);
    expect(uses.map(({ at, outcome }) => [at, outcome])).toEqual(
      [400, 300, 200, 100, 100, 100].map(at => [at, at === 400 ? 'unknown' : 'done']),
    );
  });

  it.each([undefined, null, 7, {}, [null, 7]])(
    'in a record that is damaged to %j hide no others, and keep nobody from replacing the vault key',
    async damaged => {
      await note(work, 1);
      const [record] = await room.database.getAll('uses');
      // @ts-expect-error No such record is written.
      await room.database.put('uses', { ...record, at: 2, uses: damaged });
      expect((await usesOf(work)).map(({ at }) => at)).toEqual([1]);
      expect(await room.vault.uses.latest()).toEqual({ [work]: 2 });
      const proof = { by: 'passphrase', passphrase: PASSPHRASE } as const;
      await room.vault.replaceKey(proof, 'another anchor violin north');
      expect((await usesOf(work)).map(({ at }) => at)).toEqual([1]);
    },
  );

  it('say nothing in the clear of what the key was used for', async () => {
    await room.vault.uses.note(work, 1, { task: 'test', site: 'https://secret.example', outcome: 'works' });
    const [stored] = await room.database.getAll('uses');
    expect(Object.keys(stored ?? {}).sort()).toEqual(['at', 'id', 'key', 'noted', 'uses']);
    const [use] = stored?.uses ?? [];
    expect(Object.keys(use ?? {}).sort()).toEqual(['at', 'id', 'use', 'wrapped']);
    expect(new TextDecoder().decode(use?.use.data)).not.toContain('secret.example');
  });

  it('are not noted while the vault is locked', async () => {
    await room.vault.lock();
    await expect(note(work, 1)).rejects.toMatchObject({ report: { code: 'vault-locked' } });
    expect(await room.database.count('uses')).toBe(0);
  });
});
