import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackedUpKey, writeBackup } from '../../src/vault/backup';
import { demoKey } from '../emulators/runware/index';
import { createVault, goTo, OPTIONS, type Stage, setStage } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const MANY = 1_000;
/** Cards that are drawn at once. */
const FIRST = 20;
const DAY = 86_400_000;

/** A day as a form has it, so many days from today. */
function inDays(days: number): string {
  const date = new Date(Date.now() + days * DAY);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map(part => `${part}`.padStart(2, '0'))
    .join('-');
}
const shown = (day: string) =>
  new Intl.DateTimeFormat('en-US', { dateStyle: 'medium' }).format(new Date(`${day}T00:00`));

/** What is noted of the keys that the tests look for; all the others have a label only. */
const special: Record<number, Partial<BackedUpKey>> = {
  7: { label: 'Aardvark', environment: 'production' },
  300: { label: 'Zebra', environment: 'staging', notes: 'Billed to the Observatory' },
  500: { label: 'Overdue', rotateBy: inDays(-40) },
  600: { label: 'Soon due', rotateBy: inDays(10) },
  700: { label: 'Later due', rotateBy: inDays(60) },
};

const keys = Array.from(
  { length: MANY },
  (_, at): BackedUpKey => ({
    id: crypto.randomUUID(),
    service: 'runware',
    label: `Key ${at}`,
    fields: {},
    secrets: { apiKey: at === 7 ? demoKey : `secret-of-key-${at}` },
    origins: ['wss://ws-api.runware.ai', 'https://api.runware.ai'],
    created: 1_700_000_000_000 + at,
    changed: 1_700_000_000_000 + at,
    edited: 1_700_000_000_000 + at,
    ...special[at],
  }),
);

let stage: Stage;
let options: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runkey-many-'));
  const file = join(folder, 'many.age');
  const made = new Date().toISOString();
  await writeFile(file, await writeBackup({ runkey: 'backup', version: 1, made, keys }, PASSPHRASE, 10));
  stage = await setStage({ chromium: { locale: 'en-US', viewport: { width: 900, height: 700 } } });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await goTo(options, 'Security');
  await button('Restore').click();
  await options.getByLabel('Backup file').setInputFiles(file);
  await options.getByLabel('Backup passphrase').fill(PASSPHRASE);
  await button('Look inside').click();
  await button('Merge').click({ timeout: 30_000 });
  await options.getByText('The backup was restored.').waitFor({ timeout: 30_000 });
  await goTo(options, 'Keys');
  await button('Not now').click();
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

const button = (name: string) => options.getByRole('button', { name, exact: true });
const cards = () => options.locator('main ul > li.card');
const card = (label: string) =>
  cards().filter({ has: options.getByRole('heading', { name: label, exact: true }) });
const labels = () => cards().getByRole('heading').allTextContents();
const search = (text: string) => options.getByLabel('Search keys').fill(text);
const sortBy = (label: string) => options.getByLabel('Sort by').selectOption({ label });

test('a thousand keys: the first are drawn, and as many more when asked for', async () => {
  await expect.poll(() => cards().count()).toBe(FIRST);
  await button(`Show ${FIRST} more of ${MANY}`).click();
  await expect.poll(() => cards().count()).toBe(2 * FIRST);
  expect((await labels()).at(-1)).toBe(`Key ${2 * FIRST - 1}`);
});

