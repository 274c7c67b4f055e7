import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomBytes } from '../../src/bytes';
import { spentToday } from '../../src/calls/spending';
import { Failure, type FailureCode } from '../../src/failure';
import { searchForLeaks } from '../browser/drive/leaks';
import {
  background,
  connecting,
  drawn,
  type Events,
  failing,
  formOf,
  gate,
  never,
  said,
  sending,
  stopped,
} from './background';
import {
  copyOf,
  everythingKept,
  idsIn,
  PASSPHRASE,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
  STORES,
} from './vaults';

let template: Room;
let room: Room;
let key = '';
let wish: { key: string; operation: string; values: Record<string, string> };

beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey());
});

beforeEach(async () => {
  room = await copyOf(template);
  wish = { key, operation: 'text', values: formOf('text', { prompt: 'Describe a heron.' }) };
});

const stores = async () => ({
  journal: (await idsIn(room.database, 'journal')).length,
  history: (await idsIn(room.database, 'history')).length,
});

describe('a call', () => {
  it.each([
    ['that connects first', [connecting, sending()]],
    ['whose link stands', [sending()]],
  ])('%s is in the journal before it leaves', async (_, events) => {
    const { calls, journal, script, reaches } = background(room);
    const before: unknown[] = [];
    script.run = async function* () {
      yield* events;
      // Here a service sends.
      before.push(await stores(), ...(await journal.latest(0)).map(({ state }) => state.phase));
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'done');
    expect(before).toEqual([{ journal: 1, history: 0 }, 'sent']);
  });

  it('is started once it is on the disk, and not before', async () => {
    const { calls, script } = background(room);
    const { opened, open } = gate();
    script.run = async function* () {
      await opened;
      yield connecting;
      await never;
    };
    let started = false;
    const starting = calls.start(wish).then(() => {
      started = true;
    });
    await new Promise(resolve => setTimeout(resolve, 30));
    expect([started, await stores()]).toEqual([false, { journal: 0, history: 0 }]);
    open();
    await starting;
    expect(await stores()).toEqual({ journal: 1, history: 0 });
  });

  it('is done in one writing with its last item', async () => {
    const { calls, script, seen, reaches, idle } = background(room);
    script.run = async function* () {
      yield sending();
      yield said('One.', 0.25);
      yield said('Two.', 0.5, true);
    };
    const { id } = await calls.start(wish);
    const state = await reaches(id, 'done');
    await idle();
    expect(state).toMatchObject({ items: [{ text: 'One.' }, { text: 'Two.' }], cost: 0.75 });
    expect(seen.changes.map(({ state: { phase } }) => phase)).toEqual(['sent', 'sent', 'done']);
    expect(await stores()).toEqual({ journal: 0, history: 1 });
  });

  it('stays done when its service is cancelled or fails after the last item', async () => {
    for (const ending of ['cancel', 'fail'] as const) {
      const { calls, script, seen, reaches, idle } = background(room);
      script.run = async function* (_, signal) {
        yield sending();
        yield said('All.', undefined, true);
        if (ending === 'fail') throw new Failure('outcome-unknown', 'Lost.');
        await stopped(signal);
      };
      const { id } = await calls.start(wish);
      await reaches(id, 'done');
      calls.cancel(id);
      await idle();
      expect(seen.changes.at(-1)?.state.phase).toBe('done');
      expect((await calls.latest(1))[0]?.state).toMatchObject({ phase: 'done', items: [{ text: 'All.' }] });
    }
  });

  it('is in the journal with each event before its service goes on', async () => {
    const { calls, journal, script, reaches } = background(room);
    const kept: unknown[] = [];
    const look = async () => {
      const [call] = await journal.latest(0);
      kept.push(call?.state);
    };
    script.run = async function* () {
      yield connecting;
      await look();
      yield sending({ session: 's-1' });
      await look();
      yield said('One.', 0.25);
      await look();
      yield { type: 'reconnecting' };
      await look();
      yield sending({ session: 's-2' });
      await look();
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'done');
    const item = { kind: 'text', id: 'One.', text: 'One.' };
    expect(kept).toEqual([
      { phase: 'queued' },
      { phase: 'sent', trace: { session: 's-1' }, items: [] },
      { phase: 'sent', trace: { session: 's-1' }, items: [item], cost: 0.25 },
      { phase: 'sent', trace: { session: 's-1' }, items: [item], cost: 0.25, note: 'reconnecting' },
      { phase: 'sent', trace: { session: 's-2' }, items: [item], cost: 0.25 },
    ]);
  });

  it('moves to the history when it is done', async () => {
    const { calls, script, reaches } = background(room);
    script.run = async function* () {
      yield sending();
      yield said('A tall bird.', 0.001);
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'done');
    expect(await stores()).toEqual({ journal: 0, history: 1 });
    expect(await calls.latest(5)).toEqual([
      {
        id,
        at: expect.any(Number),
        request: {
          service: 'runware',
          key,
          label: 'Work',
          operation: 'text',
          values: wish.values,
          estimate: 0.01,
          boot: 'boot-1',
        },
        state: {
          phase: 'done',
          tookMs: expect.any(Number),
          items: [{ kind: 'text', id: 'A tall bird.', text: 'A tall bird.' }],
          cost: 0.001,
        },
      },
    ]);
  });

  it('tells of every change, in order', async () => {
    const { calls, script, seen, reaches } = background(room);
    script.run = async function* () {
      yield connecting;
      yield sending();
      yield said('One.');
    };
    await reaches((await calls.start(wish)).id, 'done');
    expect(seen.changes.map(({ state }) => state.phase)).toEqual(['queued', 'sent', 'sent', 'done']);
  });

  it('gives its service the id that the journal has, and the checked values', async () => {
    const { calls, seen, reaches } = background(room);
    const { id } = await calls.start({ ...wish, values: { ...wish.values, model: ' a:b@1 ', unknown: 'x' } });
    await reaches(id, 'done');
    expect(seen.run).toEqual([{ id, operation: 'text', values: { ...wish.values, model: 'a:b@1' } }]);
  });

  it('adds up what its parts cost, and says nothing of cost when none was told', async () => {
    const { calls, script, reaches, preferences } = background(room);
    await preferences.setMoney({ dear: 100 });
    script.run = async function* () {
      yield sending();
      yield drawn('1', new Uint8Array([1]), 0.25);
      yield drawn('2', new Uint8Array([2]));
      yield drawn('3', new Uint8Array([3]), 0.5);
    };
    expect(await reaches((await calls.start(wish)).id, 'done')).toMatchObject({ cost: 0.75 });
    script.run = async function* () {
      yield sending();
      yield said('Free?');
    };
    expect(await reaches((await calls.start(wish)).id, 'done')).not.toHaveProperty('cost');
  });

  it('gives back its images byte for byte, while it runs and afterwards', async () => {
    const { calls, script, reaches, seen } = background(room);
    const pictures = [
      new Uint8Array([0, 255, 128]),
      crypto.getRandomValues(new Uint8Array(60_000)),
      new Uint8Array(0),
    ];
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      for (const [at, bytes] of pictures.entries()) yield drawn(`i-${at}`, bytes);
      await opened;
    };
    const { id } = await calls.start(wish);
    await vi.waitFor(() => expect(seen.changes.at(-1)?.state).toMatchObject({ items: [{}, {}, {}] }));
    for (const [at, bytes] of pictures.entries()) expect(await calls.media(id, at)).toEqual(bytes);
    open();
    const state = await reaches(id, 'done');
    expect(state).toMatchObject({
      items: pictures.map((_, media) => ({
        kind: 'image',
        id: `i-${media}`,
        type: 'image/png',
        media,
        seed: 7,
      })),
    });
    for (const [at, bytes] of pictures.entries()) expect(await calls.media(id, at)).toEqual(bytes);
    for (const at of [3, -1]) await expect(calls.media(id, at)).rejects.toEqual(failing('call-missing'));
    await expect(calls.media('another', 0)).rejects.toEqual(failing('call-missing'));
  });

  it('keeps the background awake for as long as it is open, and no longer', async () => {
    const { calls, script, seen, reaches, idle } = background(room);
    const { opened, open } = gate();
    script.run = async function* () {
      yield sending();
      await opened;
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'sent');
    expect(seen.held).toBe(1);
    open();
    await reaches(id, 'done');
    await idle();
    script.run = async function* () {
      yield* [];
      throw new Failure('offline', 'Offline.');
    };
    await reaches((await calls.start(wish)).id, 'failed');
    await idle();
  });

  it('leaves no word of its prompt, its answer or its trace readable on the disk', async () => {
    const { calls, script, reaches } = background(room);
    const words = ['prompt-of-the-quiet-heron', 'answer-of-the-noisy-bittern', 'session-of-the-hidden-rail'];
    const [prompt = '', answer = '', session] = words;
    script.run = async function* () {
      yield sending({ session });
      yield said(answer);
      yield drawn('i', new TextEncoder().encode(answer));
    };
    await reaches((await calls.start({ ...wish, values: { ...wish.values, prompt } })).id, 'done');
    const kept = await everythingKept(room);
    const search = searchForLeaks(words);
    expect(search.texts('text', kept.texts)).toEqual([]);
    expect(kept.bytes.flatMap(bytes => search.bytes('bytes', bytes))).toEqual([]);
  });
});

