import { mkdir, readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Prompt } from '../../src/calls/prompt';
import type { SelectionSettings } from '../../src/calls/settings';
import { shippedPrompts } from '../../src/calls/shipped-prompts';
import { demoKey } from '../emulators/runware/index';
import { ensureXvfb, startXvfb } from '../machine.mjs';
import { addKey, done, snapshotOf, startCall } from './drive/calls';
import { look, PICTURES } from './drive/face';
import { type Question, questionsOn } from './drive/question';
import type { Others } from './emulate';
import {
  addRunwareKey,
  alertIn,
  askFrom,
  createVault,
  goTo,
  lock,
  OPTIONS,
  openSite,
  POPUP,
  result,
  type Stage,
  setWholeStage,
  unlock,
} from './stage';

vi.setConfig({ testTimeout: 60_000 });

const PASSPHRASE = 'plum anchor violin north';
const SITE = 'https://docs.example';
const SECRET = 'papi_Qz7hT4mWc9Xr2LbN5vKd8PfG';

const names = (prompts: readonly { name: string }[]) => prompts.map(({ name }) => name);
const FIRST = names(shippedPrompts);
const savedIn = async (page: Page) => (await askFrom<{ prompts: Prompt[] }>(page, 'prompts.get', {})).prompts;
const settingsIn = (page: Page) => askFrom<SelectionSettings>(page, 'settings.selection', {});
const button = (on: Page | Locator, name: string) => on.getByRole('button', { name, exact: true });
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    const line = activeElement?.closest('li')?.querySelector('h3')?.textContent;
    return [line, activeElement?.textContent].filter(Boolean).join(': ');
  });
/** The line of a prompt in the list. */
const lineOf = (options: Page, name: string) =>
  options
    .getByRole('listitem')
    .filter({ has: options.getByRole('heading', { name, exact: true, level: 3 }) });

/** The native menu cannot be clicked without a screen: its event can be. Gives the popup that opens. */
async function clickMenu(stage: Stage, item: string, text: string): Promise<Page> {
  const opening = stage.chromium.nextPopup();
  await stage.chromium.worker.evaluate(`chrome.tabs.query({ url: '${SITE}/*' }).then(([tab]) =>
    chrome.contextMenus.onClicked.dispatch(
      { menuItemId: '${item}', selectionText: '${text}', frameId: 0 }, tab))`);
  return opening;
}
/** The site's only text, selected. */
const select = (site: Page, text: string): Promise<void> =>
  site.evaluate(it => {
    document.body.textContent = it;
    getSelection()?.selectAllChildren(document.body);
  }, text);

/** The menu's last entry brings what is selected to where the person says what to do with it. */
const askWith = (stage: Stage, text: string): Promise<void> =>
  stage.chromium.worker.evaluate(`chrome.tabs.query({ url: '${SITE}/*' }).then(([tab]) =>
    chrome.contextMenus.onClicked.dispatch({ menuItemId: 'ask', selectionText: '${text}', frameId: 0 }, tab))`);

/** The form of a new key holds the secret, as if it had been pasted. */
async function filledIn(options: Page): Promise<void> {
  await options.getByText('The form was filled in from line 1.').waitFor();
  const service = options.getByLabel('Service');
  expect(await service.evaluate((it: HTMLSelectElement) => it.selectedOptions[0]?.label)).toBe('Runtype');
  expect(await options.getByLabel('API key', { exact: true }).inputValue()).toBe(SECRET);
  expect(await options.getByLabel('Paste anything').inputValue()).toBe('');
}

const EXPLAIN = `prompt ${shippedPrompts.find(({ name }) => name === 'Explain')?.id}`;

