import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { USUAL_SELECTION } from '../../src/calls/settings';
import type { RunwareEmulator } from '../emulators/runware/index';
import { type Firefox, launchFirefox } from './drive/firefox';
import { addRunwareKeyIn, createVaultIn } from './drive/firefox-set-up';
import { type OnePort, onePort } from './drive/one-port';
import { OTHER_SITE, SITE, startSites } from './drive/site';
import { distOf, emulate, POPUP } from './stage';

const PASSPHRASE = 'plum anchor violin north';

let runware: RunwareEmulator;
let sites: Awaited<ReturnType<typeof startSites>>;
let port: OnePort;
let firefox: Firefox;

beforeAll(async () => {
  const stand = await emulate();
  runware = stand.runware;
  sites = await startSites();
  port = await onePort({ ...stand.hosts, ...sites.hosts });
  firefox = await launchFirefox({ hosts: port.hosts });
  const id = await firefox.installTemporary(distOf('firefox'));
  // Says yes in the person's place, whom Firefox would ask in a window of its own.
  await firefox.inBrowser(
    `const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
     const { extension } = WebExtensionPolicy.getByID(arguments[0]);
     return ExtensionPermissions.add(extension.id, { permissions: [], origins: ['${SITE}/*'] }, extension);`,
    [id],
  );
  await createVaultIn(firefox, PASSPHRASE);
  await addRunwareKeyIn(firefox, 'Work');
  const selection = { ...USUAL_SELECTION, sites: [SITE], asked: true };
  const answer = await firefox.executeScript(
    `const answer = await browser.runtime.sendMessage(JSON.parse(arguments[0]));
     return JSON.stringify(answer);`,
    [JSON.stringify({ ask: 'settings.setSelection', body: { selection } })],
  );
  expect(JSON.parse(String(answer))).toMatchObject({ ok: true });
  await mkdir('out/faces', { recursive: true });
});
afterAll(async () => {
  await firefox?.quit();
  await port?.close();
  await sites?.close();
  await runware?.close();
});

/** Runkey's own window may have opened as a tab: only the first stays. */
afterEach(async () => {
  const [first = '', ...others] = await firefox.tabs();
  for (const tab of others) {
    await firefox.switchTo(tab);
    await firefox.send('WebDriver:CloseWindow');
  }
  await firefox.switchTo(first);
});

/** Runs in the page's process with the browser's own rights, which see into closed shadow roots. */
const look = (body: string): Promise<unknown> =>
  firefox.send('WebDriver:ExecuteScript', {
    sandbox: 'system',
    args: [],
    script: `const root = [...document.querySelectorAll('[popover="manual"]')]
      .map(host => host.openOrClosedShadowRoot).find(root => root?.querySelector('.runkey')) ?? null; ${body}`,
  });
const text = async () => String(await look(`return root ? root.querySelector('.runkey').innerText : ''`));
const says = (words: string) =>
  firefox
    .waitFor(async () => (await text()).includes(words), `“${words}”`)
    .catch(async cause => {
      throw new Error(`It says: ${await text()}`, { cause });
    });
const spotOf = (name: string) =>
  firefox.waitFor(async () => {
    const spot = await look(`
      const it = [...(root?.querySelectorAll('button') ?? [])].find(one => one.textContent.trim() === ${JSON.stringify(name)});
      const box = it?.getBoundingClientRect();
      return box ? [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)] : null;`);
    return Array.isArray(spot) ? spot.map(Number) : undefined;
  }, `a button ${name}`);

const mouse = (actions: readonly object[]) =>
  firefox.send('WebDriver:PerformActions', {
    actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }],
  });
const CLICK = [
  { type: 'pointerDown', button: 0 },
  { type: 'pointerUp', button: 0 },
];
async function press(name: string): Promise<void> {
  const [x, y] = await spotOf(name);
  await mouse([{ type: 'pointerMove', x, y, origin: 'viewport' }]);
  // Firefox cannot tell what is seen: what is pressed must have stood there for a while.
  await sleep(800);
  await mouse([{ type: 'pointerMove', x, y, origin: 'viewport' }, ...CLICK]);
}
async function selectWord(selector: string): Promise<void> {
  const box = await firefox.executeScript(
    `const { x, y } = document.querySelector(arguments[0]).getBoundingClientRect(); return [x, y];`,
    [selector],
  );
  const [x = 0, y = 0] = Array.isArray(box) ? box.map(Number) : [];
  const at = { type: 'pointerMove', x: Math.round(x + 40), y: Math.round(y + 10), origin: 'viewport' };
  await mouse([at, ...CLICK, ...CLICK]);
}

const ELSEWHERE = 'Press Run in Runkey’s own window too';

