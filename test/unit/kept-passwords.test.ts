import * as v from 'valibot';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountHandlers } from '../../src/background/accounts';
import { backupHandlers } from '../../src/background/backup';
import { keyHandlers } from '../../src/background/keys';
import { base64 } from '../../src/bytes';
import { AccountPutIn, keptIn, PASSWORDS } from '../../src/services/accounts';
import { about } from '../../src/services/runway/about';
import { writeBackup } from '../../src/vault/backup';
import { type UseapiEmulator, wrongPassword } from '../emulators/useapi';
import { demoEmail, demoToken, start } from '../emulators/useapi/line';
import { reach } from './network';
import { copyOf, everythingKept, PASSPHRASE, type Room, reborn, roomWithVault } from './vaults';

const OTHER = 'user:55-AnotherToken0123456789';
const PASSWORD = 'swan "under" the bridge';
const ada = { email: 'ada@example.com', maxJobs: 5 };
const proof = { by: 'passphrase', passphrase: PASSPHRASE } as const;
const changed = async () => {};

let template: Room;
let room: Room;
let id = '';
let useapi: UseapiEmulator;
/** What happens while the service answers. */
let meanwhile: () => Promise<unknown>;

beforeAll(async () => {
  template = await roomWithVault();
  id = await template.vault.keys.add({
    service: 'runway',
    label: 'Films',
    fields: {},
    secrets: { apiToken: demoToken },
    origins: [...about.origins],
  });
});
beforeEach(async () => {
  room = await copyOf(template);
  await room.vault.unlock(proof);
  useapi = await start({ tokens: { [demoToken]: { accounts: { [demoEmail]: {} } }, [OTHER]: {} } });
  reach(useapi.port);
  meanwhile = async () => {};
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', async (...asked: Parameters<typeof fetch>) => {
    const answer = await fetch(...asked);
    await meanwhile();
    return answer;
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await useapi.close();
});

const ready = async () => room.vault;
const accounts = () => accountHandlers(ready);
const keys = () =>
  keyHandlers(
    ready,
    changed,
    () => {},
    async () => {},
  );
const backups = () => backupHandlers(ready, changed);
const put = (password?: string, keep = false, more: Partial<typeof ada> = {}) =>
  accounts()['accounts.put']({
    key: id,
    account: { ...ada, ...more, ...(password !== undefined && { password }) },
    ...(keep && { keep: true }),
  });
const listed = async () => (await accounts()['accounts.list']({ key: id })).accounts;
const remove = (email = ada.email) => accounts()['accounts.remove']({ key: id, email });
const revealed = () => keys()['keys.reveal']({ id, proof });
const kept = async () =>
  Object.entries(keptIn(await revealed())).map(([email, { password }]) => [email, password]);
/** What useapi.net was sent last of an account, with the names of passwords that it knows. */
const sent = () =>
  useapi.traffic.filter(({ direction, method }) => direction === 'in' && method === 'POST').at(-1)?.text;
const puts = () =>
  useapi.traffic.filter(({ direction, method }) => direction === 'in' && method === 'POST').length;

