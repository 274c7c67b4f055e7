import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Health } from '../../src/messages/contract';
import { demoKey } from '../emulators/runware/index';
import {
  addKey,
  cancelCall,
  done,
  ended,
  failed,
  noted,
  snapshotOf,
  startCall,
  textOf,
  valuesOf,
} from './drive/calls';
import { alertIn, askFrom, createVault, lock, OPTIONS, POPUP, type Stage, setStage, unlock } from './stage';

const PASSPHRASE = 'plum anchor violin north';
/** What an image is expected to cost before one has been paid for, US dollars. */
const IMAGE = 0.01;
/** What the emulator takes for an image, and for a reworded prompt. */
const [REAL_IMAGE, REAL_ENHANCED] = [0.0006, 0.0001];

let stage: Stage;
let options: Page;
let accounts = 0;

beforeAll(async () => {
  const keys = Array.from({ length: 20 }, (_, at) => [`runware-key-${at}-0123456789abcdef`, { balance: 50 }]);
  stage = await setStage({ runware: { keys: { [demoKey]: {}, ...Object.fromEntries(keys) } } });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
});
afterAll(() => stage.close());
afterEach(() => {
  Object.assign(stage.runware.switches, { taskMs: 60, balanceForm: 'number' });
  stage.runware.faults.clear();
});

/** A key of an account of its own, which has spent nothing yet. */
async function fresh(dailyLimit?: number | null): Promise<{ key: string; apiKey: string; label: string }> {
  const apiKey = `runware-key-${accounts++}-0123456789abcdef`;
  const label = `Purse ${accounts}`;
  const key = await addKey(options, label, apiKey);
  if (dailyLimit !== undefined) await limit(key, label, dailyLimit);
  return { key, apiKey, label };
}
const limit = (id: string, label: string, dailyLimit: number | null) =>
  askFrom(options, 'keys.change', { id, notes: { label, dailyLimit }, values: {} });
const dearFrom = (dear: number) => askFrom(options, 'settings.setMoney', { money: { dear } });
const spent = async (key: string) => (await snapshotOf(options)).spent[key] ?? 0;

let prompts = 0;
/** Of prices that nothing was learnt of: a setting of its own each time. */
const unheard = () => ({ prompt: `Coin ${++prompts}!`, steps: String(1 + (prompts % 100)) });
const image = (key: string, values: Record<string, string> = unheard()) =>
  startCall(options, key, 'image', values);
/** Whether anything of it left the machine. */
const left = ({ prompt }: { prompt: string }) =>
  stage.runware.traffic.some(({ direction, text }) => direction === 'in' && text.includes(prompt));

describe('a key’s daily limit', () => {
  beforeAll(() => dearFrom(1_000));

  test('refuses a call that might go beyond it, with its sentence, and nothing leaves', async () => {
    const { key, label } = await fresh(IMAGE / 2);
    const coin = unheard();
    await expect(image(key, coin)).rejects.toThrow(
      `calls.start: “${label}” has a daily limit of $0.01. Today $0.00 are spent or under way, and this call may cost $0.01.`,
    );
    await stage.chromium.killWorker();
    await expect(image(key, coin)).rejects.toThrow('has a daily limit of');
    expect(left(coin)).toBe(false);
    expect((await snapshotOf(options)).calls.filter(call => call.request.key === key)).toEqual([]);
    // One that is cheaper still goes.
    await done(options, await startCall(options, key, 'enhance', { prompt: coin.prompt }));
  });

  test('is shared by calls of the same moment, and counts those under way after a death too', async () => {
    const { key } = await fresh(3 * IMAGE);
    stage.runware.switches.taskMs = 2_500;
    const coins = Array.from({ length: 5 }, unheard);
    const started = await Promise.allSettled(coins.map(coin => image(key, coin)));
    const ids = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    expect(ids).toHaveLength(3);
    for (const result of started)
      if (result.status === 'rejected') expect(String(result.reason)).toContain('has a daily limit of $0.03');
    expect(await spent(key)).toBeCloseTo(3 * IMAGE);
    for (const id of ids) await vi.waitFor(() => expect(stage.runware.ledger.count(id)).toBe(1));
    await stage.chromium.killWorker();
    await expect(image(key)).rejects.toThrow('has a daily limit of $0.03');
    for (const id of ids) await done(options, id);
    expect(coins.filter(left)).toHaveLength(3);
    // They cost less than they might have: there is room again.
    expect(await spent(key)).toBeCloseTo(3 * REAL_IMAGE, 6);
    stage.runware.switches.taskMs = 60;
    await done(options, await image(key));
  });

  test('counts a call that was cancelled once sent as what it may have cost', async () => {
    const { key } = await fresh(1.5 * IMAGE);
    stage.runware.switches.taskMs = 5_000;
    const id = await image(key);
    await noted(options, id);
    await cancelCall(options, id);
    await ended(options, id);
    expect(await spent(key)).toBeCloseTo(IMAGE);
    await expect(image(key)).rejects.toThrow('Today $0.01 are spent or under way');
  });

  test('does not count a call that failed, and forbids nothing where there is none', async () => {
    const { key, label } = await fresh(1.5 * IMAGE);
    stage.runware.faults.add({ kind: 'error', failure: { code: 'providerError', message: 'No.' } });
    await failed(options, await image(key));
    expect(await spent(key)).toBe(0);
    await limit(key, label, 0);
    await expect(image(key)).rejects.toThrow('has a daily limit of $0.00');
    await limit(key, label, null);
    await done(options, await image(key));
  });

  test('is said in the popup, as an alert', async () => {
    const { label } = await fresh(IMAGE / 2);
    const popup = await stage.chromium.page(POPUP);
    await popup.getByLabel('Task').selectOption({ label: 'Image' });
    await popup.getByLabel('Key', { exact: true }).selectOption({ label });
    const coin = unheard();
    await popup.getByLabel('Prompt', { exact: true }).fill(coin.prompt);
    await popup.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => alertIn(popup).innerText()).toContain(`“${label}” has a daily limit of $0.01.`);
    expect(await alertIn(popup).innerText()).toContain('Nothing was sent.');
    await popup.close();
    expect(left(coin)).toBe(false);
  });
});

