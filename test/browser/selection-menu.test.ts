import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call } from '../../src/calls/call';
import type { Prompt } from '../../src/calls/prompt';
import { USUAL_RETENTION } from '../../src/calls/settings';
import { demoKey } from '../emulators/runware/index';
import { ensureXvfb, startXvfb } from '../machine.mjs';
import { chooseByLetter, rightClick, rightClickAt, selectByMouse } from '../tour/native-menu';
import { done, snapshotOf, startCall } from './drive/calls';
import { type InPage, inPage } from './drive/in-page';
import { servePdf } from './drive/pdf';
import {
  addRunwareKey,
  askFrom,
  createVault,
  lock,
  OPTIONS,
  result,
  type Stage,
  setStage,
  unlock,
} from './stage';

// The browser's own menu, which only a window shows. Its items are chosen by their first letters.
vi.setConfig({ testTimeout: 60_000 });

const PASSPHRASE = 'plum anchor violin north';
const SITE = 'https://reading.example';
const SENTENCE = 'The heron stands still for an hour, and then it does not.';

let screen: Awaited<ReturnType<typeof startXvfb>>;
let stage: Stage;
let options: Page;

beforeAll(async () => {
  ensureXvfb({ xdotool: true });
  screen = await startXvfb();
  process.env.DISPLAY = screen.display;
  stage = await setStage({ chromium: { headless: false, display: screen.display } });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
}, 60_000);
afterAll(async () => {
  await stage.close();
  await screen.stop();
});
beforeEach(() => stage.runware.ledger.clear());

interface Served {
  readonly html: string;
  readonly headers?: Record<string, string>;
  readonly frames?: Record<string, string>;
  /** What every picture is, base64. */
  readonly pictures?: string;
}

/** A page of a site, whatever it holds, and the card that it gets. */
async function open(
  { html, headers = {}, frames = {}, pictures }: Served,
  url = `${SITE}/page`,
): Promise<{ page: Page; card: InPage }> {
  const page = await stage.chromium.context.newPage();
  await page.route(/^https:/, route => {
    const { origin, pathname } = new URL(route.request().url());
    if (pathname.endsWith('.png'))
      return route.fulfill({ contentType: 'image/png', body: Buffer.from(pictures ?? '', 'base64') });
    const framed = frames[`${origin}${pathname}`] ?? frames[pathname];
    const body = `<!doctype html><title>Herons</title>${framed ?? html}`;
    return route.fulfill({ contentType: 'text/html; charset=utf-8', body, headers });
  });
  await page.goto(url);
  await page.bringToFront();
  return { page, card: await inPage(page, stage.chromium.extensionId) };
}

async function pick(page: Page, letter: string, text = SENTENCE): Promise<void> {
  await rightClick(page, text);
  await chooseByLetter('r');
  await chooseByLetter(letter);
}