describe('an answer', () => {
  it('is kept to a million characters, and says that it is cut', async () => {
    const { calls, script, reaches } = background(room);
    script.run = async function* (): Events {
      yield sending();
      for (const id of ['a', 'b', 'c']) yield { type: 'text', id, text: id.repeat(600_000) };
    };
    const { id } = await calls.start(wish);
    const state = await reaches(id, 'done');
    const texts = 'items' in state ? state.items.flatMap(item => (item.kind === 'text' ? [item] : [])) : [];
    expect(texts.map(({ text, cut }) => [text.length, cut])).toEqual([
      [600_000, undefined],
      [400_000, 'length'],
      [0, 'length'],
    ]);
  });

  it('that cannot be read counts what it cost', async () => {
    const { calls, script, reaches, idle, spent } = background(room);
    script.run = async function* (): Events {
      yield sending();
      yield { type: 'charged', id: 'one', cost: 0.5 };
      throw new Failure('unreadable-answer', 'What is that?');
    };
    const { id } = await calls.start(wish);
    expect(await reaches(id, 'failed')).toMatchObject({ cost: 0.5 });
    await idle();
    expect(await spent()).toEqual({ [key]: 0.5 });
  });

  it('in which one thing cannot be read counts that once, however often it is asked after', async () => {
    const { calls, script, reaches, idle, spent } = background(room);
    const lost = new Failure('outcome-unknown', 'Where is the other?');
    script.run = async function* (): Events {
      yield sending();
      yield { type: 'charged', id: 'one', cost: 0.5 };
      throw lost;
    };
    const { id } = await calls.start(wish);
    expect(await reaches(id, 'unknown')).toMatchObject({ cost: 0.5 });
    await idle();
    let asks = 0;
    script.recover = async function* (): Events {
      asks += 1;
      yield { type: 'charged', id: 'one', cost: 0.5 };
      // At last it can be read.
      if (asks === 2) yield said('one', 0.5, true);
      else throw lost;
    };
    await calls.ask(id);
    await idle();
    expect(await reaches(id, 'unknown')).toMatchObject({ cost: 0.5 });
    await calls.ask(id);
    expect(await reaches(id, 'done')).toMatchObject({ cost: 0.5, items: [{ id: 'one' }] });
    await idle();
    expect(await spent()).toEqual({ [key]: 0.5 });
  });
});