describe('search', () => {
  test.each([
    ['a label', 'zebra', ['Zebra']],
    ['an environment', 'staging', ['Zebra']],
    ['notes', 'observatory billed', ['Zebra']],
    ['words of a label in any order', '999 key', ['Key 999']],
  ])('finds by %s', async (_by, text, found) => {
    await search(text);
    await expect.poll(labels).toEqual(found);
    await options.getByText('One found', { exact: true }).waitFor();
  });

  test('finds by service, says how many, and begins at the first again', async () => {
    await search('RUNWARE');
    await options.getByText('1000 found', { exact: true }).waitFor();
    expect(await cards().count()).toBe(FIRST);
  });

  test('says that nothing was found', async () => {
    await search('no such key anywhere');
    await options.getByText('0 found', { exact: true }).waitFor();
    expect(await cards().count()).toBe(0);
  });

  test('takes no card away in which something is open, nor what was typed there', async () => {
    await search('');
    await button(`Show ${FIRST} more of ${MANY}`).click();
    await card('Key 30').getByRole('button', { name: 'Edit' }).click();
    await options.getByLabel('Label').fill('Half of a new na');
    await card('Key 3').getByRole('button', { name: 'Replace' }).click();
    await options.getByLabel('New API key').fill('half-of-a-key');
    await search('zebra');
    await options.getByText('One found', { exact: true }).waitFor();
    await expect.poll(labels).toEqual(['Key 3', 'Edit “Key 30”', 'Zebra']);
    expect(await options.getByLabel('Label').inputValue()).toBe('Half of a new na');
    expect(await options.getByLabel('New API key').inputValue()).toBe('half-of-a-key');
    for (const _ of ['replace', 'edit']) await button('Cancel').first().click();
    await expect.poll(labels).toEqual(['Zebra']);
  });

  test('keeps a card that is saved under another name, to say so, until something else is searched for', async () => {
    await search('Key 999');
    await card('Key 999').getByRole('button', { name: 'Edit' }).click();
    await options.getByLabel('Label').fill('Renamed');
    await button('Save key').press('Enter');
    await card('Renamed').getByText('“Renamed” was saved.').waitFor();
    await options.getByText('0 found', { exact: true }).waitFor();
    expect(await labels()).toEqual(['Renamed']);
    await search('Key 998');
    await expect.poll(labels).toEqual(['Key 998']);
  });

  test('never looks at a secret', async () => {
    await search('secret-of-key');
    await options.getByText('0 found', { exact: true }).waitFor();
    await search('');
    await expect.poll(() => cards().count()).toBe(FIRST);
  });
});

describe('a new key', () => {
  const add = async (label: string) => {
    await button('Add key').click();
    await options.getByLabel('Label', { exact: true }).fill(label);
    await options.getByLabel('API key', { exact: true }).fill(`secret-of-${label}`);
    await button('Save key').click();
    await options.getByText(`“${label}” was saved.`).waitFor();
  };
  const remove = async (label: string) => {
    await search(label);
    await card(label).getByRole('button', { name: 'Delete' }).press('Enter');
    await button('Yes, delete').press('Enter');
    await expect.poll(labels).toEqual([]);
  };

  test('is in the list, however many are not', async () => {
    await search('');
    await expect.poll(() => cards().count()).toBe(FIRST);
    await add('Newcomer');
    await expect.poll(async () => (await labels()).at(-1)).toBe('Newcomer');
    await remove('Newcomer');
  });

  test('is in the list that a search has left, until something else is searched for', async () => {
    await search('Key 99');
    await options.getByText('18 found', { exact: true }).waitFor();
    await add('Latecomer');
    await expect.poll(async () => (await labels()).at(-1)).toBe('Latecomer');
    await remove('Latecomer');
  });

  test('that is the first one more than are drawn leaves none to be asked for', async () => {
    await search('Key 51');
    await options.getByText(`${FIRST} found`, { exact: true }).waitFor();
    await add('Again-Key-51');
    await options.getByText(`${FIRST + 1} found`, { exact: true }).waitFor();
    expect((await labels()).at(-1)).toBe('Again-Key-51');
    expect(await options.getByRole('button', { name: /^Show/ }).count()).toBe(0);
    await remove('Again-Key-51');
    await search('');
  });
});

describe('sorting', () => {
  test('by label, numbers by their size', async () => {
    await sortBy('Label');
    await expect.poll(labels).toHaveLength(FIRST);
    expect((await labels()).slice(0, 4)).toEqual(['Aardvark', 'Key 0', 'Key 1', 'Key 2']);
  });

  test('by label, which moves a card that is renamed and leaves the keyboard there', async () => {
    await sortBy('Label');
    await card('Key 1').getByRole('button', { name: 'Edit' }).click();
    await options.getByLabel('Label').fill('Key 4 and more');
    await button('Save key').press('Enter');
    await expect.poll(async () => (await labels()).slice(4, 7)).toEqual(['Key 4', 'Key 4 and more', 'Key 5']);
    const edit = card('Key 4 and more').getByRole('button', { name: 'Edit' });
    await expect.poll(() => edit.evaluate(it => it === document.activeElement)).toBe(true);
  });

  test('by the day to replace them, the soonest first and those without one last', async () => {
    await sortBy('Replace by');
    await expect
      .poll(async () => (await labels()).slice(0, 4))
      .toEqual(['Overdue', 'Soon due', 'Later due', 'Key 0']);
  });

  test('by last use, which moves a card that is tested and leaves the keyboard there', async () => {
    await sortBy('Last used');
    await card('Aardvark').getByRole('button', { name: 'Test' }).press('Enter');
    await card('Aardvark').getByText('Works', { exact: true }).waitFor();
    await expect.poll(async () => (await labels())[0], { timeout: 10_000 }).toBe('Aardvark');
    const here = card('Aardvark').getByRole('button', { name: 'Test' });
    expect(await here.evaluate(it => it === document.activeElement)).toBe(true);
    expect(await card('Aardvark').innerText()).toMatch(/last used today · last verified today/);
    await sortBy('Added');
    await expect.poll(async () => (await labels())[0]).toBe('Key 0');
  });
});

