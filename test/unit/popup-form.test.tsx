// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../src/calls/call';
import { Failure } from '../../src/failure';
import type { Health } from '../../src/messages/contract';
import { offered } from '../../src/popup/brought';
import { draft } from '../../src/popup/draft';
import { learnOfWindow, ofThisWindow } from '../../src/popup/private-window';
import { RunForm } from '../../src/popup/run-form';
import { clear, shownOf } from '../../src/popup/shown';
import { face } from '../../src/ui/state';
import type { KeyEntry } from '../../src/vault/key-index';
import * as browser from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

const key = (label: string, more: Partial<KeyEntry> = {}): KeyEntry =>
  ({ id: `key of ${label}`, service: 'runware', label, fields: {}, ...more }) as KeyEntry;
const started: Call = {
  id: '2f1cbb5c-6f43-4d5a-8a1b-6a9f3c7f1f10',
  at: 1,
  request: { service: 'runware', key: 'key', label: 'Work', operation: 'image', values: {}, boot: 'boot' },
  state: { phase: 'queued' },
};

let root: HTMLElement;
beforeEach(async () => {
  root = document.createElement('main');
  document.body.append(root);
  draft.value = { task: '', key: '', values: { 'runware/image': { prompt: 'Boats' } } };
  browser.answers.set('calls.start', () => ({ id: started.id }));
  await learnOfWindow();
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
  face.value = { type: 'waiting' };
  clear(undefined);
  browser.forget();
});

const settled = () => act(() => new Promise<void>(resolve => setTimeout(resolve)));
async function draw(
  keys: readonly KeyEntry[] = [key('Work')],
  spent: Record<string, number> = {},
  shown?: Call,
) {
  act(() => render(<RunForm keys={keys} spent={spent} shown={shown} latest={shown} />, root));
  await settled();
}
/** The call is in the state, as after the background's word of it. */
const tell = () => {
  const rest = { vault: 'unlocked', passkeys: [], keys: [], used: {}, spent: {}, waiting: [] } as const;
  act(() => {
    face.value = { type: 'snapshot', ...rest, calls: [started] };
  });
};

function button(name: string): HTMLButtonElement {
  const found = [...root.querySelectorAll('button')].find(({ textContent }) => textContent === name);
  if (!found) throw new Error(`no button ${name}`);
  return found;
}
async function press(name: string, detail = 1): Promise<void> {
  act(() => {
    button(name).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail }));
  });
  await settled();
}
const type = (field: string, text: string) =>
  act(() => {
    const input = root.querySelector(field) as HTMLInputElement;
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
const askedFor = (ask: string) =>
  browser.asked.filter(message => message.ask === ask).map(({ body }) => body);
const line = () => root.querySelector('.key-line')?.textContent;
const options = (at: number) =>
  [...(root.querySelectorAll('select')[at]?.options ?? [])].map(({ textContent }) => textContent);

describe('Run', () => {
  it('is free again once the call shows, whether it has ended or not', async () => {
    await draw();
    await press('Run');
    expect(button('Run').getAttribute('aria-disabled')).toBe('true');
    await press('Run');
    expect(askedFor('calls.start')).toHaveLength(1);
    tell();
    await settled();
    expect(button('Run').getAttribute('aria-disabled')).toBeNull();
    await press('Run');
    expect(askedFor('calls.start')).toHaveLength(2);
  });

  it('asks for the same call again while nobody has answered, and for another once something else is asked for', async () => {
    browser.answers.delete('calls.start');
    await draw();
    await press('Run');
    expect(root.querySelector('[role=alert]')?.textContent).toContain('did not answer');
    await press('Run');
    type('textarea', 'A heron');
    await press('Run');
    browser.answers.set('calls.start', () => ({ id: started.id }));
    tell();
    await press('Run');
    await press('Run');
    const ids = askedFor('calls.start').map(({ id }) => id);
    expect(ids.map(id => ids.indexOf(id))).toEqual([0, 0, 2, 2, 4]);
  });

  it('takes the second click of a double click for none', async () => {
    await draw();
    tell();
    await press('Run');
    await press('Run', 2);
    expect(askedFor('calls.start')).toHaveLength(1);
  });

  it('takes a key that is held down for one press', async () => {
    await draw();
    tell();
    const type = (repeat: boolean) =>
      act(() => {
        root
          .querySelector('textarea')
          ?.dispatchEvent(
            new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, repeat, bubbles: true }),
          );
      });
    type(false);
    await settled();
    type(true);
    await settled();
    expect(askedFor('calls.start')).toHaveLength(1);
  });

  it('asks nothing of the background while a value is at fault', async () => {
    draft.value = { task: '', key: '', values: {} };
    await draw();
    await press('Run');
    expect(root.textContent).toContain('Prompt is empty.');
    expect(askedFor('calls.start')).toEqual([]);
  });

  it.each<[string, Call['state'], boolean]>([
    ['puts an answer away', { phase: 'done', tookMs: 1, items: [] }, false],
    ['leaves a call under way in sight', { phase: 'queued' }, true],
  ])('%s while a value is at fault', async (_, state, stays) => {
    draft.value = { task: '', key: '', values: {} };
    const before: Call = { ...started, state };
    await draw(undefined, {}, before);
    await press('Run');
    expect(shownOf([before]) === before).toBe(stays);
  });
});

