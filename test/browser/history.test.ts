import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../emulators/runware/index';
import { snapshotOf } from './drive/calls';
import { addRunwareKey, askFrom, createVault, goTo, OPTIONS, type Stage, setStage } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const POOR = 'poor-runware-key-0123456789abcdef';
const EMPTY = 'Nothing yet. Calls you run appear here.';
const IMAGE = { model: 'runware:400@2', width: '128', height: '128', count: '1', format: 'PNG' };
const TEXT = { model: 'google:gemma@4-31b', maxTokens: '64' };

const grey = new PNG({ width: 8, height: 8 });
grey.data.fill(128);
const PICTURE = `data:image/png;base64,${PNG.sync.write(grey).toString('base64')}`;

let stage: Stage;
let options: Page;
/** The ids of the keys, by label. */
let keys: Record<string, string>;

beforeAll(async () => {
  stage = await setStage({
    runware: { mediaHost: 'documented', keys: { [demoKey]: {}, [POOR]: { balance: 0.4 } } },
    chromium: { locale: 'en-GB', reducedMotion: 'reduce', viewport: { width: 900, height: 700 } },
  });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  await addRunwareKey(options, 'Poor', POOR);
  keys = await options.evaluate(
    () =>
      new Promise<Record<string, string>>(resolve => {
        const port = chrome.runtime.connect({ name: 'state' });
        port.onMessage.addListener((event: { keys?: { id: string; label: string }[] }) => {
          if (event.keys?.length) resolve(Object.fromEntries(event.keys.map(({ id, label }) => [label, id])));
        });
      }),
  );
});
afterAll(() => stage.close());

const button = (name: string) => options.getByRole('button', { name, exact: true });
const cards = () => options.locator('.call');
const card = (words: string | RegExp) => cards().filter({ hasText: words });
const openCard = (words: string | RegExp) => card(words).first().getByRole('button').click();
const large = () => options.getByRole('dialog');
const tasks = () => cards().locator('strong').allTextContents();
const filter = (by: 'Service' | 'Key' | 'Task', label: string) =>
  options.getByLabel(by, { exact: true }).selectOption({ label });
/** What the focused element says. */
const focused = () => options.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
const kept = async () =>
  (await askFrom<{ calls: { id: string }[] }>(options, 'history.list', { most: 100 })).calls;

const start = async (operation: string, values: object, more: object = {}) =>
  (
    await askFrom<{ id: string }>(options, 'calls.start', {
      key: keys.Work,
      operation,
      values,
      ...more,
    })
  ).id;

/** Every picture that shows is one. */
const decoded = (within: ReturnType<Page['locator']>) =>
  expect
    .poll(() =>
      within
        .getByRole('presentation')
        .or(within.getByRole('img'))
        .first()
        .evaluate(it => it instanceof HTMLImageElement && it.naturalWidth > 0),
    )
    .toBe(true);

async function passesAxe(): Promise<void> {
  await options.evaluate(axe.source);
  for (const colorScheme of ['light', 'dark'] as const) {
    await options.emulateMedia({ colorScheme });
    const { violations } = await options.evaluate<AxeResults>('axe.run()');
    expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([]);
  }
  await options.emulateMedia({ colorScheme: null });
}