describe('a password', () => {
  it('is kept nowhere unless that is wished', async () => {
    const before = await room.vault.keys.entry(id);
    await put(PASSWORD);
    expect(Object.keys(await revealed())).toEqual(['apiToken']);
    expect(await room.vault.keys.entry(id)).toEqual(before);
    expect(JSON.stringify(await listed())).not.toContain('kept');
  });

  it('that is kept puts the account in again without being typed', async () => {
    await put(PASSWORD, true);
    expect(await listed()).toMatchObject([{ email: demoEmail }, { ...ada, kept: true }]);
    useapi.breakAccount(demoToken, ada.email, 'Session refresh failed.');
    room = reborn(room);
    await room.vault.unlock(proof);
    await put(undefined, true, { maxJobs: 2 });
    expect(sent()).toContain('[password of ada@example.com]');
    expect((await listed())[1]).toMatchObject({ ...ada, maxJobs: 2, kept: true });
    expect((await listed())[1]).not.toHaveProperty('error');
    expect(await kept()).toEqual([[ada.email, PASSWORD]]);
  });

  it('is the same one however its e-mail is written, and of no other account', async () => {
    await put(PASSWORD, true, { email: 'Ada@Example.com' });
    expect((await listed()).at(-1)).toMatchObject({ email: 'Ada@Example.com', kept: true });
    await put(undefined, true);
    for (const email of ['bob@example.com', 'ada@example.org', '__proto__@constructor'])
      await expect(put(undefined, true, { email })).rejects.toMatchObject({
        report: { code: 'bad-input', field: 'password', message: 'No password of this account is kept.' },
      });
    expect(puts()).toBe(2);
  });

  it('that is typed anew takes the place of the one that was kept', async () => {
    await put(PASSWORD, true);
    await put('heron in the reeds', true);
    await put('of somebody else', true, { email: 'bob@example.com' });
    expect(await kept()).toEqual([
      [ada.email, 'heron in the reeds'],
      ['bob@example.com', 'of somebody else'],
    ]);
  });

  it('is forgotten when the account is put in without keeping it, with it or without', async () => {
    for (const password of [undefined, 'heron in the reeds']) {
      await put(PASSWORD, true);
      await put(password);
      expect(await revealed()).toEqual({ apiToken: demoToken });
    }
  });

  it('is forgotten with its account, and with its key', async () => {
    await put(PASSWORD, true);
    await remove('ADA@example.com');
    expect(await revealed()).toEqual({ apiToken: demoToken });
    await put(PASSWORD, true);
    await keys()['keys.remove']({ id });
    await expect(put(undefined, true)).rejects.toMatchObject({ report: { code: 'key-missing' } });
    expect(await room.database.getAllKeys('secrets')).toEqual([]);
  });

  it.each([
    ['Runway refused it', wrongPassword, () => {}],
    [
      'nothing came back',
      PASSWORD,
      () => useapi.faults.add({ kind: 'drop', at: 'accepted', times: Number.POSITIVE_INFINITY }),
    ],
  ])('is not kept, and the one that was kept stays, where %s', async (_, password, happens) => {
    happens();
    await expect(put(password, true)).rejects.toBeDefined();
    expect(await revealed()).toEqual({ apiToken: demoToken });
    useapi.faults.clear();
    await put('heron in the reeds', true);
    happens();
    for (const keep of [true, false]) await expect(put(password, keep)).rejects.toBeDefined();
    expect(await kept()).toEqual([[ada.email, 'heron in the reeds']]);
  });

  it('whose account is gone at the service is still told of, and can be forgotten', async () => {
    await put(PASSWORD, true);
    useapi.faults.add({ kind: 'http', status: 200, body: {} });
    expect(await listed()).toEqual([{ email: ada.email, kept: true, gone: true }]);
    await remove();
    expect(await listed()).toMatchObject([{ email: demoEmail }]);
    expect(await revealed()).toEqual({ apiToken: demoToken });
  });

  it('is refused before anything is sent where there is no room for it', async () => {
    for (const at of [1, 2, 3]) {
      const more = Object.fromEntries(
        Array.from({ length: 30 }, (_, one) => [
          `${at}-${one}@example.com`,
          { password: 'x'.repeat(1000), mark: '' },
        ]),
      );
      await room.vault.keys.changeBeside(id, ({ [PASSWORDS]: text = '{}', ...own }) => ({
        ...own,
        [PASSWORDS]: JSON.stringify({ ...JSON.parse(text), ...more }),
      }));
    }
    await put('x'.repeat(500), true);
    const before = puts();
    await expect(put('\u0001'.repeat(1000), true, { email: 'b@example.com' })).rejects.toMatchObject({
      report: { code: 'bad-input', message: 'So many passwords cannot be kept with one key.' },
    });
    expect(puts()).toBe(before);
    // What is kept goes into a backup.
    await expect(room.vault.keys.backup(PASSPHRASE)).resolves.toMatchObject({ damaged: [] });
  });
});