describe('the prompts', () => {
  let stage: Stage & Others;
  let options: Page;
  beforeAll(async () => {
    stage = await setWholeStage();
    options = await stage.chromium.page(OPTIONS);
    await createVault(options, PASSPHRASE);
    await addRunwareKey(options, 'Work', demoKey);
    await goTo(options, 'Prompts');
    await lineOf(options, 'Upscale').waitFor();
  }, 60_000);
  afterAll(() => stage.close());

  const listed = () => options.getByRole('listitem').getByRole('heading', { level: 3 }).allInnerTexts();
  const field = (name: string) => options.getByLabel(name, { exact: true });

  test('that come with Runkey are listed in their order, with what each does', async () => {
    expect(await listed()).toEqual(FIRST);
    expect(await lineOf(options, 'Explain').innerText()).toContain(
      'Selected text · Text at Runware · the key used last',
    );
    expect(await lineOf(options, 'Remove background').innerText()).toContain(
      'A picture · Remove background at Runware',
    );
  });

  test('a faulty one is not saved, and says why at its fields', async () => {
    await button(options, 'Add prompt').click();
    await field('Template').fill('Say something nice.');
    await options.getByText('More options').click();
    await field('Task').selectOption({ label: 'Text' });
    await field('Longest answer').fill('0');
    await button(options, 'Save prompt').click();
    for (const fault of [
      'Name is empty.',
      'Template must hold {{selection}}: the selected text goes in its place.',
      'Longest answer must be from 1 to 64000.',
    ])
      await options.getByText(fault).waitFor();
    expect(await savedIn(options)).toEqual(shippedPrompts);
  });

  test('what is typed outlasts news of keys, and is saved with the key that was chosen', async () => {
    await field('Name').fill('To French');
    await field('Template').fill('Translate into French:\n{{selection}}');
    await field('Longest answer').fill('2000');
    const id = await addKey(options, 'Second', demoKey);
    await field('Key').locator('option', { hasText: 'Second' }).waitFor({ state: 'attached' });
    expect(await field('Name').inputValue()).toBe('To French');
    await field('Key').selectOption({ label: 'Second' });
    await field('Note').fill('For letters');
    await button(options, 'Save prompt').click();
    await options.getByText('“To French” was added, at the end.').waitFor();
    expect((await savedIn(options)).at(-1)).toEqual({
      id: expect.any(String),
      name: 'To French',
      on: 'text',
      service: 'runware',
      operation: 'text',
      key: id,
      template: 'Translate into French:\n{{selection}}',
      values: { maxTokens: '2000' },
      note: 'For letters',
    });
    expect(await lineOf(options, 'To French').innerText()).toContain('Text at Runware · Second');
  });

  test('one that is changed keeps its place and its id, and what is as usual is not kept', async () => {
    const before = (await savedIn(options)).at(-1);
    await button(lineOf(options, 'To French'), 'Edit').click();
    await options.getByRole('heading', { name: 'Edit “To French”' }).waitFor();
    expect(await field('Longest answer').inputValue()).toBe('2000');
    expect(await field('Longest answer').isVisible()).toBe(true);
    await field('Longest answer').fill('1024');
    await field('Name').fill('Into French');
    await button(options, 'Save prompt').click();
    await options.getByText('“Into French” was saved.').waitFor();
    expect((await savedIn(options)).at(-1)).toEqual({ ...before, name: 'Into French', values: {} });
    await expect.poll(() => focused(options)).toBe('Into French: Edit');
  });

  test('a key that was deleted is told of', async () => {
    const { keys } = await snapshotOf(options);
    await askFrom(options, 'keys.remove', { id: keys.find(({ label }) => label === 'Second')?.id });
    await lineOf(options, 'Into French').getByText('its key was deleted: choose another').waitFor();
  });

  test('a picture has tasks of its own, with a template only where the task takes words', async () => {
    await button(options, 'Add prompt').click();
    const tasks = () => field('Task').locator('option').allInnerTexts();
    expect(await tasks()).toContain('Speech');
    expect(await tasks()).not.toContain('Edit image');
    await field('For').selectOption({ label: 'A picture' });
    expect(await tasks()).toContain('Edit image');
    expect(await tasks()).not.toContain('Speech');
    expect(await field('Template').inputValue()).toBe('');
    await field('Task').selectOption({ label: 'Vectorize' });
    expect(await field('Template').count()).toBe(0);
    await field('Task').selectOption({ label: 'Edit image' });
    await field('Name').fill('At night');
    await button(options, 'Save prompt').click();
    await options.getByText('Template is empty.').waitFor();
    await field('Template').fill('Make it night: {{selection}}');
    await button(options, 'Save prompt').click();
    await options.getByText('Template is for a picture').waitFor();
    await field('Template').fill('Make it night');
    await button(options, 'Save prompt').click();
    await options.getByText('“At night” was added').waitFor();
    expect((await savedIn(options)).at(-1)).toMatchObject({ on: 'image', operation: 'edit', values: {} });
    await expect.poll(() => focused(options)).toBe('Add prompt');
  });

  test('the keyboard alone moves, edits and deletes them, and stays where it was', async () => {
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => options.keyboard.press(key)), Promise.resolve());
    await button(lineOf(options, 'Draw this'), 'Edit').focus();
    // The first one cannot go up: its button is passed over.
    await press('Tab');
    expect(await focused(options)).toBe('Draw this: Move down');
    await press('Enter', 'Enter');
    await expect
      .poll(listed)
      .toEqual([FIRST[1], FIRST[2], 'Draw this', ...FIRST.slice(3), 'Into French', 'At night']);
    await options.getByText('“Draw this” is number 3 of 12 now.').waitFor();
    await expect.poll(() => focused(options)).toBe('Draw this: Move down');
    await press('Shift+Tab', 'Space', 'Space');
    await expect.poll(listed).toEqual([...FIRST, 'Into French', 'At night']);
    // It can go no further up, so the keyboard is on the way down.
    await expect.poll(() => focused(options)).toBe('Draw this: Move down');
    expect(names(await savedIn(options))).toEqual([...FIRST, 'Into French', 'At night']);

    await press('Tab', 'Enter');
    await options.getByText('Delete “Draw this” for good?').waitFor();
    await press('Tab', 'Tab', 'Enter');
    await expect.poll(() => focused(options)).toBe('Draw this: Delete');
    expect(await listed()).toHaveLength(12);
    await press('Enter', 'Tab', 'Enter');
    await options.getByText('“Draw this” was deleted.').waitFor();
    expect(names(await savedIn(options))).toEqual([...FIRST.slice(1), 'Into French', 'At night']);
    await expect.poll(() => focused(options)).toBe('Prompts');

    await button(lineOf(options, 'Read aloud'), 'Edit').focus();
    await press('Enter');
    await expect.poll(() => field('Name').inputValue()).toBe('Read aloud');
    await options.keyboard.type(' to me');
    await press('Enter');
    await options.getByText('“Read aloud to me” was saved.').waitFor();
    await expect.poll(() => focused(options)).toBe('Read aloud to me: Edit');
  });

  test('the first ones come back when wanted, and what was changed stays', async () => {
    await button(options, 'Restore the first ones').click();
    await options.getByText('One prompt is back, at the end.').waitFor();
    expect((await listed()).at(-1)).toBe('Draw this');
    expect(await listed()).toContain('Read aloud to me');
    await button(options, 'Restore the first ones').click();
    await options.getByText('None of the first ones is missing.').waitFor();
    expect(await listed()).toHaveLength(12);
  });

  test('two pages change them without undoing what the other did', async () => {
    const other = await stage.chromium.page(`${OPTIONS}#prompts`);
    await button(lineOf(other, 'Explain'), 'Delete').click();
    await button(other, 'Yes, delete').press('Enter');
    await other.getByText('“Explain” was deleted.').waitFor();
    await other.close();
    await options.bringToFront();
    await button(lineOf(options, 'Summarise'), 'Delete').click();
    await button(options, 'Yes, delete').press('Enter');
    await options.getByText('“Summarise” was deleted.').waitFor();
    await expect.poll(async () => names(await savedIn(options))).not.toContain('Explain');
  });

  test('a press that was meant for something else deletes none, and nothing moves under the pointer', async () => {
    await options.getByText('“Summarise” was deleted.').waitFor();
    const before = await savedIn(options);
    const own = button(lineOf(options, 'Translate'), 'Delete');
    await own.scrollIntoViewIfNeeded();
    const place = await own.boundingBox();
    await own.click();
    expect(await own.boundingBox()).toEqual(place);
    const yes = button(options, 'Yes, delete');
    await yes.dispatchEvent('click', { detail: 2 });
    expect(await savedIn(options)).toEqual(before);
    await yes.click();
    await options.getByText('“Translate” was deleted.').waitFor();
  });
});

