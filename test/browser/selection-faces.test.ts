import { mkdir } from 'node:fs/promises';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PICTURES } from './drive/face';
import type { InPage } from './drive/in-page';
import { PASSPHRASE, pick, type Selecting, selectAll, selectWord, setSelecting } from './drive/selecting';
import { SITE } from './drive/site';
import { lock, unlock } from './stage';

/** A picture of it, and what axe finds, which sees into our closed shadow roots from the extension's own world. */
async function look(page: Page, ours: InPage, name: string): Promise<void> {
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
  await ours.evaluate(`(() => {
    Object.defineProperty(Element.prototype, 'shadowRoot', {
      configurable: true,
      get() { return chrome.dom.openOrClosedShadowRoot(this); },
    });
    (0, eval)(${JSON.stringify(axe.source)});
  })()`);
  const results = await ours.evaluate<AxeResults>('axe.run()');
  expect(results.violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([]);
  const targets = results.passes.flatMap(({ nodes }) => nodes.map(({ html }) => html));
  expect(targets.some(html => html.includes('runkey'))).toBe(true);
}

describe.each(['light', 'dark'] as const)('in the %s theme every face passes axe:', theme => {
  let selecting: Selecting;
  beforeAll(async () => {
    await mkdir(PICTURES, { recursive: true });
    selecting = await setSelecting({ colorScheme: theme });
  });
  afterAll(() => selecting?.stage.close());
  afterEach(async () => {
    const { context } = selecting.stage.chromium;
    for (const page of context.pages()) if (page.url().startsWith('https:')) await page.close();
  });

  const begin = async () => {
    const opened = await selecting.open('text.html');
    await selectWord(opened.page.locator('#first'));
    return opened;
  };

  test('the bubble and its list', async () => {
    const { page, ours } = await begin();
    await ours.button('Runkey');
    await look(page, ours, `${theme}-bubble`);
    await ours.press('Runkey');
    await ours.button('Explain');
    await look(page, ours, `${theme}-bubble-list`);
  });

  test('ready, open and done with a picture', async () => {
    const { page, ours } = await begin();
    await pick(ours, 'Draw this');
    await look(page, ours, `${theme}-card-ready`);
    selecting.stage.runware.switches.taskMs = 4_000;
    await ours.press('Run');
    await ours.button('Cancel');
    await look(page, ours, `${theme}-card-open`);
    await ours.says('Done.');
    await ours.button('Copy');
    selecting.stage.runware.switches.taskMs = 60;
    await look(page, ours, `${theme}-card-picture`);
  });

  test('done with a text that can be inserted', async () => {
    const { page, ours } = await selecting.open('text.html');
    await selectAll(page.locator('#area'));
    await pick(ours, 'Fix grammar');
    await ours.press('Run');
    await ours.button('Insert');
    await look(page, ours, `${theme}-card-text`);
  });

  test('done with a sound', async () => {
    const { page, ours } = await begin();
    await pick(ours, 'Read aloud');
    await ours.press('Run');
    await ours.says('A sound.');
    await look(page, ours, `${theme}-card-sound`);
  });

  test('ended', async () => {
    const { page, ours } = await begin();
    await pick(ours, 'Explain');
    selecting.stage.runware.switches.taskMs = 20_000;
    await ours.press('Run');
    await ours.press('Cancel');
    await ours.says('Cancelled');
    selecting.stage.runware.switches.taskMs = 60;
    await look(page, ours, `${theme}-card-ended`);
  });

  test('a press that did not count', async () => {
    const { page, ours } = await begin();
    await pick(ours, 'Explain');
    const { x, y } = await ours.button('Run');
    await page.evaluate(`document.documentElement.style.opacity = '0.9'`);
    await page.mouse.click(x, y);
    await ours.says('That did not count');
    await page.evaluate(`document.documentElement.style.opacity = ''`);
    await look(page, ours, `${theme}-card-refused`);
  });

  test('a secret', async () => {
    const { page, ours } = await selecting.open('text.html');
    await page.locator('#area').fill(`My key is rt_live_${'a1B2c3D4'.repeat(4)}`);
    await selectAll(page.locator('#area'));
    await ours.press('Runkey');
    await ours.press('Explain');
    await ours.button('Keep it in the vault');
    await look(page, ours, `${theme}-card-secret`);
  });

  test('with the offer of the bubble', async () => {
    const { page, ours } = await begin();
    await pick(ours, 'Explain');
    // The menu makes this offer; here it stands in what the background remembers, and a new run of that tells it.
    await selecting.stage.chromium.worker.evaluate(`chrome.storage.session.get('cards').then(({ cards }) =>
      chrome.storage.session.set({ cards: cards.map(card => ({ ...card, offer: '${SITE}' })) }))`);
    await selecting.stage.chromium.killWorker();
    // A card that waits for the person asks again when its page is come back to.
    const comeBack = async () => {
      await page.evaluate(() => dispatchEvent(new Event('focus')));
      return ours.has('Show it');
    };
    await expect.poll(comeBack, { timeout: 10_000 }).toBe(true);
    await look(page, ours, `${theme}-card-offer`);
  });

  test('locked', async () => {
    await lock(selecting.options);
    const { page, ours } = await begin();
    await ours.press('Runkey');
    await ours.press('Explain');
    await ours.button('Open Runkey');
    await look(page, ours, `${theme}-card-locked`);
    await unlock(selecting.options, PASSPHRASE);
    await ours.button('Run');
  });
});
