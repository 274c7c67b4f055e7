// @vitest-environment happy-dom
import { signal } from '@preact/signals';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/failure';
import type { Field } from '../../src/services/about';
import type { Values } from '../../src/services/fields';
import { FieldInput } from '../../src/ui/field';
import { filledIn } from '../../src/ui/fills';
import type { Look } from '../../src/ui/lookup-input';
import { fitted, weight } from '../../src/ui/picture';

const field: Field = {
  name: 'model',
  label: 'Model',
  kind: 'text',
  most: 200,
  pattern: { shape: /^\w+:\w+@\w+$/, otherwise: 'No.' },
  lookup: 'models',
};

let root: HTMLElement;
const value = signal('');
/** Searches that were asked for, and how to answer each. */
/** What rows bring along for other fields, by id; and what the form was told of it. */
const fills: Record<string, Values> = { 'b:1@1': { steps: '4' } };
let told: Values[];
let searches: { search: string; answer: (rows: string[], total?: number) => void; fail: () => void }[];
const look: Look = search =>
  new Promise((resolve, reject) => {
    searches.push({
      search,
      answer: (ids, total = ids.length) =>
        resolve({
          rows: ids.map(id => ({ id, title: `Model ${id}`, ...(id in fills && { fills: fills[id] ?? {} }) })),
          total,
        }),
      fail: () => reject(new Failure('rate-limit', 'Too many.', { next: 'Wait.' })),
    });
  });

function Form() {
  return (
    <FieldInput
      field={field}
      value={value.value}
      onValue={text => (value.value = text)}
      look={look}
      onFills={brought => told.push(brought)}
    />
  );
}

beforeEach(() => {
  searches = [];
  told = [];
  value.value = 'flux';
  root = document.createElement('main');
  document.body.append(root);
  act(() => render(<Form />, root));
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
});

const input = () => root.querySelector('input') as HTMLInputElement;
/** Gives whether the field made the key its own. */
async function press(key: string, more: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  await act(() => void input().dispatchEvent(event));
  return event.defaultPrevented;
}
const settled = () => act(() => new Promise<void>(resolve => setTimeout(resolve)));
async function answer(ids: string[], total?: number): Promise<void> {
  searches.at(-1)?.answer(ids, total);
  await settled();
}
const shown = () => [...root.querySelectorAll('[role=option] code')].map(({ textContent }) => textContent);
const active = () => root.querySelector('[aria-selected=true] code')?.textContent;
const said = () => root.querySelector('[role=status]')?.textContent;