describe('where the vault changes while the service answers', () => {
  const unchanged = 'But the vault was locked meanwhile: what it keeps is as it was before.';

  it.each([
    ['kept', PASSWORD, true],
    ['forgotten', undefined, false],
  ])('a lock leaves what is kept as it was, and says so (to be %s)', async (_, password, keep) => {
    await put('heron in the reeds', true);
    meanwhile = () => room.vault.lock();
    await expect(put(password, keep)).rejects.toMatchObject({
      report: { code: 'vault-locked', message: `The account was put in. ${unchanged}` },
    });
    await room.vault.unlock(proof);
    expect(await kept()).toEqual([[ada.email, 'heron in the reeds']]);
    await expect(remove()).rejects.toMatchObject({
      report: { message: `The account was removed. ${unchanged}` },
    });
    meanwhile = async () => {};
    await room.vault.unlock(proof);
    // It can still be forgotten.
    expect(await listed()).toMatchObject([{ email: demoEmail }, { email: ada.email, gone: true }]);
    await remove();
    expect(await revealed()).toEqual({ apiToken: demoToken });
  });

  it('a lock is nothing to speak of where nothing is to be kept', async () => {
    meanwhile = () => room.vault.lock();
    await put(PASSWORD);
  });

  it('a lock that was opened again does not matter', async () => {
    meanwhile = async () => {
      await room.vault.lock();
      await room.vault.unlock(proof);
    };
    await put(PASSWORD, true);
    expect(await kept()).toEqual([[ada.email, PASSWORD]]);
  });

  it('a key that was deleted stays deleted', async () => {
    meanwhile = () => keys()['keys.remove']({ id });
    await expect(put(PASSWORD, true)).rejects.toMatchObject({
      report: {
        code: 'key-missing',
        message:
          'The account was put in. But its key was deleted from the vault meanwhile: no password is kept.',
      },
    });
    expect(await room.vault.keys.list()).toEqual([]);
    expect(await room.database.getAllKeys('secrets')).toEqual([]);
  });

  it('a key that was replaced keeps its new secret, and the password for the old one', async () => {
    meanwhile = async () => {
      meanwhile = async () => {};
      await room.vault.keys.replaceSecret(id, { secrets: { apiToken: OTHER }, origins: [...about.origins] });
    };
    await put(PASSWORD, true);
    expect((await revealed()).apiToken).toBe(OTHER);
    expect(await kept()).toEqual([[ada.email, PASSWORD]]);
    await expect(put()).rejects.toMatchObject({ report: { code: 'bad-input' } });
  });
});

