import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomBytes } from '../../src/bytes';
import { Failure } from '../../src/failure';
import { DRAFT, PRIVATE_DRAFT } from '../../src/messages/contract';
import { background, drawn, formOf, gate, said, sending } from './background';
import { copyOf, idsIn, type Room, roomWithVault, runwareKey } from './vaults';

const browser = vi.hoisted(() => {
  const listeners = {
    removed: [] as (() => Promise<void>)[],
    alarm: [] as ((alarm: { name: string }) => void)[],
  };
  const items = new Map<string, unknown>();
  return {
    listeners,
    items,
    open: [] as { incognito: boolean }[],
    alarmed: new Map<string, number>(),
    windows: {
      onRemoved: { addListener: (listener: () => Promise<void>) => listeners.removed.push(listener) },
      getAll: async () => browser.open,
    },
    alarms: {
      onAlarm: {
        addListener: (listener: (alarm: { name: string }) => void) => listeners.alarm.push(listener),
      },
      create: async (name: string, { delayInMinutes }: { delayInMinutes: number }) => {
        browser.alarmed.set(name, delayInMinutes);
      },
      get: async (name: string) => (browser.alarmed.has(name) ? { name } : undefined),
    },
    storage: {
      session: {
        get: async (name: string) => (items.has(name) ? { [name]: items.get(name) } : {}),
        set: async (values: object) => {
          for (const [name, value] of Object.entries(values)) items.set(name, value);
        },
        remove: async (names: readonly string[]) => {
          for (const name of names) items.delete(name);
        },
      },
    },
  };
});
// Only what the browser tells of its windows, alarms and session is stood in for.
vi.mock('webextension-polyfill', () => ({ default: browser }));

const { forgetPassing, PRIVATE_OFFERED } = await import('../../src/background/passing');

let template: Room;
let room: Room;
let key = '';
let made: ReturnType<typeof background>;
/** How often whoever watches was told to look anew. */
let told = 0;

beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey('Work'));
});

beforeEach(async () => {
  room = await copyOf(template);
  made = background(room);
  made.script.run = async function* () {
    yield sending();
    yield drawn('i-1', randomBytes(9), 0.03125);
  };
  browser.items.clear();
  browser.alarmed.clear();
  open(true);
  await start();
});

const open = (...incognito: boolean[]) => {
  browser.open = incognito.map(incognito => ({ incognito }));
};
const closed = async (...left: boolean[]) => {
  open(...left);
  await Promise.all(browser.listeners.removed.map(listener => listener()));
};
const settled = () => new Promise(resolve => setTimeout(resolve, 30));

/** The background starts: it hears of every change of a call. */
async function start() {
  browser.listeners.removed.length = browser.listeners.alarm.length = 0;
  const passes = forgetPassing(
    async () => made,
    async () => void told++,
    async () => {},
  );
  const { push } = Array.prototype;
  made.seen.changes.push = (...calls) => {
    for (const call of calls) passes(call);
    return push.apply(made.seen.changes, calls);
  };
  await settled();
  told = 0;
}

async function finished(more: { private?: true } = { private: true }) {
  const values = formOf('image', { prompt: 'the quiet heron', count: '1' });
  const { id } = await made.calls.start({ key, operation: 'image', values, ...more });
  await made.reaches(id, 'done');
  await made.idle();
  await settled();
  return id;
}

const ring = async () => {
  for (const name of browser.alarmed.keys())
    for (const listener of browser.listeners.alarm) listener({ name });
  await settled();
};
const passing = () => idsIn(room.database, 'journal');

