import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { InPage } from './drive/in-page';
import { pick, type Selecting, selectAll, selectWord, setSelecting } from './drive/selecting';
import { OTHER_SITE, SITE } from './drive/site';
import { askFrom } from './stage';

let selecting: Selecting;
beforeAll(async () => {
  selecting = await setSelecting();
});
afterAll(() => selecting?.stage.close());
afterEach(async () => {
  const { context } = selecting.stage.chromium;
  for (const page of context.pages()) if (page.url().startsWith('https:')) await page.close();
  await selecting.set({});
});

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
/** Where the bubble stands, and what is selected. */
const boxesOf = async (ours: InPage, field?: string): Promise<[Box, Box[]]> => {
  const plain = `box => ({ left: box.left, top: box.top, right: box.right, bottom: box.bottom })`;
  const selected = field
    ? `[document.querySelector('${field}').getBoundingClientRect()]`
    : `[...getSelection().getRangeAt(0).getClientRects()]`;
  return [
    await ours.evaluate<Box>(`(${plain})($root.querySelector('.runkey').getBoundingClientRect())`),
    await ours.evaluate<Box[]>(`${selected}.map(${plain})`),
  ];
};
const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && one.right > other.left && one.top < other.bottom && one.bottom > other.top;

/** Lets the bubble come, were it to come, and says whether it is there. */
async function isShown(page: Page, ours: InPage): Promise<boolean> {
  // Its script may still have to come: twice as long as that has ever taken.
  await page.waitForTimeout(1_000);
  return ours.evaluate<boolean>('$root !== null');
}

describe('it stands beside the end of what is selected, over none of it:', () => {
  test.each([
    ['a word', 'text.html', '#first'],
    ['a word from right to left', 'right-to-left.html', '#first'],
  ])('%s', async (_, path, words) => {
    const { page, ours } = await selecting.open(path);
    const { width } = (await page.locator(words).boundingBox()) ?? { width: 0 };
    await selectWord(page.locator(words), path.startsWith('right') ? width - 40 : 40);
    await ours.button('Runkey');
    const [bubble, selected] = await boxesOf(ours);
    expect(selected.length).toBeGreaterThan(0);
    expect(selected.some(box => overlap(bubble, box))).toBe(false);
    const [end] = selected.slice(-1);
    const beside = path.startsWith('right')
      ? bubble.right - (end?.left ?? 0)
      : bubble.left - (end?.right ?? 0);
    expect(Math.abs(beside)).toBeLessThan(40);
    expect(Math.abs(bubble.top - (end?.bottom ?? 0))).toBeLessThan(40);
  });

  test('several paragraphs, selected from the end to the beginning', async () => {
    const { page, ours } = await selecting.open('text.html');
    const [from, to] = [
      await page.locator('#second').boundingBox(),
      await page.locator('#first').boundingBox(),
    ];
    await page.mouse.move((from?.x ?? 0) + 120, (from?.y ?? 0) + 12);
    await page.mouse.down();
    await page.mouse.move((to?.x ?? 0) + 60, (to?.y ?? 0) + 12, { steps: 5 });
    expect(await isShown(page, ours)).toBe(false);
    await page.mouse.up();
    await ours.button('Runkey');
    const [bubble, selected] = await boxesOf(ours);
    expect(selected.some(box => overlap(bubble, box))).toBe(false);
  });

  test('a field', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectAll(page.locator('#area'));
    await ours.button('Runkey');
    const [bubble, selected] = await boxesOf(ours, '#area');
    expect(selected.some(box => overlap(bubble, box))).toBe(false);
  });

  test('and the card is whole and can be used at 200 %', async () => {
    const { page, ours } = await selecting.open('text.html');
    // The same number of device pixels as elsewhere, at twice the size.
    await page.setViewportSize({ width: 500, height: 400 });
    await selectWord(page.locator('#first'));
    await pick(ours, 'Explain');
    const inside = await ours.evaluate<boolean>(`(() => {
      const { left, top, right, bottom } = $root.querySelector('.runkey').getBoundingClientRect();
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    })()`);
    expect(inside).toBe(true);
    await page.screenshot({ path: 'out/faces/selection-at-200.png' });
    await ours.press('Run');
    await ours.says('Done.');
  });
});

