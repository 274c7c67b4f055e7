import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Preferences } from '../../src/calls/preferences';
import { USUAL_MONEY, USUAL_RETENTION } from '../../src/calls/settings';
import { spentToday } from '../../src/calls/spending';
import { Failure } from '../../src/failure';
import { background, drawn, failing, formOf, said, sending, stopped } from './background';
import { copyOf, idsIn, putRaw, type Room, roomWithVault, runwareKey } from './vaults';

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

const preferences = () => new Preferences(room.database);
/** The room's database, with settings read by this. */
const readBy = (get: (name: string) => Promise<unknown>) =>
  ({
    get: (_store: string, name: string) => get(name),
    transaction: (...of: Parameters<Room['database']['transaction']>) => room.database.transaction(...of),
  }) as unknown as Room['database'];
const image = (values: Record<string, string> = {}) => formOf('image', { prompt: 'a heron', ...values });
const estimate = (values = image(), operation = 'image', from = preferences()) =>
  from.estimate('runware', operation, values);

describe('what a person set', () => {
  it('is the usual until they set anything', async () => {
    expect(await preferences().money()).toEqual(USUAL_MONEY);
    expect(await preferences().retention()).toEqual(USUAL_RETENTION);
  });

  it('is there for the next background', async () => {
    await preferences().setMoney({ dear: 0.5 });
    await preferences().setRetention({ days: null });
    expect(await preferences().money()).toEqual({ dear: 0.5 });
    expect(await preferences().retention()).toEqual({ days: null });
  });

  const damaged: [string, unknown][] = [
    ['nothing', null],
    ['a number', 7],
    ['text', 'free'],
    ['of other names', { cheap: 1 }],
    ['of odd values', { dear: 'much', days: 'many' }],
    ['not a number', { dear: Number.NaN, days: Number.NaN }],
    ['below zero', { dear: -1, days: -1 }],
    ['of more than there is', { dear: 1, days: 30, more: 1 }],
    ['of a time that there is not', { days: 31 }],
  ];
  it.each(damaged)(
    'and is damaged to be %s is as good as never set, and deletes nothing',
    async (_, value) => {
      await putRaw(room, 'settings', 'money', value);
      await putRaw(room, 'settings', 'retention', value);
      expect(await preferences().money()).toEqual(USUAL_MONEY);
      expect(await preferences().retention()).toEqual({ days: null });
    },
  );

  it('is read from the disk once, and is what was set last from then on', async () => {
    let readings = 0;
    const same = new Preferences(
      readBy(name => {
        readings++;
        return room.database.get('settings', name);
      }),
    );
    expect(await Promise.all([same.money(), same.money()])).toEqual([USUAL_MONEY, USUAL_MONEY]);
    await same.setMoney({ dear: 2 });
    expect(await same.money()).toEqual({ dear: 2 });
    expect(readings).toBe(1);
  });

  it('is forgotten with everything else', async () => {
    const same = preferences();
    await same.setRetention({ days: 0 });
    expect(await same.offerOnce('https://news.example')).toBe(true);
    await room.vault.erase();
    same.forget();
    expect(await same.retention()).toEqual(USUAL_RETENTION);
    expect(await same.offerOnce('https://docs.example')).toBe(true);
    expect(await room.database.get('settings', 'offered')).toHaveLength(1);
  });

  it('is read anew after it could not be', async () => {
    await preferences().setMoney({ dear: 2 });
    let fails = true;
    const same = new Preferences(
      readBy(async name => {
        if (fails) throw new DOMException('no', 'UnknownError');
        return room.database.get('settings', name);
      }),
    );
    expect(await same.money()).toEqual(USUAL_MONEY);
    fails = false;
    expect(await same.money()).toEqual({ dear: 2 });
  });

  it('can be set anew where it was damaged', async () => {
    await putRaw(room, 'settings', 'money', 'damaged');
    await preferences().setMoney({ dear: 3 });
    expect(await preferences().money()).toEqual({ dear: 3 });
  });

  it('is told to nobody who may not write: a full disk is a failure', async () => {
    const broken = { ...room.database, transaction: () => failed() } as unknown as Room['database'];
    const failed = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
    await expect(new Preferences(broken).setMoney({ dear: 1 })).rejects.toMatchObject({
      report: { code: 'storage-full' },
    });
  });
});

