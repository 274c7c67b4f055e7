import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { callHandlers } from '../../src/background/calls';
import { healthHandlers } from '../../src/background/health';
import { operationOf } from '../../src/services/abouts';
import { initialValues } from '../../src/services/fields';
import { lockServices } from '../../src/services/services';
import { demoKey, type RunwareEmulator, type RunwareOptions } from '../emulators/runware';
import { background } from './background';
import { start } from './emulators/runware-line';
import { reach } from './network';
import { copyOf, idsIn, PASSPHRASE, type Room, roomWithVault, runwareKey } from './vaults';

let template: Room;
let room: Room;
let key = '';
let runware: RunwareEmulator;

beforeAll(async () => {
  template = await roomWithVault();
  key = await template.vault.keys.add(runwareKey('Work', demoKey));
});

const begin = async (options: Partial<RunwareOptions> = {}) => {
  runware = await start(options);
  reach(runware.port);
};

beforeEach(async () => {
  room = await copyOf(template);
});

afterEach(async () => {
  lockServices();
  await runware?.close();
  vi.unstubAllGlobals();
});

const asked = () =>
  runware.traffic.filter(({ text, direction }) => direction === 'in' && text.includes('getDetails')).length;

describe('how a key stands', () => {
  const health = (maxAge = 60_000) => {
    const { 'keys.health': ask } = healthHandlers(async () => room.vault).handlers;
    return (age = maxAge) => ask({ id: key, maxAge: age });
  };

  it('is asked of its service, with what its account has left', async () => {
    await begin();
    runware.setBalance(demoKey, 24.1);
    expect(await health()()).toEqual({
      at: expect.any(Number),
      verdict: { outcome: 'works' },
      balance: 24.1,
    });
    expect(runware.ledger.count()).toBe(0);
  });

  it('is not asked anew of a service without a balance once a test has said it', async () => {
    const other = await room.vault.keys.add({
      service: 'runtype',
      label: 'Product',
      fields: {},
      secrets: { apiKey: 'papi_0123456789' },
      origins: [],
    });
    const { handlers, learn } = healthHandlers(async () => room.vault);
    vi.stubGlobal('fetch', () => expect.fail('It was asked.'));
    // It was saved in an earlier millisecond.
    await vi.waitFor(async () =>
      expect(Date.now()).toBeGreaterThan((await room.vault.keys.entry(other)).changed),
    );
    learn({ id: other, service: 'runtype' }, { outcome: 'works' });
    expect(await handlers['keys.health']({ id: other, maxAge: 60_000 })).toMatchObject({
      verdict: { outcome: 'works' },
    });
  });

  it('is asked of a service with a balance although a test has said it', async () => {
    await begin();
    const { handlers, learn } = healthHandlers(async () => room.vault);
    learn({ id: key, service: 'runware' }, { outcome: 'works' });
    expect(await handlers['keys.health']({ id: key, maxAge: 60_000 })).toHaveProperty('balance');
  });

  it('is not asked anew for a while', async () => {
    await begin();
    const ask = health();
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(asked()).toBe(1);
    await new Promise(resolve => setTimeout(resolve, 5));
    expect((await ask(0)).at).toBeGreaterThan(first.at);
    expect(asked()).toBe(2);
  });

  it('is asked anew of a key whose secret was replaced', async () => {
    await begin();
    const ask = health();
    expect((await ask()).verdict).toEqual({ outcome: 'works' });
    const { origins } = runwareKey();
    await new Promise(resolve => setTimeout(resolve, 5));
    await room.vault.keys.replaceSecret(key, { secrets: { apiKey: 'not-a-key-at-all' }, origins });
    expect(await ask()).toMatchObject({ verdict: { outcome: 'rejected' } });
  });

  it('is forgotten with a lock, and told to nobody after it', async () => {
    await begin();
    const ask = health();
    await ask();
    await room.vault.lock();
    await expect(ask()).rejects.toMatchObject({ report: { code: 'vault-locked' } });
    await room.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    await ask();
    expect(asked()).toBe(2);
  });

  it('works for a key that may not look at the account, without a balance', async () => {
    await begin({ balanceForm: 'refused' });
    expect(await health()()).toEqual({ at: expect.any(Number), verdict: { outcome: 'works' } });
  });

  it('is rejected by a service that does not know it', async () => {
    await begin();
    runware.revoke(demoKey);
    expect(await health()()).toMatchObject({
      verdict: { outcome: 'rejected', failure: { code: 'rejected-key' } },
    });
  });

  it('could not be told where nobody answers, and that is no failure of whoever asks', async () => {
    await begin();
    runware.refuse(3_600_000);
    expect(await health()()).toMatchObject({
      verdict: { outcome: 'could-not-tell', failure: { code: 'unreachable' } },
    });
  });

  it('quotes no secret', async () => {
    await begin();
    runware.faults.add({
      kind: 'http',
      status: 418,
      body: { errors: [{ code: 'odd', message: `Odd key ${demoKey}.` }] },
      when: ({ taskType }) => taskType === 'accountManagement',
    });
    const told = JSON.stringify(await health()());
    expect(told).toContain('Odd key');
    expect(told).not.toContain(demoKey.slice(0, 12));
  });

  it('of a key that there is none of is refused', async () => {
    await begin();
    const { 'keys.health': ask } = healthHandlers(async () => room.vault).handlers;
    await expect(ask({ id: crypto.randomUUID(), maxAge: 0 })).rejects.toMatchObject({
      report: { code: 'key-missing' },
    });
  });
});