/** With the pointer of the screen, at a point of the page. */
async function rightClickOn(page: Page, selector: string): Promise<void> {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} does not show.`);
  await rightClickAt(page, { x: box.x + 40, y: box.y + 12 });
}

const unbroken = (text: string) => text.replace(/\s/g, '');
const textOf = (call: Call | undefined): string => {
  const items = call && 'items' in call.state ? call.state.items : [];
  return items.map(item => (item.kind === 'text' ? item.text : '')).join('');
};

const latest = async () => (await snapshotOf(options)).calls[0];
/** Without its fence, whose mark is new each time. */
const materialOf = (prompt = '') =>
  prompt.match(/<page-selection (\w+)>\n([\s\S]*)\n<\/page-selection \1>/)?.[2];

const csp = { 'content-security-policy': "default-src 'none'" };
const pages: [string, Served][] = [
  ['an ordinary page', { html: `<p>${SENTENCE}</p>` }],
  ['a page whose policy allows nothing', { html: `<p>${SENTENCE}</p>`, headers: csp }],
  ['text from right to left', { html: `<p dir="rtl">${SENTENCE}</p>` }],
  [
    'a page that reverts all styles and fights for the front',
    {
      html: `<style>* { all: revert !important } i { position: fixed; inset: auto 0 0 0; height: 9px; z-index: 2147483647 !important }</style><p>${SENTENCE}</p><i></i>`,
    },
  ],
];

describe('Summarise in the right-click menu', () => {
  test.each(pages)('on %s shows its answer in the page', async (_, served) => {
    const { page, card } = await open(served);
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    const call = await latest();
    expect(call?.state.phase).toBe('done');
    expect(materialOf(call?.request.values.prompt)).toBe(SENTENCE);
    expect(call?.request.site).toBe(SITE);
    expect(stage.runware.ledger.count()).toBe(1);
    // It is text of a page, which nothing can be put in the place of.
    expect(await card.has('Insert')).toBe(false);
    await card.press('Close');
    await card.gone();
    await page.close();
  });
});

describe('the card of a call', () => {
  /** Of what `#it` holds, until its answer can be put in its place. */
  const fixGrammar = async (page: Page, card: InPage) => {
    await page.locator('#it').click();
    await page.keyboard.press('Control+a');
    await rightClickOn(page, '#it');
    await chooseByLetter('r');
    await chooseByLetter('f');
    await card.button('Insert');
  };

  test.each([
    ['a text field of several lines', `<textarea id="it" rows="3" cols="60">${SENTENCE}</textarea>`, 'value'],
    ['a text field', `<input id="it" size="60" value="${SENTENCE}">`, 'value'],
    ['an editable passage', `<div id="it" contenteditable="true">${SENTENCE}</div>`, 'textContent'],
  ])('puts its answer into %s, so that it can be undone', async (_, html, property) => {
    const { page, card } = await open({
      html: `${html}<script>
      let inputs = 0;
      document.addEventListener('input', event => document.title = 'inputs ' + ++inputs);
    </script>`,
    });
    await fixGrammar(page, card);
    await card.press('Insert');
    const held = () => page.locator('#it').evaluate((it, name) => String(Reflect.get(it, name)), property);
    const answer = textOf(await latest());
    // A field of one line holds no line ends, and a passage has them as elements.
    await expect.poll(async () => unbroken(await held())).toBe(unbroken(answer));
    expect(await page.title()).toMatch(/^inputs [1-9]/);
    await page.locator('#it').focus();
    await page.keyboard.press('Control+z');
    await expect.poll(held).toBe(SENTENCE);
    await page.close();
  });

  test('goes to its own place, whatever was selected since', async () => {
    const html = `<textarea id="it" rows="3" cols="60">${SENTENCE}</textarea><input id="other" value="Keep this">`;
    const { page, card } = await open({ html });
    await fixGrammar(page, card);
    await page.locator('#other').click();
    await page.keyboard.press('Control+a');
    const opening = stage.chromium.nextPopup();
    execFileSync('xdotool', ['key', 'alt+shift+k'], { env: { ...process.env, DISPLAY: screen.display } });
    await (await opening).close();
    await card.press('Insert');
    await card.gone();
    expect(await page.locator('#other').inputValue()).toBe('Keep this');
    expect(await page.locator('#it').inputValue()).toContain('emulator');
    await page.close();
  });

  test('does not overwrite what was changed meanwhile', async () => {
    const { page, card } = await open({
      html: `<textarea id="it" rows="3" cols="60">${SENTENCE}</textarea>`,
    });
    await fixGrammar(page, card);
    await page.locator('#it').fill('Something else altogether');
    await card.press('Insert');
    await card.says('What was selected is gone');
    expect(await page.locator('#it').inputValue()).toBe('Something else altogether');
    await page.close();
  });

  test('draws a picture although the page forbids all pictures', async () => {
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>`, headers: csp });
    await selectByMouse(page, SENTENCE);
    await pick(page, 'd');
    await card.picture();
    expect((await latest())?.request.values.prompt).toBe(SENTENCE);
    await page.close();
  });

  test('shows over an open dialog of the page', async () => {
    const { page, card } = await open({
      html: `<dialog><p>${SENTENCE}</p></dialog><script>document.querySelector('dialog').showModal()</script>`,
    });
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    await card.press('Close');
    await card.gone();
    await page.close();
  });

  test('goes on although its page is left, and its answer waits in the history', async () => {
    stage.runware.switches.taskMs = 1_500;
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 'd');
    await card.button('Cancel');
    await page.goto(`${SITE}/elsewhere`);
    await expect.poll(async () => (await latest())?.state.phase, { timeout: 10_000 }).toBe('done');
    expect(await card.has('Close')).toBe(false);
    expect(stage.runware.ledger.count()).toBe(1);
    stage.runware.switches.taskMs = 60;
    await page.close();
  });

  test('outlives the background, and still gets its answer, billed once', async () => {
    stage.runware.switches.taskMs = 2_000;
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 'd');
    await card.button('Cancel');
    await expect.poll(() => stage.runware.ledger.count()).toBe(1);
    await stage.chromium.killWorker();
    await card.picture();
    expect(stage.runware.ledger.count()).toBe(1);
    stage.runware.switches.taskMs = 60;
    await page.close();
  });

  test('that is finished lets the background sleep, and wakes it when it is used', async () => {
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    const session = await stage.chromium.context.newCDPSession(page);
    const alive = async () => {
      const { targetInfos } = await session.send('Target.getTargets');
      return targetInfos.some(({ type }) => type === 'service_worker');
    };
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    await stage.chromium.killWorker();
    // The first of the growing pauses after which a line is opened anew is a quarter of a second.
    await page.waitForTimeout(1_500);
    expect(await alive()).toBe(false);
    const opening = stage.chromium.nextPopup();
    await card.press('Open in Runkey');
    const popup = await opening;
    await result(popup).getByRole('button', { name: 'Copy' }).first().waitFor();
    expect(await alive()).toBe(true);
    await page.close();
  });

  test('is cancelled in the page', async () => {
    stage.runware.switches.taskMs = 3_000;
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 'd');
    await card.press('Cancel');
    await card.says('Cancelled.');
    expect((await latest())?.state.phase).toBe('cancelled');
    stage.runware.switches.taskMs = 60;
    await page.close();
  });
});

describe('text in a frame', () => {
  const framed = (src: string) => `<iframe src="${src}" width="700" height="120" frameborder="0"></iframe>`;
  const inner = `<p style="margin: 20px">${SENTENCE}</p>`;

  test('of the same site is read there, and its card shows in the page', async () => {
    const { page, card } = await open({ html: framed('/inner'), frames: { '/inner': inner } });
    await selectInFrame(page);
    await pickInFrame(page, 's');
    await card.button('Copy');
    expect(materialOf((await latest())?.request.values.prompt)).toBe(SENTENCE);
    await page.close();
  });

  test('of another site is taken from the menu, and its card shows in the page', async () => {
    const { page, card } = await open({
      html: framed('https://other.example/inner'),
      frames: { 'https://other.example/inner': `<p contenteditable style="margin: 20px">${SENTENCE}</p>` },
    });
    await selectInFrame(page);
    await pickInFrame(page, 's');
    await card.button('Copy');
    expect(materialOf((await latest())?.request.values.prompt)).toBe(SENTENCE);
    expect(await card.has('Insert')).toBe(false);
    await page.close();
  });

  test('in an open shadow root is read', async () => {
    const { page, card } = await open({
      html: `<div></div><script>document.querySelector('div').attachShadow({ mode: 'open' }).innerHTML = '<p>${SENTENCE}</p>'</script>`,
    });
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    expect(materialOf((await latest())?.request.values.prompt)).toBe(SENTENCE);
    await page.close();
  });

  const middleOf = async (page: Page) => {
    const box = await page.frameLocator('iframe').locator('p').boundingBox();
    if (!box) throw new Error('The frame shows nothing.');
    return box;
  };
  const selectInFrame = async (page: Page) => {
    const { x, y, height } = await middleOf(page);
    await page.mouse.click(x + 60, y + height / 2, { clickCount: 3 });
  };
  const pickInFrame = async (page: Page, letter: string) => {
    const { x, y, height } = await middleOf(page);
    await rightClickAt(page, { x: x + 60, y: y + height / 2 });
    await chooseByLetter('r');
    await chooseByLetter(letter);
  };
});

describe('a selection that looks like a secret', () => {
  const secret = 'papi_Zx81kQw7Lm2Rt5Yb9Nc4Vd';

  test('is not sent, and is offered to the vault', async () => {
    const text = `My key is ${secret} and works`;
    const { page, card } = await open({ html: `<p>${text}</p>` });
    await selectByMouse(page, text);
    await pick(page, 's', text);
    await card.says('This looks like a Runtype product key. It was not sent.');
    expect(stage.runware.ledger.count()).toBe(0);
    expect(JSON.stringify(stage.runware.traffic)).not.toContain(secret);
    await card.press('Keep it in the vault');
    const field = options.getByLabel('API key', { exact: true });
    const comeBack = async () => {
      // A page that is driven always believes that it is looked at, so that nothing tells it.
      await options.evaluate(() => dispatchEvent(new Event('focus')));
      return field.isVisible();
    };
    await expect.poll(comeBack, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => field.inputValue()).toBe(secret);
    expect((await snapshotOf(options)).keys).toHaveLength(1);
    await options.getByRole('button', { name: 'Cancel' }).click();
    await page.close();
  });
});

describe('what is not read', () => {
  test.each([
    ['a password', '<input id="it" type="password" value="correct horse battery">'],
    ['a card’s number', '<input id="it" autocomplete="cc-number" value="4242 4242 4242 4242">'],
    ['a card’s number in a field that does not say so', '<input id="it" value="4242 4242 4242 4242">'],
    ['a card’s code', '<input id="it" name="cvc" value="12345">'],
  ])('is %s', async (_, html) => {
    const { page, card } = await open({ html });
    await page.locator('#it').click();
    await page.keyboard.press('Control+a');
    await rightClickOn(page, '#it');
    await chooseByLetter('r');
    await chooseByLetter('s');
    // What a browser offers no menu on, Runkey is not asked about.
    await Promise.race([card.says('Runkey does not read this field').catch(() => {}), sleep(2_000)]);
    expect(stage.runware.ledger.count()).toBe(0);
    expect(JSON.stringify(stage.runware.traffic)).not.toContain('4242 4242');
    await page.keyboard.press('Escape');
    await page.close();
  });

  test('is a secret in the page’s address', async () => {
    const { prompts } = await askFrom<{ prompts: Prompt[] }>(options, 'prompts.get', {});
    const mine = {
      ...prompts[2],
      id: crypto.randomUUID(),
      name: 'With address',
      template: '{{selection}} {{url}}',
    };
    await askFrom(options, 'prompts.set', { prompts: [mine] });
    const token = 'sk-ant-api03-Zx81kQw7Lm2Rt5Yb9Nc4Vd';
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` }, `${SITE}/page?access_token=${token}`);
    await selectByMouse(page, SENTENCE);
    await pick(page, 'w');
    await card.button('Copy');
    const prompt = (await latest())?.request.values.prompt ?? '';
    expect(prompt).toContain(`${SITE}/page?access_token=[removed]`);
    expect(prompt).not.toContain(token);
    await askFrom(options, 'prompts.set', { prompts });
    await page.close();
  });
});

