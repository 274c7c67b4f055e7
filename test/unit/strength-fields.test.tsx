// @vitest-environment happy-dom
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { faultsIn, type Labels, useNewPassphrase } from '../../src/options/new-passphrase';
import { assess } from '../../src/options/strength/assess';
import { type Answer, PATIENCE, type Question } from '../../src/options/strength/gauge';
import { UTTER } from '../../src/options/strength/meter';
import { REST } from '../../src/options/strength/reading';

/** A worker's outside, with the real assessment inside: there are no web workers here. */
class InPlace {
  static started: InPlace[] = [];
  static broken: 'refused' | 'not-loaded' | 'silent' | undefined;
  readonly asked: string[] = [];
  readonly unanswered: Answer[] = [];
  terminated = false;
  onmessage: ((event: { data: Answer }) => void) | undefined;
  onerror: (() => void) | undefined;

  constructor() {
    if (InPlace.broken === 'refused') throw new Error('refused');
    InPlace.started.push(this);
  }

  postMessage({ id, passphrase }: Question): void {
    this.asked.push(passphrase);
    if (InPlace.broken === 'not-loaded') queueMicrotask(() => this.onerror?.());
    else if (!InPlace.broken) this.unanswered.push({ id, assessment: assess(passphrase) });
  }

  answer(): void {
    const data = this.unanswered.shift();
    if (data && !this.terminated) this.onmessage?.({ data });
  }

  terminate(): void {
    this.terminated = true;
  }
}

let root: HTMLElement;
let read: () => string | undefined;