it.each(['Run', 'Price'])('a fault comes into sight each time that %s finds it', async name => {
  draft.value = {
    task: 'runware/image',
    key: '',
    values: { 'runware/image': { prompt: 'Boats', count: '9', width: '1' } },
  };
  await draw();
  const more = root.querySelector('details') as HTMLDetailsElement;
  for (let times = 0; times < 2; times++) {
    more.open = false;
    await press(name);
    expect([more.open, document.activeElement?.getAttribute('name')]).toEqual([true, 'width']);
    button(name).focus();
  }
});

it('a fault goes when its field is changed', async () => {
  draft.value = { task: '', key: '', values: {} };
  await draw();
  await press('Run');
  expect(root.querySelector('.fault')?.textContent).toBe('Prompt is empty.');
  const prompt = root.querySelector('textarea') as HTMLTextAreaElement;
  act(() => {
    prompt.value = 'B';
    prompt.dispatchEvent(new Event('input', { bubbles: true }));
  });
  expect(root.querySelector('.fault')).toBeNull();
});

describe('a private window', () => {
  it('says that nothing is kept, and has nothing kept', async () => {
    browser.window.incognito = true;
    await learnOfWindow();
    await draw();
    expect(root.textContent).toContain('Private window: nothing of this goes into the history.');
    await press('Run');
    expect(askedFor('calls.start')).toEqual([expect.objectContaining({ private: true })]);
  });

  it('keeps its calls from other windows', async () => {
    const request = { service: 'runware', key: 'k', label: 'Work', operation: 'text', values: {}, boot: 'b' };
    const open = { id: 'open', at: 1, request, state: { phase: 'queued' } } as const;
    const own = { ...open, id: 'own', request: { ...request, private: true } } as const;
    await learnOfWindow();
    expect(ofThisWindow([own, open])).toEqual([open]);
    browser.window.incognito = true;
    await learnOfWindow();
    expect(ofThisWindow([own, open])).toEqual([own, open]);
  });

  it('is the only one of which that is so', async () => {
    await draw();
    expect(root.textContent).not.toContain('Private window');
    await press('Run');
    expect(askedFor('calls.start')[0]).not.toHaveProperty('private');
  });
});

