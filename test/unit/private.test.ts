import { beforeEach, describe, expect, it, vi } from 'vitest';

const browser = vi.hoisted(() => {
  const listeners = { removed: [] as (() => Promise<void>)[], startup: [] as (() => void)[] };
  return {
    listeners,
    open: [] as { incognito: boolean }[],
    windows: {
      onRemoved: { addListener: (listener: () => Promise<void>) => listeners.removed.push(listener) },
      getAll: async () => browser.open,
    },
    runtime: { onStartup: { addListener: (listener: () => void) => listeners.startup.push(listener) } },
  };
});
// Only what the browser tells of its windows is stood in for.
vi.mock('webextension-polyfill', () => ({ default: browser }));

const { forgetPrivate } = await import('../../src/background/private');

describe('what private windows made', () => {
  const forget = vi.fn(async () => {});
  const changed = vi.fn(async () => {});
  const closed = (...open: boolean[]) => {
    browser.open = open.map(incognito => ({ incognito }));
    return Promise.all(browser.listeners.removed.map(listener => listener()));
  };

  beforeEach(() => {
    browser.listeners.removed.length = browser.listeners.startup.length = 0;
    forget.mockClear();
    changed.mockClear();
    forgetPrivate(forget, changed);
  });

  it('is forgotten when the last of them closes, and whoever watches is told', async () => {
    await closed(false, false);
    expect([forget.mock.calls.length, changed.mock.calls.length]).toEqual([1, 1]);
  });

  it('is forgotten when the last window of all closes', async () => {
    await closed();
    expect(forget).toHaveBeenCalledTimes(1);
  });

  it('stays while one of them is open', async () => {
    await closed(false, true);
    expect(forget).not.toHaveBeenCalled();
  });

  it('is forgotten when the browser starts', async () => {
    for (const listener of browser.listeners.startup) listener();
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
    expect(forget).toHaveBeenCalledTimes(1);
  });

  it('that cannot be forgotten now is when that is next tried', async () => {
    forget.mockRejectedValueOnce(new Error('no storage'));
    await closed();
    await closed();
    expect([forget.mock.calls.length, changed.mock.calls.length]).toEqual([2, 1]);
  });
});