describe('a kept password', () => {
  beforeEach(() => put(PASSWORD, true));

  it('stays when the key is replaced or edited, and changes neither when it was saved nor its notes', async () => {
    const before = await room.vault.keys.entry(id);
    await put('heron in the reeds', true);
    expect(await room.vault.keys.entry(id)).toEqual({
      ...before,
      edited: expect.any(Number),
      iv: expect.not.stringContaining(before.iv),
    });
    await keys()['keys.change']({ id, notes: { label: 'Other' }, values: { atOnce: '3' } });
    await keys()['keys.change']({ id, notes: { label: 'Other' }, values: { apiToken: OTHER } });
    expect(await kept()).toEqual([[ada.email, 'heron in the reeds']]);
    await keys()['keys.replace']({ id, values: { apiToken: demoToken }, untested: false });
    expect(await revealed()).toMatchObject({ apiToken: demoToken });
    expect(await kept()).toEqual([[ada.email, 'heron in the reeds']]);
  });

  it('is not sent with another secret of the key, whose owner would read it, until it is typed again', async () => {
    await keys()['keys.replace']({ id, values: { apiToken: OTHER }, untested: false });
    expect(await listed()).toEqual([{ email: ada.email, kept: true, stale: true, gone: true }]);
    const before = puts();
    await expect(put(undefined, true)).rejects.toMatchObject({
      report: { field: 'password', message: 'The key was replaced since this password was kept.' },
    });
    expect(puts()).toBe(before);
    await put(PASSWORD, true);
    await put(undefined, true);
    expect((await listed())[0]).not.toHaveProperty('stale');
    expect(useapi.accountsOf(OTHER)).toHaveLength(1);
  });

  it('is neither in what pages are told nor in the index', async () => {
    const told = [await listed(), await room.vault.keys.list(), await room.vault.keys.entry(id)];
    expect(JSON.stringify(told)).not.toMatch(/swan|passwords|mark/);
  });

  it('lies nowhere in clear', async () => {
    const { texts, bytes } = await everythingKept(room);
    expect(texts.join()).not.toMatch(/swan|ada@example/);
    for (const run of bytes) expect(Buffer.from(run).toString('latin1')).not.toMatch(/swan|ada@example/);
  });

  it('cannot be put in through the form of its key', async () => {
    const values = { apiToken: demoToken, [PASSWORDS]: '{}' };
    await keys()['keys.change']({ id, notes: { label: 'Films' }, values });
    expect(await kept()).toEqual([[ada.email, PASSWORD]]);
    const other = await keys()['keys.add']({ service: 'runway', notes: { label: 'Other' }, values });
    expect((await room.vault.keys.open(other.id)).fields).not.toHaveProperty(PASSWORDS);
  });

  it('is not quoted where the service quotes it', async () => {
    const body = { error: `It was ${PASSWORD}`, code: 400 };
    useapi.faults.add({ kind: 'http', status: 400, body });
    await expect(remove()).rejects.toMatchObject({ report: { service: { text: 'It was [removed]' } } });
    const workspace = { id: '1', name: `Of ${PASSWORD}`, plan: 'pro' };
    const said = { [ada.email]: { maxJobs: 1, error: `No sign-in with ${PASSWORD}`, workspace } };
    useapi.faults.add({ kind: 'http', status: 200, body: said });
    expect(await listed()).toEqual([
      {
        email: ada.email,
        maxJobs: 1,
        kept: true,
        error: 'No sign-in with [removed]',
        workspace: { id: '1', name: 'Of [removed]', plan: 'pro' },
      },
    ]);
  });

  it('comes back from a backup, elsewhere too', async () => {
    const { file } = await backups()['vault.backUp']({ passphrase: PASSPHRASE });
    expect(await backups()['vault.preview']({ file, passphrase: PASSPHRASE })).toMatchObject({
      lines: [{ label: 'Films', difference: 'same' }],
    });
    room = await roomWithVault('another passphrase of one’s own');
    await backups()['vault.restore']({ file, passphrase: PASSPHRASE, mode: 'merge' });
    expect((await listed()).at(-1)).toMatchObject({ email: ada.email, kept: true });
    await put(undefined, true);
    expect(sent()).toContain('[password of ada@example.com]');
  });

  it.each([
    ['no JSON', 'swan'],
    ['of another shape', '{"ada@example.com":"swan"}'],
    ['of no account', '{"ada":{"password":"swan","mark":""}}'],
    ['empty', '{"ada@example.com":{"password":"","mark":""}}'],
  ])('that is %s in a backup is not brought in', async (_, text) => {
    const [key] = (await room.vault.keys.backup(PASSPHRASE)).keys;
    if (!key) throw new Error('There is no key.');
    const secrets = { ...key.secrets, [PASSWORDS]: text };
    const made = new Date().toISOString();
    const keys = [
      { ...key, secrets },
      { ...key, id: crypto.randomUUID(), secrets, service: 'runtype' },
    ];
    const file = await writeBackup({ runkey: 'backup', version: 1, made, keys }, PASSPHRASE, 10);
    const { lines } = await backups()['vault.restore']({
      file: base64(file),
      passphrase: PASSPHRASE,
      mode: 'replace',
    });
    expect(lines).toMatchObject([
      { difference: 'refused', why: 'The passwords of its accounts are not as Runkey keeps them.' },
      { difference: 'refused' },
    ]);
    expect(await kept()).toEqual([[ada.email, PASSWORD]]);
  });
});

it('an account to be put in needs no password, but not an empty one', () => {
  expect(v.is(AccountPutIn, ada)).toBe(true);
  expect(v.is(AccountPutIn, { ...ada, password: '' })).toBe(false);
  expect(v.is(AccountPutIn, { ...ada, mark: 'x' })).toBe(false);
});
