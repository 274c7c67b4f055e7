import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { pick, type Selecting, selectAll, selectWord, setSelecting } from './drive/selecting';
import { OTHER_SITE, SITE } from './drive/site';

let selecting: Selecting;
beforeAll(async () => {
  selecting = await setSelecting({ permissions: ['clipboard-read', 'clipboard-write'] });
});
afterAll(() => selecting?.stage.close());
afterEach(async () => {
  const { context } = selecting.stage.chromium;
  for (const page of context.pages()) if (page.url().startsWith('https:')) await page.close();
});

const calls = () => selecting.stage.runware.ledger.entries.length;

describe('selected text is run', () => {
  test('from the bubble, and its answer is copied', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.press('Runkey');
    await ours.press('Explain');
    await ours.says(/Explain this in plain words[\s\S]*lighthouse/);
    await ours.says(/Goes to\s+ws-api\.runware\.ai\s+Price\s+about \$/);
    const before = calls();
    await ours.press('Run');
    await ours.says('Done.');
    expect(calls()).toBe(before + 1);
    await ours.press('Copy');
    await ours.button('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('lighthouse');
    await ours.press('Close');
    await ours.gone();
  });

  test('and what came is saved, of which the page hears nothing', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await pick(ours, 'Draw this');
    await ours.press('Run');
    await ours.says('Done.');
    // The browser's own dialog is stood in for: its answer is a file all the same.
    await ours.evaluate(`globalThis.showSaveFilePicker = async ({ suggestedName }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`);
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      Reflect.get(globalThis, 'navigation').addEventListener('navigate', () => heard.push('navigate'));
      addEventListener('click', event => heard.push((event.target as Element).localName), true);
      new PerformanceObserver(list => heard.push(...list.getEntries().map(({ name }) => name))).observe({
        type: 'resource',
      });
    });
    await ours.press('Save');
    const start = async () => {
      const folder = await navigator.storage.getDirectory();
      const file = await folder.getFileHandle('runkey.jpg').then(handle => handle.getFile());
      return [...new Uint8Array(await file.slice(0, 3).arrayBuffer())];
    };
    await expect.poll(() => page.evaluate(start).catch(() => undefined)).toEqual([0xff, 0xd8, 0xff]);
    expect(await page.evaluate(() => Reflect.get(globalThis, 'heard'))).toEqual(['div']);
  });

  test('on a page that allows nothing', async () => {
    const { page, ours } = await selecting.open('strict.html');
    await selectWord(page.locator('#first'));
    await pick(ours, 'Draw this');
    await ours.press('Run');
    await ours.says('Done.');
    await vi.waitFor(async () => {
      const drawn = await ours.evaluate<number>(`(() => {
        const canvas = $root.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(data).size;
      })()`);
      expect(drawn).toBeGreaterThan(2);
    }, 10_000);
    const style = await ours.evaluate<string>(`getComputedStyle($root.querySelector('.runkey')).position`);
    expect(style).toBe('fixed');
  });

  test('on a page that reverts every style and fights for the top', async () => {
    const { page, ours } = await selecting.open('wars.html');
    await selectWord(page.locator('b'));
    await pick(ours, 'Explain');
    const seen = await ours.evaluate<object>(`(() => {
      const { direction, letterSpacing, color, position, opacity, display } = getComputedStyle($root.querySelector('.runkey'));
      return { direction, letterSpacing, color, position, opacity, display, host: getComputedStyle($root.host).display };
    })()`);
    expect(seen).toEqual({
      direction: 'ltr',
      letterSpacing: 'normal',
      color: 'rgb(27, 28, 35)',
      position: 'fixed',
      opacity: '1',
      display: 'flex',
      host: 'block',
    });
    await ours.press('Run');
    await ours.says('Done.');
  });

  test('in an open modal dialog', async () => {
    const { page, ours } = await selecting.open('dialog.html');
    await page.evaluate('dialog.showModal()');
    await selectWord(page.locator('#inside'));
    await pick(ours, 'Explain');
    await ours.press('Run');
    await ours.says('Done.');
    // The card outlives the dialog that it stands in, and follows into one that opens.
    await page.evaluate('dialog.close()');
    await ours.says('Done.');
    await page.evaluate('dialog.showModal()');
    await ours.press('Close');
    await ours.gone();
  });

  test.each(['open', 'closed'])('in a shadow root (%s)', async mode => {
    const { page, ours } = await selecting.open('shadow.html');
    const box = await page.locator(`#${mode}-host`).boundingBox();
    await page.mouse.dblclick((box?.x ?? 0) + 20, (box?.y ?? 0) + 10);
    await pick(ours, 'Explain');
    await ours.says(/<page-selection \w+>\s*Harbour\s*</);
  });

  test('in a frame of the same site, with the card in the top page, and inserted in the frame', async () => {
    const { page, ours } = await selecting.open('frames.html');
    const frame = page.frame({ url: `${SITE}/writing.html` });
    if (!frame) throw new Error('There is no such frame.');
    await selectAll(frame.locator('#area'));
    await ours.press('Runkey', frame);
    await ours.press('Explain', frame);
    await ours.says('A quick note');
    await ours.press('Run');
    await ours.press('Insert');
    await ours.gone();
    expect(await frame.locator('#area').inputValue()).toContain('emulator');
  });

  test('in a frame of another site, with the card in the top page', async () => {
    const { page, ours } = await selecting.open('frames.html');
    const frame = page.frame({ url: `${OTHER_SITE}/text.html` });
    if (!frame) throw new Error('There is no such frame.');
    await selectWord(frame.locator('#first'));
    await ours.press('Runkey', frame);
    await ours.press('Explain', frame);
    await ours.says('lighthouse');
    await ours.press('Run');
    await ours.says('Done.');
  });
});