describe('the line of a key', () => {
  const health = (more: Partial<Health>): Health => ({ at: 0, verdict: { outcome: 'works' }, ...more });
  const failure = { code: 'rejected-key', message: 'No.' } as const;

  it('keeps its place until something is known', async () => {
    await draw([key('Work')], { 'key of Work': 0.12 });
    browser.answers.set('keys.health', () => new Promise(() => {}));
    expect(line()).toBe('Could not tell whether it works · today $0.12 of $5.00');
    await draw([key('Other')]);
    expect(line()).toBe('Today $0.00 of $5.00');
  });

  it.each<[string, Health, Partial<KeyEntry>, string]>([
    ['works', health({ balance: 24.1 }), {}, 'Works · balance $24.10 · today $0.03 of $5.00'],
    ['works, of unknown balance', health({}), {}, 'Works · today $0.03 of $5.00'],
    ['has a limit of its own', health({}), { dailyLimit: 20 }, 'Works · today $0.03 of $20.00'],
    ['has no limit', health({}), { dailyLimit: null }, 'Works · today $0.03'],
    ['is low', health({ balance: 0.4 }), {}, 'Balance is low: $0.40 left. Today $0.03 of $5.00'],
    [
      'was rejected',
      health({ verdict: { outcome: 'rejected', failure } }),
      {},
      'The service rejected this key. Replace it',
    ],
    [
      'could not be tested',
      health({ verdict: { outcome: 'could-not-tell', failure } }),
      {},
      'Could not tell whether it works · today $0.03 of $5.00',
    ],
  ])('that %s', async (_, answer, entry, words) => {
    browser.answers.set('keys.health', () => answer);
    await draw([key('Work', entry)], { 'key of Work': 0.03 });
    expect(line()).toBe(words);
    expect(root.querySelector('[role=alert]')).toBeNull();
  });

  it.each([
    [0, 'Works · today $0.00 of $5.00'],
    [0.000012, 'Works · today under $0.01 of $5.00'],
    [0.01, 'Works · today $0.01 of $5.00'],
    [12, 'Works · today $12.00 of $5.00'],
  ])('whose calls have cost %d dollars', async (spent, words) => {
    browser.answers.set('keys.health', () => health({}));
    await draw([key('Work')], { 'key of Work': spent });
    expect(line()).toBe(words);
  });

  it('is asked about once, and the list of keys says which are low', async () => {
    browser.answers.set('keys.health', ({ id }) => health({ balance: id === 'key of Spare' ? 0.4 : 9 }));
    const keys = [key('Work'), key('Spare')];
    await draw(keys);
    for (const chosen of ['key of Spare', 'key of Work', 'key of Spare']) {
      act(() => {
        draft.value = { ...draft.value, key: chosen };
      });
      await settled();
    }
    expect(askedFor('keys.health')).toEqual([
      { id: 'key of Work', maxAge: 600_000 },
      { id: 'key of Spare', maxAge: 600_000 },
    ]);
    expect(options(1)).toEqual(['Work', 'Spare — low']);
  });
});

describe('what is left', () => {
  const { id } = key('Work');
  const request = { ...started.request, key: id };
  const paid = (name: string, at: number, cost = 0.5): Call => ({
    id: name,
    at,
    request,
    state: { phase: 'done', tookMs: 100, cost, items: [] },
  });
  const rest = { vault: 'unlocked', passkeys: [], keys: [], used: {}, spent: {}, waiting: [] } as const;
  const tellOf = async (...calls: Call[]) => {
    act(() => {
      face.value = { type: 'snapshot', ...rest, calls };
    });
    await settled();
  };
  let answer = (_: Health) => {};
  const left = async (balance: number, at: number) => {
    answer({ at, verdict: { outcome: 'works' }, balance });
    await settled();
  };
  beforeEach(() => {
    vi.spyOn(Date, 'now').mockReturnValue(5_000);
    browser.answers.set('keys.health', () => new Promise(resolve => (answer = resolve)));
  });
  afterEach(() => void vi.restoreAllMocks());

  it('is asked for once more when a call was paid for, and stands as it was until the answer', async () => {
    await draw();
    await left(25, 1_000);
    await tellOf({ ...paid('a', 1_100), state: { phase: 'sent', trace: {}, items: [] } });
    expect(askedFor('keys.health')).toHaveLength(1);
    await tellOf(paid('a', 4_100));
    expect(askedFor('keys.health')).toEqual([
      { id, maxAge: 600_000 },
      { id, maxAge: 800 },
    ]);
    expect(line()).toContain('balance $25.00');
    // It may not know of the call yet: it is not asked for ever.
    await left(24.5, 4_000);
    expect(line()).toContain('balance $24.50');
    await tellOf(paid('a', 4_100));
    expect(askedFor('keys.health')).toHaveLength(2);
    await tellOf(paid('b', 4_500), paid('a', 4_100));
    expect(askedFor('keys.health')).toHaveLength(3);
  });

  it.each<[string, Call]>([
    ['is older than what is known', paid('a', 800)],
    ['cost nothing', paid('a', 4_000, 0)],
    ['another key paid', { ...paid('a', 4_000), request: started.request }],
  ])('is not asked for again after a call that %s', async (_, call) => {
    await draw();
    await left(25, 1_000);
    await tellOf(call);
    expect(askedFor('keys.health')).toHaveLength(1);
  });
});