/** Says it in Runkey's own page, which no page can cover: in Firefox the card alone starts nothing. */
async function confirm(): Promise<void> {
  await says(ELSEWHERE);
  const here = String(await firefox.send('WebDriver:GetWindowHandle'));
  await firefox.newTab();
  await firefox.open(POPUP);
  await firefox.click('section.notice button');
  await firefox.waitFor(async () => !(await firefox.has('section.notice')), 'the notice to go');
  await firefox.switchTo(here);
}

test.each(['text.html', 'strict.html'])('a word is run from the bubble, on %s', async path => {
  await firefox.open(`${SITE}/${path}`);
  const before = runware.ledger.count();
  await selectWord('#first');
  await press('Runkey');
  await press('Draw this');
  await says('Goes to');
  await writeFile(`out/faces/firefox-card-${path}.png`, await firefox.screenshot());
  const [x, y] = await spotOf('Run');
  const position = await look(`return getComputedStyle(root.querySelector('.runkey')).position`);
  expect(position).toBe('fixed');
  expect([x, y]).toHaveLength(2);
  await press('Run');
  await says(ELSEWHERE);
  expect(runware.ledger.count()).toBe(before);
  await confirm();
  await says('Done.');
  await spotOf('Copy');
  expect(runware.ledger.count()).toBe(before + 1);
  await writeFile(`out/faces/firefox-card-done-${path}.png`, await firefox.screenshot());
});

test('an answer takes the place of what was selected in a field', async () => {
  await firefox.open(`${SITE}/writing.html`);
  await firefox.executeScript(`area.focus()`);
  await firefox.send('WebDriver:PerformActions', {
    actions: [
      {
        type: 'key',
        id: 'keyboard',
        actions: [
          { type: 'keyDown', value: '\uE009' },
          { type: 'keyDown', value: 'a' },
          { type: 'keyUp', value: 'a' },
          { type: 'keyUp', value: '\uE009' },
        ],
      },
    ],
  });
  await press('Runkey');
  await press('Explain');
  await press('Run');
  await confirm();
  await press('Insert');
  await firefox.waitFor(async () => (await text()) === '', 'the card to close');
  const value = String(await firefox.executeScript('return area.value'));
  expect(value).toContain('emulator');
  expect(await firefox.executeScript('return noticed.length')).toBe(1);
});

test('words in shadow roots, open and closed, are read', async () => {
  await firefox.open(`${SITE}/shadow.html`);
  for (const mode of ['open', 'closed']) {
    await selectWord(`#${mode}-host`);
    await press('Runkey');
    await press('Explain');
    await says('Harbour');
    await press('Close');
  }
});

const COVER = `position: fixed; inset: 0; width: 100%; height: 100%; margin: 0; border: 0; background: white; pointer-events: none`;
const SPECK = `position: fixed; inset: 0 auto auto 0; width: 2px; height: 2px; margin: 0; border: 0; padding: 0; pointer-events: none`;
const popover = (css: string, more = '') => `
  const over = Object.assign(document.createElement('div'), { id: 'attack', popover: 'manual' });
  over.style.cssText = '${css}';
  document.body.append(over);
  ${more}
  over.showPopover();`;
const inClosedRoot = (more: string) => `
  const host = Object.assign(document.createElement('div'), { id: 'attack' });
  const over = Object.assign(document.createElement('div'), { popover: 'manual' });
  over.style.cssText = '${COVER}';
  host.attachShadow({ mode: 'closed' }).append(over);
  document.body.append(host);
  const again = () => {
    if (!over.isConnected) return;
    if (over.matches(':popover-open')) over.hidePopover();
    over.showPopover();
  };
  ${more}`;
const style = (css: string) =>
  `document.head.append(Object.assign(document.createElement('style'), { id: 'attack', textContent: '${css}' }));`;

/** The pointer comes, rests and presses: as long as it takes for a press to count. */
async function comeAndPress([x = 0, y = 0]: readonly (number | undefined)[], name: string): Promise<void> {
  await mouse([{ type: 'pointerMove', x: x - 100, y, origin: 'viewport' }]);
  await mouse([{ type: 'pointerMove', x, y, origin: 'viewport' }]);
  await sleep(800);
  await writeFile(`out/faces/firefox-attack-${name.replaceAll(' ', '-')}.png`, await firefox.screenshot());
  await mouse([{ type: 'pointerMove', x, y, origin: 'viewport' }, ...CLICK]);
}

test('a press of Run counts where a page does nothing against it', async () => {
  await firefox.open(`${SITE}/text.html`);
  await selectWord('#first');
  await press('Runkey');
  await press('Explain');
  const before = runware.ledger.count();
  await comeAndPress(await spotOf('Run'), 'none');
  await says(ELSEWHERE);
  expect(runware.ledger.count()).toBe(before);
});