describe('a file of prompts', () => {
  let stage: Stage & Others;
  let options: Page;
  beforeAll(async () => {
    stage = await setWholeStage();
    options = await stage.chromium.page(OPTIONS);
    await createVault(options, PASSPHRASE);
    await addRunwareKey(options, 'Work', demoKey);
    await goTo(options, 'Prompts');
    await lineOf(options, 'Upscale').waitFor();
  }, 60_000);
  afterAll(() => stage.close());

  const set = (prompts: readonly Prompt[]) => askFrom(options, 'prompts.set', { prompts });
  const open = async () => {
    await options.reload();
    await lineOf(options, 'Explain').waitFor();
  };
  const choose = async (text: string) => {
    if (!(await options.getByLabel('File of prompts').count()))
      await button(options, 'Add from a file').click();
    await options
      .getByLabel('File of prompts')
      .setInputFiles({ name: 'prompts.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  };
  const entries = () =>
    options.getByRole('form', { name: 'Add from a file' }).getByRole('listitem').allInnerTexts();
  const fileOf = (...prompts: object[]) => JSON.stringify({ format: 'runkey-prompts', version: 1, prompts });
  const good = {
    name: 'Pirate',
    on: 'text',
    service: 'runware',
    operation: 'text',
    template: 'As a pirate: {{selection}}',
    values: {},
  };

  test('says what is done and in what order, and nothing of keys; read again, it adds the same', async () => {
    const { keys } = await snapshotOf(options);
    const mine = shippedPrompts.map(prompt => ({ ...prompt, ...(keys[0] && { key: keys[0].id }) }));
    await set(mine);
    await open();
    const [download] = await Promise.all([
      options.waitForEvent('download'),
      button(options, 'Save to a file').click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^runkey-.*\.json$/);
    const text = await readFile(await download.path(), 'utf8');
    const shared = shippedPrompts.map(({ id: _, ...prompt }) => prompt);
    expect(JSON.parse(text)).toEqual({ format: 'runkey-prompts', version: 1, prompts: shared });
    for (const { id } of [...mine, ...keys]) expect(text).not.toContain(id);
    await options.getByText('The prompts were saved to your downloads').waitFor();

    await set(shippedPrompts.filter(({ name }) => name === 'Explain'));
    await open();
    await choose(text);
    await options.getByText('10 prompts in it:').waitFor();
    const shown = await entries();
    expect(shown.filter(line => line.includes('There is one of this name already: both stay.'))).toEqual([
      expect.stringContaining('Explain'),
    ]);
    expect(shown[3]).toContain('Summarise this in a few sentences');
    // Nothing is added before it was seen.
    expect(await savedIn(options)).toHaveLength(1);
    await button(options, 'Add 10 prompts').click();
    await options.getByText('10 prompts were added.').waitFor();
    const saved = await savedIn(options);
    expect(saved.slice(1).map(({ id: _, ...prompt }) => prompt)).toEqual(shared);
    const ids = [...saved, ...shippedPrompts].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length - 1);
  });

  test('is not written with a secret in it', async () => {
    const [first] = shippedPrompts;
    if (!first) throw new Error('There are no prompts.');
    await set([{ ...first, name: 'Explain', template: `{{selection}} Bearer ${SECRET}` }]);
    await open();
    await button(options, 'Save to a file').click();
    await alertIn(options)
      .getByText('Nothing was saved: “Explain” looks as if it held a Runtype product key.')
      .waitFor();
  });

  test.each([
    ['nothing', '', 'That file is empty.'],
    ['no JSON', 'name: Pirate', 'That file is not JSON.'],
    ['other JSON', '{"prompts":[]}', 'That file does not hold prompts of Runkey.'],
    ['a list', '[1,2,3]', 'That file does not hold prompts of Runkey.'],
    [
      'a newer version’s',
      '{"format":"runkey-prompts","version":2,"prompts":{}}',
      'That file was written by a newer Runkey, which this one cannot read.',
    ],
    [
      'a damaged one’s',
      '{"format":"runkey-prompts","version":1,"prompts":7}',
      'That file is damaged: it does not have the shape of a file of prompts.',
    ],
    ['none', fileOf(), 'There is no prompt in that file.'],
    [
      'too many',
      fileOf(...Array.from({ length: 51 }, () => good)),
      'There are 51 prompts in that file, and there can be at most 50.',
    ],
    ['too much', fileOf({ ...good, note: 'x'.repeat(2_000_000) }), 'That file is larger than 2 MB'],
  ])('with %s in it is refused', async (_what, text, message) => {
    await choose(text);
    await alertIn(options).getByText(message).waitFor();
    expect(await options.getByRole('button', { name: /^Add (one|\d+) prompt/ }).count()).toBe(0);
    expect(await savedIn(options)).toHaveLength(1);
  });

  test.each([
    [
      'an unknown service',
      { service: 'oracle' },
      'It is for “text” at “oracle”, which this Runkey does not have.',
    ],
    [
      'an unknown task',
      { operation: 'dance' },
      'It is for “dance” at “runware”, which this Runkey does not have.',
    ],
    ['an inherited name for a task', { operation: 'constructor' }, 'which this Runkey does not have.'],
    ['no place for the text', { template: 'Hello' }, 'Template must hold {{selection}}'],
    [
      'a value that its task does not take',
      { values: { maxTokens: 'many' } },
      'Longest answer must be a number.',
    ],
    [
      'a setting that its task does not have',
      { values: { colour: 'red' } },
      'It sets “colour”, which its task does not have.',
    ],
    [
      'a prompt beside its template',
      { values: { prompt: 'Do this' } },
      'It sets “prompt”, which its task does not have.',
    ],
    ['a secret', { template: `{{selection}} ${SECRET}` }, 'It looks as if it held a Runtype product key.'],
    ['a key', { key: shippedPrompts[0]?.id }, 'It does not have the shape of a prompt.'],
    ['a name of nothing', { name: ' ' }, 'It does not have the shape of a prompt.'],
  ])('with %s has that one left out, and the others are added', async (_what, wrong, why) => {
    await choose(fileOf({ ...good, ...wrong }, good));
    await options.getByText('2 prompts in it:').waitFor();
    const [first, second] = await entries();
    expect(first).toContain('is not added.');
    expect(first).toContain(why);
    expect(second).toContain('As a pirate: {{selection}}');
    await button(options, 'Add one prompt').waitFor();
  });

  test('has its markup shown as text', async () => {
    await choose(fileOf({ ...good, name: '<img src=x onerror=alert(1)>', template: '<b>{{selection}}</b>' }));
    await options.getByText('<img src=x onerror=alert(1)>').waitFor();
    await options.getByText('<b>{{selection}}</b>').waitFor();
    expect(await options.locator('main img, main b').count()).toBe(0);
  });

  test('is not added beyond the room that there is', async () => {
    await set(
      Array.from(
        { length: 49 },
        (_, at) => ({ ...good, name: `Explain ${at}`, id: crypto.randomUUID() }) as Prompt,
      ),
    );
    await choose(fileOf(good, { ...good, name: 'Sailor' }));
    await button(options, 'Add 2 prompts').click();
    await alertIn(options)
      .getByText('There can be at most 50 prompts: 2 would be added, and there is room for 1.')
      .waitFor();
    expect(await savedIn(options)).toHaveLength(49);
    await button(options, 'Cancel').click();
    await expect.poll(() => focused(options)).toBe('Add from a file');
  });
});

describe('where the bubble is', () => {
  let stage: Stage & Others;
  let options: Page;
  let screen: Awaited<ReturnType<typeof startXvfb>>;
  let question: Question;
  beforeAll(async () => {
    ensureXvfb({ xdotool: true });
    screen = await startXvfb();
    stage = await setWholeStage({
      chromium: { headless: false, display: screen.display, colorScheme: 'light' },
    });
    options = await stage.chromium.page(OPTIONS);
    await createVault(options, PASSPHRASE);
    await goTo(options, 'Selection');
    await radio('Off').waitFor();
    question = questionsOn(screen);
  }, 60_000);
  afterAll(async () => {
    await stage.close();
    await screen.stop();
  });

  const radio = (name: string) => options.getByRole('radio', { name, exact: true });
  const may = (pattern: string) =>
    options.evaluate<boolean>(`chrome.permissions.contains({ origins: ['${pattern}'] })`);
  const sites = async () => (await settingsIn(options)).sites;
  const site = () => options.getByLabel('Site', { exact: true });

  test('is nowhere at first', async () => {
    expect(await radio('Off').isChecked()).toBe(true);
    expect(await sites()).toEqual([]);
  });

  test('the popup offers it for a site, and closes as the browser asks: allowed, it is shown there', async () => {
    await addKey(options, 'Work', demoKey);
    const offer = async () => {
      await options.evaluate(`chrome.storage.session.set({ offered: { offer: 'https://news.example' } })`);
      const popup = await stage.chromium.openPopup();
      await popup.getByText('Show Runkey beside text you select on news.example?').waitFor();
      const closed = popup.waitForEvent('close');
      // It may be gone before the driver hears that it was clicked.
      await button(popup, 'Show it there')
        .click()
        .catch(() => {});
      await closed;
    };
    await offer();
    await question.deny();
    expect(await may('https://news.example/*')).toBe(false);
    expect(await settingsIn(options)).toMatchObject({ sites: [] });
    await offer();
    await question.allow();
    await expect
      .poll(() => settingsIn(options))
      .toMatchObject({ sites: ['https://news.example'], asked: true });
    expect(await may('https://news.example/*')).toBe(true);
    // The others begin with none.
    const selection = { ...(await settingsIn(options)), sites: [] };
    await askFrom(options, 'settings.setSelection', { selection });
    await options.reload();
  });

  test('a site is asked for, and a no changes nothing and loses nothing typed', async () => {
    await radio('On these sites').click();
    await options.getByText('Add the first site.').waitFor();
    await site().fill('docs.example/guide?x=1');
    await site().press('Enter');
    await question.deny();
    await alertIn(options).getByText('The browser does not let Runkey be shown on docs.example.').waitFor();
    expect(await sites()).toEqual([]);
    expect(await site().inputValue()).toBe('docs.example/guide?x=1');
  });

  test('a site that was allowed is in the list, and in force', async () => {
    await button(options, 'Add').click();
    await question.allow();
    await options.getByText('The bubble is on docs.example now.').waitFor();
    expect(await sites()).toEqual([SITE]);
    expect(await may(`${SITE}/*`)).toBe(true);
    expect(await site().inputValue()).toBe('');
    await options.getByRole('list', { name: 'On these sites' }).getByText('docs.example').waitFor();
  });

  test.each([
    ['', 'Site must be a name such as “example.com”, or the address of a page.'],
    ['two words', 'Site must be a name'],
    ['*.example', 'Site must be a name'],
    ['chrome://settings', 'Site must be one whose address begins with'],
    ['https://docs.example/again', 'Site is in the list already.'],
  ])('“%s” is no site to add', async (typed, fault) => {
    await site().fill(typed);
    await button(options, 'Add').click();
    await options.getByText(fault).waitFor();
    expect(await sites()).toEqual([SITE]);
  });

  test('a permission that was taken away in the browser shows, and can be given again', async () => {
    await options.evaluate(`chrome.permissions.remove({ origins: ['${SITE}/*'] })`);
    await options.getByText('The browser no longer lets Runkey be shown there.').waitFor();
    // What was allowed once, Chromium gives again without asking.
    await button(options, 'Allow').click();
    await expect.poll(() => may(`${SITE}/*`)).toBe(true);
    await expect.poll(() => button(options, 'Allow').count()).toBe(0);
  });

  test('all sites are asked for at once, and a no leaves the list in force', async () => {
    await radio('On all sites').click();
    await question.deny();
    await alertIn(options).getByText('The browser does not let Runkey be shown on all sites.').waitFor();
    expect(await radio('On these sites').isChecked()).toBe(true);
    expect(await sites()).toEqual([SITE]);

    await radio('On all sites').click();
    await question.allow();
    await options.getByText('The bubble is on all sites now.').waitFor();
    expect(await sites()).toBe('all');
    expect(await may('https://*/*')).toBe(true);
    expect(await radio('On all sites').isChecked()).toBe(true);
  });

  test('switched off, it gives back what was allowed', async () => {
    await radio('Off').click();
    await options.getByText('The bubble is off.').waitFor();
    expect(await sites()).toEqual([]);
    await expect.poll(() => may('https://*/*')).toBe(false);
  });

  test('a site that is removed is removed from the list alone', async () => {
    await radio('On these sites').click();
    await options.getByText('The bubble is on one site now.').waitFor();
    await button(options, 'Remove').click();
    await options.getByText('The bubble is no longer on docs.example.').waitFor();
    expect(await sites()).toEqual([]);
    await expect.poll(() => may(`${SITE}/*`)).toBe(false);
  });
});

describe('when the bubble shows', () => {
  let stage: Stage & Others;
  let options: Page;
  beforeAll(async () => {
    stage = await setWholeStage();
    options = await stage.chromium.page(OPTIONS);
    await createVault(options, PASSPHRASE);
  }, 60_000);
  afterAll(() => stage.close());

  test('is asked about once there is a key, and not again after “Not now”', async () => {
    const notice = options.getByText(
      'Use Runkey on text you select: right-click it, or show a bubble beside it.',
    );
    expect(await notice.count()).toBe(0);
    await addRunwareKey(options, 'Work', demoKey);
    await notice.waitFor();
    expect((await settingsIn(options)).asked).toBe(false);
    await button(options, 'Not now').click();
    await notice.waitFor({ state: 'detached' });
    await stage.chromium.killWorker();
    await options.reload();
    await options.getByRole('heading', { name: 'Work' }).waitFor();
    expect((await settingsIn(options)).asked).toBe(true);
    expect(await notice.count()).toBe(0);
  });

  test('“Choose where” leads to the section', async () => {
    await askFrom(options, 'settings.setSelection', {
      selection: { ...(await settingsIn(options)), asked: false },
    });
    await options.reload();
    await button(options, 'Choose where').click();
    await options.getByRole('radio', { name: 'Off' }).waitFor();
    expect((await settingsIn(options)).asked).toBe(true);
    expect(await focused(options)).toBe('Selection');
  });

  test('is set by a key that is held and by what is selected, and outlasts the page', async () => {
    expect(await options.getByLabel('Only while held').locator('option').allInnerTexts()).toEqual([
      'None',
      'Alt',
      'Ctrl',
      'Shift',
    ]);
    await options.getByLabel('Only while held').selectOption('Ctrl');
    await expect.poll(async () => (await settingsIn(options)).modifier).toBe('Control');
    await options.getByLabel('Also over code').check();
    await expect.poll(async () => (await settingsIn(options)).code).toBe(true);
    await options.reload();
    await expect
      .poll(() =>
        options
          .getByLabel('Only while held')
          .evaluate((it: HTMLSelectElement) => it.selectedOptions[0]?.label),
      )
      .toBe('Ctrl');
    expect(await options.getByLabel('Also over code').isChecked()).toBe(true);
    await options.getByLabel('Only while held').selectOption('None');
    await expect.poll(async () => (await settingsIn(options)).modifier).toBe(null);
  });

  test('sites that are left out are listed, and let in again', async () => {
    await options.getByText('“Not on this site” in the bubble puts a site here.').waitFor();
    const selection = { ...(await settingsIn(options)), not: [SITE, 'https://news.example'] };
    await askFrom(options, 'settings.setSelection', { selection });
    await options.reload();
    const list = options.getByRole('list', { name: 'Not on these sites' });
    await button(list.getByRole('listitem').filter({ hasText: 'docs.example' }), 'Remove').press('Enter');
    await options.getByText('docs.example is no longer left out.').waitFor();
    expect((await settingsIn(options)).not).toEqual(['https://news.example']);
    await expect
      .poll(() => options.evaluate(() => document.activeElement?.closest('li')?.textContent))
      .toContain('news.example');
  });

  test('the shortcuts are told, and the browser’s page for them is opened', async () => {
    await options.getByText('Lock the vault').waitFor();
    await options.getByText('Alt+Shift+L', { exact: true }).waitFor();
    const opening = stage.chromium.context.waitForEvent('page');
    await button(options, 'Change shortcuts').click();
    const page = await opening;
    await expect.poll(() => page.url()).toBe('chrome://extensions/shortcuts');
    await page.close();
  });
});

describe('what a page brings', () => {
  let stage: Stage & Others;
  let options: Page;
  let site: Page;
  beforeAll(async () => {
    stage = await setWholeStage({ permitted: ['docs.example'] });
    options = await stage.chromium.page(OPTIONS);
    await createVault(options, PASSPHRASE);
    await addRunwareKey(options, 'Work', demoKey);
    site = await openSite(stage, SITE);
    await select(site, 'The tide turned at noon');
  }, 60_000);
  afterAll(() => stage.close());

  test('while locked, what waits is named above the passphrase, and goes on once unlocked there', async () => {
    await options.bringToFront();
    await lock(options);
    await site.bringToFront();
    const popup = await clickMenu(stage, EXPLAIN, 'The tide turned at noon');
    const waits = popup.getByRole('region', { name: 'Unlocked within two minutes, this goes on by itself:' });
    await waits.getByText('Explain: The tide turned at noon').waitFor();
    expect(await waits.innerText()).toMatch(/docs\.example · about \$0\.\d+/);
    expect(await popup.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('password');
    await unlock(popup, PASSPHRASE);
    await result(popup).locator('.answer').waitFor({ timeout: 20_000 });
    expect(await button(popup, 'Discard').count()).toBe(0);
    expect((await snapshotOf(options)).waiting).toEqual([]);
    // A popup that is left open would take what is brought for the next one.
    await popup.close();
  });

  test('its time over while the popup stands open, it is promised no more, and waits for Run', async () => {
    const before = (await snapshotOf(options)).calls.length;
    await options.bringToFront();
    await lock(options);
    await site.bringToFront();
    await (await clickMenu(stage, EXPLAIN, 'The tide turned at noon')).close();
    // Ten seconds are left.
    await options.evaluate(`chrome.storage.session.get('cards').then(({ cards }) => chrome.storage.session.set(
      { cards: cards.map(card => ({ ...card, at: Date.now() - 110_000 })) }))`);
    const popup = await stage.chromium.page(POPUP);
    const promised = popup.getByText('Unlocked within two minutes, this goes on by itself:');
    await promised.waitFor();
    await promised.waitFor({ state: 'detached' });
    await unlock(popup, PASSPHRASE);
    const waits = popup.getByRole('region', { name: 'This waits for you:' });
    await button(waits, 'Discard').click();
    await waits.waitFor({ state: 'detached' });
    expect((await snapshotOf(options)).calls).toHaveLength(before);
    await popup.close();
  });

  test('a text that was brought outlasts a locked popup that is closed, and is in the next one unlocked', async () => {
    await options.bringToFront();
    await lock(options);
    await options.evaluate(
      `chrome.storage.session.set({ offered: { text: 'The ebb begins', site: '${SITE}' } })`,
    );
    const locked = await stage.chromium.openPopup();
    await locked.getByLabel('Passphrase', { exact: true }).waitFor();
    await locked.close();
    await unlock(options, PASSPHRASE);
    await button(options, 'Add key').waitFor();
    const popup = await stage.chromium.openPopup();
    await expect
      .poll(() => popup.getByLabel('Prompt', { exact: true }).inputValue())
      .toContain('The ebb begins');
    await popup.close();
  });

  test('a text that was brought is in the popup that is unlocked', async () => {
    await options.bringToFront();
    await lock(options);
    await options.evaluate(`chrome.storage.session.set({ offered: { text: 'The flood returns' } })`);
    const popup = await stage.chromium.page(POPUP);
    await unlock(popup, PASSPHRASE);
    await expect
      .poll(() => popup.getByLabel('Prompt', { exact: true }).inputValue(), { timeout: 10_000 })
      .toContain('The flood returns');
    await popup.close();
  });

  test('unlocked elsewhere, it waits for Run, and is let go by Discard', async () => {
    const wait = async () => {
      await options.bringToFront();
      await lock(options);
      await site.bringToFront();
      await clickMenu(stage, EXPLAIN, 'The tide turned at noon');
      await options.bringToFront();
      await unlock(options, PASSPHRASE);
      await button(options, 'Add key').waitFor();
      expect((await snapshotOf(options)).waiting).toHaveLength(1);
      return stage.chromium.page(POPUP);
    };
    const before = (await snapshotOf(options)).calls.length;
    let popup = await wait();
    let waits = popup.getByRole('region', { name: 'This waits for you:' });
    await waits.getByText('Explain: The tide turned at noon').waitFor();
    await button(waits, 'Discard').click();
    await waits.waitFor({ state: 'detached' });
    expect((await snapshotOf(options)).calls).toHaveLength(before);
    await popup.close();

    popup = await wait();
    waits = popup.getByRole('region', { name: 'This waits for you:' });
    await button(waits, 'Run').click();
    await waits.waitFor({ state: 'detached' });
    await expect.poll(async () => (await snapshotOf(options)).calls.length).toBe(before + 1);
    await result(popup).locator('.answer').waitFor({ timeout: 20_000 });
    await popup.close();
  });

  test('a call that is brought is the one that is shown', async () => {
    const { keys } = await snapshotOf(options);
    const key = keys[0]?.id ?? '';
    const wanted = await startCall(options, key, 'text', { prompt: 'The wanted one' });
    await done(options, wanted);
    await done(options, await startCall(options, key, 'text', { prompt: 'A later one' }));
    await options.evaluate(`chrome.storage.session.set({ offered: { call: '${wanted}' } })`);
    const popup = await stage.chromium.page(POPUP);
    const recent = popup.getByRole('region', { name: 'Recent' });
    // The latest call shows until what was brought is there.
    await recent.getByText('A later one').waitFor();
    expect(await recent.innerText()).not.toContain('The wanted one');
    await result(popup).locator('.answer').waitFor();
    await popup.close();
  });

  test('a bubble that is not wanted is not offered again by that popup', async () => {
    await options.evaluate(`chrome.storage.session.set({ offered: { offer: '${SITE}' } })`);
    const popup = await stage.chromium.page(POPUP);
    const offer = popup.getByText('Show Runkey beside text you select on docs.example?');
    await offer.waitFor();
    await button(popup, 'Not now').click();
    await offer.waitFor({ state: 'detached' });
    await popup.reload();
    await button(popup, 'Run').waitFor();
    expect(await offer.count()).toBe(0);
    expect((await settingsIn(options)).sites).toEqual([]);
    await popup.close();
  });

  test('a page of ours that is open already turns to the form of a new key when a secret is brought', async () => {
    await options.bringToFront();
    await goTo(options, 'History');
    await select(site, SECRET);
    await askWith(stage, SECRET);
    // Every page that is driven believes that it is looked at all the time: that it is come back to is said by hand.
    await expect
      .poll(async () => {
        await options.evaluate(() => dispatchEvent(new Event('focus')));
        return options.evaluate(() => location.hash);
      })
      .toBe('#keys');
    await filledIn(options);
    await button(options, 'Cancel').click();
  });

  test('a secret that was selected opens the page with the form of a new key filled in, and nothing saved', async () => {
    await select(site, SECRET);
    await options.close();
    const opening = stage.chromium.context.waitForEvent('page');
    await askWith(stage, SECRET);
    options = await opening;
    await filledIn(options);
    expect((await snapshotOf(options)).keys).toHaveLength(1);
    await button(options, 'Cancel').click();
    await options.reload();
    await button(options, 'Add key').waitFor();
    expect(await options.getByLabel('Paste anything').count()).toBe(0);
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme every face passes axe:', theme => {
  let stage: Stage & Others;
  let options: Page;
  beforeAll(async () => {
    await mkdir(PICTURES, { recursive: true });
    stage = await setWholeStage({
      permitted: ['docs.example', 'news.example'],
      chromium: { colorScheme: theme },
    });
    options = await stage.chromium.page(OPTIONS);
    // Not of every page: a popup of the toolbar does not take it.
    await options.setViewportSize({ width: 900, height: 700 });
    await createVault(options, PASSPHRASE);
    await addRunwareKey(options, 'Work', demoKey);
  }, 60_000);
  afterAll(() => stage.close());

  test('the notice in Keys', async () => {
    await button(options, 'Choose where').waitFor();
    await look(options, `${theme}-options-selection-notice`);
  });

  test('the prompts, a form with faults, and a file', async () => {
    await goTo(options, 'Prompts');
    await lineOf(options, 'Upscale').waitFor();
    await button(lineOf(options, 'Explain'), 'Delete').click();
    await button(lineOf(options, 'Translate'), 'Edit').click();
    await options.getByText('More options').click();
    await button(options, 'Add prompt').click();
    await options.getByLabel('Template').first().fill('Hello');
    await button(options, 'Save prompt').first().click();
    await options.getByText('Name is empty.').waitFor();
    await look(options, `${theme}-options-prompts`);
    await options.reload();
    await button(options, 'Add from a file').click();
    const file = {
      format: 'runkey-prompts',
      version: 1,
      prompts: [
        { ...shippedPrompts[2], id: undefined, values: { maxTokens: '300' }, note: 'For the impatient' },
        { ...shippedPrompts[3], id: undefined, service: 'oracle' },
      ],
    };
    await options.getByLabel('File of prompts').setInputFiles({
      name: 'prompts.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(file)),
    });
    await button(options, 'Add one prompt').waitFor();
    await look(options, `${theme}-options-prompts-file`);
  });

  test('the selection', async () => {
    await goTo(options, 'Selection');
    await options.getByRole('radio', { name: 'Off' }).waitFor();
    await look(options, `${theme}-options-selection-off`);
    await options.getByRole('radio', { name: 'On these sites' }).click();
    for (const site of ['docs.example', 'news.example']) {
      await options.getByLabel('Site', { exact: true }).fill(site);
      await button(options, 'Add').click();
      await options.getByText(`The bubble is on ${site} now.`).waitFor();
    }
    const selection = { ...(await settingsIn(options)), not: ['https://old.example'] };
    await askFrom(options, 'settings.setSelection', { selection });
    await options.reload();
    await options.getByText('old.example').waitFor();
    await look(options, `${theme}-options-selection`);
  });

  test('the popup, which waits and offers', async () => {
    const site = await openSite(stage, SITE);
    await select(site, 'The tide turned at noon');
    await options.bringToFront();
    await lock(options);
    await site.bringToFront();
    await clickMenu(stage, EXPLAIN, 'The tide turned at noon');
    let popup = await stage.chromium.page(POPUP);
    await popup.setViewportSize({ width: 376, height: 600 });
    await popup.getByText('The tide turned at noon').waitFor();
    await look(popup, `${theme}-popup-waiting`);
    await options.bringToFront();
    await unlock(options, PASSPHRASE);
    // One that is open would take the offer before another is loaded.
    await button(popup, 'Discard').waitFor();
    await popup.close();
    await options.evaluate(`chrome.storage.session.set({ offered: { offer: '${SITE}' } })`);
    popup = await stage.chromium.page(POPUP);
    await popup.setViewportSize({ width: 376, height: 600 });
    await button(popup, 'Show it there').waitFor();
    await button(popup, 'Discard').waitFor();
    await look(popup, `${theme}-popup-waited`);
  });
});
