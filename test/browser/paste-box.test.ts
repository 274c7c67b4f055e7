import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createVault, OPTIONS, type Stage, setStage } from './stage';

const PASSPHRASE = 'plum anchor violin north';
const KEY = 'Qz7hT4mWc9Xr2LbN5vKd8PfG';
const STAGING_KEY = 'Yx3sB6nRj1Ek4MwV7uCp9TgZ';
const OPENAI_KEY = 'sk-proj-4Hj7Kq2Wn9Zb5Xc8Vm3L';
const OTHER_VALUE = 'tr0ub4dor-and-three-more';

let stage: Stage;
let options: Page;

beforeAll(async () => {
  stage = await setStage({ chromium: { permissions: ['clipboard-read', 'clipboard-write'] } });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
});
afterAll(() => stage.close());
beforeEach(() => button('Add key').click());
afterEach(async () => {
  const cancel = button('Cancel');
  if (await cancel.count()) await cancel.click();
});

const button = (name: string) => options.getByRole('button', { name, exact: true });
const box = () => options.getByLabel('Paste anything');
const apiKey = () => options.getByLabel('API key', { exact: true });

/** Pastes from the clipboard, as a person would. */
async function paste(text: string): Promise<void> {
  await options.evaluate(it => navigator.clipboard.writeText(it), text);
  await box().focus();
  await options.keyboard.press('Control+V');
  await expect.poll(() => box().inputValue()).toBe('');
}

/** Everything that can be seen or read on the page but the values of password fields. */
const readable = () =>
  options.evaluate(() => {
    const open = [
      ...document.querySelectorAll<HTMLInputElement>('input:not([type=password]), textarea, select'),
    ];
    return document.documentElement.outerHTML + JSON.stringify(open.map(({ value }) => value));
  });

async function nothingOf(...secrets: string[]): Promise<void> {
  const all = await readable();
  for (const secret of secrets) expect(all.toLowerCase()).not.toContain(secret.toLowerCase());
}

const labels = () => options.getByRole('listitem').getByRole('heading').allInnerTexts();

test('a bare key that is pasted fills the form, and leaves the box', async () => {
  await paste(`  ${KEY}\n`);
  await options.getByText('The form was filled in from line 1.').waitFor();
  expect(await apiKey().inputValue()).toBe(KEY);
  await nothingOf(KEY);
});

test('one that is typed is read when the person leaves the box, not letter by letter', async () => {
  await box().focus();
  await options.keyboard.type(KEY);
  expect(await box().inputValue()).toBe(KEY);
  expect(await apiKey().inputValue()).toBe('');
  await options.keyboard.press('Tab');
  await expect.poll(() => apiKey().inputValue()).toBe(KEY);
  expect(await box().inputValue()).toBe('');
  await nothingOf(KEY);
});

test('what was typed before stays, but for the field that the paste has a value for', async () => {
  await options.getByLabel('Label').fill('Studio');
  await apiKey().fill('typed-by-mistake');
  await options.getByText('Environment, date and notes').click();
  await options.getByLabel('Notes').fill('Billed to the studio');
  await options.getByLabel('Replace by').fill('2031-05-06');
  await paste(`RUNWARE_API_KEY_STAGING=${KEY}`);
  await options.getByText('The form was filled in').waitFor();
  expect(await apiKey().inputValue()).toBe(KEY);
  expect(await options.getByLabel('Label').inputValue()).toBe('Studio');
  expect(await options.getByLabel('Notes').inputValue()).toBe('Billed to the studio');
  expect(await options.getByLabel('Replace by').inputValue()).toBe('2031-05-06');
  expect(await options.getByLabel('Environment').inputValue()).toBe('staging');
  await button('Cancel').press('Enter');
  await expect.poll(() => options.evaluate(() => document.activeElement?.textContent)).toBe('Add key');
  await nothingOf(KEY);
});

test('a fault goes when a paste mends it', async () => {
  await button('Save key').click();
  await options.getByText('API key is empty.').waitFor();
  await paste(KEY);
  await options.getByText('API key is empty.').waitFor({ state: 'detached' });
});

test('a .env with two keys: one button adds both, and what is foreign is named and never shown', async () => {
  await paste(
    [
      '# production',
      `RUNWARE_API_KEY=${KEY}`,
      `export RUNWARE_API_KEY_STAGING="${STAGING_KEY}"`,
      `OPENAI_API_KEY=${OPENAI_KEY}`,
      `DATABASE_PASSWORD=${OTHER_VALUE}`,
    ].join('\n'),
  );
  await options.getByText('2 keys found').waitFor();
  // The form waits, for it would hold one key only.
  for (const field of ['Service', 'Label', 'API key'])
    expect(await options.getByLabel(field).count()).toBe(0);
  expect(await button('Save key').count()).toBe(0);
  const said = await options.locator('form').innerText();
  expect(said).toContain('line 4, OPENAI_API_KEY: an OpenAI API key, and Runkey has no such service.');
  expect(said).toContain('line 5, DATABASE_PASSWORD: belongs to no service that Runkey knows.');
  await nothingOf(KEY, STAGING_KEY, OPENAI_KEY, OTHER_VALUE);
  await button('Add 2 keys').click();
  await options.getByText('2 keys were saved.').waitFor();
  await expect.poll(labels).toHaveLength(2);
  await options.getByText('Staging', { exact: true }).waitFor();
  await nothingOf(KEY, STAGING_KEY, OPENAI_KEY, OTHER_VALUE);
});