describe('a press of Run does not count while', () => {
  test.each([
    ['a popover lies on top', popover(COVER)],
    [
      'one in a closed shadow root comes back with each event of the pointer',
      inClosedRoot(`again();
        for (const type of ['pointermove', 'pointerover', 'pointerenter', 'pointerdown', 'mousedown', 'pointerup', 'mouseup'])
          window.addEventListener(type, again, true);`),
    ],
    [
      'one in a closed shadow root comes back with each frame',
      inClosedRoot(
        `const frame = () => { again(); if (over.isConnected) requestAnimationFrame(frame); }; frame();`,
      ),
    ],
    [
      'a speck of a popover casts a shadow over everything',
      popover(`${SPECK}; box-shadow: 0 0 0 5000px white`),
    ],
    [
      'a speck of a popover has a backdrop over everything',
      popover(
        SPECK,
        `over.append(Object.assign(document.createElement('style'),
        { textContent: '#attack::backdrop { background: white; pointer-events: none }' }));`,
      ),
    ],
    [
      'a popover comes back with each frame',
      popover(
        COVER,
        `const frame = () => {
        if (!over.isConnected) return;
        if (over.matches(':popover-open')) over.hidePopover();
        over.showPopover();
        requestAnimationFrame(frame);
      }; requestAnimationFrame(frame);`,
      ),
    ],
  ])('%s', async (name, attack) => {
    await firefox.open(`${SITE}/text.html`);
    await selectWord('#first');
    await press('Runkey');
    await press('Explain');
    const [x, y] = await spotOf('Run');
    const before = runware.ledger.count();
    await firefox.executeScript(attack);
    await comeAndPress([x, y], name);
    await says('That did not count');
    expect(runware.ledger.count()).toBe(before);
    await firefox.executeScript(`document.getElementById('attack').remove()`);
    await press('Run');
    await says(ELSEWHERE);
    expect(runware.ledger.count()).toBe(before);
  });

  test('nothing that a page adds to the card itself is seen', async () => {
    await firefox.open(`${SITE}/text.html`);
    await firefox.executeScript(
      style(
        `html > [popover]::after, html > [popover]::before { content: "" !important; ${COVER}; display: block !important }`,
      ),
    );
    await selectWord('#first');
    await press('Runkey');
    await press('Explain');
    const before = runware.ledger.count();
    await spotOf('Run');
    await writeFile('out/faces/firefox-attack-added.png', await firefox.screenshot());
    await press('Run');
    await says(ELSEWHERE);
    expect(runware.ledger.count()).toBe(before);
  });

  test('nothing lies on top any more, but did a moment ago', async () => {
    await firefox.open(`${SITE}/text.html`);
    await selectWord('#first');
    await press('Runkey');
    await press('Explain');
    const [x, y] = await spotOf('Run');
    const before = runware.ledger.count();
    await mouse([{ type: 'pointerMove', x, y, origin: 'viewport' }]);
    await sleep(800);
    await firefox.executeScript(
      popover(
        COVER,
        `window.addEventListener('pointerdown', () => over.remove(), { capture: true, once: true });`,
      ),
    );
    await mouse([{ type: 'pointerMove', x, y, origin: 'viewport' }, ...CLICK]);
    await says('That did not count');
    expect(runware.ledger.count()).toBe(before);
  });
});

test('a saved prompt of the right-click menu runs where Runkey has no access but by that click', async () => {
  runware.ledger.clear();
  await firefox.open(`${OTHER_SITE}/text.html`);
  await selectWord('#first');
  const box = await firefox.executeScript(
    `const { x, y } = document.querySelector('#first').getBoundingClientRect(); return [x, y];`,
  );
  const [x = 0, y = 0] = Array.isArray(box) ? box.map(Number) : [];
  await mouse([
    { type: 'pointerMove', x: Math.round(x + 40), y: Math.round(y + 10), origin: 'viewport' },
    { type: 'pointerDown', button: 2 },
    { type: 'pointerUp', button: 2 },
  ]);
  await firefox.waitFor(
    async () =>
      (await firefox.inBrowser(`
        const menu = document.getElementById('contentAreaContextMenu');
        if (menu.state !== 'open') return false;
        const ours = [...menu.querySelectorAll('menu')].find(({ label }) => label === 'Runkey');
        if (!ours) return false;
        ours.openMenu(true);
        const item = [...ours.querySelectorAll('menuitem')].find(({ label }) => label === 'Summarise');
        if (!item) return false;
        ours.menupopup.activateItem(item);
        return true;`)) === true,
    'the menu',
  );
  await spotOf('Copy');
  expect(runware.ledger.count()).toBe(1);
  await says('lighthouse');
  expect(
    await firefox.executeScript(`return typeof browser`),
    'the page itself gets nothing of the extension',
  ).toBe('undefined');
});