describe('a card', () => {
  test.each([
    ['Aardvark', 'Production'],
    ['Zebra', 'Staging'],
  ])('shows the environment of %s as a tag', async (label, tag) => {
    await search(label);
    await card(label).locator('.tag', { hasText: tag }).waitFor();
  });

  test.each([
    ['Overdue', `Was to be replaced by ${shown(inDays(-40))}`],
    ['Soon due', `Replace by ${shown(inDays(10))}`],
  ])('reminds of the day of %s', async (label, words) => {
    await search(label);
    await card(label).locator('.tag.due', { hasText: words }).waitFor();
  });

  test('is quiet about a day that is two months off', async () => {
    await search('Later due');
    await card('Later due')
      .getByText(`replace by ${shown(inDays(60))}`, { exact: true })
      .waitFor();
    expect(await card('Later due').locator('.tag.due').count()).toBe(0);
  });
});

test('on a narrow screen the name of the page has room above it, and Lock is beside it', async () => {
  const boxOf = async (what: Locator) => (await what.boundingBox()) ?? { y: 0, height: 0 };
  await options.setViewportSize({ width: 360, height: 700 });
  const name = await boxOf(options.getByRole('heading', { name: 'Runkey' }));
  const lock = await boxOf(button('Lock'));
  const sections = await boxOf(options.getByRole('navigation'));
  await options.setViewportSize({ width: 900, height: 700 });
  expect(Math.min(name.y, lock.y)).toBeGreaterThanOrEqual(8);
  expect(Math.max(name.y + name.height, lock.y + lock.height)).toBeLessThanOrEqual(sections.y);
});

test('the keyboard alone reaches search, sorting, every card and what can be done with it, and what is below', async () => {
  await search('');
  await options.reload();
  await button('Add key').waitFor();
  await expect.poll(() => cards().count()).toBe(FIRST);
  await button('Add key').focus();
  const { keyboard } = options;
  const here = () =>
    options.evaluate(() => {
      const it = document.activeElement;
      const label = it instanceof HTMLInputElement || it instanceof HTMLSelectElement ? it.labels?.[0] : it;
      return label?.textContent?.trim();
    });
  const reached: (string | undefined)[] = [];
  // Six buttons a card, and what is above and below.
  for (let step = 0; step < 6 * FIRST + 3; step += 1) {
    await keyboard.press('Tab');
    reached.push(await here());
  }
  const actions = ['Test', 'Edit', 'Replace', 'Reveal', 'Where it has been', 'Delete'];
  expect(reached).toEqual([
    'Search keys',
    'Sort by',
    ...Array(FIRST).fill(actions).flat(),
    `Show ${FIRST} more of ${MANY}`,
  ]);
  await keyboard.press('Enter');
  await expect.poll(() => cards().count()).toBe(2 * FIRST);

  await options.getByLabel('Search keys').focus();
  await keyboard.type('Zebra');
  await expect.poll(labels).toEqual(['Zebra']);
  for (const _ of ['sort', 'test', 'edit', 'replace', 'reveal']) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await options.getByLabel('Passphrase').waitFor();
  await keyboard.type(PASSPHRASE);
  await keyboard.press('Enter');
  await options.getByText('secret-of-key-300', { exact: true }).waitFor();
  for (let step = 0; step < 5 && (await here()) !== 'Hide'; step += 1) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await options.getByText('secret-of-key-300', { exact: true }).waitFor({ state: 'detached' });
  await expect.poll(here).toBe('Reveal');
});