describe('while the vault is locked', () => {
  test('what was picked is named where it is unlocked, and goes on by itself', async () => {
    await lock(options);
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    const opening = stage.chromium.nextPopup();
    await pick(page, 's');
    await card.says('The vault is locked.');
    const popup = await opening;
    await popup.getByText('Summarise').waitFor();
    await popup.getByText(SENTENCE).waitFor();
    expect(stage.runware.ledger.count()).toBe(0);
    await unlock(popup, PASSPHRASE);
    await card.button('Copy');
    expect(materialOf((await latest())?.request.values.prompt)).toBe(SENTENCE);
    expect(stage.runware.ledger.count()).toBe(1);
    await page.close();
  });

  test('what was picked waits for Run when it is unlocked elsewhere', async () => {
    await lock(options);
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    const opening = stage.chromium.nextPopup();
    await pick(page, 's');
    await card.says('The vault is locked.');
    await (await opening).close();
    await unlock(options, PASSPHRASE);
    await card.button('Run');
    expect(stage.runware.ledger.count()).toBe(0);
    await page.bringToFront();
    await card.press('Run');
    await card.button('Copy');
    expect(stage.runware.ledger.count()).toBe(1);
    await page.close();
  });
});

describe('a card that waits for Run', () => {
  test('runs with the key that it shows, whatever was used since', async () => {
    await addRunwareKey(options, 'Second', demoKey);
    await askFrom(options, 'settings.setMoney', { money: { dear: 0.000_001 } });
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 'd');
    await card.says('Work · Runware');
    const { keys } = await snapshotOf(options);
    const second = keys.find(({ label }) => label === 'Second')?.id ?? '';
    await done(options, await startCall(options, second, 'text', { prompt: 'Meanwhile', maxTokens: '64' }));
    await card.press('Run');
    await card.picture();
    expect((await latest())?.request.label).toBe('Work');
    await askFrom(options, 'settings.setMoney', { money: { dear: 0.1 } });
    await askFrom(options, 'keys.remove', { id: second });
    await page.close();
  });
});