test('what is pasted next takes the place of what was found before', async () => {
  await paste(`RUNWARE_API_KEY=${KEY}\nRUNWARE_API_KEY_STAGING=${STAGING_KEY}`);
  await options.getByText('2 keys found').waitFor();
  await paste(`RUNWARE_API_KEY_TEST=${KEY}\nRUNWARE_API_KEY_STAGING=${STAGING_KEY}\nRUNWARE_API_KEY=${KEY}x`);
  await button('Add 3 keys').waitFor();
  await paste(`RUNWARE_API_KEY=${KEY}\nDATABASE_PASSWORD=${OTHER_VALUE}`);
  await options.getByText('The form was filled in from line 1, RUNWARE_API_KEY.').waitFor();
  await options.getByText('line 2, DATABASE_PASSWORD: belongs to no service that Runkey knows.').waitFor();
  expect(await button('Add 3 keys').count()).toBe(0);
  await nothingOf(KEY, STAGING_KEY, OTHER_VALUE);
});

test('one of several can be left out, and the rest is added', async () => {
  const before = (await labels()).length;
  await paste(`RUNWARE_API_KEY=${KEY}\nRUNWARE_API_KEY_STAGING=${STAGING_KEY}`);
  await button('Leave out').first().click();
  await button('Add one key').click();
  await expect.poll(labels).toHaveLength(before + 1);
  await nothingOf(KEY, STAGING_KEY);
});

test('when all of several are left out, the form is back with what was typed', async () => {
  await options.getByLabel('Label').fill('Studio');
  await paste(`RUNWARE_API_KEY=${KEY}\nRUNWARE_API_KEY_STAGING=${STAGING_KEY}`);
  await button('Leave out').first().click();
  await button('Leave out').click();
  expect(await options.getByLabel('Label').inputValue()).toBe('Studio');
  expect(await apiKey().inputValue()).toBe('');
  await nothingOf(KEY, STAGING_KEY);
});

test.each([
  ['JSON', JSON.stringify({ services: { runware: { apiKey: KEY } } }, null, 2)],
  [
    'a curl command',
    `curl -X POST https://api.runware.ai/v1 \\\n  -H "Authorization: Bearer ${KEY}" \\\n  -H 'Content-Type: application/json' -d '[{"taskType":"imageInference"}]'`,
  ],
  ['a PowerShell variable', `$env:RUNWARE_API_KEY = "${KEY}"`],
])('%s fills the form', async (_what, text) => {
  await paste(text);
  await expect.poll(() => apiKey().inputValue()).toBe(KEY);
  await nothingOf(KEY);
});

test('the address of an endpoint is named, and said to have no field, for a service without one', async () => {
  await paste('https://api.runware.ai/v1/hidden-path-0123456789');
  await options.getByText('line 1: is an address, and a key of Runware has no field for one.').waitFor();
  expect(await apiKey().inputValue()).toBe('');
  await nothingOf('hidden-path-0123456789');
});

test.each([
  [
    'a key of a service that Runkey does not have',
    OPENAI_KEY,
    'an OpenAI API key, and Runkey has no such service.',
  ],
  [
    'a placeholder',
    'RUNWARE_API_KEY=your-api-key-here',
    'is a placeholder: paste the key itself in its place.',
  ],
])('%s is not taken, and the reason is told', async (_what, text, why) => {
  await paste(text);
  await options.getByText(why).waitFor();
  expect(await apiKey().inputValue()).toBe('');
  await nothingOf(text);
});

test('a form filled by paste saves a key that has what was pasted', async () => {
  const before = (await labels()).length;
  await paste(`RUNWARE_API_KEY=${KEY}`);
  await options.getByText('The form was filled in').waitFor();
  await button('Save key').click();
  await expect.poll(labels).toHaveLength(before + 1);
  const card = options.getByRole('listitem').last();
  await card.getByRole('button', { name: 'Reveal' }).click();
  await card.getByLabel('Passphrase').fill(PASSPHRASE);
  await card.getByRole('button', { name: 'Show it' }).click();
  await card.getByText(KEY, { exact: true }).waitFor();
  await card.getByRole('button', { name: 'Hide' }).click();
  await nothingOf(KEY);
});

test('no pasted value reached a console or a request', () => {
  const { consoleLines, requests } = stage.chromium;
  const seen = JSON.stringify([consoleLines, requests]);
  for (const secret of [KEY, STAGING_KEY, OPENAI_KEY, OTHER_VALUE]) expect(seen).not.toContain(secret);
  expect(requests.length).toBeGreaterThan(0);
});