describe('a call that cannot be made', () => {
  it('because the disk became full before it left says so, and nothing is sent', async () => {
    const { calls, script, seen, idle } = background(room);
    const { opened, open } = gate();
    let left = false;
    script.run = async function* (): Events {
      yield connecting;
      await opened;
      yield sending();
      left = true;
    };
    await calls.start(wish);
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    open();
    await idle();
    full.mockRestore();
    expect(left).toBe(false);
    expect(seen.changes.at(-1)?.state).toMatchObject({ phase: 'failed', failure: { code: 'storage-full' } });
  });

  it.each<[string, () => typeof wish, object]>([
    ['with a key that is gone', () => ({ ...wish, key: crypto.randomUUID() }), { code: 'key-missing' }],
    [
      'of a task that there is none of',
      () => ({ ...wish, operation: 'constructor' }),
      { code: 'bad-request' },
    ],
    [
      'without a prompt',
      () => ({ ...wish, values: { ...wish.values, prompt: '' } }),
      { code: 'bad-input', field: 'prompt', message: 'Prompt is empty.' },
    ],
    [
      'with a value out of bounds',
      () => ({ ...wish, values: { ...wish.values, maxTokens: '0' } }),
      { code: 'bad-input', field: 'maxTokens' },
    ],
  ])('%s is refused and leaves no trace', async (_, made, report) => {
    const { calls, seen } = background(room);
    await expect(calls.start(made())).rejects.toMatchObject({ report });
    expect(await stores()).toEqual({ journal: 0, history: 0 });
    expect(seen).toMatchObject({ run: [], changes: [], held: 0 });
  });

  it('because the vault is locked is refused', async () => {
    const { calls, seen } = background(room);
    await room.vault.lock();
    await expect(calls.start(wish)).rejects.toEqual(failing('vault-locked'));
    expect(seen.run).toEqual([]);
  });

  it('because the disk is full is refused, and nothing is sent', async () => {
    const { calls, script, seen, idle } = background(room);
    let left = false;
    script.run = async function* () {
      yield connecting;
      yield sending();
      left = true;
    };
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    await expect(calls.start(wish)).rejects.toEqual(failing('storage-full'));
    put.mockRestore();
    await idle();
    expect({ left, changes: seen.changes, ...(await stores()) }).toEqual({
      left: false,
      changes: [],
      journal: 0,
      history: 0,
    });
  });
});