describe('a finished call that is not kept', () => {
  it('can be looked at for ten minutes, then is gone with its pictures, and whoever watches is told', async () => {
    const id = await finished();
    expect(await passing()).toEqual([id]);
    expect([...browser.alarmed.values()]).toEqual([10]);
    await ring();
    expect([await passing(), await room.database.count('media')]).toEqual([[], 0]);
    expect(told).toBe(1);
  });

  it('takes no other along when its time is over', async () => {
    await finished();
    const [first] = browser.alarmed;
    const later = await finished();
    browser.alarmed = new Map(first && [first]);
    await ring();
    expect(await passing()).toEqual([later]);
  });

  it('is not forgotten while it is asked after, and for as long again once that is over', async () => {
    made.script.run = async function* () {
      yield sending();
      throw new Failure('outcome-unknown', 'Lost.');
    };
    const values = formOf('image', { prompt: 'the quiet heron', count: '1' });
    const { id } = await made.calls.start({ key, operation: 'image', values, private: true });
    await made.reaches(id, 'unknown');
    await made.idle();
    await settled();
    const { opened, open } = gate();
    made.script.recover = async function* () {
      await opened;
      yield drawn('i-1', randomBytes(9), 0.25);
    };
    await made.calls.ask(id);
    await ring();
    expect(await passing()).toEqual([id]);
    browser.alarmed.clear();
    open();
    await made.reaches(id, 'done');
    await settled();
    expect(await passing()).toEqual([id]);
    expect(browser.alarmed.size).toBe(1);
  });

  it('is gone at once where no private window is open any more', async () => {
    open(false);
    await finished();
    expect(await passing()).toEqual([]);
    expect(browser.alarmed.size).toBe(0);
    expect(told).toBe(1);
  });

  it('is gone at once though the vault was locked meanwhile', async () => {
    open(false);
    const answer = gate();
    made.script.run = async function* () {
      yield sending();
      await answer.opened;
      yield said('A heron', 0.25, true);
    };
    const values = formOf('text', { prompt: 'the quiet heron' });
    const { id } = await made.calls.start({ key, operation: 'text', values, private: true });
    await made.reaches(id, 'sent');
    await room.vault.lock();
    answer.open();
    await made.reaches(id, 'done');
    await vi.waitFor(async () => expect(await passing()).toEqual([]));
  });

  it('can be looked at in any window where nothing is kept at all', async () => {
    open(false);
    await made.preferences.setRetention({ days: 0 });
    const id = await finished({});
    expect(await passing()).toEqual([id]);
    await ring();
    expect(await passing()).toEqual([]);
  });
});

it('a call that is kept stays whatever closes', async () => {
  const id = await finished({});
  await closed(false);
  await ring();
  expect(browser.alarmed.size).toBe(0);
  expect(await idsIn(room.database, 'history')).toEqual([id]);
});

describe('when the last private window closes', () => {
  it('all that is not kept is gone, with what was typed and selected there, and nothing else', async () => {
    await finished();
    await finished();
    for (const name of [...DRAFT, ...PRIVATE_DRAFT, PRIVATE_OFFERED, 'offered']) browser.items.set(name, 1);
    browser.items.delete('begun');
    await closed(false);
    expect(await passing()).toEqual([]);
    expect([...browser.items.keys()]).toEqual([...DRAFT, 'offered']);
    expect(told).toBe(1);
  });

  it('it may be the last window of all', async () => {
    await finished();
    await closed();
    expect(await passing()).toEqual([]);
  });

  it('what another window made stays its ten minutes, where nothing is kept at all', async () => {
    await made.preferences.setRetention({ days: 0 });
    const id = await finished({});
    await closed(false);
    expect(await passing()).toEqual([id]);
  });

  it('nothing is gone before', async () => {
    const id = await finished();
    browser.items.set('private draft', 1);
    await closed(false, true);
    expect(await passing()).toEqual([id]);
    expect(browser.items.has('private draft')).toBe(true);
  });

  it('what cannot be forgotten is when that is next tried', async () => {
    await finished();
    vi.spyOn(made.journal, 'forgetPassing').mockRejectedValueOnce(new Error('no storage'));
    await closed();
    expect(await passing()).toHaveLength(1);
    await closed();
    expect(await passing()).toEqual([]);
  });
});

describe('when the background starts', () => {
  it('in a new run of the browser, what the last one left is gone', async () => {
    await finished();
    browser.items.clear();
    await start();
    expect(await passing()).toEqual([]);
  });

  it('again in the same one, nothing is', async () => {
    const id = await finished();
    await start();
    expect(await passing()).toEqual([id]);
  });

  it('what has no alarm, since the last one died before it set it, gets one', async () => {
    const id = await finished();
    browser.alarmed.clear();
    await start();
    await settled();
    expect([...browser.alarmed]).toEqual([[`forget ${id}`, 10]]);
  });
});