function Form({ labels }: { labels?: Labels }) {
  const chosen = useNewPassphrase(labels);
  read = chosen.read;
  return chosen.fields;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', InPlace);
  InPlace.started = [];
  InPlace.broken = undefined;
  root = document.createElement('main');
  document.body.append(root);
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const show = (labels?: Labels) => act(() => render(labels ? <Form labels={labels} /> : <Form />, root));
const wait = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
const worker = () => InPlace.started[0];

function field(label: string): HTMLInputElement {
  const found = [...root.querySelectorAll('label')].find(({ textContent }) => textContent === label);
  const input = found && document.getElementById(found.htmlFor);
  if (!(input instanceof HTMLInputElement)) throw new Error(`no field ${label}`);
  return input;
}

function type(label: string, text: string): void {
  const input = field(label);
  act(() => {
    input.value = text;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

async function measured(text: string): Promise<void> {
  type('Passphrase', text);
  await wait(REST);
  await act(() => InPlace.started.at(-1)?.answer());
}

const described = (label: string) =>
  (field(label).getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map(id => document.getElementById(id)?.textContent)
    .join(' ');
const word = () => root.querySelector('strong')?.textContent;
const reached = () => root.querySelectorAll('.reached').length;
const spoken = () => root.querySelector('[role=status]')?.textContent;

describe('the meter', () => {
  it('loads nothing before something is typed', async () => {
    show();
    await wait(60_000);
    expect(InPlace.started).toEqual([]);
    expect(described('Passphrase')).toContain('A few unrelated words are strong');
  });

  it('measures once typing rests', async () => {
    show();
    for (const text of ['p', 'pl', 'plu', 'plum']) {
      type('Passphrase', text);
      await wait(REST - 1);
    }
    expect(InPlace.started).toEqual([]);
    await wait(1);
    expect(worker()?.asked).toEqual(['plum']);
  });

  it('says the step by a word, by its bars and in what describes the field', async () => {
    show();
    await measured('password');
    expect([word(), reached()]).toEqual(['Very weak', 1]);
    expect(described('Passphrase')).toContain('would need less than a minute.');
    await measured('plum anchor violin north');
    expect([word(), reached()]).toEqual(['Strong', 5]);
    expect(described('Passphrase')).toContain('would need centuries.');
    expect(InPlace.started.length).toBe(1);
  });

  it('shows nothing of an answer that another question has overtaken', async () => {
    show();
    type('Passphrase', 'plum anchor violin north');
    await wait(REST);
    type('Passphrase', 'plum');
    await wait(REST);
    await act(() => worker()?.answer());
    expect(word()).toBe('');
    await act(() => worker()?.answer());
    expect(word()).toBe('Very weak');
  });

  it('is read out when the sentence has stood for a second, not at every pause', async () => {
    show();
    await measured('password');
    await wait(UTTER - REST - 1);
    await measured('plum anchor violin north');
    expect(spoken()).toBe('');
    await wait(UTTER);
    expect(spoken()).toMatch(/^Strong\. Someone with a copy/);
  });

  it('forgets the passphrase when the field is emptied, and when it goes', async () => {
    show();
    await measured('password');
    type('Passphrase', '');
    expect(worker()?.terminated).toBe(true);
    expect([word(), reached()]).toEqual(['', 0]);
    await measured('password');
    act(() => render(null, root));
    expect(InPlace.started.map(({ terminated }) => terminated)).toEqual([true, true]);
  });

  it.each([
    ['refused', REST],
    ['not-loaded', REST],
    ['silent', REST + PATIENCE],
  ] as const)('that is %s says that it could not measure, and the form works', async (broken, ms) => {
    InPlace.broken = broken;
    show();
    type('Passphrase', 'plum anchor violin north');
    type('Repeat passphrase', 'plum anchor violin north');
    await wait(ms);
    expect(described('Passphrase')).toContain('It could not be measured.');
    expect([word(), reached()]).toEqual(['', 0]);
    expect(read()).toBe('plum anchor violin north');
  });

  it('takes back what it said when the next measurement fails, and tries anew with the next character', async () => {
    show();
    await measured('plum anchor violin north');
    InPlace.broken = 'not-loaded';
    await measured('plum');
    expect([word(), reached()]).toEqual(['', 0]);
    InPlace.broken = undefined;
    await measured('plums');
    expect(word()).toBe('Very weak');
  });
});

describe('the two fields', () => {
  const labels = { passphrase: 'New passphrase', repeat: 'Repeat new passphrase' };

  it('show their faults when read, and drop each as soon as it is mended', () => {
    show();
    type('Passphrase', 'short');
    expect(root.querySelector('.fault')).toBeNull();
    act(() => void expect(read()).toBeUndefined());
    expect(described('Passphrase')).toContain('Passphrase needs at least 8 characters.');
    expect(described('Repeat passphrase')).toContain('Repeat passphrase is empty.');
    expect(field('Passphrase').getAttribute('aria-invalid')).toBe('true');
    type('Passphrase', 'shortest');
    type('Repeat passphrase', 'shortest');
    expect(root.querySelector('.fault')).toBeNull();
    expect(read()).toBe('shortest');
  });

  it('take a weak passphrase, which is only advised against', async () => {
    show();
    await measured('password');
    type('Repeat passphrase', 'password');
    expect(read()).toBe('password');
  });

  it('give the passphrase in NFC', () => {
    show();
    type('Passphrase', 'cafe\u0301 au lait');
    type('Repeat passphrase', 'caf\u00e9 au lait');
    expect(read()).toBe('caf\u00e9 au lait');
  });

  it('go by the names that the form gives them', () => {
    show(labels);
    type('New passphrase', 'plum anchor');
    type('Repeat new passphrase', 'plum anchors');
    act(() => void expect(read()).toBeUndefined());
    expect(described('Repeat new passphrase')).toContain('The two passphrases differ.');
  });

  it('have a fault below the hint, as every field does', () => {
    show();
    type('Passphrase', 'plum');
    act(() => void read());
    const below = [...root.querySelectorAll('[id$=hint], [id$=fault]')].map(({ className }) => className);
    expect(below).toEqual(['hint', 'fault', 'fault']);
    expect(described('Passphrase')).toMatch(/use nowhere else\. Passphrase needs at least 8 characters\. /);
  });

  it.each([
    ['', '', { passphrase: 'New passphrase is empty.', repeat: 'Repeat new passphrase is empty.' }],
    ['1234567', '1234567', { passphrase: 'New passphrase needs at least 8 characters.' }],
    ['🦊'.repeat(7), '🦊'.repeat(7), { passphrase: 'New passphrase needs at least 8 characters.' }],
    ['e\u0301'.repeat(7), '\u00e9'.repeat(7), { passphrase: 'New passphrase needs at least 8 characters.' }],
    ['12345678', '12345678', {}],
    ['🦊'.repeat(8), '🦊'.repeat(8), {}],
    ['x'.repeat(1024), 'x'.repeat(1024), {}],
    ['x'.repeat(1025), 'x'.repeat(1025), { passphrase: 'New passphrase can have at most 1024 characters.' }],
    ['12345678', '12345678 ', { repeat: 'The two passphrases differ.' }],
  ])('%j and %j', (passphrase, repeat, faults) => {
    expect(faultsIn(passphrase, repeat, labels)).toEqual(faults);
  });

  it('the present passphrase is not a new one, in whatever form its letters are written', () => {
    const fault = { passphrase: 'That is the present passphrase. Choose another one.' };
    const name = 'café au lait';
    expect(faultsIn(name, name, labels, name.normalize('NFD'))).toEqual(fault);
    expect(faultsIn(name, name, labels, `${name} `)).toEqual({});
    expect(faultsIn(name, name, labels)).toEqual({});
  });
});