describe('what a call is expected to cost', () => {
  it('is what is usual for its task, as often as there are results', async () => {
    expect(await estimate()).toBe(0.01);
    expect(await estimate(image({ count: '4' }))).toBe(0.04);
    expect(await estimate(formOf('text', { prompt: 'p' }), 'text')).toBe(0.01);
    expect(await estimate(formOf('video', { prompt: 'p', count: '2' }), 'video')).toBe(2);
  });

  it.each(['store', 'unstore', 'models'])('is nothing for what is free: %s', async operation => {
    expect(await estimate({}, operation)).toBe(0);
  });

  it('is what one with the same settings cost that was about as long, whatever it was about', async () => {
    await preferences().learn('runware', 'image', image(), 0.25);
    expect(await estimate(image({ prompt: 'an owl', seed: '7' }))).toBe(0.25);
    expect(await estimate(image({ prompt: 'an owl '.repeat(100) }))).toBe(0.01);
    expect(await estimate(image({ width: '512' }))).toBe(0.01);
    expect(await estimate(image({ count: '2' }))).toBe(0.02);
    expect(await estimate(image({ model: 'a:b@1' }))).toBe(0.01);
    expect(await estimate(formOf('edit', { prompt: 'p' }), 'edit')).toBe(0.02);
  });

  it('is the price that was learnt last, and never nothing', async () => {
    const one = preferences();
    for (const price of [0.25, 0.5, 0.125]) await one.learn('runware', 'image', image(), price);
    expect(await estimate()).toBe(0.125);
    await preferences().learn('runware', 'image', image(), 0);
    expect(await estimate()).toBe(0.125);
  });

  it('is learnt of each of many calls that end at once', async () => {
    const one = preferences();
    const widths = Array.from({ length: 20 }, (_, at) => `${64 * (at + 2)}`);
    await Promise.all(widths.map(width => one.learn('runware', 'image', image({ width }), 0.25)));
    for (const width of widths) expect(await estimate(image({ width }), 'image', one)).toBe(0.25);
  });

  it('is learnt from a call that is done, whole, and says its cost', async () => {
    const { calls, script, reaches, idle, preferences: kept } = background(room);
    const wish = { key, operation: 'text', values: formOf('text', { prompt: 'p' }) };
    script.run = async function* () {
      yield sending();
      yield said('A bird.', 0.0625, true);
    };
    await reaches((await calls.start(wish)).id, 'done');
    await idle();
    expect(await estimate(wish.values, 'text', kept)).toBe(0.0625);
  });

  it('is not learnt from a private window', async () => {
    const { calls, script, reaches, idle, preferences: kept } = background(room);
    const wish = { key, operation: 'text', values: formOf('text', { prompt: 'p' }), private: true as const };
    script.run = async function* () {
      yield sending();
      yield said('A bird.', 0.0625, true);
    };
    await reaches((await calls.start(wish)).id, 'done');
    await idle();
    expect(await estimate(wish.values, 'text', kept)).toBe(0.01);
    expect(await room.database.get('settings', 'prices')).toBeUndefined();
  });

  it('is not learnt from one whose results were refused in part, or that said no cost', async () => {
    const { calls, script, reaches, idle, preferences: kept } = background(room);
    const wish = { key, operation: 'image', values: image({ count: '2' }) };
    script.run = async function* () {
      yield sending();
      yield drawn('i', new Uint8Array([1]), 0.5);
      yield { type: 'refused', count: 1, failure: { code: 'safety', message: 'No.' } };
    };
    await reaches((await calls.start(wish)).id, 'done');
    script.run = async function* () {
      yield sending();
      yield drawn('i', new Uint8Array([1]));
    };
    await reaches((await calls.start(wish)).id, 'done');
    await idle();
    expect(await estimate(wish.values, 'image', kept)).toBe(0.02);
  });

  it('is remembered of three hundred settings, the oldest forgotten first', async () => {
    const one = preferences();
    for (let at = 0; at < 305; at++) await one.learn('runware', 'image', image({ width: `${at}` }), 0.5);
    // What was learnt anew is young again.
    await one.learn('runware', 'image', image({ width: '5' }), 0.75);
    await one.learn('runware', 'image', image({ width: '305' }), 0.5);
    const widths = [4, 5, 6, 304, 305];
    expect(await Promise.all(widths.map(width => estimate(image({ width: `${width}` }))))).toEqual([
      0.01, 0.75, 0.01, 0.5, 0.5,
    ]);
    expect(await room.database.get('settings', 'prices')).toHaveLength(300);
  });

  it('keeps nothing readable of what calls were about', async () => {
    await preferences().learn(
      'runware',
      'image',
      image({ prompt: 'the quiet heron', model: 'secret:model@1' }),
      0.5,
    );
    const kept = JSON.stringify(await room.database.getAll('settings'));
    expect(kept).not.toContain('heron');
    expect(kept).not.toContain('secret:model');
  });

  it.each<[string, unknown]>([
    ['text', 'x'],
    ['a list of other things', [['a'], 7]],
    ['prices that are none', [['a', 'much']]],
  ])('is the usual where what was learnt is damaged to be %s, and can be learnt anew', async (_, value) => {
    await putRaw(room, 'settings', 'prices', value);
    expect(await estimate()).toBe(0.01);
    await preferences().learn('runware', 'image', image(), 0.5);
    expect(await estimate()).toBe(0.5);
  });
});

