import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Bytes, textOf, utf8 } from '../../src/bytes';
import { lockWithPassphrase } from '../../src/vault/age-file';
import type { BackedUpKey, Backup } from '../../src/vault/backup';
import { ageDecrypt, ageEncrypt } from '../age';
import { demoKey } from '../emulators/runware/index';
import { flipBits } from './drive/database';
import {
  addRunwareKey,
  alertIn,
  createVault,
  goTo,
  lock,
  OPTIONS,
  type Stage,
  setStage,
  unlock,
} from './stage';

// A backup takes its time, by design, and a busy machine a multiple of it.
vi.setConfig({ testTimeout: 120_000 });

const PASSPHRASE = 'plum anchor violin north';
const OTHER = 'kettle orbit maple stone';
/** log2 of scrypt's N: enough to be read, and quick. */
const QUICK = 10;

let stage: Stage;
let options: Page;
beforeAll(async () => {
  stage = await setStage();
  stage.chromium.context.setDefaultTimeout(30_000);
  options = await stage.chromium.page(OPTIONS);
  await createVault(options, PASSPHRASE);
  await addRunwareKey(options, 'Work', demoKey);
  await addRunwareKey(options, 'Studio', 'studio-key-0123456789');
  await addRunwareKey(options, 'Old', 'old-key-0123456789');
});
afterAll(() => stage.close());

const form = (name: string) => options.getByRole('form', { name });
const says = () => expect.poll(() => alertIn(options).innerText(), { timeout: 30_000 });
const security = (name: string) => options.getByRole('button', { name, exact: true });

/** Saves a backup to the downloads, and gives the file. */
async function backUp(passphrase: string): Promise<{ name: string; file: Bytes }> {
  await goTo(options, 'Security');
  if (!(await form('Back up').isVisible())) await security('Back up').click();
  await form('Back up').getByLabel('Passphrase').fill(passphrase);
  const [download] = await Promise.all([
    options.waitForEvent('download'),
    form('Back up').getByRole('button', { name: 'Save the file' }).click(),
  ]);
  return {
    name: download.suggestedFilename(),
    file: new Uint8Array(await readFile(await download.path())),
  };
}

const read = async (file: Bytes, passphrase: string): Promise<Backup> =>
  JSON.parse(textOf(await ageDecrypt(file, passphrase)));

/** The keys of the vault with their secrets, by label, as a backup of now has them. */
async function inVault(): Promise<Record<string, string | undefined>> {
  const { keys } = await read((await backUp(PASSPHRASE)).file, PASSPHRASE);
  return Object.fromEntries(keys.map(({ label, secrets }) => [label, secrets.apiKey]));
}

const textFrom = (backup: unknown) => utf8(JSON.stringify(backup));

/** Shows a file to whichever form of `Restore` is open, or opens that of Security. */
async function lookInside(file: Uint8Array, passphrase: string): Promise<void> {
  if (!(await form('Restore').isVisible())) {
    await goTo(options, 'Security');
    await security('Restore').click();
  }
  await form('Restore')
    .getByLabel('Backup file')
    .setInputFiles({ name: 'backup.age', mimeType: 'application/octet-stream', buffer: Buffer.from(file) });
  await form('Restore').getByLabel('Backup passphrase').fill(passphrase);
  await form('Restore').getByRole('button', { name: 'Look inside' }).click();
}

const press = (name: string) => form('Restore').getByRole('button', { name, exact: true }).click();

/** What is said of each key in the file, by its label. */
async function seen(): Promise<Record<string, string>> {
  const lines = form('Restore').getByRole('listitem');
  await lines.first().waitFor();
  const parts = await lines.evaluateAll(items =>
    items.map(item => [
      item.querySelector('strong')?.textContent ?? '',
      item.lastElementChild?.textContent ?? '',
    ]),
  );
  return Object.fromEntries(parts);
}

async function labels(): Promise<string[]> {
  await goTo(options, 'Keys');
  // A card that has not been painted yet has no inner text.
  const names = await options.getByRole('listitem').getByRole('heading').allTextContents();
  return names.sort();
}

let first: Backup;
let key: BackedUpKey;

describe('a backup', () => {
  test('is made only for whoever knows the passphrase', async () => {
    await goTo(options, 'Security');
    await security('Back up').click();
    await form('Back up').getByLabel('Passphrase').fill(OTHER);
    await form('Back up').getByRole('button', { name: 'Save the file' }).click();
    await says().toContain('That is not the passphrase of this vault.');
  });

  test('opens with the age tool and holds every key', async () => {
    const { name, file } = await backUp(PASSPHRASE);
    await options.getByText('3 keys were saved to your downloads.').waitFor();
    expect(name).toMatch(/^runkey-[\d-]+\.age$/);
    first = await read(file, PASSPHRASE);
    expect(first.keys.map(({ label, secrets }) => [label, secrets.apiKey])).toEqual([
      ['Work', demoKey],
      ['Studio', 'studio-key-0123456789'],
      ['Old', 'old-key-0123456789'],
    ]);
    const [work] = first.keys;
    if (!work) throw new Error('The backup is empty.');
    key = work;
    await expect(ageDecrypt(file, OTHER)).rejects.toThrow('incorrect passphrase');
  });
});