describe('Price', () => {
  it.each([
    [0.0024, 'Costs $0.0024 by the service’s word.'],
    [null, 'The service does not say.'],
  ])('of %s', async (price, words) => {
    browser.answers.set('calls.price', () => ({ price }));
    await draw();
    await press('Price');
    expect(root.querySelector('.price [role=status]')?.textContent).toBe(words);
  });

  it('is not there for what is free', async () => {
    draft.value = { ...draft.value, task: 'runware/models' };
    await draw();
    expect(root.querySelector('.price')?.textContent).toBe('Free of charge');
  });

  it('that comes after the values have changed is not shown', async () => {
    let tellPrice = (_: { price: number }) => {};
    browser.answers.set('calls.price', () => new Promise(resolve => (tellPrice = resolve)));
    await draw();
    await press('Price');
    act(() => {
      draft.value = { ...draft.value, values: { 'runware/image': { prompt: 'Ships' } } };
    });
    tellPrice({ price: 1 });
    await settled();
    expect(root.querySelector('.price [role=status]')?.textContent).toBe('');
  });
});

describe('a price that the service refuses to name for a field', () => {
  /** Gives what ends the asking, with a refusal for that field. */
  const prices = () => {
    let end = (_: Failure) => {};
    browser.answers.set('calls.price', () => new Promise((_, reject) => (end = reject)));
    return async (field = 'steps') => {
      end(new Failure('invalid', 'No.', { field, service: { text: 'Too many.' } }));
      await settled();
    };
  };
  const change = (values: Record<string, string>, task = draft.value.task) => {
    act(() => {
      draft.value = { ...draft.value, task, values: { ...draft.value.values, 'runware/image': values } };
    });
  };
  const faults = () => [...root.querySelectorAll('.fault')].map(({ textContent }) => textContent);

  it('says so at the field, which is in sight, until that is changed', async () => {
    const refuse = prices();
    await draw();
    await press('Price');
    await refuse();
    expect(faults()).toEqual(['Too many.']);
    expect(root.querySelector('details')?.open).toBe(true);
    expect(root.querySelector('.price [role=status]')?.textContent).toBe('No.');
    const steps = root.querySelector<HTMLInputElement>('[name=steps]');
    act(() => {
      if (steps) steps.value = '8';
      steps?.dispatchEvent(new Event('input', { bubbles: true }));
    });
    expect(faults()).toEqual([]);
  });

  it.each([
    ['the field was changed', () => change({ prompt: 'Boats', steps: '8' })],
    ['the task is another', () => change({ prompt: 'Boats' }, 'runware/variation')],
  ])('says nothing there where meanwhile %s', async (_, meanwhile) => {
    const refuse = prices();
    await draw();
    await press('Price');
    meanwhile();
    await refuse();
    expect(faults()).toEqual([]);
  });

  it('says nothing at a field that the task does not have', async () => {
    const refuse = prices();
    await draw();
    await press('Price');
    await refuse('nowhere');
    expect(faults()).toEqual([]);
  });
});