describe('the history', () => {
  test('says that there is nothing yet', async () => {
    await goTo(options, 'History');
    await options.getByText(EMPTY).waitFor();
    await options.getByText('Nothing from private windows is kept.').waitFor();
    expect(await options.evaluate(() => location.hash)).toBe('#history');
  });

  test('shows calls as they finish, the newest first, each by what came of it', async () => {
    await start('image', { ...IMAGE, prompt: 'A harbour', count: '2' });
    await card('A harbour').getByText('2 pictures').waitFor();
    await start('text', { ...TEXT, prompt: 'About the sea' });
    await card('About the sea').getByText('You asked: “About the sea”').waitFor();
    await start('caption', { picture: PICTURE, model: 'runware:152@2' });
    await card('Describe image').getByText('8 by 8 pixels').waitFor();
    await start('speech', { prompt: 'Good morning', model: 'xai:tts@0', format: 'WAV' });
    await card('Good morning').getByText('Sound', { exact: true }).waitFor();
    await start('video', {
      prompt: 'Waves',
      model: 'klingai:5@3',
      duration: '5',
      count: '1',
      width: '1280',
      height: '720',
    });
    await card('Waves').getByText('Film', { exact: true }).waitFor();
    await start('models', { search: 'flux', most: '20' });
    await card('flux').getByText('5 found').waitFor();
    stage.runware.faults.add({
      kind: 'error',
      failure: { code: 'insufficientCredits', message: 'Insufficient credits.' },
    });
    await start('image', { ...IMAGE, prompt: 'A lighthouse' }, { key: keys.Poor });
    await card('A lighthouse').getByText('The Runware account has not enough credit for this.').waitFor();
    await card('A lighthouse').getByText('Failed', { exact: true }).waitFor();

    expect(await tasks()).toEqual([
      'Image',
      'Find models',
      'Video',
      'Speech',
      'Describe image',
      'Text',
      'Image',
    ]);
    await decoded(card('A harbour'));
    await expect
      .poll(() => card('A harbour').innerText())
      .toMatch(/Image\s+A harbour\s+Today \d\d:\d\d\s+\$0\.0/);
    await passesAxe();
  });

  test('shows the same after the page was loaded anew', async () => {
    await options.reload();
    await card('A harbour').waitFor();
    expect(await cards().count()).toBe(7);
    await decoded(card('A harbour'));
  });

  test('shows a call under way at the top, live', async () => {
    stage.runware.switches.taskMs = 1_500;
    await start('image', { ...IMAGE, prompt: 'A slow one' });
    await cards().first().getByText('Drawing…').waitFor();
    await decoded(cards().first());
    stage.runware.switches.taskMs = 60;
    expect(await cards().first().innerText()).toContain('A slow one');
  });

  test('is filtered by service, key and task', async () => {
    await filter('Task', 'Text');
    await expect.poll(tasks).toEqual(['Text']);
    await filter('Key', 'Poor');
    await options.getByText('No call is like that.').waitFor();
    await filter('Task', 'All');
    await card('A lighthouse').waitFor();
    expect(await cards().count()).toBe(1);
    await filter('Service', 'Runware');
    await expect.poll(() => cards().count()).toBe(8);
    await filter('Task', 'Image');
    await expect.poll(() => cards().count()).toBe(3);
    // One that finishes meanwhile appears if it fits.
    await start('text', { ...TEXT, prompt: 'Unseen' });
    await start('image', { ...IMAGE, prompt: 'Seen' });
    await card('Seen').waitFor();
    expect(await tasks()).toEqual(['Image', 'Image', 'Image', 'Image']);
    await filter('Service', 'All');
    await expect.poll(() => cards().count()).toBe(10);
  });
});

