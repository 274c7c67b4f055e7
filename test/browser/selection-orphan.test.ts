import { afterAll, beforeAll, expect, test } from 'vitest';
import { pick, type Selecting, selectWord, setSelecting } from './drive/selecting';

let selecting: Selecting;
beforeAll(async () => {
  selecting = await setSelecting();
});
afterAll(() => selecting?.stage.close());

test('copies that an update leaves behind in pages say so once, or fall silent', async () => {
  const { chromium } = selecting.stage;
  const carded = await selecting.open('text.html');
  await selectWord(carded.page.locator('#first'));
  await pick(carded.ours, 'Explain');
  const bubbled = await selecting.open('text.html');
  await selectWord(bubbled.page.locator('#first'));
  await bubbled.ours.button('Runkey');

  const before = chromium.consoleLines.length;
  // The answer is lost with the worker that would give it.
  void chromium.worker.evaluate('setTimeout(() => chrome.runtime.reload())').catch(() => {});
  await carded.page.bringToFront();
  // The world of the old copy has lost all that it could look with; the debugger still sees into the card.
  const session = await chromium.context.newCDPSession(carded.page);
  const words = async () =>
    JSON.stringify(await session.send('DOM.getDocument', { depth: -1, pierce: true }));
  await expect.poll(words, { timeout: 10_000 }).toContain('Runkey was updated or turned off.');
  await carded.page.screenshot({ path: 'out/faces/card-orphaned.png' });
  await carded.page.keyboard.press('Escape');
  await expect.poll(() => shown(carded.page)).toBe(false);

  await bubbled.page.bringToFront();
  await selectWord(bubbled.page.locator('#second'));
  await expect.poll(() => shown(bubbled.page)).toBe(false);
  await selectWord(bubbled.page.locator('#first'));
  await bubbled.page.waitForTimeout(1_000);
  expect(await shown(bubbled.page)).toBe(false);
  expect(chromium.consoleLines.slice(before).filter(line => / error: /.test(line))).toEqual([]);
});

/** Whether something of ours stands in the page, as the page sees it. */
const shown = (page: { evaluate<T>(expression: string): Promise<T> }): Promise<boolean> =>
  page.evaluate<boolean>(`document.querySelector('html > [popover]') !== null`);