describe('what a free task lists', () => {
  const handlers = () => {
    const changed = vi.fn(async () => {});
    const rooms = { vault: room.vault, ...background(room) };
    return {
      ...callHandlers(
        async () => rooms,
        changed,
        () => {},
      ),
      changed,
    };
  };

  it('is given without a call, with what its form begins with', async () => {
    await begin();
    const { 'calls.look': look } = handlers();
    const { rows, total } = await look({ key, operation: 'models', values: { search: 'FLUX' } });
    expect(rows[0]).toEqual({
      id: expect.stringMatching(/:.*@/),
      title: expect.stringMatching(/FLUX/),
      note: expect.any(String),
    });
    expect(total).toBe(rows.length);
    expect(
      (await look({ key, operation: 'models', values: { search: 'flux', most: '1' } })).rows,
    ).toHaveLength(1);
    expect([
      (await idsIn(room.database, 'journal')).length,
      (await idsIn(room.database, 'history')).length,
    ]).toEqual([0, 0]);
  });

  it('is empty where nothing was found', async () => {
    await begin();
    const { 'calls.look': look } = handlers();
    expect(await look({ key, operation: 'models', values: { search: 'no such thing' } })).toEqual({
      rows: [],
      total: 0,
    });
  });

  it.each([
    ['image', { prompt: 'pp' }, 'bad-request'],
    ['text', { prompt: 'p' }, 'bad-request'],
    ['constructor', {}, 'bad-request'],
    ['models', { search: 'x' }, 'bad-input'],
    ['models', {}, 'bad-input'],
  ])('is never that of %s with %j: nothing that costs is run so', async (operation, values, code) => {
    await begin();
    const { 'calls.look': look } = handlers();
    await expect(look({ key, operation, values: values as Record<string, string> })).rejects.toMatchObject({
      report: { code },
    });
    expect(runware.traffic).toEqual([]);
  });

  it('is given to nobody while the vault is locked', async () => {
    await begin();
    const { 'calls.look': look } = handlers();
    await room.vault.lock();
    await expect(look({ key, operation: 'models', values: { search: 'flux' } })).rejects.toMatchObject({
      report: { code: 'vault-locked' },
    });
  });
});

describe('a call', () => {
  it('that begins counts for its key at once, and one that is refused does not', async () => {
    await begin();
    const rooms = { vault: room.vault, ...background(room) };
    const begun = vi.fn();
    const { 'calls.start': start } = callHandlers(async () => rooms, vi.fn(), begun);
    const values = { ...initialValues(operationOf('runware', 'text').fields), prompt: 'the quiet heron' };
    await expect(start({ key, operation: 'text', values: {} })).rejects.toThrow();
    expect(begun).not.toHaveBeenCalled();
    await start({ key, operation: 'text', values });
    expect(begun).toHaveBeenCalledTimes(1);
  });
});

describe('what is set for calls', () => {
  it('can be read and changed by whoever has opened the vault', async () => {
    await begin();
    const rooms = { vault: room.vault, ...background(room) };
    const changed = vi.fn(async () => {});
    const asks = callHandlers(
      async () => rooms,
      changed,
      () => {},
    );
    await asks['settings.setMoney']({ money: { dear: 2 } });
    expect(await asks['settings.money']()).toEqual({ dear: 2 });
    await asks['settings.setRetention']({ retention: { days: 7 } });
    expect(await asks['settings.retention']()).toEqual({ days: 7 });
    expect(changed).toHaveBeenCalledTimes(1);
    await room.vault.lock();
    for (const work of [
      () => asks['settings.setMoney']({ money: { dear: 0 } }),
      () => asks['settings.setRetention']({ retention: { days: 0 } }),
      () => asks['history.delete']({ id: crypto.randomUUID() }),
      () => asks['history.clear'](),
    ])
      await expect(work()).rejects.toMatchObject({ report: { code: 'vault-locked' } });
    expect(await rooms.preferences.money()).toEqual({ dear: 2 });
  });
});
