// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest';
import type { Call, CallState } from '../../src/calls/call';
import { taskLabel, underWay } from '../../src/calls/words';
import { Failure } from '../../src/failure';
import type { BodyOf, HistoryPage, PageAsks } from '../../src/messages/contract';
import { filterOf } from '../../src/options/history/filters';
import { Loaded, PAGE } from '../../src/options/history/loaded';
import { endOf, namesOf, sentenceOf, subjectOf } from '../../src/options/history/words';

const DONE: CallState = { phase: 'done', tookMs: 1000, items: [] };
const SENT: CallState = { phase: 'sent', trace: null, items: [] };

interface Wish {
  readonly at: number;
  readonly state?: CallState;
  readonly operation?: string;
  readonly unkept?: true;
  readonly values?: Record<string, string>;
}

/** Its id is its moment, so that a list of them reads as one of ids. */
const call = ({ at, state = DONE, operation = 'image', values = {}, ...more }: Wish): Call => ({
  id: String(at),
  at,
  state,
  request: {
    service: 'runware',
    key: 'key',
    label: 'Work',
    operation,
    values,
    boot: '',
    ...(more.unkept && { unkept: true }),
  },
});

/** A history as the background answers of it, which looks at so many calls a time. */
function history(calls: Call[], looksAt = 400) {
  const stored = new Map(calls.map(one => [one.id, one]));
  const asked: BodyOf<PageAsks, 'history.list'>[] = [];
  const list = async (wish: BodyOf<PageAsks, 'history.list'>): Promise<HistoryPage> => {
    asked.push(wish);
    const all = [...stored.values()]
      .sort((a, b) => b.at - a.at)
      .filter(({ at }) => !wish.after || at < wish.after.at);
    const found: Call[] = [];
    for (const [looked, one] of all.entries()) {
      if (wish.operation === undefined || one.request.operation === wish.operation) found.push(one);
      if (found.length === wish.most || looked + 1 === looksAt) {
        return { calls: found, next: { at: one.at, id: one.id } };
      }
    }
    return { calls: found };
  };
  return { stored, asked, list };
}

const many = (count: number, operation = 'image') =>
  Array.from({ length: count }, (_, at) => call({ at: at + 1, operation }));
const ids = (loaded: Loaded) => loaded.calls.value.map(({ id }) => id);
const drawn = (loaded: Loaded) => loaded.groups.value.flatMap(group => group.value.map(({ id }) => id));

describe('the calls of the section', () => {
  test('are the newest at first, and the next ones when asked for, each once', async () => {
    const { list } = history(many(70));
    const loaded = new Loaded(list);
    await loaded.begin();
    expect(ids(loaded)).toEqual(Array.from({ length: PAGE }, (_, at) => String(70 - at)));
    await loaded.load();
    await loaded.load();
    expect(ids(loaded)).toEqual(Array.from({ length: 70 }, (_, at) => String(70 - at)));
    expect(drawn(loaded)).toEqual(ids(loaded));
    expect(loaded.more.value).toBe(false);
  });

  test('that are drawn already are not drawn again when more come', async () => {
    const { list } = history(many(70));
    const loaded = new Loaded(list);
    await loaded.begin();
    const [group] = loaded.groups.value;
    const before = group?.value;
    await loaded.load();
    expect(loaded.groups.value[0]).toBe(group);
    expect(group?.value).toBe(before);
  });

  test('of a rare kind are looked for until the view is full', async () => {
    const { list, asked } = history(
      many(1000).map((one, at) => (at % 25 === 0 ? call({ at: one.at, operation: 'text' }) : one)),
      100,
    );
    const loaded = new Loaded(list);
    await loaded.begin({ operation: 'text' });
    expect(ids(loaded).length).toBeGreaterThanOrEqual(PAGE);
    expect(asked.length).toBeGreaterThan(5);
    expect(loaded.calls.value.every(({ request }) => request.operation === 'text')).toBe(true);
    expect(loaded.looking.value).toBe(false);
  });

  test('are looked for no further once the person stops it', async () => {
    const { list, asked } = history(many(1000), 100);
    const loaded = new Loaded(wish => {
      if (asked.length === 2) {
        expect(loaded.searching.value).toBe(true);
        loaded.stop();
      }
      return list(wish);
    });
    await loaded.begin({ operation: 'text' });
    expect(asked).toHaveLength(3);
    expect(loaded.more.value).toBe(true);
    expect(loaded.stopped.value).toBe(true);
    await loaded.load();
    expect(asked).toHaveLength(10 + 1);
    expect(loaded.more.value).toBe(false);
  });

  test('of an earlier filter do not come in late', async () => {
    const { list } = history([...many(3), call({ at: 9, operation: 'text' })]);
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    const loaded = new Loaded(async wish => {
      if (wish.operation === undefined) await held;
      return list(wish);
    });
    const first = loaded.begin({});
    await loaded.begin({ operation: 'text' });
    release();
    await first;
    expect(ids(loaded)).toEqual(['9']);
    expect(loaded.looking.value).toBe(false);
  });

  test('that cannot be had leave what there is, and a reason', async () => {
    const { list } = history(many(70));
    let fails = false;
    const loaded = new Loaded(wish =>
      fails ? Promise.reject(new Failure('no-answer', 'No answer.')) : list(wish),
    );
    await loaded.begin();
    fails = true;
    await loaded.load();
    expect(ids(loaded)).toHaveLength(PAGE);
    expect(loaded.failure.value?.code).toBe('no-answer');
    fails = false;
    await loaded.load();
    expect(ids(loaded)).toHaveLength(2 * PAGE);
    expect(loaded.failure.value).toBeUndefined();
  });
});