it.each([
  ['0,8', 'Steps must be a number. Write it without the comma: 0.8.'],
  ['1,024', 'Steps must be a number. Write it without the comma: 1.024 or 1024.'],
  ['many', 'Steps must be a number.'],
])('a number written as %s is said how to write', async (steps, words) => {
  draft.value = { task: 'runware/image', key: '', values: { 'runware/image': { prompt: 'Boats', steps } } };
  await draw();
  await press('Run');
  expect(root.querySelector('.fault')?.textContent).toBe(words);
  expect(askedFor('calls.start')).toEqual([]);
});

it.each<[string, string, string]>([
  ['its prompt', 'runware/image', 'prompt'],
  ['its first field where it has no long text', 'runai/workloads', 'search'],
  ['its picture', 'runware/upscale', 'picture'],
  ['Run where it asks nothing', 'runai/rules', ''],
])('the keyboard begins at %s', async (_, task, name) => {
  draft.value = { task, key: '', values: {} };
  await draw([key('Work'), key('Cluster', { service: 'runai' })]);
  expect(document.activeElement).toBe(name ? root.querySelector(`[name=${name}]`) : button('Run'));
});

describe('More options', () => {
  const open = () => root.querySelector('details')?.open;
  const typed = (task: string, values: Record<string, string>) => ({
    task,
    key: '',
    values: { [task]: { prompt: 'Boats', ...values } },
  });

  it('are open at first where one of them is set, and can be closed', async () => {
    draft.value = typed('runware/image', { count: '4' });
    await draw();
    expect(open()).toBe(true);
    act(() => {
      const more = root.querySelector('details');
      if (more) more.open = false;
    });
    await draw();
    expect(open()).toBe(false);
  });

  it('are closed at first where all are as usual', async () => {
    draft.value = typed('runware/image', { count: '1', seed: '' });
    await draw();
    expect(open()).toBe(false);
  });

  it('are opened by the choice of a task where one of them is set', async () => {
    await draw();
    expect(open()).toBe(false);
    act(() => {
      draft.value = typed('runware/text', { maxTokens: '9' });
    });
    await settled();
    expect(open()).toBe(true);
  });
});

it('a selected text goes to a task that takes one, and stays with it', async () => {
  draft.value = { task: 'runware/upscale', key: '', values: {} };
  offered.value = { text: 'Of the page', site: 'https://page.example' };
  await draw();
  expect(draft.value).toMatchObject({
    task: 'runware/image',
    site: 'https://page.example',
    values: { 'runware/image': { prompt: 'Of the page' } },
  });
  expect(root.querySelector('textarea')?.value).toBe('Of the page');
});

it('a fault that the service finds stands at the field of the same task alone', async () => {
  const failure = {
    code: 'invalid',
    message: 'No.',
    field: 'steps',
    service: { text: 'Too many.' },
  } as const;
  const failed: Call = { ...started, state: { phase: 'failed', failure, items: [] } };
  await draw(undefined, {}, failed);
  expect(root.querySelector('details')?.open).toBe(true);
  expect(root.querySelector('.fault')?.textContent).toBe('Too many.');
  act(() => {
    draft.value = { ...draft.value, task: 'runware/variation' };
  });
  await settled();
  expect(root.querySelector('.fault')).toBeNull();
});

describe('choosing a file in Firefox', () => {
  const choose = async (protocol: string) => {
    vi.stubGlobal('location', { protocol, href: `${protocol}//x/popup.html` });
    draft.value = { task: 'runware/upscale', key: '', values: {} };
    await draw();
    const event = new MouseEvent('click', { bubbles: true, cancelable: true });
    act(() => void root.querySelector('input[type=file]')?.dispatchEvent(event));
    vi.unstubAllGlobals();
    return event.defaultPrevented;
  };

  it('goes on in a tab, since the popup would close', async () => {
    browser.window.popups = [window];
    expect(await choose('moz-extension:')).toBe(true);
    expect(browser.window.tabs).toEqual(['moz-extension://x/popup.html']);
  });

  it('stays where it is in a tab, and in other browsers', async () => {
    expect(await choose('moz-extension:')).toBe(false);
    browser.window.popups = [window];
    expect(await choose('chrome-extension:')).toBe(false);
    expect(browser.window.tabs).toEqual([]);
  });
});