describe('what costs more than the person set', () => {
  test('waits for Run in the card, with its price', async () => {
    await askFrom(options, 'settings.setMoney', { money: { dear: 0.000_001 } });
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 'd');
    await card.button('Run');
    await card.says('about $');
    await card.says('api.runware.ai');
    expect(stage.runware.ledger.count()).toBe(0);
    await card.press('Run');
    await card.picture();
    expect(stage.runware.ledger.count()).toBe(1);
    await askFrom(options, 'settings.setMoney', { money: { dear: 0.1 } });
    await page.close();
  });
});

describe('a picture in the right-click menu', () => {
  const PIXELS = PNG.sync.write(new PNG({ width: 64, height: 48 })).toString('base64');
  const shown = (src: string) => `<img id="it" src="${src}" width="200" height="120">`;
  const describeIt = async (page: Page) => {
    await rightClickOn(page, '#it');
    await chooseByLetter('r');
    await chooseByLetter('d');
  };
  const picture = async () => {
    const call = await latest();
    const [input] = Object.values(call?.request.inputs ?? {});
    return { input, values: call?.request.values, operation: call?.request.operation };
  };

  test.each([
    ['of the same site', `${SITE}/picture.png`],
    ['in the page itself', `data:image/png;base64,${PIXELS}`],
  ])('%s goes as its bytes', async (_, src) => {
    const { page, card } = await open({ html: shown(src), pictures: PIXELS });
    await describeIt(page);
    await card.button('Copy');
    expect(await picture()).toMatchObject({ operation: 'caption', input: { type: 'image/png' } });
    expect(stage.runware.ledger.count()).toBe(1);
    await page.close();
  });

  test('of another site goes as its address, after its host was shown', async () => {
    const address = 'https://pictures.example/heron.png?size=2';
    const { page, card } = await open({ html: shown(address), pictures: PIXELS });
    await describeIt(page);
    await card.button('Run');
    await card.says('fetches the picture from pictures.example itself');
    expect(stage.runware.ledger.count()).toBe(0);
    await card.press('Run');
    await card.button('Copy');
    expect((await picture()).values?.picture).toBe(address);
    await page.close();
  });

  test('that has no https address and may not be read is refused with a sentence', async () => {
    const { page, card } = await open({ html: shown('blob:https://other.example/1') });
    await describeIt(page);
    await card.says('The page does not let this picture be read, and it has no https address.');
    expect(stage.runware.ledger.count()).toBe(0);
    await page.close();
  });
});