describe('a failure', () => {
  const failsWith = (thrown: unknown, afterSending: boolean): (() => Events) =>
    async function* () {
      if (afterSending) {
        yield sending();
        yield said('Half an answer.', 0.5);
      }
      throw thrown;
    };

  it.each<FailureCode>(['offline', 'unreachable', 'rejected-key', 'outcome-unknown', 'timed-out'])(
    'of code %s before anything was sent is a plain failure',
    async code => {
      const { calls, script, reaches } = background(room);
      script.run = failsWith(new Failure(code, 'No.', { next: 'Wait.' }), false);
      const state = await reaches((await calls.start(wish)).id, 'failed');
      expect(state).toEqual({ phase: 'failed', failure: { code, message: 'No.', next: 'Wait.' }, items: [] });
      expect(await stores()).toEqual({ journal: 0, history: 1 });
    },
  );

  it.each<FailureCode>([
    'safety',
    'invalid',
    'quota',
    'rate-limit',
    'timed-out',
    'service-error',
    'not-found',
  ])('of code %s, which the service itself told, is a plain failure, and keeps what had come', async code => {
    const { calls, script, reaches } = background(room);
    script.run = failsWith(new Failure(code, 'No.'), true);
    const state = await reaches((await calls.start(wish)).id, 'failed');
    expect(state).toMatchObject({ failure: { code }, items: [{ text: 'Half an answer.' }], cost: 0.5 });
  });

  it.each<[string, unknown]>([
    ['an outcome that nobody knows', new Failure('outcome-unknown', 'Lost.')],
    ['an error that is not ours', new TypeError('oops')],
    ['a key that is gone', new Failure('key-missing', 'Gone.')],
    ['a key that is damaged', new Failure('key-damaged', 'Broken.')],
  ])('after the sending is unknown when it is %s, and keeps what had come', async (_, thrown) => {
    const { calls, script, reaches } = background(room);
    script.run = failsWith(thrown, true);
    const state = await reaches((await calls.start(wish)).id, 'unknown');
    expect(state).toMatchObject({ items: [{ text: 'Half an answer.' }], cost: 0.5 });
    expect(await stores()).toEqual({ journal: 0, history: 1 });
  });

  it('does not quote an error that is not ours', async () => {
    const { calls, script, reaches } = background(room);
    script.run = failsWith(new Error('rk-secret'), false);
    const state = await reaches((await calls.start(wish)).id, 'failed');
    expect(JSON.stringify(state)).not.toContain('rk-secret');
    expect(state).toMatchObject({ failure: { code: 'internal' } });
  });

  it('of one call is none of another’s', async () => {
    const { calls, script, reaches } = background(room);
    script.run = async function* ({ values }) {
      yield sending();
      if (values.prompt === 'fail') throw new Failure('safety', 'No.');
      yield said('Fine.');
    };
    const bad = await calls.start({ ...wish, values: { ...wish.values, prompt: 'fail' } });
    const good = await calls.start(wish);
    await Promise.all([reaches(bad.id, 'failed'), reaches(good.id, 'done')]);
  });
});

