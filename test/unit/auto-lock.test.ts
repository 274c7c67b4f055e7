import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { USUAL } from '../../src/vault/locking';
import { Vault } from '../../src/vault/vault';
import { codeOf, copyOf, PASSPHRASE, putRaw, type Room, reborn, roomWithVault, runwareKey } from './vaults';

const proof = { by: 'passphrase', passphrase: PASSPHRASE } as const;
const MINUTE = 60_000;
const START = new Date('2030-01-01T12:00:00Z').getTime();

let template: Room;
let room: Room;
let key = '';

const at = (minutes: number) => vi.setSystemTime(START + minutes * MINUTE);

beforeAll(async () => {
  // Only the clock stands still: databases need their timers.
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey());
});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  room = await copyOf(template);
});

afterEach(() => {
  vi.useRealTimers();
});

const requests: [
  string,
  (vault: Vault, wrapped: Awaited<ReturnType<Vault['newCallKey']>>['wrapped']) => Promise<unknown>,
][] = [
  ['a list of the keys', vault => vault.keys.list()],
  ['a key', vault => vault.keys.open(key)],
  ['a change', vault => vault.keys.add(runwareKey('New'))],
  ['a key for a new call', vault => vault.newCallKey('new')],
  ['the key of a call', (vault, wrapped) => vault.openCallKey('call', wrapped)],
  ['its id', vault => vault.id()],
  ['the uses of a key', vault => vault.uses.of(key)],
];