describe('one call', () => {
  test('is opened, looked through and left with the keyboard alone', async () => {
    await card('Describe image').getByRole('button').focus();
    await options.keyboard.press('Enter');
    await large()
      .getByRole('heading', { name: /^Describe image/ })
      .waitFor();
    await expect.poll(focused).toMatch(/^Describe image/);
    const [question] = [large().locator('dl > div').filter({ hasText: 'Model' })];
    expect(await question?.innerText()).toMatch(/Model\s+runware:152@2/);
    await decoded(large().locator('dl > div').filter({ hasText: 'Picture' }));
    expect(await large().innerText()).toMatch(/Work · \$0\.0003 · \d+\.\d s/);
    await passesAxe();

    await options.keyboard.press('ArrowRight');
    await large().getByRole('heading', { name: /^Text/ }).waitFor();
    await expect.poll(focused).toMatch(/^Text/);
    await options.keyboard.press('ArrowRight');
    await large()
      .getByRole('heading', { name: /^Image/ })
      .waitFor();
    await expect.poll(() => large().getByRole('img', { name: 'A harbour' }).count()).toBe(2);
    // It is the oldest.
    await options.keyboard.press('ArrowRight');
    expect(await large().getByRole('button', { name: 'Older' }).getAttribute('aria-disabled')).toBe('true');
    await options.keyboard.press('ArrowLeft');
    await large().getByRole('heading', { name: /^Text/ }).waitFor();
    await options.keyboard.press('Escape');
    await expect.poll(() => large().count()).toBe(0);
    await expect.poll(focused).toMatch(/^Text.*About the sea/);
  });

  test('that failed says why, with the service’s own words', async () => {
    await openCard('A lighthouse');
    const alert = large().getByRole('alert');
    await alert.getByText('insufficientCredits: Insufficient credits.').waitFor();
    expect(await large().innerText()).toContain('Poor');
    await large().getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => large().count()).toBe(0);
  });

  test('runs again with the same inputs, and says where the result appears', async () => {
    const billed = stage.runware.ledger.count();
    await openCard('Describe image');
    await large().getByRole('button', { name: 'Run again' }).click();
    await options.getByText('It runs again. Its result appears at the top of the history.').waitFor();
    expect(await large().count()).toBe(0);
    await cards().first().getByText('8 by 8 pixels').waitFor();
    expect(await card('Describe image').count()).toBe(2);
    expect(stage.runware.ledger.count()).toBe(billed + 1);
  });

  test('that was cancelled once it was sent can be asked for, and is billed once', async () => {
    stage.runware.switches.taskMs = 800;
    const billed = stage.runware.ledger.count();
    const id = await start('image', { ...IMAGE, prompt: 'Given up' });
    await card('Given up').getByText('Drawing…').waitFor();
    await expect.poll(() => stage.runware.ledger.count()).toBe(billed + 1);
    await askFrom(options, 'calls.cancel', { id });
    await card('Given up').getByText('Cancelled', { exact: true }).waitFor();
    await openCard('Given up');
    await large().getByText('may finish and charge it all the same').waitFor();
    await large().getByRole('button', { name: 'Ask for the result' }).click();
    await large().getByRole('img', { name: 'Given up' }).waitFor({ timeout: 20_000 });
    expect(await large().getByRole('button', { name: 'Ask for the result' }).count()).toBe(0);
    await options.keyboard.press('Escape');
    await decoded(card('Given up'));
    expect(stage.runware.ledger.count()).toBe(billed + 1);
    stage.runware.switches.taskMs = 60;
  });

  test('is deleted for good once that is confirmed, and the keyboard goes on at the next', async () => {
    const before = (await kept()).length;
    await openCard('A harbour');
    await large().getByRole('button', { name: 'Delete' }).click();
    await large().getByRole('button', { name: 'Keep' }).press('Enter');
    await expect.poll(focused).toBe('Delete');
    await large().getByRole('button', { name: 'Delete' }).press('Enter');
    await large().getByRole('button', { name: 'Yes, delete' }).press('Enter');
    await options.getByText('The call was deleted.').waitFor();
    expect(await kept()).toHaveLength(before - 1);
    // It was the last of the list.
    await expect.poll(focused).toMatch(/^Text.*About the sea/);
    await options.reload();
    await card('About the sea').waitFor();
    expect(await card('A harbour').count()).toBe(0);
    expect(await kept()).toHaveLength(before - 1);
  });

  test('of a private window leaves nothing', async () => {
    const there = await kept();
    const id = await start('image', { ...IMAGE, prompt: 'Nobody’s business' }, { private: true });
    await start('text', { ...TEXT, prompt: 'Somebody’s business' });
    await card('Somebody’s business').getByText('You asked').waitFor();
    expect(await card('Nobody’s business').count()).toBe(0);
    await expect.poll(async () => (await kept()).length).toBe(there.length + 1);
    // It ended with no private window open: it is not even shown.
    await expect
      .poll(async () => (await snapshotOf(options)).calls.filter(call => call.id === id))
      .toEqual([]);
  });
});

