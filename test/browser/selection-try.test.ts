import { afterAll, beforeAll, test } from 'vitest';
import { pick, type Selecting, selectWord, setSelecting } from './drive/selecting';
import { OTHER_SITE, SITE } from './drive/site';
let selecting: Selecting;
beforeAll(async () => { selecting = await setSelecting(); });
afterAll(() => selecting?.stage.close());
test('key', async () => {
  const { page, ours } = await selecting.open('text.html');
  await page.evaluate(`getSelection().collapse(document.getElementById('first').firstChild, 2)`);
  await page.keyboard.press('Shift+Control+ArrowRight');
  console.log('A', await page.evaluate('getSelection().toString()'));
  await page.locator('#first').click({ position: { x: 15, y: 10 } });
  await page.keyboard.press('Shift+Control+ArrowRight');
  console.log('B', await page.evaluate('getSelection().toString()'));
  await page.waitForTimeout(500);
  console.log('B', await ours.evaluate('[typeof runkeyFinished, typeof runkeyBubble, $root]'));
});
test('off', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectWord(page.locator('#first'));
    await ours.press('Runkey');
    await ours.press('Not on this site');
    await page.waitForTimeout(500);
    await page.goto(`${SITE}/text.html`);
    await page.waitForTimeout(500);
    console.log('C', await ours.evaluate('[typeof runkeyFinished, typeof runkeyResident, $root]'));
    console.log(await selecting.stage.chromium.worker.evaluate('chrome.scripting.getRegisteredContentScripts().then(JSON.stringify)'));
});