describe('what the state says of calls', () => {
  const begun = async (calls: Call[], latest: Call[] = []) => {
    const kept = history(calls);
    const loaded = new Loaded(kept.list);
    loaded.sync(latest);
    await loaded.begin();
    return { loaded, ...kept };
  };

  test('brings those under way to the top, and leaves them in place when they finish', async () => {
    const { loaded, asked } = await begun(many(3));
    loaded.sync([call({ at: 10, state: SENT }), ...many(3)]);
    expect(ids(loaded)).toEqual(['10', '3', '2', '1']);
    loaded.sync([call({ at: 10 }), ...many(3)]);
    expect(ids(loaded)).toEqual(['10', '3', '2', '1']);
    expect(loaded.calls.value[0]?.state.phase).toBe('done');
    expect(asked).toHaveLength(1);
  });

  test('puts one that took long where it belongs', async () => {
    const { loaded } = await begun(many(3), many(3));
    loaded.sync([call({ at: 2.5 }), ...many(3)]);
    expect(ids(loaded)).toEqual(['3', '2.5', '2', '1']);
  });

  test('leaves one that is further down than was loaded to its page', async () => {
    const calls = many(70);
    const { loaded } = await begun(calls, calls.slice(-5));
    loaded.sync([...calls.slice(-5), call({ at: 5.5 })]);
    expect(ids(loaded)).toHaveLength(PAGE);
    expect(ids(loaded)).not.toContain('5.5');
  });

  test('brings nothing that is not kept, under way or finished', async () => {
    const { loaded } = await begun(many(1), many(1));
    loaded.sync([call({ at: 9, state: SENT, unkept: true }), call({ at: 8, unkept: true }), ...many(1)]);
    expect(ids(loaded)).toEqual(['1']);
  });

  test('brings nothing that the filter leaves out', async () => {
    const { loaded } = await begun(many(2), many(2));
    await loaded.begin({ operation: 'image' });
    loaded.sync([
      call({ at: 9, operation: 'text' }),
      call({ at: 8, state: SENT, operation: 'text' }),
      ...many(2),
    ]);
    expect(ids(loaded)).toEqual(['2', '1']);
  });

  test('does not bring back what was deleted', async () => {
    const { loaded, stored } = await begun(many(3), many(3));
    stored.delete('2');
    loaded.drop('2');
    loaded.sync(many(3));
    expect(ids(loaded)).toEqual(['3', '1']);
    stored.clear();
    await loaded.begin();
    loaded.sync(many(3));
    expect(ids(loaded)).toEqual([]);
  });

  test('takes one that is asked about anew out of its place, and puts it back with its outcome', async () => {
    const { loaded } = await begun(many(3), many(3));
    loaded.sync([call({ at: 3 }), call({ at: 2, state: SENT }), call({ at: 1 })]);
    expect(ids(loaded)).toEqual(['2', '3', '1']);
    const cancelled: CallState = { phase: 'cancelled', sent: true, items: [] };
    loaded.sync([call({ at: 3 }), call({ at: 2, state: cancelled }), call({ at: 1 })]);
    expect(ids(loaded)).toEqual(['3', '2', '1']);
    expect(loaded.calls.value[1]?.state.phase).toBe('cancelled');
  });

  test('makes it begin anew when more finished than the state tells of', async () => {
    const { loaded, stored } = await begun(many(3), many(3));
    for (const one of many(20)) stored.set(one.id, one);
    loaded.sync(many(20).slice(-5).reverse());
    await expect.poll(() => ids(loaded)).toHaveLength(20);
  });
});

