import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Values } from '../../src/services/fields';
import {
  demoEmail,
  demoPassword,
  demoToken,
  suspendedPassword,
  useapiHosts,
  wrongPassword,
} from '../emulators/useapi/index';
import { defaultSwitches } from '../emulators/useapi/options';
import { done, snapshotOf } from './drive/calls';
import { launchChromium } from './drive/chromium';
import { searchForLeaks } from './drive/leaks';
import { startTask } from './drive/popup';
import type { Others } from './emulate';
import {
  addKey,
  alertIn,
  askFrom,
  createVault,
  distOf,
  lock,
  OPTIONS,
  result,
  type Stage,
  setWholeStage,
  unlock,
} from './stage';

// Polling is by alarms and timers of ten seconds and more: the emulator's tasks end before the first question.
vi.setConfig({ testTimeout: 90_000 });
const TWO = 'user:77-TwoAccounts0123456789';
const LONG = { timeout: 40_000 };
const PASSPHRASE = 'plum anchor violin north';
/** One that the vault keeps. */
const KEPT = `fig ${randomBytes(24).toString('base64url')} drum`;

let stage: Stage & Others;
let profileDir: string;
let options: Page;
let popup: Page;

beforeAll(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'runkey-runway-'));
  stage = await setWholeStage({
    chromium: { profileDir },
    useapi: {
      tokens: {
        [demoToken]: { label: 'demo', accounts: { [demoEmail]: { password: demoPassword } } },
        [TWO]: { accounts: { 'ada@example.com': { maxJobs: 1 }, 'bob@example.com': { maxJobs: 2 } } },
      },
    },
  });
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addKey(options, 'runway', 'Films', { apiToken: demoToken });
}, 60_000);
afterAll(() => rm(profileDir, { recursive: true, force: true }));
afterEach(() => {
  stage.useapi.faults.clear();
  Object.assign(stage.useapi.switches, defaultSwitches);
});

const button = (name: string, within: Page | Locator = options) =>
  within.getByRole('button', { name, exact: true });
const card = (label: string) =>
  options.getByRole('listitem').filter({ has: options.getByRole('heading', { name: label }) });

describe('the key', () => {
  const test_ = () => button('Test', card('Films')).click();

  test('works', async () => {
    await test_();
    await card('Films').getByText('Works', { exact: true }).waitFor();
  });

  test('is rejected once it is revoked', async () => {
    stage.useapi.revoke(demoToken);
    await test_();
    await card('Films').getByText('Rejected', { exact: true }).waitFor();
    await card('Films').getByText('useapi.net rejected the API token.').waitFor();
    stage.useapi.restore(demoToken);
  });

  test('is right, but not paid for any more', async () => {
    stage.useapi.lapse(demoToken);
    await test_();
    await card('Films').getByText('The useapi.net subscription has run out.').waitFor();
    stage.useapi.renew(demoToken);
  });

  test('could not be told of', async () => {
    stage.useapi.faults.add({ kind: 'http', status: 502, body: '<html>Bad gateway</html>' });
    await test_();
    await card('Films').getByText('Could not tell', { exact: true }).waitFor();
  });
});

const section = () => card('Films').getByRole('region', { name: 'Runway accounts' });
const line = (email: string) => section().getByRole('listitem').filter({ hasText: email });
const form = (name: string) => section().getByRole('form', { name });
const keeps = (within: Locator) =>
  within.getByRole('checkbox', { name: 'Keep it in the vault', exact: true });

