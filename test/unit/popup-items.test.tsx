// @vitest-environment happy-dom
import { act } from 'preact/test-utils';
import { describe, expect, it, vi } from 'vitest';
import type { Call, CallState, Item } from '../../src/calls/call';
import { Items } from '../../src/ui/items/items';
import { draw, root } from './drawn';
import { answers, asked } from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

const callIn = (state: CallState, values: Record<string, string> = {}, operation = 'text'): Call => ({
  id: '2f1cbb5c-6f43-4d5a-8a1b-6a9f3c7f1f10',
  at: 0,
  request: { service: 'runware', key: 'key', label: 'Work', operation, values, boot: 'boot' },
  state,
});
const done = (...items: Item[]): CallState => ({ phase: 'done', tookMs: 1, items });
const sent = (partial: string): CallState => ({ phase: 'sent', trace: {}, items: [], partial });
const text = (words: string, cut?: 'length' | 'filter'): Item => ({
  kind: 'text',
  id: 'text',
  text: words,
  ...(cut && { cut }),
});

async function show(call: Call): Promise<void> {
  draw(<Items call={call} />);
  await act(() => new Promise<void>(resolve => setTimeout(resolve)));
}
const answer = () => root.querySelector('.answer');

describe('a text', () => {
  it('grows in its place, and stays there when it is whole', async () => {
    await show(callIn(sent('Once')));
    const growing = answer();
    await show(callIn(sent('Once upon')));
    expect(answer()).toBe(growing);
    expect(growing?.classList.contains('growing')).toBe(true);
    await show(callIn(done(text('Once upon a time'))));
    expect(answer()).toBe(growing);
    expect(growing?.textContent).toBe('Once upon a time');
    expect(growing?.classList.contains('growing')).toBe(false);
    expect(root.querySelectorAll('.answer')).toHaveLength(1);
  });

  it.each([
    ['length', 'It ends here because the longest answer is reached'],
    ['filter', 'The service’s filter ended it here.'],
  ] as const)('that was cut by %s says so', async (cut, sentence) => {
    await show(callIn(done(text('Once', cut))));
    expect(root.textContent).toContain(sentence);
  });

  it('that came in part before its call failed is shown as what it is', async () => {
    await show(
      callIn({
        phase: 'failed',
        failure: { code: 'service-error', message: 'No.' },
        items: [],
        partial: 'Once',
      }),
    );
    expect(answer()?.textContent).toBe('Once');
    expect(root.textContent).toContain('It broke off here.');
  });

  it('is laid out as its own words are read', async () => {
    await show(callIn(done(text('שלום'))));
    expect(answer()?.getAttribute('dir')).toBe('auto');
  });

  it('is text, whatever is in it', async () => {
    await show(callIn(done(text('<img src=x onerror=alert(1)>'))));
    expect(root.querySelector('img')).toBeNull();
    expect(answer()?.textContent).toBe('<img src=x onerror=alert(1)>');
  });
});

describe('buttons of one name', () => {
  const buttons = () =>
    [...root.querySelectorAll('button')].map(it => [it.textContent, it.getAttribute('aria-description')]);
  const list: Item = {
    kind: 'list',
    id: 'list',
    total: 2,
    rows: ['a', 'b'].map(id => ({ id, title: `Model ${id}` })),
  };
  const picture = (media: number): Item => ({
    kind: 'image',
    id: `${media}`,
    media,
    type: 'image/png',
  });
  const TWO: [string, string][] = [1, 2].flatMap(place =>
    ['Copy', 'Save'].map((name): [string, string] => [name, `Result ${place} of 2`]),
  );

  it.each<[string, Item[], [string, string | null][]]>([
    ['of pictures are described by which it is for', [picture(0), picture(1)], TWO],
    ['of texts too', [text('One'), text('Two')], TWO],
    [
      'are not where there is one result',
      [text('One')],
      [
        ['Copy', null],
        ['Save', null],
      ],
    ],
    [
      'are described by what stands in their row',
      [list],
      [
        ['Copy', 'Model a'],
        ['Copy', 'Model b'],
      ],
    ],
  ])('%s', async (_, items, described) => {
    answers.set('calls.media', () => new Promise(() => {}));
    await show(callIn(done(...items)));
    expect(buttons()).toEqual(described);
  });
});