describe('where no script may run', () => {
  test('the answer opens in the popup', async () => {
    const page = await stage.chromium.context.newPage();
    await page.goto('chrome://version');
    await page.bringToFront();
    const text = await page.locator('#copyright').innerText();
    await page.locator('#copyright').click({ clickCount: 3 });
    const opening = stage.chromium.nextPopup();
    await rightClickOn(page, '#copyright');
    await chooseByLetter('r');
    await chooseByLetter('s');
    const popup = await opening;
    await result(popup).getByRole('button', { name: 'Copy' }).first().waitFor();
    expect(materialOf((await latest())?.request.values.prompt)?.trim()).toBe(
      text.trim().replace(/\s+/g, ' '),
    );
    expect(stage.runware.ledger.count()).toBe(1);
    await page.close();
  });
});

describe('in a PDF', () => {
  const line = 'Herons of the northern lakes';
  const pointer = (...args: string[]) =>
    execFileSync('xdotool', args, { env: { ...process.env, DISPLAY: screen.display } });

  test('the text of the menu is used, and the card shows above', async () => {
    const pdf = await servePdf(line);
    const page = await stage.chromium.context.newPage();
    await page.goto(pdf.url);
    await page.bringToFront();
    const card = await inPage(page, stage.chromium.extensionId);
    // Nothing tells when the document is drawn.
    await expect
      .poll(
        async () => {
          pointer('key', 'Escape');
          pointer('mousemove', '540', '254', 'click', '--repeat', '3', '--delay', '60', '1');
          await sleep(300);
          pointer('click', '3');
          await sleep(500);
          pointer('key', 'r');
          pointer('key', 's');
          await sleep(1_500);
          return card.has('Copy');
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBe(true);
    expect(materialOf((await latest())?.request.values.prompt)).toBe(line);
    pdf.close();
    await page.close();
  });
});

describe('at 200 % zoom', () => {
  test('the whole card is on the screen', async () => {
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` }, 'https://large.example/page');
    await stage.chromium.worker.evaluate(
      `chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) => chrome.tabs.setZoom(tab.id, 2))`,
    );
    await expect.poll(() => page.evaluate('devicePixelRatio')).toBe(2);
    const box = await page.locator('p').boundingBox();
    if (!box) throw new Error('The page shows nothing.');
    // The driver speaks of the page's own pixels, the screen's are twice as many.
    await page.locator('p').click({ clickCount: 3 });
    await rightClickAt(page, { x: (box.x + 40) * 2, y: (box.y + 12) * 2 });
    await chooseByLetter('r');
    await chooseByLetter('s');
    await card.button('Copy');
    const { x, y } = await card.button('Close');
    const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(width);
    expect(y).toBeLessThan(height);
    await page.screenshot({ path: 'out/selection-zoomed.png' });
    await page.close();
  });
});

describe('the shortcuts', () => {
  const press = (key: string) =>
    execFileSync('xdotool', ['key', key], { env: { ...process.env, DISPLAY: screen.display } });

  test('repeat nothing where nothing was run: the text comes into the popup', async () => {
    await stage.chromium.worker.evaluate(`chrome.storage.session.remove('last prompt')`);
    const { page } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    const opening = stage.chromium.nextPopup();
    press('alt+shift+j');
    const popup = await opening;
    await expect.poll(() => popup.getByLabel('Prompt', { exact: true }).inputValue()).toContain(SENTENCE);
    expect(stage.runware.ledger.count()).toBe(0);
    await popup.getByLabel('Prompt', { exact: true }).fill('');
    await page.close();
  });

  test('take the selection of the frame where the person is, and no other', async () => {
    const inner = `<p style="margin: 20px">A sentence in the frame.</p>`;
    const html = `<p>${SENTENCE}</p><iframe src="/inner" width="700" height="120"></iframe>`;
    const { page, card } = await open({ html, frames: { '/inner': inner } });
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    await card.press('Close');
    await selectByMouse(page, SENTENCE);
    await page.frameLocator('iframe').locator('p').click({ clickCount: 3 });
    press('alt+shift+j');
    await expect
      .poll(async () => materialOf((await latest())?.request.values.prompt)?.trim(), { timeout: 10_000 })
      .toBe('A sentence in the frame.');
    await page.close();
  });

  test('open the popup on the selection, and repeat the last prompt on a new one', async () => {
    const { page, card } = await open({ html: `<p>${SENTENCE}</p><p>Another sentence, of terns.</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    await card.press('Close');
    await selectByMouse(page, 'Another sentence, of terns.');
    press('alt+shift+j');
    await expect
      .poll(async () => materialOf((await latest())?.request.values.prompt), { timeout: 10_000 })
      .toBe('Another sentence, of terns.');
    await card.button('Copy');
    expect(stage.runware.ledger.count()).toBe(2);
    const opening = stage.chromium.nextPopup();
    press('alt+shift+k');
    const popup = await opening;
    await expect.poll(() => popup.getByLabel('Prompt', { exact: true }).inputValue()).toContain('of terns.');
    expect(stage.runware.ledger.count()).toBe(2);
    await page.close();
  });
});