describe('what is kept', () => {
  const keepFor = () => options.getByLabel('Keep for');
  const choose = (label: string) => keepFor().selectOption({ label });
  const chosen = () => keepFor().evaluate(it => (it as HTMLSelectElement).selectedOptions[0]?.textContent);

  /** The calls are laid out twelve together; those far from the view are not drawn. */
  const groups = () => options.locator('.calls ul').count();
  /** What every card says it is about, in order, looked through from the top to the end. */
  async function subjects(): Promise<string[]> {
    const seen: string[][] = [];
    await options.evaluate(() => scrollTo(0, 0));
    await expect
      .poll(
        async () => {
          const drawn = await options
            .locator('.calls ul')
            .evaluateAll(lists =>
              lists.map(list => Array.from(list.querySelectorAll('.subject'), it => it.textContent ?? '')),
            );
          for (const [at, group] of drawn.entries()) if (group.length > 0) seen[at] = group;
          await options.mouse.wheel(0, 500);
          return options.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY);
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBeLessThanOrEqual(1);
    return seen.flat();
  }

  test('is kept for as long as is chosen, at once where that deletes nothing', async () => {
    expect(await chosen()).toBe('90 days');
    await choose('1 day');
    await options.getByText('Finished calls are kept for 1 day. Nothing was deleted.').waitFor();
    await options.reload();
    await expect.poll(chosen).toBe('1 day');
  });

  test('is asked about before a choice deletes anything', async () => {
    await card('About the sea').waitFor();
    const before = (await kept()).length;
    await choose('not at all');
    await options.getByText(`delete the ${before} finished calls that there are`).waitFor();
    await button('Keep them').press('Enter');
    expect(await chosen()).toBe('1 day');
    expect(await kept()).toHaveLength(before);

    await choose('not at all');
    await button('Yes, delete').press('Enter');
    await options
      .getByText(
        `Finished calls are no longer kept: the popup shows each for ten minutes at most. ${before} finished calls were deleted.`,
      )
      .waitFor();
    await options.getByText('Nothing is kept. The popup shows what came of a call').waitFor();
    expect(await kept()).toEqual([]);
  });

  test('is nothing where nothing is to be kept', async () => {
    const billed = stage.runware.ledger.count();
    await start('image', { ...IMAGE, prompt: 'Passing' });
    await expect.poll(() => stage.runware.ledger.count()).toBe(billed + 1);
    await choose('until deleted');
    await options.getByText('Finished calls are kept until you delete them. Nothing was deleted.').waitFor();
    expect(await kept()).toEqual([]);
  });

  test('is shown thirty at a time, with the keyboard going on where more came', async () => {
    for (let at = 0; at < 70; at += 10) {
      await Promise.all(
        Array.from({ length: 10 }, (_, more) => start('models', { search: `flux ${at + more}`, most: '1' })),
      );
    }
    await expect.poll(async () => (await kept()).length, { timeout: 20_000 }).toBe(70);
    await options.reload();
    await expect.poll(groups).toBe(3);
    const more = button('Show more');
    // Without coming near: then they would come by themselves.
    await more.evaluate(it => it.focus({ preventScroll: true }));
    await options.keyboard.press('Enter');
    await expect.poll(groups).toBe(5);
    await expect.poll(() => more.getAttribute('aria-disabled')).toBe(null);
    expect(await focused()).toBe('Show more');
    await options.keyboard.press('Enter');
    await expect.poll(groups).toBe(6);
    expect(await more.count()).toBe(0);
    await expect.poll(focused).toContain('flux');
    const first = await focused();
    const all = await subjects();
    expect(new Set(all).size).toBe(70);
    expect(first).toContain(all[60]);
  });

  test('comes by itself as its end nears the view', async () => {
    await options.reload();
    await expect.poll(groups).toBe(3);
    expect(new Set(await subjects()).size).toBe(70);
  });

  test('is deleted as a whole once that is confirmed', async () => {
    await button('Delete all').click();
    await button('Keep').press('Enter');
    expect(await kept()).toHaveLength(70);
    await expect.poll(focused).toBe('Delete all');
    await button('Delete all').press('Enter');
    await button('Yes, delete all').press('Enter');
    await options.getByText('Every finished call was deleted.').waitFor();
    await options.getByText(EMPTY).waitFor();
    expect(await kept()).toEqual([]);
  });
});

describe('a long input', () => {
  test('scrolls in its place, by the keyboard too, and what is below it stays near', async () => {
    await start('text', { ...TEXT, prompt: `Begin. ${'All about the sea. '.repeat(1_000)}The end.` });
    await card('Begin.').getByText('You asked').waitFor();
    await openCard('Begin.');
    const input = large().locator('dd').filter({ hasText: 'Begin.' });
    expect((await input.boundingBox())?.height).toBeLessThan(300);
    const ground = (of: ReturnType<typeof large>) => of.evaluate(it => getComputedStyle(it).backgroundColor);
    const short = large().locator('dd').filter({ hasText: TEXT.model });
    await expect.poll(() => ground(input)).not.toBe(await ground(short));
    await expect
      .poll(async () => {
        await options.keyboard.press('Tab');
        return input.evaluate(it => it === document.activeElement);
      })
      .toBe(true);
    await options.keyboard.press('End');
    await expect.poll(() => input.evaluate(it => it.scrollTop)).toBeGreaterThan(1_000);
    await passesAxe();
    await large().getByRole('button', { name: 'Close' }).click();
  });
});

describe('money', () => {
  const item = (label: string) => options.locator('.keys > li').filter({ hasText: label });

  test('that a key has spent today stands on its card, beside its limit', async () => {
    await goTo(options, 'Keys');
    await item('Work')
      .getByText(/^Today \$\d+\.\d\d of \$5\.00$/)
      .waitFor();
    await item('Poor').getByText('Today $0.00 of $5.00', { exact: true }).waitFor();
  });

  test('that a key may spend in a day is five dollars unless it says otherwise, or no limit', async () => {
    await item('Poor').getByRole('button', { name: 'Edit' }).click();
    const limit = options.getByLabel('Daily limit');
    expect(await limit.inputValue()).toBe('5');
    await limit.fill('a lot');
    await button('Save key').click();
    await options.getByText('Daily limit must be a number.').waitFor();
    await limit.fill('0.255');
    await button('Save key').click();
    await options.getByText('Daily limit must be in whole cents.').waitFor();
    await limit.fill('0.25');
    await button('Save key').click();
    await item('Poor').getByText('Today $0.00 of $0.25', { exact: true }).waitFor();
    await item('Poor').getByRole('button', { name: 'Edit' }).click();
    expect(await limit.inputValue()).toBe('0.25');
    await limit.fill('');
    await button('Save key').click();
    await item('Poor').getByText('Today $0.00', { exact: true }).waitFor();
    await item('Poor').getByRole('button', { name: 'Edit' }).click();
    expect(await limit.inputValue()).toBe('');
    await button('Cancel').click();
  });

  test('a key’s rarer settings wait under more options', async () => {
    await item('Poor').getByRole('button', { name: 'Edit' }).click();
    expect(await options.getByLabel('Connection').isVisible()).toBe(false);
    await options.getByText('More options').click();
    await options.getByLabel('Connection').selectOption({ label: 'HTTP, key in the header' });
    await options.getByLabel('Calls at once').fill('101');
    await button('Save key').click();
    await options.getByText('Calls at once must be from 1 to 100.').waitFor();
    // Put out of sight, it is brought back, and the keyboard with it.
    await options.getByText('More options').click();
    await button('Save key').click();
    await expect
      .poll(() => options.getByLabel('Calls at once').evaluate(it => it === document.activeElement))
      .toBe(true);
    await options.getByLabel('Calls at once').fill('2');
    await button('Save key').click();
    await item('Poor').getByText('was saved.').waitFor();
    await item('Poor').getByRole('button', { name: 'Edit' }).click();
    // What was chosen is not hidden.
    expect(await options.getByLabel('Connection').inputValue()).toBe('http');
    expect(await options.getByLabel('Calls at once').inputValue()).toBe('2');
    await button('Cancel').click();
  });

  test('that is left stands beside the verdict, with a warning when it is little', async () => {
    await item('Work').getByRole('button', { name: 'Test' }).click();
    await item('Work')
      .getByText(/^Balance \$2\d\.\d\d$/)
      .waitFor();
    await item('Work').getByText('Works', { exact: true }).waitFor();
    await item('Poor').getByRole('button', { name: 'Test' }).click();
    await item('Poor').getByText('Balance is low: $0.40 left.', { exact: true }).waitFor();
  });

  test('from which on a call waits is set in the section Security', async () => {
    await goTo(options, 'Security');
    const dear = options.getByLabel('Dear from');
    await expect.poll(() => dear.inputValue()).toBe('0.1');
    await dear.fill('much');
    await options.getByText('Dear from must be a number.').waitFor();
    await dear.fill('2.555');
    await options.getByText('Dear from must be in whole cents.').waitFor();
    await options.getByRole('heading', { name: 'Wait before a dear call' }).waitFor();
    await dear.fill('2.5');
    await dear.press('Enter');
    await options.getByText('Calls of $2.50 or more wait from now on.').waitFor();
    await passesAxe();
    await options.reload();
    await expect.poll(() => dear.inputValue()).toBe('2.5');
    expect(await askFrom(options, 'settings.money', {})).toEqual({ dear: 2.5 });
  });
});

test('the keyboard stays in the list of pasted keys as they are left out, and goes back to the box after the last', async () => {
  await goTo(options, 'Keys');
  await button('Add key').click();
  await options
    .getByLabel('Paste anything')
    .fill('RUNWARE_API_KEY=abcdef0123456789abcdef\nRUNWARE_API_KEY_TEST=xyzdef0123456789abcdef');
  await button('Leave out').first().press('Enter');
  await expect.poll(focused).toBe('Leave out');
  await button('Leave out').press('Enter');
  await expect
    .poll(() => options.evaluate(() => document.activeElement?.getAttribute('placeholder')))
    .toMatch(/^A key/);
  await button('Cancel').click();
});