describe('cancelling', () => {
  it('before the sending sends nothing, and says so', async () => {
    const { calls, script, reaches } = background(room);
    let left = false;
    script.run = async function* (_, signal) {
      yield connecting;
      await stopped(signal);
      left = true;
      yield sending();
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'queued');
    calls.cancel(id);
    expect(await reaches(id, 'cancelled')).toEqual({ phase: 'cancelled', sent: false, items: [] });
    expect(left).toBe(false);
    expect(await stores()).toEqual({ journal: 0, history: 1 });
  });

  it('after the sending says that it may be charged, and keeps what had come', async () => {
    const { calls, script, reaches } = background(room);
    const { opened, open } = gate();
    script.run = async function* (_, signal) {
      yield sending();
      yield said('Half.', 0.5);
      open();
      await stopped(signal);
    };
    const { id } = await calls.start(wish);
    await opened;
    calls.cancel(id);
    expect(await reaches(id, 'cancelled')).toEqual({
      phase: 'cancelled',
      sent: true,
      trace: { session: 's-1' },
      items: [{ kind: 'text', id: 'Half.', text: 'Half.' }],
      cost: 0.5,
    });
  });

  it('is no failure even if the service throws something else for it', async () => {
    const { calls, script, reaches } = background(room);
    script.run = async function* (_, signal) {
      yield sending();
      await stopped(signal).catch(() => {
        throw new DOMException('socket closed', 'AbortError');
      });
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'sent');
    calls.cancel(id);
    await reaches(id, 'cancelled');
  });

  it('what is done, unknown or cancelled already changes nothing', async () => {
    const { calls, reaches, seen, idle } = background(room);
    const { id } = await calls.start(wish);
    await reaches(id, 'done');
    await idle();
    calls.cancel(id);
    calls.cancel('another');
    expect((await calls.latest(1))[0]?.state.phase).toBe('done');
    expect(seen.changes.at(-1)?.state.phase).toBe('done');
  });
});

describe('locking the vault', () => {
  it('while its key is being opened for a call that was sent gives the key to nobody', async () => {
    const first = background(room);
    first.script.run = async function* (): Events {
      yield sending();
      await never;
    };
    const { id } = await first.calls.start(wish);
    await first.reaches(id, 'sent');
    const next = await reborn(room);
    await next.vault.status();
    const { calls, seen } = background(next);
    const { open } = next.vault.keys;
    next.vault.keys.open = async name => {
      const key = await open.call(next.vault.keys, name);
      await next.vault.lock();
      return key;
    };
    await calls.recover();
    await vi.waitFor(() => expect(seen.held).toBe(0));
    expect([seen.recover, (await stores()).journal]).toEqual([[], 1]);
  });

  it('while a secret is being read opens no key', async () => {
    const opening = room.vault.keys.open(key);
    await room.vault.lock();
    await expect(opening).rejects.toEqual(failing('vault-locked'));
  });

  it('keeps what has not left from leaving', async () => {
    const { calls, script, reaches } = background(room);
    let left = false;
    script.run = async function* (_, signal) {
      yield connecting;
      await stopped(signal);
      left = true;
      yield sending();
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'queued');
    await room.vault.lock();
    const state = await reaches(id, 'failed');
    expect(state).toMatchObject({
      failure: { code: 'vault-locked', message: expect.stringContaining('Nothing was charged') },
    });
    expect(left).toBe(false);
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect((await calls.latest(1))[0]).toMatchObject({ id, state });
  });

  it('lets what was sent finish, and its result is there after the unlocking', async () => {
    const { calls, script, reaches } = background(room);
    const { opened, open } = gate();
    const picture = crypto.getRandomValues(new Uint8Array(500));
    script.run = async function* (_, signal) {
      yield sending();
      await Promise.race([opened, stopped(signal)]);
      yield drawn('i-1', picture, 0.25);
    };
    const { id } = await calls.start(wish);
    await reaches(id, 'sent');
    await room.vault.lock();
    open();
    await reaches(id, 'done');
    expect(await stores()).toEqual({ journal: 0, history: 1 });
    await expect(calls.media(id, 0)).rejects.toEqual(failing('vault-locked'));
    await expect(calls.latest(1)).rejects.toEqual(failing('vault-locked'));
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    expect(await calls.media(id, 0)).toEqual(picture);
    expect((await calls.latest(1))[0]?.state).toMatchObject({ phase: 'done', cost: 0.25 });
  });

  it('lets what waits for the key wait in the journal, and go on after the unlocking', async () => {
    const { calls, script, reaches, seen, idle } = background(room);
    script.run = async function* () {
      yield sending({ session: 's-9' });
      yield said('First half.', 0.25);
      await room.vault.lock();
      throw new Failure('vault-locked', 'Locked.');
    };
    const { id } = await calls.start(wish);
    await vi.waitFor(() =>
      expect(seen.changes.at(-1)?.state).toMatchObject({ phase: 'sent', note: 'locked' }),
    );
    await idle();
    expect(await stores()).toEqual({ journal: 1, history: 0 });

    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    script.recover = async function* () {
      yield said('Second half.', 0.5);
    };
    await calls.recover();
    const state = await reaches(id, 'done');
    expect(seen.recover).toMatchObject([
      { task: { id }, kept: { trace: { session: 's-9' }, items: ['First half.'] } },
    ]);
    expect(state).toMatchObject({ items: [{ text: 'First half.' }, { text: 'Second half.' }], cost: 0.75 });
    expect(seen.run).toHaveLength(1);
  });

  it('while a recovered call waits for its key leaves it in the journal once more', async () => {
    const first = background(room);
    first.script.run = async function* () {
      yield sending();
      await never;
    };
    const { id } = await first.calls.start(wish);
    await first.reaches(id, 'sent');
    const next = background(reborn(room));
    next.script.recover = async function* () {
      yield sending({ session: 's-2' });
      throw new Failure('vault-locked', 'Locked.');
    };
    await next.calls.recover();
    await next.idle();
    expect(await stores()).toEqual({ journal: 1, history: 0 });
    next.script.recover = async function* () {
      yield said('At last.');
    };
    await next.calls.recover();
    await next.reaches(id, 'done');
    expect(next.seen.recover.map(({ kept }) => kept.trace)).toEqual([{ session: 's-1' }, { session: 's-2' }]);
  });
});