describe('a file that is no good says why, and changes nothing:', () => {
  let good: Bytes;
  beforeAll(async () => {
    good = await lockWithPassphrase(textFrom(first), OTHER, QUICK);
  });

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ['a text', () => utf8('RUNWARE_API_KEY=abcdef0123456789'), 'The file is not an age file'],
    [
      'a picture',
      () => readFile(fileURLToPath(new URL('../../public/icons/128.png', import.meta.url))),
      'The file is not an age file',
    ],
    ['an empty file', () => new Uint8Array(), 'That file is empty.'],
    ['its first bytes', () => good.subarray(0, 60), 'The beginning of the file is damaged or cut off.'],
    [
      'most of it',
      () => good.subarray(0, -40),
      'The passphrase is right, but the contents of the file are damaged or cut off.',
    ],
    [
      'another age file',
      () => lockWithPassphrase(utf8('Dear diary'), OTHER, QUICK),
      'The file opens with this passphrase, but holds no backup of Runkey.',
    ],
    [
      'one of a later Runkey',
      () => lockWithPassphrase(textFrom({ ...first, version: 2 }), OTHER, QUICK),
      'The backup was written by a newer Runkey.',
    ],
    [
      'one with a key that says too much',
      () => lockWithPassphrase(textFrom({ ...first, keys: [{ ...key, admin: true }] }), OTHER, QUICK),
      'What is wrong is in key number 1.',
    ],
  ])('%s', async (_what, file, sentence) => {
    await lookInside(await file(), OTHER);
    await says().toContain(sentence);
  });

  test('a wrong passphrase, and then the right one in the same form', async () => {
    await lookInside(good, PASSPHRASE);
    await says().toContain('The passphrase is not the one of this backup, or the backup is damaged.');
    await form('Restore').getByLabel('Backup passphrase').fill(OTHER);
    await press('Look inside');
    expect(await seen()).toEqual({ Work: 'same', Studio: 'same', Old: 'same' });
    await press('Cancel');
    expect(await labels()).toEqual(['Old', 'Studio', 'Work']);
  });
});

