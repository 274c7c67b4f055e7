import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { apart, together } from '../../src/popup/draft-pictures';
import { takesPrompt, tasksFor, valuesFor } from '../../src/popup/tasks';
import { answers, asked, forget, session, window, writings } from './popup-browser';

vi.mock('webextension-polyfill', () => import('./popup-browser'));

const picture = (length: number, filling = 'A') => `data:image/png;base64,${filling.repeat(length)}`;
const TEXTS = 'draft';
const PICTURES = 'draft pictures';

describe('a draft with pictures', () => {
  it('is whole again when it was taken apart', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom(picture(4), picture(8), 'data:image/png;base64,'));
    const name = fc.string({ minLength: 1 }).filter(text => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, fc.dictionary(name, value)), values => {
        const { texts, pictures, left } = apart(values, '');
        expect(left).toBe(false);
        expect(JSON.stringify(texts)).not.toContain('data:image/png;base64,AAAA');
        expect(together(texts, pictures)).toEqual(values);
      }),
    );
  });

  it('keeps one that several tasks have once', () => {
    const { pictures } = apart({ a: { picture: picture(9) }, b: { picture: picture(9) } }, 'b');
    expect(pictures).toHaveLength(1);
  });

  it('keeps the present task’s first, where not all have room', () => {
    const values = { a: { picture: picture(5_000_000) }, b: { picture: picture(5_000_000, 'B') } };
    const { pictures, left } = apart(values, 'b');
    expect(left).toBe(true);
    expect(pictures.map(({ places }) => places)).toEqual([[['b', 'picture']]]);
  });
});

describe('what is kept of a draft', () => {
  afterEach(() => {
    forget();
    vi.resetModules();
  });
  // A popup of its own, as after each opening.
  const open = () => import('../../src/popup/draft');
  const settled = () => new Promise(resolve => setTimeout(resolve));

  it('comes back when the popup opens again, with its pictures', async () => {
    const first = await open();
    first.changeValues('runware/edit', { prompt: 'Boats', picture: picture(99) });
    await settled();
    vi.resetModules();
    const second = await open();
    await second.loadDraft();
    expect(second.draft.value.values).toEqual({ 'runware/edit': { prompt: 'Boats', picture: picture(99) } });
  });

  it('is not all written anew with every letter', async () => {
    const { changeValues } = await open();
    for (const prompt of ['B', 'Bo', 'Boa', 'Boat']) {
      changeValues('runware/edit', { prompt, picture: picture(99) });
    }
    await settled();
    expect([writings.get(TEXTS), writings.get(PICTURES)]).toEqual([4, 1]);
    expect(JSON.stringify(session.items.get(TEXTS))).not.toContain('data:');
  });

  it('is not written anew after an opening that changes nothing of the pictures', async () => {
    const first = await open();
    first.changeValues('runware/edit', { picture: picture(99) });
    await settled();
    vi.resetModules();
    const second = await open();
    await second.loadDraft();
    second.changeValues('runware/edit', { prompt: 'B', picture: picture(99) });
    await settled();
    expect(writings.get(PICTURES)).toBe(1);
  });

  it('loses no text and brings back no earlier picture where the browser has too little room', async () => {
    const { changeValues, unkept } = await open();
    changeValues('runware/edit', { picture: picture(99) });
    await settled();
    session.most = 1_000;
    changeValues('runware/edit', { prompt: 'Boats', picture: picture(2_000) });
    await settled();
    expect(unkept.value).toBe(true);
    vi.resetModules();
    const { draft, loadDraft } = await open();
    await loadDraft();
    expect(draft.value.values).toEqual({ 'runware/edit': { prompt: 'Boats' } });
  });
});

describe('what is typed in a private window', () => {
  afterEach(() => {
    forget();
    vi.resetModules();
  });
  const settled = () => new Promise(resolve => setTimeout(resolve));
  /** The popup opens in a window of that kind, as `main.tsx` does it. */
  async function openIn(incognito: boolean) {
    vi.resetModules();
    window.incognito = incognito;
    const { learnOfWindow } = await import('../../src/popup/private-window');
    const popup = await import('../../src/popup/draft');
    await learnOfWindow();
    await popup.loadDraft();
    await settled();
    return popup;
  }

  it.each([
    [true, false],
    [false, true],
  ])('(or not: %s) shows in windows of its kind alone, pictures too', async (own, other) => {
    const values = { 'runware/edit': { prompt: 'Boats', picture: picture(99) } };
    const first = await openIn(own);
    first.changeValues('runware/edit', values['runware/edit']);
    await settled();
    const elsewhere = await openIn(other);
    expect(elsewhere.draft.value.values).toEqual({});
    elsewhere.changeValues('runware/edit', { prompt: 'Ships' });
    await settled();
    expect((await openIn(own)).draft.value.values).toEqual(values);
  });

  it('is not joined by a text that was selected elsewhere', async () => {
    answers.set('selection.take', ({ private: wanted }) => (wanted ? { text: 'Secret' } : { text: 'Plain' }));
    // The popup's own, since its modules are made anew each time.
    const taken = async () => {
      const { offered, takeBrought } = await import('../../src/popup/brought');
      await takeBrought();
      return offered.value;
    };
    await openIn(true);
    expect(await taken()).toEqual({ text: 'Secret' });
    await openIn(false);
    expect(await taken()).toEqual({ text: 'Plain' });
    expect(asked.map(({ body }) => body)).toEqual([{ private: true }, {}]);
  });
});

describe('from one task to the next', () => {
  const tasks = tasksFor([
    { id: 'key', service: 'runware', label: 'Work', fields: {}, created: 0, changed: 0, edited: 0 } as never,
  ]);
  const task = (name: string) => {
    const found = tasks.find(({ operation }) => operation.name === name);
    if (!found) throw new Error(`no task ${name}`);
    return found;
  };
  const from = (name: string, values: Record<string, string>) => ({ [`runware/${name}`]: values });

  it('a prompt and a picture go along', () => {
    const kept = from('upscale', { picture: picture(4), prompt: 'Boats' });
    expect(valuesFor(task('edit'), kept, 'runware/upscale')).toMatchObject({
      picture: picture(4),
      prompt: 'Boats',
    });
  });

  it('its own come first', () => {
    const kept = { ...from('upscale', { picture: picture(4) }), ...from('edit', { picture: picture(8) }) };
    expect(valuesFor(task('edit'), kept, 'runware/upscale').picture).toBe(picture(8));
  });

  it('what the task can do without does not', () => {
    const kept = from('edit', { picture: picture(4), prompt: 'Boats' });
    expect(valuesFor(task('video'), kept, 'runware/edit')).toMatchObject({ picture: '', prompt: 'Boats' });
    expect(valuesFor(task('caption'), kept, 'runware/edit')).toMatchObject({
      picture: picture(4),
      prompt: '',
    });
  });

  it('a selected text finds a task that takes it', () => {
    expect(takesPrompt(task('upscale'))).toBe(false);
    expect(takesPrompt(task('image'))).toBe(true);
  });
});