describe('a price that is asked for', () => {
  it('is the service’s word, is learnt, and starts no call', async () => {
    const { calls, script, seen, preferences: kept } = background(room);
    const asked: unknown[] = [];
    script.price = async task => {
      asked.push(task);
      return 0.0024;
    };
    const { signal } = new AbortController();
    const wish = { key, operation: 'image', values: image() };
    expect(await calls.price(wish, signal)).toBe(0.0024);
    expect(asked).toEqual([
      { id: expect.any(String), operation: 'image', values: expect.objectContaining({ count: '1' }) },
    ]);
    expect(await estimate(wish.values, 'image', kept)).toBe(0.0024);
    expect([seen.run, seen.changes, (await idsIn(room.database, 'journal')).length]).toEqual([[], [], 0]);
  });

  it.each([
    [0.0024, ' ($0.0024)', 0.0024],
    [undefined, '', 0.01],
  ])(
    'and for which the task was run counts for the day, where %j was charged',
    async (charged, said, spent) => {
      const { calls, script, preferences: kept } = background(room);
      script.price = async () => ({ charged });
      const asked = calls.price({ key, operation: 'image', values: image() }, new AbortController().signal);
      await expect(asked).rejects.toMatchObject({
        report: {
          code: 'service-error',
          message: `Runware ran this task instead of pricing it, and may have charged for it${said}.`,
          next: expect.stringContaining('usage page'),
        },
      });
      expect(await spentToday(room.database)).toEqual({ [key]: spent });
      expect(await estimate(image(), 'image', kept)).toBe(0.01);
    },
  );

  it('in a private window leaves nothing', async () => {
    const { calls, script } = background(room);
    script.price = async () => 0.0024;
    const wish = { key, operation: 'image', values: image(), private: true } as const;
    expect(await calls.price(wish, new AbortController().signal)).toBe(0.0024);
    expect(await room.database.get('settings', 'prices')).toBeUndefined();
  });

  it('is null where the service does not say, and nothing is learnt', async () => {
    const { calls, preferences: kept } = background(room);
    const { signal } = new AbortController();
    expect(await calls.price({ key, operation: 'image', values: image() }, signal)).toBeNull();
    expect(await estimate(image(), 'image', kept)).toBe(0.01);
  });

  it('is asked for no more of an operation of which the service did not say it in time: it may be running it', async () => {
    const { calls, script } = background(room);
    const late = new AbortController();
    let asked = 0;
    script.price = () => {
      asked += 1;
      return asked === 1 ? stopped(late.signal) : Promise.reject(new Failure('offline', 'No.'));
    };
    const price = (operation = 'image', signal = new AbortController().signal) =>
      calls.price(
        { key, operation, values: operation === 'image' ? image() : formOf('text', { prompt: 'p' }) },
        signal,
      );
    const first = price('image', late.signal);
    await vi.waitFor(() => expect(asked).toBe(1));
    late.abort(new Failure('timed-out', 'Silent.'));
    await expect(first).rejects.toEqual(failing('timed-out'));
    expect(await price()).toBeNull();
    expect(asked).toBe(1);
    // Others are, and a failure in time is none of that.
    await expect(price('text')).rejects.toEqual(failing('offline'));
    await expect(price('text')).rejects.toEqual(failing('offline'));
    expect(asked).toBe(3);
  });

  it('of what cannot be run says why', async () => {
    const { calls } = background(room);
    const { signal } = new AbortController();
    const values = image({ width: '130' });
    await expect(calls.price({ key, operation: 'image', values }, signal)).rejects.toMatchObject({
      report: { code: 'bad-input', field: 'width' },
    });
    await expect(
      calls.price({ key: crypto.randomUUID(), operation: 'image', values }, signal),
    ).rejects.toMatchObject({
      report: { code: 'key-missing' },
    });
    await room.vault.lock();
    await expect(calls.price({ key, operation: 'image', values: image() }, signal)).rejects.toMatchObject({
      report: { code: 'vault-locked' },
    });
  });
});