describe('a vault that nobody has touched', () => {
  it('is open until its minutes are over, and locked from then on', async () => {
    at(USUAL.minutes - 1 / 60);
    expect(await room.vault.status()).toBe('unlocked');
    at(USUAL.minutes);
    expect(await room.vault.status()).toBe('locked');
    expect(room.session.values.size).toBe(0);
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it.each(requests)('is locked for whoever asks for %s first', async (_, request) => {
    const { wrapped } = await room.vault.newCallKey('call');
    await request(room.vault, wrapped);
    at(USUAL.minutes);
    expect(await codeOf(request(room.vault, wrapped))).toBe('vault-locked');
    expect(room.vault.isOpen).toBe(false);
  });

  it.each(requests)('is locked for a new background that is asked for %s first', async (_, request) => {
    const { wrapped } = await room.vault.newCallKey('call');
    at(USUAL.minutes);
    expect(await codeOf(request(reborn(room).vault, wrapped))).toBe('vault-locked');
    expect(room.session.values.size).toBe(0);
  });

  it('tells whoever holds something opened when it locks', async () => {
    let told = 0;
    await room.vault.status();
    room.vault.onLock(() => told++);
    at(USUAL.minutes);
    await room.vault.status();
    expect(told).toBe(1);
  });

  it('opens again with its passphrase, for as long as before', async () => {
    at(500);
    expect(await room.vault.status()).toBe('locked');
    await room.vault.unlock(proof);
    at(500 + USUAL.minutes - 1);
    expect(await room.vault.status()).toBe('unlocked');
    at(500 + USUAL.minutes);
    expect(await room.vault.status()).toBe('locked');
  });
});

describe('the person’s input', () => {
  it('moves the moment', async () => {
    for (const minutes of [20, 40, 60]) {
      at(minutes);
      await room.vault.touch();
    }
    at(60 + USUAL.minutes - 1);
    expect(await room.vault.status()).toBe('unlocked');
    at(60 + USUAL.minutes);
    expect(await room.vault.status()).toBe('locked');
  });

  it('that comes when the moment has passed opens nothing', async () => {
    at(USUAL.minutes);
    await room.vault.touch();
    expect(await room.vault.status()).toBe('locked');
    at(0);
    expect(await room.vault.status()).toBe('locked');
  });

  it('opens no locked vault, and leaves nothing in the session', async () => {
    await room.vault.lock();
    await room.vault.touch();
    expect(await room.vault.status()).toBe('locked');
    expect(room.session.values.size).toBe(0);
  });

  it('is the only thing that moves it: what is asked of the vault does not', async () => {
    at(USUAL.minutes - 1);
    await room.vault.keys.open(key);
    await room.vault.keys.add(runwareKey('New'));
    await room.vault.status();
    at(USUAL.minutes);
    expect(await room.vault.status()).toBe('locked');
  });

  it('counts for the next background', async () => {
    at(20);
    await room.vault.touch();
    at(40);
    const next = reborn(room);
    expect(await next.vault.status()).toBe('unlocked');
    at(50);
    expect(await next.vault.status()).toBe('locked');
  });
});

describe('when it is to lock', () => {
  it('is after half an hour and with the screen, where nobody has chosen', async () => {
    expect(await room.vault.autoLock.locking()).toEqual({ minutes: 30, withScreen: true });
  });

  it('changes at once, and for every background to come', async () => {
    at(10);
    await room.vault.autoLock.change({ minutes: 5, withScreen: false });
    expect(await reborn(room).vault.autoLock.locking()).toEqual({ minutes: 5, withScreen: false });
    at(14.9);
    expect(await room.vault.status()).toBe('unlocked');
    at(15);
    expect(await room.vault.status()).toBe('locked');
    await room.vault.unlock(proof);
    at(20);
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('may be never, as long as the browser runs', async () => {
    await room.vault.autoLock.change({ minutes: 0, withScreen: true });
    at(60 * 24 * 365);
    expect(await room.vault.status()).toBe('unlocked');
    expect(await reborn(room).vault.status()).toBe('unlocked');
    room.session.values.clear();
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('survives a lock', async () => {
    await room.vault.autoLock.change({ minutes: 1, withScreen: true });
    await room.vault.lock();
    await room.vault.unlock(proof);
    expect(await room.vault.autoLock.locking()).toEqual({ minutes: 1, withScreen: true });
  });

  it.each([
    ['null', null],
    ['text', 'never'],
    ['a number', 0],
    ['minutes that were never offered', { minutes: 1e9, withScreen: true }],
    ['minutes that are text', { minutes: '0', withScreen: true }],
    ['half of it', { minutes: 0 }],
    ['a field more', { minutes: 0, withScreen: false, more: 1 }],
  ])('is as if nobody had chosen when %s is stored', async (_, stored) => {
    await putRaw(room, 'settings', 'locking', stored);
    expect(await reborn(room).vault.autoLock.locking()).toEqual(USUAL);
  });

  it('is told to whoever wakes the background then, and taken back by a lock', async () => {
    const told: (number | undefined)[] = [];
    const { database, session, local } = room;
    const vault = new Vault({ database, session, local, willLock: moment => told.push(moment) });
    await vault.touch();
    expect(told).toEqual([START + USUAL.minutes * MINUTE]);
    await vault.autoLock.change({ minutes: 0, withScreen: true });
    await vault.autoLock.change({ minutes: 1, withScreen: true });
    expect(told.slice(1)).toEqual([undefined, START + MINUTE]);
    await vault.lock();
    expect(told.slice(3)).toEqual([undefined]);
  });
});

describe('a session', () => {
  it('that does not know the moment is one that should be locked', async () => {
    await room.session.remove('until');
    expect(await reborn(room).vault.status()).toBe('locked');
    expect(room.session.values.size).toBe(0);
  });

  it.each([['text'], [null], [{}], [[START * 2]]])(
    'that has %j for the moment is one that should be locked',
    async until => {
      await room.session.set({ until });
      expect(await reborn(room).vault.status()).toBe('locked');
    },
  );

  it('of a moment without a vault key is locked', async () => {
    await room.session.remove('unlocked');
    expect(await reborn(room).vault.status()).toBe('locked');
  });
});

describe('a clock that is set back', () => {
  it('puts nothing off: a vault that was touched later than now is locked', async () => {
    at(-24 * 60);
    expect(await room.vault.status()).toBe('locked');
    expect(await reborn(room).vault.status()).toBe('locked');
  });

  it('but put right by less than a minute locks nothing', async () => {
    at(-0.9);
    expect(await room.vault.status()).toBe('unlocked');
  });
});

it('tells the moment once more when it is asked to, for an alarm that came early', async () => {
  const moments: (number | undefined)[] = [];
  const vault = new Vault({ ...room, willLock: moment => moments.push(moment) });
  await vault.touch();
  vault.autoLock.remind();
  const moment = START + USUAL.minutes * MINUTE;
  expect(moments).toEqual([moment, moment]);
});