describe('a backup that was edited by hand and locked again with age', () => {
  let edited: Bytes;
  beforeAll(async () => {
    // Since the backup: a newer secret, and a key that is not in it.
    const old = options.getByRole('listitem').filter({ hasText: 'Old' });
    await old.getByRole('button', { name: 'Edit' }).click();
    await options.getByLabel('API key').fill('newer-key-0123456789');
    await options.getByRole('button', { name: 'Save key' }).click();
    await options.getByText('“Old” was saved.').waitFor();
    await addRunwareKey(options, 'Extra', 'extra-key-0123456789');

    const with_ = (change: Partial<BackedUpKey>): BackedUpKey => ({
      ...key,
      id: crypto.randomUUID(),
      ...change,
    });
    const keys = [
      ...first.keys.map(one => (one === key ? { ...one, label: 'Workshop' } : one)),
      with_({ label: 'Fresh', secrets: { apiKey: 'fresh-key-0123456789' } }),
      with_({ label: 'Unknown', service: 'nowhere' }),
      with_({ label: 'Prototype', service: '__proto__' }),
      with_({ label: 'Foreign', origins: [...key.origins, 'https://elsewhere.example'] }),
    ];
    edited = await ageEncrypt(textFrom({ ...first, keys }), OTHER);
  }, 120_000);

  test('is shown key by key before anything changes', async () => {
    await lookInside(edited, OTHER);
    expect(await seen()).toEqual({
      Workshop: 'changed: the backup’s takes the place of yours',
      Studio: 'same',
      Old: 'older than yours, which stays if you merge',
      Fresh: 'new',
      Unknown: 'not restored: Runkey has no service “nowhere”.',
      Prototype: 'not restored: Runkey has no service “__proto__”.',
      Foreign: 'not restored: It would send the key to https://elsewhere.example, which is not Runware.',
    });
    expect(await form('Restore').innerText()).toContain('deleted only by “Replace everything”: Extra.');
    await press('Cancel');
    expect(await labels()).toEqual(['Extra', 'Old', 'Studio', 'Work']);
  });

  test('a background that dies while it merges leaves the old vault or the new one', async () => {
    await lookInside(edited, OTHER);
    await seen();
    await press('Merge');
    await stage.chromium.killWorker();
    await options.reload();
    await options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    expect([
      ['Extra', 'Old', 'Studio', 'Work'],
      ['Extra', 'Fresh', 'Old', 'Studio', 'Workshop'],
    ]).toContainEqual(await labels());
  });

  test('is merged: what is new and changed comes in, nothing newer or other is lost', async () => {
    await lookInside(edited, OTHER);
    await seen();
    await press('Merge');
    await options.getByText('The backup was restored.').waitFor();
    expect(await inVault()).toEqual({
      Workshop: demoKey,
      Studio: 'studio-key-0123456789',
      Old: 'newer-key-0123456789',
      Fresh: 'fresh-key-0123456789',
      Extra: 'extra-key-0123456789',
    });
  });

  test('replaces everything: the vault is as the file, but for what was refused', async () => {
    await lookInside(edited, OTHER);
    expect((await seen()).Workshop).toBe('same');
    await press('Replace everything');
    await press('Yes, replace');
    await options.getByText('The vault is now as in the backup.').waitFor();
    expect(await inVault()).toEqual({
      Workshop: demoKey,
      Studio: 'studio-key-0123456789',
      Old: 'old-key-0123456789',
      Fresh: 'fresh-key-0123456789',
    });
    await lock(options);
    await unlock(options, PASSPHRASE);
    expect(await labels()).toEqual(['Fresh', 'Old', 'Studio', 'Workshop']);
  });

  test('an existing key is not sent elsewhere by a file', async () => {
    const keys = [{ ...key, origins: ['https://elsewhere.example'] }];
    await lookInside(await lockWithPassphrase(textFrom({ ...first, keys }), OTHER, QUICK), OTHER);
    expect((await seen()).Work).toContain('not restored: It would send the key to');
    await press('Merge');
    await options.getByText('The backup was restored.').waitFor();
    expect((await read((await backUp(PASSPHRASE)).file, PASSPHRASE)).keys[0]).toMatchObject({
      label: 'Workshop',
      origins: key.origins,
    });
  });

  test('names that every object has are only names', async () => {
    const named = JSON.stringify({
      ...first,
      keys: [{ ...key, id: crypto.randomUUID(), label: '__proto__', fields: { PLACE: 'x' } }],
    }).replace('PLACE', '__proto__');
    await lookInside(await lockWithPassphrase(utf8(named), OTHER, QUICK), OTHER);
    expect(await seen()).toEqual(Object.fromEntries([['__proto__', 'new']]));
    await press('Merge');
    await options.getByText('The backup was restored.').waitFor();
    expect(await labels()).toContain('__proto__');
    const { keys } = await read((await backUp(PASSPHRASE)).file, PASSPHRASE);
    expect(keys.find(({ label }) => label === '__proto__')).toMatchObject({
      fields: {},
      secrets: key.secrets,
    });
    expect(keys.length).toBe(5);
  });
});

describe('where there is no vault that opens, a backup makes one:', () => {
  async function restore(): Promise<void> {
    await lookInside(await lockWithPassphrase(textFrom(first), OTHER, QUICK), OTHER);
    expect(await seen()).toEqual({ Work: 'new', Studio: 'new', Old: 'new' });
    await press('Restore');
    await options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    expect(await labels()).toEqual(['Old', 'Studio', 'Work']);
    await options
      .getByRole('listitem')
      .filter({ hasText: 'Work' })
      .getByRole('button', { name: 'Test' })
      .click();
    await options.getByText('Works', { exact: true }).waitFor();
    await lock(options);
    await unlock(options, PASSPHRASE);
    await says().toContain('That is not the passphrase of this vault.');
    await unlock(options, OTHER);
    await options.getByRole('button', { name: 'Lock', exact: true }).waitFor();
  }

  test('in the place of a damaged one, with the backup’s passphrase', async () => {
    await lock(options);
    await flipBits(stage.chromium.worker, ['header', 'header copy']);
    await options.reload();
    await says().toContain('The stored vault is damaged');
    await restore();
  });

  test('on the first visit', async () => {
    await lock(options);
    await options.getByRole('button', { name: 'Forgot the passphrase?' }).click();
    await options.getByLabel('Type “erase” to go on').fill('erase');
    await options.getByRole('button', { name: 'Erase everything' }).click();
    await options.getByRole('button', { name: 'Create vault' }).waitFor();
    await options.getByRole('button', { name: 'Restore' }).click();
    await restore();
  });
});

test('nothing was written to any console', () => {
  expect(stage.chromium.consoleLines).toEqual([]);
});
