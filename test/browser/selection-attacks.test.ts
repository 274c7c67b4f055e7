import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InPage, Spot } from './drive/in-page';
import { pick, type Selecting, selectWord, setSelecting } from './drive/selecting';

let selecting: Selecting;
beforeAll(async () => {
  selecting = await setSelecting();
});
afterAll(() => selecting?.stage.close());

const calls = () => selecting.stage.runware.ledger.entries.length;

interface Attack {
  readonly name: string;
  /** What the page does. */
  readonly begin: string;
  readonly end: string;
  /** Whether the card is in plain sight nonetheless. */
  readonly inVain?: true;
  /** Whether the click follows at once. */
  readonly atOnce?: true;
  /** Whether the button is somewhere else then. */
  readonly follow?: true;
  /** Whether the browser itself may let no click through: what is outside of a dialog is inert. */
  readonly swallowed?: true;
}

const styled = (name: string, css: string): Attack => ({
  name,
  begin: `document.head.append(Object.assign(document.createElement('style'), { id: 'attack', textContent: ${JSON.stringify(css)} }))`,
  end: `attack.remove()`,
});

const OVER = `position: fixed; inset: 0; width: 100%; height: 100%; margin: 0; border: 0; padding: 0; background: #fff; pointer-events: none`;
const layered = (name: string, how: string, more = ''): Attack => ({
  name,
  begin: `{
    const over = Object.assign(document.createElement('div'), { id: 'attack', textContent: 'You have won' });
    over.style.cssText = '${OVER}; ${more}';
    ${how}
  }`,
  end: `attack.remove()`,
});

const attacks: readonly Attack[] = [
  styled('the page is made transparent', 'html { opacity: 0.01 !important }'),
  styled('the page is filtered away', 'html { filter: opacity(0) !important }'),
  styled('the page is cut away', 'html { clip-path: inset(0 0 100% 0) !important }'),
  styled('the page is masked', 'html { mask-image: linear-gradient(transparent, transparent) !important }'),
  { ...styled('the page is shrunk', 'html { zoom: 0.1 !important }'), follow: true },
  styled('everything is hidden', '* { visibility: hidden !important; opacity: 0 !important }'),
  layered(
    'a popover that lets clicks through is opened above',
    `over.popover = 'manual'; document.body.append(over); over.showPopover();`,
  ),
  layered(
    'the same in a closed shadow root',
    `const host = document.createElement('div'); host.id = 'attack'; over.removeAttribute('id');
     document.body.append(host); host.attachShadow({ mode: 'closed' }).append(over);
     over.popover = 'manual'; over.showPopover();`,
  ),
  layered(
    'only the price is covered',
    `over.popover = 'manual'; document.body.append(over); over.showPopover();`,
    'inset: 60px 60px auto auto; width: 300px; height: 200px',
  ),
  {
    ...layered(
      'an overlay that lets clicks through is put above',
      `document.body.append(over);`,
      'z-index: 2147483647',
    ),
    inVain: true,
  },
  {
    name: 'a view transition paints over everything',
    begin: `document.head.append(Object.assign(document.createElement('style'), { id: 'attack', textContent:
        '::view-transition { background: white; pointer-events: none } ::view-transition-group(root) { animation-duration: 20s; opacity: 0 }' }));
      globalThis.transition = document.startViewTransition(() => {}); void 0`,
    end: `transition.skipTransition(); attack.remove()`,
    swallowed: true,
  },
  {
    name: 'a dialog moves it under the pointer',
    begin: `document.body.append(Object.assign(document.createElement('dialog'), { id: 'attack', textContent: 'Hello' }));
      attack.showModal()`,
    end: `attack.remove()`,
    atOnce: true,
    swallowed: true,
  },
  {
    name: 'it is taken away and comes back',
    begin: `document.querySelector('html > [popover]').remove()`,
    end: `0`,
    atOnce: true,
  },
];

/** Where a button stands as it is, without waiting or moving. */
const spotOf = (ours: InPage, name: string): Promise<Spot> => ours.button(name);