describe('ten minutes after a lock', () => {
  const AFTER_LOCK = 10 * 60_000;
  /** Lets so many of the lock's milliseconds pass; databases keep their own time. */
  const timers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A call that was sent, and whose answer comes when it comes. */
  async function waiting() {
    const { opened, open } = gate();
    const made = background(room);
    let ended: unknown;
    made.script.run = async function* (_, signal) {
      yield sending({ session: 's-9' });
      await Promise.race([opened, stopped(signal)]).catch(thrown => {
        ended = thrown;
        throw thrown;
      });
      yield said('At last.', 0.25);
    };
    const { id } = await made.calls.start(wish);
    await made.reaches(id, 'sent');
    return { ...made, id, open, ended: () => ended };
  }
  /** Waits for something while `setTimeout` stands still. */
  const until = async (is: () => unknown) => {
    while (!is()) await new Promise(resolve => setImmediate(resolve));
  };

  it('an answer that has not come is waited for no longer: the call waits in the journal', async () => {
    const { id, seen, ended } = await waiting();
    timers();
    await room.vault.lock();
    vi.advanceTimersByTime(AFTER_LOCK - 1);
    await new Promise(resolve => setImmediate(resolve));
    expect([ended(), seen.held]).toEqual([undefined, 1]);
    vi.advanceTimersByTime(1);
    await until(() => seen.held === 0);
    expect(ended()).toEqual(failing('vault-locked'));
    expect(seen.changes.at(-1)).toMatchObject({ id, state: { phase: 'sent', note: 'locked' } });
    expect(await stores()).toEqual({ journal: 1, history: 0 });
  });

  it('it is recovered after the unlocking, and not run again', async () => {
    const { id, calls, seen, script, reaches } = await waiting();
    timers();
    await room.vault.lock();
    vi.advanceTimersByTime(AFTER_LOCK);
    await until(() => seen.held === 0);
    vi.useRealTimers();
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    script.recover = async function* () {
      yield said('Found.', 0.25);
    };
    await calls.recover();
    expect(await reaches(id, 'done')).toMatchObject({ items: [{ text: 'Found.' }], cost: 0.25 });
    expect(seen.recover).toMatchObject([{ task: { id }, kept: { trace: { session: 's-9' } } }]);
    expect(seen.run).toHaveLength(1);
  });

  it('a call is left alone if the vault was unlocked before', async () => {
    const { id, seen, open, ended, reaches } = await waiting();
    timers();
    await room.vault.lock();
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    vi.advanceTimersByTime(AFTER_LOCK);
    await new Promise(resolve => setImmediate(resolve));
    expect([ended(), seen.held]).toEqual([undefined, 1]);
    vi.useRealTimers();
    open();
    await reaches(id, 'done');
  });

  it('an answer that came in time is kept, and no clock goes on', async () => {
    const { seen, open } = await waiting();
    timers();
    await room.vault.lock();
    open();
    await until(() => seen.held === 0);
    expect(vi.getTimerCount()).toBe(0);
    expect(await stores()).toEqual({ journal: 0, history: 1 });
  });
});