describe('it stays out of the way:', () => {
  test.each(['#password', '#card'])('in %s there is none', async field => {
    const { page, ours } = await selecting.open('text.html');
    await selectAll(page.locator(field));
    expect(await isShown(page, ours)).toBe(false);
    expect(await ours.evaluate('runkeySelected === undefined')).toBe(true);
    await page.locator(field).dblclick();
    expect(await isShown(page, ours)).toBe(false);
  });

  test.each(['#hash', '#code'])('over %s there is one only where that is wanted', async words => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator(words), words === '#hash' ? 150 : 20);
    expect(await isShown(page, ours)).toBe(false);
    await selecting.set({ code: true });
    await page.reload();
    await selectWord(page.locator(words), words === '#hash' ? 150 : 20);
    await ours.button('Runkey');
  });

  test('with a key that is to be held it shows only with that', async () => {
    await selecting.set({ modifier: 'Alt' });
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    expect(await isShown(page, ours)).toBe(false);
    await page.keyboard.down('Alt');
    await ours.button('Runkey');
    await page.keyboard.up('Alt');
    await ours.gone();
  });

  test.each(['Escape', 'Control+c', 'x'])('it goes with %s', async key => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.button('Runkey');
    await page.keyboard.press(key);
    await ours.gone();
    expect(await isShown(page, ours)).toBe(false);
  });

  test('it goes with a press elsewhere, and comes back for another selection', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.button('Runkey');
    await page.locator('#elsewhere').click();
    await ours.gone();
    await selectWord(page.locator('#second'));
    await ours.button('Runkey');
  });

  test('while nothing is selected, nothing of ours is in the page', async () => {
    const { page, ours } = await selecting.open('text.html');
    const before = await page.evaluate('document.documentElement.outerHTML');
    await page.locator('#first').click();
    await page.locator('#area').click();
    await page.keyboard.type('Something typed');
    await page.keyboard.press('Shift+Tab');
    expect(await isShown(page, ours)).toBe(false);
    expect(await ours.evaluate('typeof runkeyBubble')).toBe('undefined');
    expect(await page.evaluate('document.documentElement.outerHTML')).toBe(before);
  });

  test('“Not on this site” ends it there, at once and later, and nowhere else', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.press('Runkey');
    await ours.press('Not on this site');
    await ours.gone();
    await selectWord(page.locator('#second'));
    expect(await isShown(page, ours)).toBe(false);
    const { sites } = await askFrom<{ sites: string[] }>(selecting.options, 'settings.selection', {});
    expect(sites).toEqual([OTHER_SITE]);
    const other = await selecting.open(`${OTHER_SITE}/text.html`);
    await selectWord(other.page.locator('#first'));
    await other.ours.button('Runkey');
    await page.goto(`${SITE}/text.html`);
    expect(await ours.evaluate('typeof runkeyResident')).toBe('undefined');
  });
});

describe('switched off elsewhere, in the options, it', () => {
  test('falls silent with its list, and stays so', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.button('Runkey');
    await selecting.set({ sites: [] });
    await ours.press('Runkey');
    await ours.gone();
    await selectWord(page.locator('#second'));
    expect(await isShown(page, ours)).toBe(false);
  });

  test('says so at a prompt, and falls silent with the next selection', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.press('Runkey');
    await ours.button('Explain');
    await selecting.set({ sites: [] });
    await ours.press('Explain');
    await ours.says('Runkey is not switched on for this site.');
    await selectWord(page.locator('#second'));
    expect(await isShown(page, ours)).toBe(false);
  });
});

test('everything can be done with the keyboard alone', async () => {
  const { page, ours } = await selecting.open('text.html');
  const focus = () => ours.evaluate<string>(`$root?.activeElement?.textContent.trim() ?? ''`);
  // Begun as by the browser's own search in a page; without caret browsing keys can only extend it.
  await page.evaluate(() => {
    const words = document.getElementById('first')?.firstChild;
    if (words) getSelection()?.setBaseAndExtent(words, 2, words, 3);
  });
  await page.keyboard.press('Shift+Control+ArrowRight');
  await ours.button('Runkey');
  await page.keyboard.press('Tab');
  expect(await focus()).toBe('Runkey');
  await page.keyboard.press('Enter');
  await expect.poll(focus).toBe('Draw this');
  await page.keyboard.press('ArrowUp');
  expect(await focus()).toBe('Not on this site');
  await page.keyboard.press('e');
  expect(await focus()).toBe('Explain');
  await page.waitForTimeout(800);
  await page.keyboard.press('Enter');
  await ours.button('Run');
  await expect.poll(focus).toBe('Run');
  // Tab stays in the card.
  for (let stop = 0; stop < 3; stop++) await page.keyboard.press('Tab');
  expect(await focus()).toBe('Run');
  await page.waitForTimeout(800);
  await page.keyboard.press('Enter');
  await ours.says('Done.');
  await page.keyboard.press('Escape');
  await ours.gone();
  expect(await page.evaluate('getSelection().toString().trim()')).toBe('lighthouse');
});