describe('a link', () => {
  const link = (url: string): Item => ({ kind: 'link', id: 'link', url, of: 'video' });

  it('over https can be opened, and says where it leads', async () => {
    await show(callIn(done(link('https://im.runware.ai@films.example/a.mp4'))));
    const anchor = root.querySelector('a');
    expect(root.textContent).toContain('The film lies at films.example, and Runkey did not fetch it.');
    expect([anchor?.target, anchor?.rel]).toEqual(['_blank', 'noreferrer noopener']);
  });

  it.each(['http://films.example/a.mp4', 'javascript:alert(1)', 'data:text/html,x', 'not an address'])(
    '%s is text',
    async url => {
      await show(callIn(done(link(url))));
      expect(root.querySelector('a')).toBeNull();
      expect(answer()?.textContent).toBe(url);
    },
  );
});

describe('a list', () => {
  const list = (total: number, ...ids: string[]): Item => ({
    kind: 'list',
    id: 'list',
    total,
    rows: ids.map(id => ({ id, title: `Model ${id}`, note: 'checkpoint' })),
  });

  it('shows each with its id, and how many there are', async () => {
    await show(callIn(done(list(40, 'a:1@1', 'b:1@1'))));
    expect([...root.querySelectorAll('code')].map(({ textContent }) => textContent)).toEqual([
      'a:1@1',
      'b:1@1',
    ]);
    expect(root.querySelectorAll('li button')).toHaveLength(2);
    expect(root.textContent).toContain('2 of 40 shown');
  });

  it.each([
    ['a:1@1', 'a:1@1'],
    ['', '2245 credits left, 5 of 2250 used'],
  ])('whose row has the id “%s” copies “%s”', async (id, copied) => {
    const copy = vi.spyOn(navigator.clipboard, 'writeText');
    const rows = [{ id, title: '2245 credits left', note: '5 of 2250 used' }];
    await show(callIn(done({ kind: 'list', id: 'list', total: 1, rows })));
    expect(root.querySelector('code')?.textContent).toBe(id || undefined);
    act(() => root.querySelector<HTMLButtonElement>('li button')?.click());
    expect(copy).toHaveBeenCalledExactlyOnceWith(copied);
    copy.mockRestore();
  });

  it('that is empty says so', async () => {
    await show(callIn(done(list(0))));
    expect(root.textContent).toBe('Nothing was found.');
  });
});

describe('a medium', () => {
  const image: Item = { kind: 'image', id: 'image', type: 'image/png', media: 3, note: '2 found' };

  it('is fetched by its place, named by what was asked, and gives its address back when it goes', async () => {
    const revoked = vi.spyOn(URL, 'revokeObjectURL');
    answers.set('calls.media', () => ({ base64: btoa('bytes'), total: 5 }));
    await show(callIn(done(image), { prompt: 'A boat' }));
    expect(asked).toEqual([{ ask: 'calls.media', body: { id: callIn(done()).id, media: 3, from: 0 } }]);
    const shown = root.querySelector('img');
    expect(shown?.alt).toBe('A boat');
    expect(shown?.src).toMatch(/^blob:/);
    expect(root.querySelector('figcaption')?.textContent).toBe('2 found');
    draw(null);
    expect(revoked).toHaveBeenCalledWith(shown?.src);
  });

  it('of a task without a prompt is named by its task', async () => {
    answers.set('calls.media', () => ({ base64: btoa('bytes'), total: 5 }));
    await show(callIn(done(image), {}, 'cutout'));
    expect(root.querySelector('img')?.alt).toBe('Remove background');
  });

  const letters = 'abcdefghij';
  /** Four bytes a message. */
  const inSlices = ({ from }: Record<string, unknown>) => ({
    base64: btoa(letters.slice(Number(from), Number(from) + 4)),
    total: letters.length,
  });

  it('that is larger than a message comes in slices, and is whole', async () => {
    const blobs: Blob[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation(blob => {
      blobs.push(blob as Blob);
      return 'blob:whole';
    });
    answers.set('calls.media', inSlices);
    await show(callIn(done(image)));
    await vi.waitFor(() => expect(root.querySelector('img')?.src).toBe('blob:whole'));
    expect(asked.map(({ body }) => body.from)).toEqual([0, 4, 8]);
    expect(await blobs[0]?.text()).toBe(letters);
    vi.restoreAllMocks();
  });

  it('is fetched no further once it is out of sight', async () => {
    let arrive = (_: unknown) => {};
    answers.set('calls.media', () => new Promise(resolve => (arrive = resolve)));
    await show(callIn(done(image)));
    draw(null);
    arrive(inSlices({ from: 0 }));
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(asked).toHaveLength(1);
  });

  it('that is no longer kept says so', async () => {
    answers.set('calls.media', () => {
      throw new Error('gone');
    });
    await show(callIn(done(image)));
    expect(root.querySelector('[role=alert]')?.textContent).toContain('did not answer');
  });
});