describe('after the background’s death', () => {
  /** A call that hangs where the script lets it, in a background that is then left for dead. */
  async function abandoned(run: () => Events, phase: 'queued' | 'sent', boot?: string): Promise<string> {
    const dead = background(reborn(room), boot);
    dead.script.run = run;
    const { id } = await dead.calls.start(wish);
    await dead.reaches(id, phase);
    await vi.waitFor(async () => expect((await dead.journal.unfinished()).length).toBeGreaterThan(0));
    return id;
  }
  const unsent = async function* (): Events {
    yield connecting;
    await never;
  };
  const sent = async function* (): Events {
    yield sending({ session: 's-1' });
    await never;
  };

  it('a call that had not left is sent, if it is the same run of the browser', async () => {
    const id = await abandoned(unsent, 'queued', 'boot-1');
    const next = background(room, 'boot-1');
    await next.calls.recover();
    await next.reaches(id, 'done');
    expect(next.seen.run).toEqual([{ id, operation: 'text', values: wish.values }]);
    expect(next.seen.recover).toEqual([]);
  });

  it('a call that had not left before the browser was closed is not sent, and says that nothing was charged', async () => {
    const id = await abandoned(unsent, 'queued', 'boot-1');
    const next = background(room, 'boot-2');
    await next.calls.recover();
    expect(await next.reaches(id, 'failed')).toMatchObject({
      failure: { message: expect.stringContaining('Nothing was charged') },
    });
    expect(next.seen).toMatchObject({ run: [], recover: [], held: 0 });
    expect(await stores()).toEqual({ journal: 0, history: 1 });
  });

  it('a call that had not left and has waited for minutes is not sent behind the person’s back', async () => {
    const id = await abandoned(unsent, 'queued', 'boot-1');
    const next = background(room, 'boot-1');
    vi.setSystemTime(Date.now() + 3 * 60_000);
    await next.calls.recover();
    vi.useRealTimers();
    expect(await next.reaches(id, 'failed')).toMatchObject({
      failure: { message: 'This call waited too long before it was sent. Nothing was charged.' },
    });
    expect(next.seen.run).toEqual([]);
  });

  it.each(['boot-1', 'boot-2'])('a call that had left is recovered and not run again, in %s', async boot => {
    const id = await abandoned(sent, 'sent', 'boot-1');
    const next = background(room, boot);
    next.script.recover = async function* () {
      yield said('Found.');
    };
    await next.calls.recover();
    expect(await next.reaches(id, 'done')).toMatchObject({ items: [{ text: 'Found.' }] });
    expect(next.seen.run).toEqual([]);
    expect(next.seen.recover).toEqual([
      {
        task: { id, operation: 'text', values: wish.values },
        kept: { trace: { session: 's-1' }, items: [] },
      },
    ]);
  });

  it('a call is recovered once, however often that is asked for', async () => {
    const id = await abandoned(sent, 'sent');
    const next = background(room);
    const { opened, open } = gate();
    next.script.recover = async function* () {
      await opened;
      yield* [];
    };
    await Promise.all([next.calls.recover(), next.calls.recover(), next.calls.recover()]);
    await next.calls.recover();
    open();
    await next.reaches(id, 'done');
    await next.calls.recover();
    expect(next.seen.recover).toHaveLength(1);
  });

  it('what had come of a call is not asked for again, and its images keep their places', async () => {
    const [one, two] = [new Uint8Array([1, 1]), new Uint8Array([2, 2])];
    const { opened, open } = gate();
    const id = await abandoned(async function* () {
      yield sending();
      yield drawn('i-1', one, 0.25);
      open();
      await never;
    }, 'sent');
    await opened;
    const next = background(room);
    next.script.recover = async function* () {
      yield drawn('i-2', two, 0.25);
    };
    await next.calls.recover();
    const state = await next.reaches(id, 'done');
    expect(next.seen.recover).toMatchObject([{ kept: { items: ['i-1'] } }]);
    expect(state).toMatchObject({
      items: [
        { id: 'i-1', media: 0 },
        { id: 'i-2', media: 1 },
      ],
      cost: 0.5,
    });
    expect(await next.calls.media(id, 0)).toEqual(one);
    expect(await next.calls.media(id, 1)).toEqual(two);
  });

  it('a call whose key was deleted meanwhile ends as unknown', async () => {
    const id = await abandoned(sent, 'sent');
    await room.vault.keys.remove(key);
    const next = background(room);
    await next.calls.recover();
    expect(await next.reaches(id, 'unknown')).toMatchObject({
      failure: { code: 'outcome-unknown', next: expect.stringContaining('been charged') },
    });
    expect(next.seen.recover).toEqual([]);
  });

  it('a running call is not taken up a second time', async () => {
    const { calls, script, seen, reaches } = background(room);
    script.run = sent;
    const { id } = await calls.start(wish);
    await reaches(id, 'sent');
    await calls.recover();
    expect(seen).toMatchObject({ recover: [], held: 1 });
    expect(seen.run).toHaveLength(1);
  });

  it('a record that no longer opens keeps no other from being recovered, and stays where it is', async () => {
    const broken = await abandoned(sent, 'sent');
    const whole = await abandoned(sent, 'sent');
    const stored = await room.database.get('calls', broken);
    if (!stored) throw new Error('the call is not in the journal');
    const state = { ...stored.state, data: stored.state.data.map(byte => byte ^ 1) };
    await room.database.put('calls', { ...stored, state });
    const next = background(room);
    await next.calls.recover();
    await next.reaches(whole, 'done');
    expect(next.seen.recover.map(({ task }) => task.id)).toEqual([whole]);
    expect(await idsIn(room.database, 'journal')).toEqual([broken]);
    // And it weighs on its key’s daily limit no more.
    expect(await room.database.get('calls', broken)).not.toHaveProperty('hold');
    expect(await spentToday(room.database)).toEqual({ [wish.key]: expect.closeTo(0.01, 6) });
  });

  it('a record with another call’s state in it does not open', async () => {
    const [one, two] = [await abandoned(sent, 'sent'), await abandoned(sent, 'sent')];
    const stored = await room.database.get('calls', one);
    const other = await room.database.get('calls', two);
    if (!stored || !other) throw new Error('the calls are not in the journal');
    await room.database.put('calls', {
      ...stored,
      key: other.key,
      state: other.state,
      request: other.request,
    });
    const next = background(room);
    await next.calls.recover();
    await next.reaches(two, 'done');
    expect(next.seen.recover.map(({ task }) => task.id)).toEqual([two]);
  });

  it('with the vault locked nothing is taken up until it is unlocked', async () => {
    const id = await abandoned(sent, 'sent');
    await room.vault.lock();
    const next = background(room);
    await expect(next.calls.recover()).rejects.toEqual(failing('vault-locked'));
    expect(next.seen.recover).toEqual([]);
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    await next.calls.recover();
    await next.reaches(id, 'done');
  });
});