describe('a field that can be looked up', () => {
  it('asks nothing by itself', async () => {
    await act(() => {
      input().value = 'fluxx';
      input().dispatchEvent(new Event('input', { bubbles: true }));
    });
    expect(value.value).toBe('fluxx');
    expect(searches).toEqual([]);
  });

  it('goes round with the arrow keys, and takes what is chosen', async () => {
    expect(await press('Enter')).toBe(true);
    await answer(['a:1@1', 'b:1@1']);
    expect(shown()).toEqual(['a:1@1', 'b:1@1']);
    expect(active()).toBeUndefined();
    await press('ArrowUp');
    expect(active()).toBe('b:1@1');
    await press('ArrowDown');
    expect(active()).toBe('a:1@1');
    expect(input().getAttribute('aria-activedescendant')).toBe(
      root.querySelector('[aria-selected=true]')?.id,
    );
    expect(await press('Enter')).toBe(true);
    expect(value.value).toBe('a:1@1');
    expect(shown()).toEqual([]);
    expect(input().getAttribute('aria-expanded')).toBe('false');
  });

  it('tells what the chosen row brings along for other fields, once it is chosen', async () => {
    await press('Enter');
    await answer(['a:1@1', 'b:1@1']);
    await press('ArrowDown');
    await press('ArrowDown');
    expect(told).toEqual([]);
    await press('Enter');
    expect([value.value, told]).toEqual(['b:1@1', [{ steps: '4' }]]);
    await act(() => {
      value.value = 'flux';
    });
    await press('Enter');
    await answer(['a:1@1']);
    await act(() => root.querySelector<HTMLElement>('[role=option]')?.click());
    expect([value.value, told]).toEqual(['a:1@1', [{ steps: '4' }]]);
  });

  it('lets Enter through once it holds a whole id, and Escape once nothing is open', async () => {
    await act(() => {
      value.value = 'a:1@1';
    });
    expect(await press('Enter')).toBe(false);
    expect(await press('Escape')).toBe(false);
    expect(searches).toEqual([]);
  });

  it('closes with Escape and keeps what was typed', async () => {
    await press('Enter');
    await answer(['a:1@1']);
    expect(await press('Escape')).toBe(true);
    expect([shown(), value.value]).toEqual([[], 'flux']);
  });

  it('shows nothing of an answer that came after something else was typed', async () => {
    await press('Enter');
    await act(() => {
      input().value = 'fl';
      input().dispatchEvent(new Event('input', { bubbles: true }));
    });
    await answer(['a:1@1']);
    expect([shown(), said()]).toEqual([[], '']);
  });

  it('says when there is too little to search for, nothing found, more than shown, or no answer', async () => {
    await press('Enter');
    expect(said()).toBe('Searching…');
    await answer([]);
    expect(said()).toBe('Nothing was found for “flux”.');
    await press('Enter');
    await answer(['a:1@1'], 30);
    expect(said()).toBe('1 of 30 found. More of the name finds fewer.');
    await press('Enter');
    searches.at(-1)?.fail();
    await settled();
    expect([said(), shown()]).toEqual(['Too many. Wait.', []]);
    await act(() => {
      value.value = 'f';
    });
    await press('Enter');
    expect(said()).toBe('Type at least two characters of a name or an id.');
    expect(searches).toHaveLength(3);
  });
});

describe('what a row brings along for other fields', () => {
  const json = { name: 'json', label: 'JSON', kind: 'long-text', initial: '{}', most: 200 } as const;
  const note = { name: 'note', label: 'Note', kind: 'text', most: 200 } as const;

  it.each<[string, Values, Values, Values]>([
    ['goes into one that is as it was at first', { json: '{}' }, {}, { json: '[1]' }],
    ['goes into one that an earlier row filled', { json: '[0]' }, { json: '[0]' }, { json: '[1]' }],
    ['leaves what was typed', { json: '{"a": 1}' }, {}, {}],
    ['leaves what was changed since an earlier row', { json: '[0] ' }, { json: '[0]' }, {}],
  ])('%s', (_, values, earlier, put) => {
    expect(filledIn([json, note], values, { json: '[1]', elsewhere: 'x' }, earlier)).toEqual(put);
  });

  it('goes into an empty field, and leaves those that it does not name', () => {
    expect(filledIn([json, note], { json: '{}', note: '' }, { note: 'Mine' }, {})).toEqual({ note: 'Mine' });
  });
});

describe('a picture', () => {
  it.each([
    [
      { width: 2048, height: 2048 },
      { width: 2048, height: 2048 },
    ],
    [
      { width: 2600, height: 1300 },
      { width: 2048, height: 1024 },
    ],
    [
      { width: 100, height: 4096 },
      { width: 50, height: 2048 },
    ],
    [
      { width: 1, height: 10_000 },
      { width: 1, height: 2048 },
    ],
    [
      { width: 3, height: 5 },
      { width: 3, height: 5 },
    ],
  ])('of %j is sent as %j', (from, to) => {
    expect(fitted(from)).toEqual(to);
  });

  it.each([
    [40, '1 kB'],
    [63_400, '63 kB'],
    [1_240_000, '1.2 MB'],
  ])('of %d bytes has %s', (bytes, said) => {
    expect(weight(bytes)).toBe(said);
  });
});