describe('a dear call', () => {
  beforeAll(() => dearFrom(IMAGE));
  afterAll(() => dearFrom(1_000));

  test('waits two seconds, and cancelled in these it leaves nothing and costs nothing', async () => {
    const { key } = await fresh();
    const coin = unheard();
    const id = await image(key, coin);
    const { at, state } = await noted(options, id, 'undo');
    expect(state).toMatchObject({ phase: 'queued', note: 'undo' });
    expect((state.phase === 'queued' ? (state.until ?? 0) : 0) - at).toBeGreaterThanOrEqual(2_000);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    expect(left(coin)).toBe(false);
    await cancelCall(options, id);
    expect((await ended(options, id)).state).toMatchObject({ phase: 'cancelled', sent: false });
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect(left(coin)).toBe(false);
    expect(stage.runware.ledger.count(id)).toBe(0);
    expect(await spent(key)).toBe(0);
  });

  test('goes after them, once, also when the background died in between', async () => {
    const { key } = await fresh();
    const coins = [unheard(), unheard()];
    const started = Date.now();
    const ids = await Promise.all(coins.map(coin => image(key, coin)));
    for (const id of ids) await noted(options, id, 'undo');
    await stage.chromium.killWorker();
    await snapshotOf(options);
    // Not even the death makes it go sooner, or undoes the undoing.
    await cancelCall(options, ids[1] ?? '');
    await done(options, ids[0] ?? '');
    const [entry, ...more] = stage.runware.ledger.entries.filter(({ taskUUID }) => taskUUID === ids[0]);
    expect(more).toEqual([]);
    expect((entry?.at ?? 0) - started).toBeGreaterThanOrEqual(2_000);
    expect((await ended(options, ids[1] ?? '')).state).toMatchObject({ phase: 'cancelled', sent: false });
    expect(coins.map(left)).toEqual([true, false]);
  });

  test('that turned out to be cheap is dear no more', async () => {
    const { key } = await fresh();
    const coin = unheard();
    const again = async () => done(options, await image(key, coin));
    expect((await again()).request.estimate).toBeCloseTo(IMAGE, 6);
    // The price is learnt once the call is over and told.
    await expect.poll(async () => (await again()).request.estimate).toBeCloseTo(REAL_IMAGE, 6);
    expect((await again()).state.tookMs).toBeLessThan(2_000);
  });
});

describe('what calls have cost', () => {
  test('is told by key, and is what was billed', async () => {
    const [one, other] = [await fresh(), await fresh()];
    const ids = [
      await image(one.key),
      await startCall(options, one.key, 'enhance', { prompt: 'Twice', count: '2' }),
      await startCall(options, other.key, 'image', { ...unheard(), count: '3' }),
    ];
    for (const id of ids) await done(options, id);
    const { spent: told } = await snapshotOf(options);
    expect(told[one.key]).toBeCloseTo(REAL_IMAGE + 2 * REAL_ENHANCED, 8);
    expect(told[other.key]).toBeCloseTo(3 * REAL_IMAGE, 8);
    const sum = stage.runware.balanceOf(one.apiKey) + stage.runware.balanceOf(other.apiKey);
    expect(100 - sum).toBeCloseTo((told[one.key] ?? 0) + (told[other.key] ?? 0), 8);
  });
});

