// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call, CallState } from '../../src/calls/call';
import { Elapsed } from '../../src/popup/elapsed';
import { Result } from '../../src/popup/result';
import { clear, othersOf, show, shownOf } from '../../src/popup/shown';
import { whereOf } from '../../src/popup/where';

import { draw, root } from './drawn';
import { answers, asked } from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

const NOW = Date.UTC(2026, 4, 5);
const answer = { items: [] };
const failure = { code: 'service-error', message: 'No.' } as const;

function call(id: string, state: CallState, operation = 'video'): Call {
  const request = { service: 'runware', key: 'key', label: 'Work', operation, values: {}, boot: 'boot' };
  return { id, at: NOW, request: { ...request, estimate: 0.25 }, state };
}
const done = (id: string) => call(id, { phase: 'done', tookMs: 1, ...answer });
const open = (id: string) => call(id, { phase: 'sent', trace: {}, ...answer });
const ids = (calls: readonly Call[]) => calls.map(({ id }) => id);

describe('the call that is shown', () => {
  afterEach(() => clear(undefined));

  it('is the latest', () => {
    expect(shownOf([done('b'), done('a')])?.id).toBe('b');
    expect(shownOf([])).toBeUndefined();
  });

  it('is gone once the next is run, and that one takes its place', () => {
    clear(done('a'));
    expect(shownOf([done('a')])).toBeUndefined();
    expect(shownOf([open('b'), done('a')])?.id).toBe('b');
  });

  it('is an earlier one when it is chosen, until the next run', () => {
    const calls = [done('b'), done('a')];
    show(done('a'));
    expect(shownOf(calls)?.id).toBe('a');
    expect(ids(othersOf(calls, shownOf(calls)))).toEqual(['b']);
    clear(done('b'));
    expect(shownOf(calls)).toBeUndefined();
  });

  it('is the latest again when the chosen one is no longer there', () => {
    show(done('gone'));
    expect(shownOf([done('a')])?.id).toBe('a');
  });
});

it('the others are all that are open, and the latest four that ended', () => {
  const calls = [done('i'), open('h'), ...['g', 'f', 'e', 'd', 'c'].map(done), open('b'), done('a')];
  expect(ids(othersOf(calls, calls[0]))).toEqual(['h', 'g', 'f', 'e', 'd', 'b']);
});

it.each<[CallState, string]>([
  [{ phase: 'queued' }, 'Filming…'],
  [{ phase: 'queued', note: 'waiting' }, 'Waiting for its turn'],
  [{ phase: 'queued', note: 'undo', until: NOW }, 'About to be sent'],
  [{ phase: 'sent', trace: {}, ...answer }, 'Filming…'],
  [{ phase: 'sent', trace: {}, progress: 39.6, ...answer }, 'Filming… 40 %'],
  [{ phase: 'sent', trace: {}, note: 'busy', ...answer }, 'The service is busy…'],
  [{ phase: 'sent', trace: {}, note: 'reconnecting', progress: 40, ...answer }, 'Asking for the answer…'],
  [{ phase: 'sent', trace: {}, note: 'locked', ...answer }, 'Waiting for the vault'],
  [{ phase: 'sent', trace: {}, note: 'unsaved', ...answer }, 'The disk is full'],
  [{ phase: 'done', tookMs: 1, ...answer }, 'Done'],
  [{ phase: 'done', tookMs: 1, cost: 0.0024, ...answer }, 'Done · $0.0024'],
  [
    { phase: 'done', tookMs: 1, cost: 0.5, refused: { count: 1, failure }, ...answer },
    'Done in part · $0.50',
  ],
  [{ phase: 'failed', failure, ...answer }, 'Failed'],
  [{ phase: 'unknown', failure, trace: {}, ...answer }, 'Outcome unknown'],
  [{ phase: 'cancelled', sent: true, trace: {}, ...answer }, 'Cancelled'],
])('%j in a few words: %s', (state, words) => {
  expect(whereOf(call('a', state))).toBe(words);
});