describe('an answer takes the place of what was selected', () => {
  test.each(['area', 'input'])('in a field (%s): the page notices, and it can be undone', async id => {
    const { page, ours } = await selecting.open('writing.html');
    const field = page.locator(`#${id}`);
    const before = await field.inputValue();
    await selectAll(field);
    await pick(ours, 'Explain');
    await ours.press('Run');
    await ours.press('Insert');
    await ours.gone();
    const after = await field.inputValue();
    expect(after).toContain('emulator');
    expect(await page.evaluate<string[]>('noticed')).toEqual([after]);
    await page.keyboard.press('Control+z');
    expect(await field.inputValue()).toBe(before);
  });

  test('in contenteditable: the page notices, and it can be undone', async () => {
    const { page, ours } = await selecting.open('writing.html');
    const letter = page.locator('#editable');
    await selectWord(letter.getByText('the lamp is out'));
    await pick(ours, 'Explain');
    await ours.press('Run');
    await ours.press('Insert');
    await ours.gone();
    expect(await letter.innerText()).toMatch(/^Dear keeper of the light,[\s\S]*emulator[\s\S]* is out\.$/);
    expect(await page.evaluate<string[]>('noticed')).not.toEqual([]);
    await page.keyboard.press('Control+z');
    expect((await letter.innerText()).replace(/\s+/g, ' ')).toBe(
      'Dear keeper of the light, the lamp is out.',
    );
  });

  test.each(['open', 'closed'])('in a shadow root (%s)', async mode => {
    const { page, ours } = await selecting.open('shadow.html');
    const box = await page.locator(`#${mode}-host`).boundingBox();
    // On the second line: the field.
    await page.mouse.click((box?.x ?? 0) + 30, (box?.y ?? 0) + (box?.height ?? 0) - 20);
    await page.keyboard.press('Control+a');
    await pick(ours, 'Explain');
    await ours.says(`Anchor in the ${mode} root`);
    await ours.press('Run');
    await ours.press('Insert');
    await ours.gone();
    expect(await page.evaluate<string>(`roots.${mode}.querySelector('textarea').value`)).toContain(
      'emulator',
    );
  });

  test('but not where something else stands by then', async () => {
    const { page, ours } = await selecting.open('writing.html');
    await selectAll(page.locator('#area'));
    await pick(ours, 'Explain');
    await ours.press('Run');
    await ours.button('Insert');
    await page.evaluate(`area.value = 'Written meanwhile, by the page'`);
    await ours.press('Insert');
    await ours.says('has changed');
    expect(await page.locator('#area').inputValue()).toBe('Written meanwhile, by the page');
  });

  test('and is not offered where nothing may be written', async () => {
    const { page, ours } = await selecting.open('writing.html');
    await selectAll(page.locator('#readonly'));
    await pick(ours, 'Explain');
    await ours.press('Run');
    await ours.button('Copy');
    expect(await ours.text()).not.toContain('Insert');
  });
});