describe('a price', () => {
  const price = (key: string, operation: string, values: Record<string, string>) =>
    askFrom<{ price: number | null }>(options, 'calls.price', { key, operation, values });

  test('is asked for by a dry run, which bills nothing, and is what the call is expected to cost then', async () => {
    const { key, apiKey } = await fresh();
    const billed = stage.runware.ledger.count();
    const coin = unheard();
    expect(await price(key, 'image', valuesOf('image', { ...coin, count: '2' }))).toEqual({
      price: 2 * REAL_IMAGE,
    });
    expect(await price(key, 'text', valuesOf('text', { prompt: coin.prompt }))).toEqual({
      price: expect.any(Number),
    });
    expect(stage.runware.ledger.count()).toBe(billed);
    expect(stage.runware.balanceOf(apiKey)).toBe(50);
    expect(await spent(key)).toBe(0);
    const { request, state } = await done(options, await image(key, { ...coin, count: '2' }));
    expect(request.estimate).toBeCloseTo(2 * REAL_IMAGE, 8);
    expect(state.cost).toBeCloseTo(2 * REAL_IMAGE, 8);
  });

  test('of what the service refuses is its refusal', async () => {
    const { key } = await fresh();
    stage.runware.faults.add({ kind: 'error', failure: { code: 'modelNotFound', message: 'What model?' } });
    await expect(price(key, 'image', valuesOf('image', unheard()))).rejects.toThrow(
      'does not know what was asked for',
    );
    await expect(price(key, 'image', valuesOf('image', { prompt: '' }))).rejects.toThrow('Prompt');
  });

  test('for which the task was run after all is told of as such, and counts for the day', async () => {
    const { key, apiKey } = await fresh();
    stage.runware.switches.dryRun = 'run';
    await expect(price(key, 'enhance', valuesOf('enhance', { prompt: 'Coin', count: '1' }))).rejects.toThrow(
      'Runware ran this task instead of pricing it, and may have charged for it ($0.0001).',
    );
    stage.runware.switches.dryRun = 'priced';
    expect(stage.runware.balanceOf(apiKey)).toBeCloseTo(50 - REAL_ENHANCED, 8);
    expect(await spent(key)).toBeCloseTo(REAL_ENHANCED, 8);
  });
});

describe('how a key stands', () => {
  const health = (key: string, maxAge = 0) => askFrom<Health>(options, 'keys.health', { id: key, maxAge });
  let purse: Awaited<ReturnType<typeof fresh>>;
  beforeEach(async () => {
    purse ??= await fresh();
  });

  test.each(['number', 'object'] as const)('with its balance as a %s', async form => {
    stage.runware.switches.balanceForm = form;
    stage.runware.setBalance(purse.apiKey, 12.5);
    expect(await health(purse.key)).toMatchObject({ verdict: { outcome: 'works' }, balance: 12.5 });
    stage.runware.setBalance(purse.apiKey, 0.4);
    expect(await health(purse.key)).toMatchObject({ verdict: { outcome: 'works' }, balance: 0.4 });
  });

  test('is remembered as long as the asker likes, and no longer than the vault is open', async () => {
    const asked = () => stage.runware.traffic.filter(({ text }) => text.includes('getDetails')).length;
    stage.runware.setBalance(purse.apiKey, 7);
    await health(purse.key);
    const before = asked();
    stage.runware.setBalance(purse.apiKey, 3);
    expect(await health(purse.key, 600_000)).toMatchObject({ balance: 7 });
    expect(asked()).toBe(before);
    await lock(options);
    await expect(health(purse.key, 600_000)).rejects.toThrow('locked');
    await unlock(options, PASSPHRASE);
    await options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    expect(await health(purse.key, 600_000)).toMatchObject({ balance: 3 });
  });

  test('without a balance where the key may not ask for it', async () => {
    stage.runware.switches.balanceForm = 'refused';
    const told = await health(purse.key);
    expect(told.verdict).toEqual({ outcome: 'works' });
    expect(told.balance).toBeUndefined();
  });

  test('once it was revoked, and while nobody can be asked', async () => {
    stage.runware.revoke(purse.apiKey);
    expect((await health(purse.key)).verdict).toMatchObject({
      outcome: 'rejected',
      failure: { message: 'Runware rejected the API key.' },
    });
    stage.runware.restore(purse.apiKey);
    stage.runware.refuse(20_000);
    expect((await health(purse.key)).verdict).toMatchObject({ outcome: 'could-not-tell' });
    stage.runware.refuse(0);
    expect((await health(purse.key)).verdict).toEqual({ outcome: 'works' });
  });

  test('with no money left: a call is refused with its sentence, and the account is as it was', async () => {
    stage.runware.setBalance(purse.apiKey, 0);
    const { state } = await failed(options, await image(purse.key));
    expect(state.failure.message).toBe('The Runware account has not enough credit for this.');
    expect(await health(purse.key)).toMatchObject({ balance: 0 });
    stage.runware.setBalance(purse.apiKey, 5);
    expect(textOf(await done(options, await startCall(options, purse.key, 'enhance', unheard())))).toContain(
      'Coin',
    );
  });
});