describe('the accounts behind the key', () => {
  test('are listed as useapi.net has them, without password and session', async () => {
    await button('Accounts', card('Films')).click();
    await line(demoEmail)
      .getByText(/jobs at once · session until/)
      .waitFor();
    await options.screenshot({ path: 'out/runway-accounts.png', fullPage: true });
    const seen = await options.content();
    expect(seen).not.toContain(demoPassword);
    expect(seen).not.toMatch(/eyJ[\w-]{10}/);
  });

  test('are added with a password that goes there once, and is not kept', async () => {
    await button('Add account', section()).click();
    const add = form('Add account');
    await add.getByLabel('Email').fill('second@example.com');
    await add.getByLabel('Password', { exact: true }).fill('another-runway-password');
    await add.getByLabel('Max jobs').fill('2');
    expect(await keeps(add).isChecked()).toBe(false);
    await button('Save account', add).click();
    await section().getByText('second@example.com was put in.').waitFor();
    await line('second@example.com').getByText('2 jobs at once').waitFor();
    expect(stage.useapi.accountsOf(demoToken)).toMatchObject([
      { email: demoEmail },
      { email: 'second@example.com', maxJobs: 2 },
    ]);
    expect(await section().getByText('password kept').count()).toBe(0);
  });

  test.each([
    ['', 'Max jobs', '11', 'Max jobs must be from 1 to 10.'],
    ['', 'Email', 'nobody', 'Email must be an e-mail address.'],
    ['', 'Password', '', 'Password is empty.'],
    ['refused by Runway', 'Password', wrongPassword, 'Runway did not take this e-mail and password.'],
    ['of a suspended one', 'Password', suspendedPassword, 'Runway has suspended this Runway account.'],
  ])('%s refuse a %s of “%s” with a sentence', async (_, label, value, sentence) => {
    await button('Add account', section()).click();
    const add = form('Add account');
    await add.getByLabel('Email').fill('third@example.com');
    await add.getByLabel('Password', { exact: true }).fill('whatever it is');
    await add.getByLabel(label, { exact: true }).fill(value);
    await button('Save account', add).click();
    await add.getByText(sentence).first().waitFor();
    await button('Cancel', add).click();
    expect(stage.useapi.accountsOf(demoToken)).toHaveLength(2);
  });

  test('in error say so, and are mended by being put in anew', async () => {
    stage.useapi.breakAccount(demoToken, 'second@example.com', 'Session refresh failed.');
    await button('Accounts', card('Films')).click();
    await button('Accounts', card('Films')).click();
    await line('second@example.com').getByText('Session refresh failed.').waitFor();
    await button('Put in anew: second@example.com', section()).click();
    const again = form('Put in anew: second@example.com');
    expect(await again.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    await again.getByLabel('Password', { exact: true }).fill('another-runway-password');
    await again.getByLabel('Max jobs').fill('1');
    await button('Save account', again).click();
    await line('second@example.com').getByText('1 job at once').waitFor();
    expect(await line('second@example.com').getByText('Session refresh failed.').count()).toBe(0);
  });

  test('are removed once that is confirmed', async () => {
    await button('Remove second@example.com', section()).click();
    await button('Yes, remove', section()).press('Enter');
    await section().getByText('second@example.com was removed.').waitFor();
    await expect.poll(() => line('second@example.com').count()).toBe(0);
    expect(stage.useapi.accountsOf(demoToken)).toHaveLength(1);
    await button('Accounts', card('Films')).click();
  });
});

describe('a password that is kept', () => {
  const anew = () => form(`Put in anew: ${demoEmail}`);
  const field = () => anew().getByLabel('Password', { exact: true });
  const open = () => button(`Put in anew: ${demoEmail}`, section()).click();
  const save = async () => {
    await button('Save account', anew()).click();
    await section().getByText(`${demoEmail} was put in.`).waitFor();
    await line(demoEmail).getByText('session until').waitFor();
  };
  /** What useapi.net was sent of the account, so far. */
  const sent = ({ requests }: Pick<Stage['chromium'], 'requests'> = stage.chromium) =>
    requests.flatMap(({ method, url, body }) =>
      method === 'POST' && url.endsWith(`/accounts/${demoEmail}`) ? [JSON.parse(body ?? '{}')] : [],
    );
  const revealed = async () => {
    await button('Reveal', card('Films')).click();
    await card('Films').getByLabel('Passphrase').fill(PASSPHRASE);
    await button('Show it', card('Films')).click();
    await card('Films').getByText(demoToken, { exact: true }).waitFor();
    const rows = await card('Films').locator('.secret').allInnerTexts();
    await button('Hide', card('Films')).click();
    return rows.map(row => row.replace(/\s+/g, ' '));
  };
  const keep = async () => {
    await open();
    expect(await keeps(anew()).isChecked()).toBe(false);
    await field().fill(KEPT);
    await keeps(anew()).check();
    await save();
    await line(demoEmail).getByText('password kept').waitFor();
  };

  test('is said to be, and told to no page', async () => {
    await options.bringToFront();
    await button('Accounts', card('Films')).click();
    await keep();
    await options.screenshot({ path: 'out/runway-kept.png', fullPage: true });
    const { keys } = await snapshotOf(options);
    const told = await askFrom<object>(options, 'accounts.list', { key: keys[0]?.id });
    expect(told).toMatchObject({ accounts: [{ email: demoEmail, kept: true }] });
    expect(JSON.stringify([told, keys])).not.toContain(KEPT);
    expect(await options.content()).not.toContain(KEPT);
  });

  test('is not asked for when the session has ended, though the background has died and the vault was locked', async () => {
    await lock(options);
    await stage.chromium.killWorker();
    await unlock(options, PASSPHRASE);
    stage.useapi.breakAccount(demoToken, demoEmail, 'Session refresh failed.');
    await button('Accounts', card('Films')).click();
    await line(demoEmail).getByText('Session refresh failed.').waitFor();
    const before = sent().length;
    await open();
    expect(await field().inputValue()).toBe('');
    await anew().getByText('Leave it empty to use the one that is kept.').waitFor();
    expect(await keeps(anew()).isChecked()).toBe(true);
    await options.screenshot({ path: 'out/runway-kept-form.png', fullPage: true });
    await save();
    expect(sent().slice(before)).toMatchObject([{ email: demoEmail, password: KEPT }]);
    expect(await line(demoEmail).getByText('Session refresh failed.').count()).toBe(0);
    await line(demoEmail).getByText('password kept').waitFor();
  });

  test('is shown by Reveal, and by nothing else', async () => {
    expect(await revealed()).toEqual([
      `API token ${demoToken} Copy`,
      `Password of ${demoEmail} ${KEPT} Copy`,
    ]);
    await button('Edit', card('Films')).click();
    expect(await options.content()).not.toContain(KEPT);
    await button('Cancel').click();
  });

  test('is used where its backup was restored, and not with another token', async () => {
    const { file } = await askFrom<{ file: string }>(options, 'vault.backUp', { passphrase: PASSPHRASE });
    const hosts = Object.fromEntries(useapiHosts.map(host => [host, stage.useapi.port]));
    const elsewhere = await launchChromium({ extensionDir: distOf('chromium'), hosts });
    onTestFinished(async () => void (await elsewhere.close()));
    const page = await elsewhere.page(OPTIONS);
    await createVault(page, 'kettle orbit maple stone');
    await askFrom(page, 'vault.restore', { file, passphrase: PASSPHRASE, mode: 'merge' });
    await button('Accounts', page).click();
    await page.getByText('password kept').waitFor();
    await button(`Put in anew: ${demoEmail}`, page).click();
    await button('Save account', page).click();
    await page.getByText(`${demoEmail} was put in.`).waitFor();
    expect(sent(elsewhere)).toMatchObject([{ password: KEPT }]);

    // With another token it would be its owner's to read.
    const [key] = (await snapshotOf(page)).keys;
    await askFrom(page, 'keys.replace', { id: key?.id, values: { apiToken: TWO }, untested: true });
    await button('Accounts', page).click();
    await button('Accounts', page).click();
    await page.getByText('the service does not have it · password kept').waitFor();
    await button(`Put in anew: ${demoEmail}`, page).click();
    await page.getByText('The key was replaced since it was kept: type it once more.').waitFor();
    await button('Save account', page).click();
    await page.getByText('Password is empty.').waitFor();
    expect(sent(elsewhere)).toHaveLength(1);
    expect([await page.content(), ...elsewhere.consoleLines].join('\n')).not.toContain(KEPT);
  });

  test('is forgotten when the account is put in without keeping it, and may be kept again', async () => {
    await button('Accounts', card('Films')).click();
    await open();
    await keeps(anew()).uncheck();
    await save();
    expect(sent().at(-1)).toMatchObject({ password: KEPT });
    await expect.poll(() => section().getByText('password kept').count()).toBe(0);
    expect(await revealed()).toEqual([`API token ${demoToken} Copy`]);
    await button('Accounts', card('Films')).click();
    await keep();
    await button('Accounts', card('Films')).click();
  });
});

/** Runs a task from the form. */
const start = (operation: string, values: Values = {}) => startTask(popup, 'runway', operation, values);

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('a task', () => {
  beforeAll(async () => {
    popup = await stage.chromium.page('src/popup/index.html');
  });

  test('that makes something is asked after until it is there, and paid for once', async () => {
    Object.assign(stage.useapi.switches, { pendingMs: 500, taskMs: 3_000 });
    await start('image', { prompt: 'A heron in the reeds' });
    await result(popup).getByText('Drawing…').waitFor();
    await popup.screenshot({ path: 'out/runway-drawing.png', fullPage: true });
    await result(popup).getByRole('link').first().waitFor(LONG);
    await popup.screenshot({ path: 'out/runway-drawn.png', fullPage: true });
    expect(stage.useapi.ledger.entries).toHaveLength(1);
  });

  test.each([
    ['video', { prompt: 'A heron takes off' }],
    ['frames', { prompt: 'Four herons' }],
  ])('%s does too', async (operation, values) => {
    const before = stage.useapi.ledger.entries.length;
    await start(operation, values);
    await result(popup).getByRole('link').first().waitFor(LONG);
    expect(stage.useapi.ledger.entries).toHaveLength(before + 1);
  });

  test('goes on when the background has died meanwhile, by an alarm', async () => {
    Object.assign(stage.useapi.switches, { pendingMs: 500, taskMs: 15_000 });
    const before = stage.useapi.ledger.entries.length;
    await start('image', { prompt: 'A heron that outlives the background' });
    await expect.poll(() => stage.useapi.ledger.entries.length).toBe(before + 1);
    await stage.chromium.killWorker();
    await expect
      .poll(() => result(popup).getByRole('link').count(), { timeout: 60_000, interval: 500 })
      .toBeGreaterThan(0);
    expect(stage.useapi.ledger.entries).toHaveLength(before + 1);
  });

  test('uploads a picture and lists it', async () => {
    await start('upload', { picture: PNG, name: 'A white dot' });
    await result(popup).getByText('A white dot').waitFor();
    await start('assets');
    await result(popup).getByText('A white dot').waitFor();
  });

  test.each([
    ['tasks', {}, /4 of 4 shown/],
    ['credits', {}, /credits/i],
    ['scheduled', {}, /./],
    ['accounts', {}, demoEmail],
    ['subscription', {}, /subscription/i],
    ['usage', {}, /./],
  ])('%s is answered', async (operation, values, words) => {
    await start(operation, values);
    await result(popup).getByText(words).first().waitFor();
    await result(popup)
      .getByText(/ · Free · /)
      .waitFor();
    await popup.screenshot({ path: `out/runway-${operation}.png`, fullPage: true });
  });

  test('shows and deletes a task; deleting can be undone for a moment', async () => {
    const { taskId } = stage.useapi.tasks[0] ?? { taskId: '' };
    await start('task', { task: taskId });
    await result(popup).getByText('SUCCEEDED').first().waitFor();
    await start('deleteTask', { task: taskId });
    await result(popup)
      .getByText(/^Sending in /)
      .waitFor();
    await button('Cancel', popup).click();
    await result(popup).getByText('Cancelled before it was sent. Nothing was charged.').waitFor();
    expect(stage.useapi.tasks.map(task => task.taskId)).toContain(taskId);
    await start('deleteTask', { task: taskId });
    await expect.poll(() => stage.useapi.tasks.map(task => task.taskId), LONG).not.toContain(taskId);
  });

  test('goes to the account with room, and waits where none has any, without being made twice', async () => {
    Object.assign(stage.useapi.switches, { taskMs: 6_000, jobsAtOnce: 3, retryAfterMs: 4_000 });
    await addKey(options, 'runway', 'Two accounts', { apiToken: TWO });
    const { keys } = await snapshotOf(options);
    const key = keys.find(({ label }) => label === 'Two accounts')?.id ?? '';
    const before = stage.useapi.ledger.entries.length;
    const values = { model: 'nano-banana', count: '1' };
    const ids = await Promise.all(
      [1, 2, 3, 4].map(
        async at =>
          (
            await askFrom<{ id: string }>(options, 'calls.start', {
              key,
              operation: 'image',
              values: { ...values, prompt: `Heron ${at}` },
            })
          ).id,
      ),
    );
    const made = () => stage.useapi.ledger.entries.slice(before);
    await expect.poll(() => made().length).toBe(3);
    expect(
      made()
        .map(({ email }) => email)
        .sort(),
    ).toEqual(['ada@example.com', 'bob@example.com', 'bob@example.com']);
    await Promise.all(ids.map(id => done(options, id, 60_000)));
    expect(made()).toHaveLength(4);
    const refused = stage.useapi.traffic.filter(
      ({ status, path }) => status === 429 && path.includes('/create'),
    );
    expect(refused.length).toBeGreaterThan(0);
  });
});

describe('what goes wrong', () => {
  test.each([
    [401, 'Unauthorized', 'useapi.net rejected the API token.'],
    [401, 'Wrong username/password combination.', 'Runway did not take this e-mail and password.'],
    [401, 'This account has been suspended.', 'Runway has suspended this Runway account.'],
    [402, 'Payment required', 'The useapi.net subscription has run out.'],
    [
      400,
      'Please configure at least one account for runwayml',
      'useapi.net has no Runway account to work with yet.',
    ],
    [403, 'Forbidden', 'This API token may not do that.'],
    [404, 'Not found.', 'useapi.net knows no such account, task or asset.'],
    [410, 'Gone', 'This task has expired: useapi.net keeps them for seven days.'],
    [412, 'Not enough credits', 'The Runway account has not enough credits for this.'],
    [422, 'Moderated', 'Runway’s moderation refused this.'],
    [429, 'Too many requests', 'useapi.net takes no more requests just now.'],
    [596, 'Session refresh failed', 'useapi.net can no longer sign in to the Runway account.'],
  ])('%i “%s” has a sentence of its own', async (status, error, sentence) => {
    stage.useapi.faults.add({ kind: 'http', status, body: { error, code: status }, times: 5 });
    await start('credits');
    await alertIn(popup).getByText(sentence).waitFor();
    await alertIn(popup).getByText(`${status}`).first().waitFor();
  });

  test('a create that was dropped on its way is looked for, and not made again', async () => {
    const before = stage.useapi.ledger.entries.length;
    stage.useapi.faults.add({ kind: 'drop', at: 'accepted', when: ({ path }) => path.includes('/create') });
    await start('image', { prompt: 'A heron on a bad line' });
    await result(popup).getByRole('link').first().waitFor(LONG);
    // Ours: a request that finds no answer on a connection used before, the browser itself may send anew (PROTOCOL.md).
    const ours = stage.chromium.requests.filter(({ body }) => body?.includes('A heron on a bad line'));
    expect(ours).toHaveLength(1);
    expect(stage.useapi.ledger.entries.length).toBeGreaterThan(before);
  });

  test('sends no secret anywhere else', async () => {
    expect(stage.useapi.secrets.sightings.length).toBeGreaterThan(0);
    expect(stage.useapi.secrets.strays).toEqual([]);
    const seen = [await popup.content(), await options.content(), ...stage.chromium.consoleLines].join('\n');
    for (const secret of [demoToken, TWO, demoPassword, KEPT, 'another-runway-password'])
      expect(seen).not.toContain(secret);
  });
});

test('nothing of a token, a password or a session is in the profile on disk', async () => {
  await stage.close();
  const passwords = [demoPassword, KEPT, 'another-runway-password', wrongPassword];
  const search = searchForLeaks([demoToken, TWO, ...passwords]);
  expect(await search.folder(profileDir)).toEqual([]);
  // Of the session that a list of accounts brings along: the beginning of every JWT.
  expect(await searchForLeaks(['eyJhbGciOi']).folder(profileDir)).toEqual([]);
  // The search finds what is there.
  expect(
    (await searchForLeaks(['Local Extension Settings', 'MANIFEST-000001']).folder(profileDir)).length,
  ).toBeGreaterThan(0);
});
