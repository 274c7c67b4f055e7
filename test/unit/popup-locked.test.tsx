// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../src/failure';
import type { Waiting } from '../../src/messages/contract';
import { bubbleFor, offered } from '../../src/popup/brought';
import { draft } from '../../src/popup/draft';
import { Popup } from '../../src/popup/popup';
import { learnOfWindow } from '../../src/popup/private-window';
import { type Face, face } from '../../src/ui/state';
import type { KeyEntry } from '../../src/vault/key-index';
import * as browser from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

type Snapshot = Extract<Face, { type: 'snapshot' }>;

const key = { id: 'key', service: 'runware', label: 'Work', fields: {} } as KeyEntry;
const NOTHING = { passkeys: [], keys: [], calls: [], used: {}, spent: {}, waiting: [] } as const;
const waiting = (card: string, more: Partial<Waiting> = {}): Waiting => ({
  card,
  title: `Title of ${card}`,
  words: '',
  ...more,
});
const goesOn = (seconds: number) => ({ until: Date.now() + seconds * 1000 });

let root: HTMLElement;
beforeEach(async () => {
  root = document.createElement('main');
  document.body.append(root);
  await learnOfWindow();
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.useRealTimers();
  face.value = { type: 'waiting' };
  draft.value = { task: '', key: '', values: {} };
  offered.value = undefined;
  bubbleFor.value = undefined;
  browser.forget();
});

const settled = () => act(() => new Promise<void>(resolve => setTimeout(resolve)));
const become = (vault: Snapshot['vault'], more: Partial<Snapshot> = {}) =>
  act(() => {
    face.value = { type: 'snapshot', vault, ...NOTHING, ...more };
  });
const open = () => act(() => render(<Popup />, root));
const bodies = (ask: string) => browser.asked.filter(one => one.ask === ask).map(({ body }) => body);
const named = () => [...root.querySelectorAll('.notice strong')].map(({ textContent }) => textContent);

async function unlock(): Promise<void> {
  const input = root.querySelector('input');
  if (!input) throw new Error('no passphrase');
  act(() => {
    input.value = 'plum anchor violin north';
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  act(() => {
    root.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  });
  // Not by a timer, which may stand still.
  await act(async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  });
}

describe('what a page brought', () => {
  beforeEach(() => {
    let brought: unknown = { text: 'Of the page', offer: 'https://page.example' };
    browser.answers.set('selection.take', () => {
      const taken = brought;
      brought = null;
      return taken;
    });
  });

  it('is left where it is while the popup is locked, or has no keys', async () => {
    become('locked', { keys: [key] });
    open();
    await settled();
    become('unlocked');
    await settled();
    expect(bodies('selection.take')).toEqual([]);
  });

  it('is taken once it can be shown, and not again with every news', async () => {
    become('locked');
    open();
    await settled();
    become('unlocked', { keys: [key] });
    await settled();
    expect(root.querySelector('textarea')?.value).toBe('Of the page');
    expect(root.textContent).toContain('Show Runkey beside text you select on page.example?');
    become('unlocked', { keys: [key], spent: { key: 1 } });
    await settled();
    expect(bodies('selection.take')).toHaveLength(1);
  });

  it('is asked after again when the popup was locked meanwhile', async () => {
    for (const vault of ['unlocked', 'locked', 'unlocked'] as const) {
      become(vault, { keys: [key] });
      open();
      await settled();
    }
    expect(bodies('selection.take')).toHaveLength(2);
    expect(root.querySelector('textarea')?.value).toBe('Of the page');
  });
});

describe('unlocking', () => {
  it('with a wrong passphrase selects it, so that what is typed next takes its place', async () => {
    browser.answers.set('vault.unlock', () => {
      throw new Failure('wrong-passphrase', 'That is not the passphrase.');
    });
    become('locked');
    open();
    await settled();
    await unlock();
    await settled();
    const input = root.querySelector('input');
    expect(root.textContent).toContain('That is not the passphrase.');
    expect(document.activeElement).toBe(input);
    expect([input?.selectionStart, input?.selectionEnd]).toEqual([0, input?.value.length]);
  });

  it('names what was shown to go on by itself, and nothing else', async () => {
    become('locked', {
      waiting: [
        waiting('one', goesOn(60)),
        waiting('late'),
        waiting('hidden', { ...goesOn(60), private: true }),
      ],
    });
    open();
    await settled();
    expect(named()).toEqual(['Title of one']);
    await unlock();
    expect(bodies('vault.unlock')).toMatchObject([{ goOn: ['one'] }]);
  });

  it('promises nothing, and names nothing, whose time is over', async () => {
    vi.useFakeTimers();
    become('locked', { waiting: [waiting('first', goesOn(30)), waiting('second', goesOn(90))] });
    open();
    const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
    await pass(29_000);
    expect(named()).toEqual(['Title of first', 'Title of second']);
    await pass(1_000);
    expect(named()).toEqual(['Title of second']);
    await unlock();
    await pass(60_000);
    expect(named()).toEqual([]);
    expect(root.textContent).not.toContain('goes on by itself');
    await unlock();
    expect(bodies('vault.unlock')).toMatchObject([{ goOn: ['second'] }, { goOn: [] }]);
  });
});