describe('the bubble', () => {
  test('is offered on a site after three clicks on the menu there, once', async () => {
    const offered: boolean[] = [];
    for (let click = 0; click < 4; click++) {
      const { page, card } = await open({ html: `<p>${SENTENCE}</p>` }, 'https://often.example/page');
      await selectByMouse(page, SENTENCE);
      await pick(page, 's');
      await card.button('Copy');
      offered.push((await card.text()).includes('beside text you select on this site'));
      await page.close();
    }
    expect(offered).toEqual([false, false, true, false]);
  });
});

describe('erasing the vault', () => {
  test('forgets what was selected and what was set', async () => {
    await askFrom(options, 'settings.setRetention', { retention: { days: 0 } });
    const cards = () => stage.chromium.worker.evaluate(`chrome.storage.session.get('cards')`);
    const { page, card } = await open({ html: `<p>${SENTENCE}</p>` });
    await selectByMouse(page, SENTENCE);
    await pick(page, 's');
    await card.button('Copy');
    expect(JSON.stringify(await cards())).toContain(SENTENCE);
    await askFrom(options, 'vault.erase', {});
    expect(JSON.stringify(await cards())).not.toContain(SENTENCE);
    await card.gone();
    expect(await askFrom(options, 'settings.retention', {})).toEqual(USUAL_RETENTION);
    await page.close();
  });
});