describe('a choice of filters', () => {
  test.each([
    [{}, {}],
    [
      { service: 'runware', key: 'k' },
      { service: 'runware', key: 'k' },
    ],
    [{ task: 'runware/image' }, { service: 'runware', operation: 'image' }],
    [{ service: undefined, task: undefined, key: 'k' }, { key: 'k' }],
  ])('%j asks for %j', (choice, filter) => {
    expect(filterOf(choice)).toEqual(filter);
  });
});

describe('a card', () => {
  test('names a task that this version does not know as it is stored', () => {
    expect(taskLabel(call({ at: 1, operation: 'image' }))).toBe('Image');
    expect(taskLabel(call({ at: 1, operation: 'hologram' }))).toBe('hologram');
  });

  test.each([
    ['image', { prompt: 'A harbour', model: 'runware:400@2' }, 'A harbour'],
    ['models', { search: 'flux', most: '20' }, 'flux'],
    ['upscale', { factor: '2' }, ''],
  ])('of %s says what it is about: %j', (operation, values, subject) => {
    expect(subjectOf(call({ at: 1, operation, values }))).toBe(subject);
  });

  const failure = { code: 'safety', message: 'Refused.' } as const;
  test.each<[CallState, string | undefined, string]>([
    [DONE, undefined, 'Done'],
    [{ phase: 'failed', failure, items: [] }, 'Failed', 'Refused.'],
    [{ phase: 'unknown', failure, items: [] }, 'Outcome unknown', 'Refused.'],
    [
      { phase: 'cancelled', sent: false, items: [] },
      'Cancelled',
      'Cancelled before it was sent. Nothing was charged.',
    ],
  ])('of %j ends in “%s”: %s', (state, end, sentence) => {
    expect(endOf(state)).toBe(end);
    expect(sentenceOf(call({ at: 1, state }))).toBe(sentence);
  });

  test.each<[CallState, string]>([
    [{ phase: 'queued' }, 'Drawing…'],
    [{ phase: 'queued', note: 'waiting' }, 'Waiting for its turn: other calls of this key are under way.'],
    [{ ...SENT, note: 'busy' }, 'The service is busy; asking again in a moment…'],
  ])('of %j says where it is: %s', (state, words) => {
    expect(underWay(call({ at: 1, state }))).toBe(words);
  });

  test.each<[Parameters<typeof namesOf>[0], number, string]>([
    [{ kind: 'audio', id: 'a', media: 0, type: 'audio/wav' }, 1, 'Sound'],
    [{ kind: 'video', id: 'a', media: 0, type: 'video/mp4' }, 3, '3 films'],
    [{ kind: 'link', id: 'a', of: 'video', url: 'https://cdn.example/x.mp4' }, 1, 'Film at cdn.example'],
    [{ kind: 'link', id: 'a', of: 'image', url: 'nonsense' }, 1, 'Picture at an odd address'],
    [{ kind: 'list', id: 'a', rows: [{ id: '1', title: 'One' }], total: 9 }, 1, 'One'],
  ])('of %j, %d of it, names it: %s', (item, count, words) => {
    expect(namesOf(item, count)).toBe(words);
  });
});