describe('a press of Run', () => {
  test.each(attacks)(
    'starts nothing while $name',
    async ({ begin, end, inVain, atOnce, follow, swallowed }) => {
      const { page, ours } = await selecting.open('text.html');
      await selectWord(page.locator('#first'));
      await pick(ours, 'Explain');
      const { x, y } = await spotOf(ours, 'Run');
      // Inside of its round corners.
      const clip = { x: 610, y: 30, width: 350, height: 300 };
      await page.mouse.move(x, y);
      await page.waitForTimeout(1_000);
      const seen = await page.screenshot({ clip });
      const before = calls();

      await page.evaluate(begin);
      if (!atOnce) await page.waitForTimeout(700);
      if (inVain) {
        expect((await page.screenshot({ clip })).equals(seen)).toBe(true);
      } else {
        const now = follow ? await spotOf(ours, 'Run') : { x, y };
        await page.mouse.click(now.x, now.y);
        // Whatever it would have started has started once a later question is answered.
        await ours.evaluate(`chrome.runtime.sendMessage({ ask: 'prompts.list', body: {} })`);
        expect(calls()).toBe(before);
        if (!swallowed) await ours.says('That did not count');
        expect(calls()).toBe(before);
      }

      await page.evaluate(end);
      await ours.press('Run');
      await ours.says('Done.');
      expect(calls()).toBe(before + 1);
      await page.close();
    },
  );

  test('that a page makes itself starts nothing', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await pick(ours, 'Explain');
    const { x, y } = await ours.button('Run');
    await page.waitForTimeout(1_000);
    const before = calls();
    await page.evaluate(
      ([x, y]) => {
        const host = document.querySelector<HTMLElement>('html > [popover]');
        const at = { clientX: x, clientY: y, bubbles: true, composed: true, cancelable: true };
        for (const target of [host, document.elementFromPoint(x, y), document.activeElement, document]) {
          for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
            target?.dispatchEvent(new PointerEvent(type, at));
          for (const type of ['keydown', 'keypress', 'keyup'])
            target?.dispatchEvent(new KeyboardEvent(type, { key: 'Enter', bubbles: true, composed: true }));
        }
        host?.click();
        host?.focus();
      },
      [x, y] as const,
    );
    await page.evaluate(() => {
      for (const ask of ['card.run', 'prompts.pick', 'bubble.wanted', 'card.insert'])
        window.postMessage({ ask, body: { card: '*' } }, '*');
    });
    expect(await page.evaluate(`typeof chrome === 'undefined' ? 'undefined' : typeof chrome.runtime`)).toBe(
      'undefined',
    );
    await ours.evaluate(`chrome.runtime.sendMessage({ ask: 'prompts.list', body: {} })`);
    expect(calls()).toBe(before);
    await ours.press('Run');
    await ours.says('Done.');
    expect(calls()).toBe(before + 1);
    await page.close();
  });
});

describe('a press of a prompt in the bubble', () => {
  const covering = attacks.filter(({ name }) => /popover|transparent|shadow root/.test(name));

  test.each(covering)('reads nothing while $name', async ({ begin, end }) => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.press('Runkey');
    const { x, y } = await spotOf(ours, 'Explain');
    await page.mouse.move(x, y);
    await page.waitForTimeout(1_000);
    await page.evaluate(begin);
    await page.waitForTimeout(700);
    await page.mouse.click(x, y);
    await ours.says('That did not count');
    const kept = await selecting.stage.chromium.worker.evaluate<unknown[]>(
      `chrome.storage.session.get('cards').then(({ cards = [] }) => cards.filter(({ call }) => !call))`,
    );
    expect(kept).toEqual([]);

    await page.evaluate(end);
    await ours.press('Explain');
    await ours.button('Run');
    await ours.press('Close');
    await page.close();
  });

  test('reads nothing at once after the list has opened', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    const { x, y } = await ours.button('Runkey');
    // Where a hand that is lured to press twice would press.
    await page.mouse.click(x, y);
    await page.mouse.click(x + 20, y + 40);
    await ours.says('had only just appeared');
    await page.close();
  });
});

describe('a page', () => {
  test('that changes its selection a thousand times gets nothing read and nothing shown', async () => {
    const { page, ours } = await selecting.open('text.html');
    await storm(page);
    await ours.evaluate(`chrome.runtime.sendMessage({ ask: 'prompts.list', body: {} })`);
    expect(
      await ours.evaluate(`[typeof runkeyFinished, typeof runkeyBubble, typeof runkeySelected, $root]`),
    ).toEqual(['undefined', 'undefined', 'undefined', null]);
    // What a person does is noticed all the same.
    await selectWord(page.locator('#first'));
    await ours.button('Runkey');
    await page.close();
  });

  test('that takes the card away again and again is left to have its way', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await pick(ours, 'Explain');
    await page.evaluate(`setInterval(() => document.querySelector('html > [popover]')?.remove(), 50)`);
    await ours.gone();
    await page.waitForTimeout(500);
    await ours.gone();
    await page.close();
  });

  test('finds nothing of a card in its document but an empty element', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await pick(ours, 'Explain');
    const found = await page.evaluate(() => {
      const host = document.querySelector<HTMLElement>('html > [popover]');
      return [host?.shadowRoot, host?.outerHTML, document.documentElement.outerHTML.includes('runware')];
    });
    expect(found).toEqual([null, '<div popover="manual"></div>', false]);
    await page.close();
  });
});

async function storm(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const words = document.getElementById('first');
    if (!words) throw new Error('There are no words.');
    for (let round = 0; round < 1000; round++) {
      getSelection()?.selectAllChildren(words);
      document.dispatchEvent(new Event('selectionchange'));
      for (const type of ['pointerdown', 'pointerup'])
        words.dispatchEvent(new PointerEvent(type, { bubbles: true, composed: true }));
      for (const type of ['mousedown', 'mouseup', 'dblclick', 'select'])
        words.dispatchEvent(new MouseEvent(type, { bubbles: true, composed: true }));
      words.dispatchEvent(new KeyboardEvent('keyup', { key: 'Shift', bubbles: true, composed: true }));
      if (round % 100 === 0) await new Promise(resolve => setTimeout(resolve));
    }
  });
}