describe('an open call', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const drawElapsed = (state: CallState) => {
    if (state.phase !== 'queued' && state.phase !== 'sent') throw new Error('not open');
    draw(<Elapsed call={call('a', state)} state={state} />);
  };
  const wait = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
  const said = () => root.querySelector('span')?.textContent;

  it('that can be undone counts down to its leaving', () => {
    drawElapsed({ phase: 'queued', note: 'undo', until: NOW + 2_000 });
    expect(said()).toBe('Sending in 2 s, about $0.25. Cancel stops it at no cost.');
    wait(1_200);
    expect(said()).toBe('Sending in 1 s, about $0.25. Cancel stops it at no cost.');
    wait(2_000);
    expect(said()).toBe('Sending in 0 s, about $0.25. Cancel stops it at no cost.');
  });

  it('that waits says what for', () => {
    drawElapsed({ phase: 'queued', note: 'waiting' });
    expect(said()).toBe('Waiting for its turn: other calls of this key are under way.');
  });

  it('of a busy service says so', () => {
    drawElapsed({ phase: 'sent', trace: {}, note: 'busy', ...answer });
    expect(said()).toBe('The service is busy; asking again in a moment…');
  });

  it('shows how far it is, and is not called slow while it goes on', () => {
    drawElapsed({ phase: 'sent', trace: {}, progress: 40, ...answer });
    expect(root.querySelector('progress')?.value).toBe(40);
    expect(said()).toBe('Filming… 40 %');
    wait(20_000);
    expect(said()).toBe('Filming… 40 %. You may close this, the result will wait here.');
  });

  it('that is asked after once more counts nothing from the time it was made', () => {
    drawElapsed({ phase: 'sent', trace: {}, askOnly: true, ...answer });
    wait(20_000);
    expect(said()).toBe('Filming…');
    expect(root.textContent).toBe('Filming…');
  });

  it('that takes long is called slow', () => {
    drawElapsed({ phase: 'sent', trace: {}, ...answer });
    wait(14_000);
    expect(said()).toBe('Filming…');
    wait(1_000);
    expect(said()).toContain('The service is slow');
    expect(root.textContent).toContain('15 s');
  });
});

describe('a result', () => {
  const NOT_KEPT = 'This is not kept: in ten minutes at the latest it is gone.';
  const unkept = (state: CallState): Call => {
    const made = call('2f1cbb5c-6f43-4d5a-8a1b-6a9f3c7f1f10', state);
    return { ...made, request: { ...made.request, unkept: true } };
  };
  const drawResult = (shown: Call) => draw(<Result call={shown} />);

  it('of which a part was refused does not say that nothing was charged', () => {
    const refused = {
      count: 1,
      failure: { code: 'quota', message: 'Too little credit.', next: 'Add some. Nothing was charged.' },
    } as const;
    const items = [{ kind: 'link', id: 'a', url: 'https://a.example/a.png', of: 'image' }] as const;
    drawResult(call('a', { phase: 'done', tookMs: 1, items: [...items], cost: 0.02, refused }));
    const said = root.querySelector('[role=alert]')?.textContent;
    expect(said).toContain('1 of 2 did not come: Too little credit.');
    expect(said).toContain('Add some. What came was charged.');
  });

  it('that was lost and is not kept can be asked for, and says both', async () => {
    drawResult(unkept({ phase: 'unknown', failure, trace: {}, ...answer }));
    expect(root.textContent).toContain(NOT_KEPT);
    const ask = [...root.querySelectorAll('button')].find(it => it.textContent === 'Ask for the result');
    answers.set('calls.ask', () => undefined);
    act(() => ask?.click());
    await vi.waitFor(() =>
      expect(asked).toEqual([{ ask: 'calls.ask', body: { id: '2f1cbb5c-6f43-4d5a-8a1b-6a9f3c7f1f10' } }]),
    );
  });

  it('says that it is not kept only where that is so, and once it is there', () => {
    drawResult(done('a'));
    expect(root.textContent).not.toContain(NOT_KEPT);
    drawResult(unkept({ phase: 'sent', trace: {}, ...answer }));
    expect(root.textContent).not.toContain(NOT_KEPT);
    drawResult(unkept({ phase: 'done', tookMs: 1, ...answer }));
    expect(root.textContent).toContain(NOT_KEPT);
  });

  it('says how long it took where that is known', () => {
    drawResult(call('a', { phase: 'done', tookMs: 1_240, cost: 0.25, ...answer }));
    expect(root.querySelector('p')?.textContent).toBe('Video · $0.25 · 1.2 s · Work');
    drawResult(call('b', { phase: 'done', tookMs: 0, cost: 0.25, ...answer }));
    expect(root.querySelector('p')?.textContent).toBe('Video · $0.25 · Work');
  });

  it.each<CallState>([
    { phase: 'failed', failure, ...answer },
    { phase: 'unknown', failure, trace: {}, ...answer },
    { phase: 'cancelled', sent: true, trace: {}, ...answer },
  ])('that did not come is told by its task and its key: %j', state => {
    drawResult(call('a', state));
    expect([...root.querySelectorAll('p')].map(it => it.textContent)).toContain('Video · Work');
  });
});