describe('the list of calls', () => {
  it('has the open ones first, then the latest finished ones, newest first', async () => {
    const { calls, script, reaches } = background(room);
    const clock = vi.spyOn(Date, 'now');
    let now = Date.now();
    clock.mockImplementation(() => now++);
    const done: string[] = [];
    for (let round = 0; round < 4; round++) {
      const { id } = await calls.start(wish);
      await reaches(id, 'done');
      done.unshift(id);
    }
    script.run = async function* () {
      yield sending();
      await never;
    };
    const open: string[] = [];
    for (let round = 0; round < 2; round++) {
      const { id } = await calls.start(wish);
      await reaches(id, 'sent');
      open.unshift(id);
    }
    clock.mockRestore();
    expect((await calls.latest(3)).map(({ id }) => id)).toEqual([...open, ...done.slice(0, 3)]);
  });
});

describe('a vault that is erased', () => {
  it('leaves nothing of the calls that were under way', async () => {
    const many = await room.vault.keys.add({
      ...runwareKey('Many'),
      dailyLimit: null,
      fields: { atOnce: '50' },
    });
    const { calls, script } = background(room);
    script.run = async function* (_task, signal) {
      yield sending();
      for (let at = 0; ; at++) {
        signal.throwIfAborted();
        yield drawn(`i-${at}`, randomBytes(2_000), 0.001);
        await new Promise(resolve => setTimeout(resolve, at % 5));
      }
    };
    const values = formOf('image', { prompt: 'a heron', count: '4' });
    for (let at = 0; at < 40; at++) await calls.start({ key: many, operation: 'image', values });
    await calls.abandon();
    await room.vault.erase();
    await new Promise(resolve => setTimeout(resolve, 300));
    const left = await Promise.all(STORES.map(store => room.database.count(store)));
    expect(left).toEqual(STORES.map(() => 0));
  });
});
