import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupHandlers } from '../../src/background/backup';
import { base64 } from '../../src/bytes';
import { type BackedUpKey, writeBackup } from '../../src/vault/backup';
import type { WholeKey } from '../../src/vault/keyring';
import { chosen, compare, type Difference } from '../../src/vault/restore';
import {
  codeOf,
  copyOf,
  emptyRoom,
  PASSPHRASE,
  putBoth,
  type Room,
  reborn,
  roomWithVault,
  runwareKey,
} from './vaults';

vi.mock('argon2id/lib/setup.js', async original => {
  const { computedOnce } = await import('./derivation');
  return { default: computedOnce((await original<typeof import('argon2id/lib/setup.js')>()).default) };
});

const { origins } = runwareKey();
const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;

const backedUp = (more: Partial<BackedUpKey> = {}): BackedUpKey => ({
  id: id(1),
  service: 'runware',
  label: 'Work',
  fields: { note: 'n' },
  secrets: { apiKey: 'secret-of-work' },
  origins,
  created: 1_000,
  changed: 2_000,
  edited: 2_000,
  ...more,
});

/** The same key, as the vault holds it. */
const whole = ({ secrets, origins, ...entry }: BackedUpKey): WholeKey => ({
  entry: { ...entry, iv: 'iv-of-the-vault' },
  secret: { secrets, origins },
});

const nothing = () => undefined;

describe('a backed-up key is', () => {
  const present = { keys: [whole(backedUp())], damaged: [] };
  const older = { changed: 1_500, edited: 1_500, secrets: { apiKey: 'rotated since' } };
  const cases: [string, Difference, Partial<BackedUpKey>][] = [
    ['that the vault does not have', 'new', { id: id(2) }],
    ['that is in the vault as it is', 'same', {}],
    ['that was only saved at another time', 'same', { created: 1, changed: 9_000, edited: 9_000 }],
    ['whose origins come in another order', 'same', { origins: [...origins].reverse() }],
    ['of another label', 'changed', { label: 'Office' }],
    ['of another field', 'changed', { fields: { note: 'm' } }],
    ['of a note more', 'changed', { notes: 'x' }],
    ['of another environment', 'changed', { environment: 'staging' }],
    ['of another day to replace it', 'changed', { rotateBy: '2031-01-31' }],
    ['of a secret that was saved later', 'changed', { changed: 2_001, secrets: { apiKey: 'other' } }],
    ['of another secret, saved at the same time', 'changed', { secrets: { apiKey: 'other' } }],
    ['of a secret that the vault has replaced since', 'older', older],
    ['of a label that the vault has changed since', 'older', { edited: 1_500, label: 'Office' }],
    ['of a label that was changed later', 'changed', { edited: 2_001, label: 'Office' }],
    ['for another service', 'elsewhere', { service: 'runway' }],
    ['for another address', 'elsewhere', { origins: ['https://a.example'] }],
    ['for an address more', 'elsewhere', { origins: [...origins, 'https://a.example'] }],
    ['for no address', 'elsewhere', { origins: [] }],
  ];
  it.each(cases)('one %s: %s', (_, difference, more) => {
    const key = backedUp(more);
    expect(compare([key], present, nothing)).toEqual([{ key, difference }]);
  });

  it('refused when its service says so, with the reason, whatever the vault has', () => {
    for (const key of [backedUp(), backedUp({ id: id(2) })]) {
      expect(compare([key], present, () => 'No.')).toEqual([{ key, difference: 'refused', why: 'No.' }]);
    }
  });

  it('the same though its fields and secrets come in another order', () => {
    const values = { a: '1', b: '2' };
    const key = backedUp({ fields: values, secrets: values });
    const turned = { b: '2', a: '1' };
    expect(
      compare([backedUp({ fields: turned, secrets: turned })], { keys: [whole(key)], damaged: [] }, nothing),
    ).toMatchObject([{ difference: 'same' }]);
  });
});

describe('what is chosen of a backup', () => {
  const inVault = whole(backedUp({ label: 'In the vault', created: 500 }));
  const fromFile = backedUp({ label: 'In the file', secrets: { apiKey: 'from the file' } });

  const choose = (difference: Difference, mode: 'merge' | 'replace', keys = [inVault]) =>
    chosen([{ key: fromFile, difference }], { keys, damaged: [] }, mode);

  it.each([
    ['changed', 'merge'],
    ['changed', 'replace'],
    ['older', 'replace'],
  ] as const)(
    'is the file’s key when it is %s and they are to %s, made when the vault’s was',
    (difference, mode) => {
      const [key, ...others] = choose(difference, mode);
      expect(others).toEqual([]);
      expect(key).toEqual({
        entry: { ...whole(fromFile).entry, created: 500, iv: '' },
        secret: { secrets: { apiKey: 'from the file' }, origins },
      });
    },
  );

  it.each([
    ['same', 'merge'],
    ['same', 'replace'],
    ['older', 'merge'],
    ['elsewhere', 'merge'],
    ['elsewhere', 'replace'],
    ['refused', 'merge'],
    ['refused', 'replace'],
  ] as const)('is nothing, and the vault’s stays, when it is %s and they are to %s', (difference, mode) => {
    expect(choose(difference, mode)).toEqual([]);
  });

  it.each(['merge', 'replace'] as const)('is a new key as it is in the file, to %s', mode => {
    expect(choose('new', mode, [])).toMatchObject([{ entry: { label: 'In the file', created: 1_000 } }]);
  });

  it.each(['merge', 'replace'] as const)('is nothing of what is refused and not there, to %s', mode => {
    expect(choose('refused', mode, [])).toEqual([]);
  });

  it('comes in the order of the backup', () => {
    const keys = [3, 1, 2].map(digit => backedUp({ id: id(digit) }));
    const present = { keys: [whole(backedUp({ id: id(2) }))], damaged: [] };
    const all = chosen(compare(keys, present, nothing), present, 'merge');
    expect(all.map(({ entry }) => entry.id)).toEqual([id(3), id(1)]);
  });
});

/** A vault with two keys, and everything of it backed up. */
let template: Room;
let room: Room;
let work = '';
let home = '';
let file = '';
let keys: BackedUpKey[];

const encoded = async (...keys: BackedUpKey[]) =>
  base64(
    await writeBackup(
      { runkey: 'backup', version: 1, made: '2030-02-03T04:05:06.789Z', keys },
      PASSPHRASE,
      10,
    ),
  );

beforeAll(async () => {
  template = await roomWithVault();
  work = await template.vault.keys.add(runwareKey('Work', 'secret-of-work'));
  home = await template.vault.keys.add(runwareKey('Home', 'secret-of-home'));
  ({ keys } = await template.vault.keys.backup(PASSPHRASE));
  file = await encoded(...keys);
});

beforeEach(async () => {
  room = await copyOf(template);
});

/** What a background finds that knows nothing yet: labels and secrets, in order. */
async function found(of = room): Promise<string[][]> {
  const { vault } = reborn(of);
  const listed = await vault.keys.list();
  return Promise.all(
    listed.map(async ({ id, label }) => [label, (await vault.keys.open(id)).fields.apiKey ?? '']),
  );
}

const [asWork, asHome] = [
  ['Work', 'secret-of-work'],
  ['Home', 'secret-of-home'],
];

function first(): BackedUpKey {
  const [key] = keys;
  if (!key) throw new Error('the backup is empty');
  return key;
}

describe('restoring into the keyring', () => {
  const third = () => backedUp({ id: id(3), label: 'Third', secrets: { apiKey: 'third' } });

  it('adds what is new after what is there', async () => {
    await room.vault.keys.restore([third()], nothing, 'merge');
    expect(await found()).toEqual([asWork, asHome, ['Third', 'third']]);
  });

  it('in the place of what is there deletes what the backup does not have, secrets and copies too', async () => {
    await room.vault.keys.restore([third(), first()], nothing, 'replace');
    expect(await found()).toEqual([asWork, ['Third', 'third']]);
    for (const store of ['secrets', 'secrets copy'] as const) {
      expect((await room.database.getAllKeys(store)).sort()).toEqual([work, id(3)].sort());
    }
  });

  it('brings back a secret that was deleted or changed, in the place where the key was', async () => {
    const { vault } = room;
    await vault.keys.change(work, { label: 'Changed', fields: {}, origins, secrets: { apiKey: 'changed' } });
    await vault.keys.remove(home);
    const [entry] = await vault.keys.list();
    await vault.keys.restore(keys, nothing, 'replace');
    expect(await found()).toEqual([asWork, asHome]);
    expect((await vault.keys.entry(work)).created).toBe(entry?.created);
  });

  it('mends a key whose secret is damaged, and leaves another damaged one in the list', async () => {
    for (const id of [work, home]) await putBoth(room, 'secrets', id, undefined);
    const next = reborn(room);
    await next.vault.keys.restore([first()], nothing, 'merge');
    expect((await next.vault.keys.open(work)).fields.apiKey).toBe('secret-of-work');
    expect((await next.vault.keys.list()).map(({ label }) => label)).toEqual(['Work', 'Home']);
    expect(await codeOf(next.vault.keys.open(home))).toBe('key-damaged');
  });

  it('is one writing, whatever it brings', async () => {
    const writings = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await room.vault.keys.restore([third(), ...keys], nothing, 'replace');
    const modes = writings.mock.calls.filter(([, mode]) => mode === 'readwrite');
    writings.mockRestore();
    expect(modes).toHaveLength(1);
  });

  it('is nobody’s to do while it is locked', async () => {
    await room.vault.lock();
    expect(await codeOf(room.vault.keys.restore(keys, nothing, 'merge'))).toBe('vault-locked');
  });
});

describe('backing up', () => {
  it('leaves out a damaged secret, and says whose it was', async () => {
    await putBoth(room, 'secrets', home, undefined);
    const { keys, damaged } = await reborn(room).vault.keys.backup(PASSPHRASE);
    expect([keys.map(({ label }) => label), damaged]).toEqual([['Work'], ['Home']]);
  });

  it('needs the passphrase, though the vault is open', async () => {
    expect(await codeOf(room.vault.keys.backup('another passphrase'))).toBe('wrong-passphrase');
  });
});

describe('a backup that a page sends', () => {
  let changes = 0;
  const door = (of = room) => {
    changes = 0;
    return backupHandlers(
      async () => of.vault,
      async () => {
        changes++;
      },
    );
  };
  const restore = (mode: 'merge' | 'replace' | 'begin', more: { file?: string; of?: Room } = {}) =>
    door(more.of)['vault.restore']({ file: more.file ?? file, passphrase: PASSPHRASE, mode });

  it('is made by one vault and restored into another browser’s', async () => {
    const made = await door()['vault.backUp']({ passphrase: PASSPHRASE });
    expect(made).toMatchObject({ keys: 2, damaged: [] });
    const other = await emptyRoom();
    await restore('begin', { file: made.file, of: other });
    expect(await found(other)).toEqual([asWork, asHome]);
  });

  it('is looked at before it is restored, and that changes nothing', async () => {
    await room.vault.keys.remove(home);
    await room.vault.keys.add(runwareKey('Only here'));
    const { 'vault.preview': preview } = door();
    const seen = await preview({ file, passphrase: PASSPHRASE });
    expect(seen).toEqual({
      made: '2030-02-03T04:05:06.789Z',
      lines: [
        { label: 'Work', service: 'runware', difference: 'same' },
        { label: 'Home', service: 'runware', difference: 'new' },
      ],
      gone: ['Only here'],
    });
    expect((await found()).map(([label]) => label)).toEqual(['Work', 'Only here']);
    expect(JSON.stringify(seen)).not.toContain('secret-of');
  });

  it('is looked at where there is no vault, or a locked one', async () => {
    const lines = [{ difference: 'new' }, { difference: 'new' }];
    await room.vault.lock();
    for (const of of [room, await emptyRoom()]) {
      const { 'vault.preview': preview } = door(of);
      expect(await preview({ file, passphrase: PASSPHRASE })).toMatchObject({ lines, gone: [] });
    }
  });

  it.each([
    ['missing', async () => emptyRoom()],
    [
      'lost',
      async () => {
        const lost = await emptyRoom();
        await lost.local.set({ vault: true });
        return lost;
      },
    ],
    [
      'damaged',
      async () => {
        await room.vault.lock();
        await putBoth(room, 'header', 'vault', null);
        return reborn(room);
      },
    ],
  ] as const)(
    'begins a vault in the place of one that is %s, with its own passphrase',
    async (status, begin) => {
      const of: Room = await begin();
      expect(await of.vault.status()).toBe(status);
      await restore('begin', { of });
      expect(await found(of)).toEqual([asWork, asHome]);
      expect(changes).toBe(1);
      await of.vault.lock();
      await of.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
    },
  );

  it('does not begin a vault in the place of one that opens', async () => {
    expect(await codeOf(restore('begin'))).toBe('vault-exists');
    await room.vault.lock();
    expect(await codeOf(restore('begin'))).toBe('vault-exists');
  });

  it('erases no damaged vault for a passphrase that a new one would not take', async () => {
    await putBoth(room, 'header', 'vault', null);
    await room.vault.lock();
    const short = '1234567';
    const backup = { runkey: 'backup', version: 1, made: '2030-02-03T04:05:06.789Z', keys } as const;
    const weak = base64(await writeBackup(backup, short, 10));
    const restoring = door()['vault.restore']({ file: weak, passphrase: short, mode: 'begin' });
    expect(await codeOf(restoring)).toBe('bad-passphrase');
    expect(await room.database.count('secrets')).toBe(2);
  });

  it('never changes where a key goes that is there', async () => {
    const elsewhere = { ...first(), origins: origins.slice(0, 1), secrets: { apiKey: 'a-key-of-theirs' } };
    for (const mode of ['merge', 'replace'] as const) {
      const { lines } = await restore(mode, { file: await encoded(elsewhere) });
      expect(lines).toMatchObject([{ label: 'Work', difference: 'elsewhere' }]);
      expect((await found())[0]).toEqual(asWork);
      expect((await room.vault.keys.open(work)).origins).toEqual(origins);
    }
  });

  it.each([
    [
      'an address that is not its service’s',
      { origins: [...origins, 'https://evil.example'] },
      'evil.example',
    ],
    ['a service that there is none of', { service: 'nobody' }, 'nobody'],
    ['no secret', { secrets: {} }, ''],
    ['its secret among the open fields', { fields: { apiKey: 'secret-of-work' }, secrets: {} }, 'apiKey'],
    ['a field more', { fields: { stray: 'x' } }, 'stray'],
  ])('brings in no key with %s, and says why', async (_, more, reason) => {
    const file = await encoded({ ...first(), id: id(9), ...more });
    for (const mode of ['merge', 'replace'] as const) {
      const of = await copyOf(room);
      const { lines } = await restore(mode, { file, of });
      expect(lines).toMatchObject([{ difference: 'refused', why: expect.stringContaining(reason) }]);
      expect(await found(of)).toEqual(mode === 'merge' ? [asWork, asHome] : []);
    }
  });

  it('deletes no damaged key that it names, though it cannot bring it in', async () => {
    await putBoth(room, 'secrets', work, undefined);
    const of = reborn(room);
    const refused = await encoded({ ...first(), service: 'nobody' });
    const { lines, gone } = await restore('replace', { file: refused, of });
    expect([lines[0]?.difference, gone]).toEqual(['refused', ['Home']]);
    expect((await of.vault.keys.list()).map(({ label }) => label)).toEqual(['Work']);
  });

  it('whatever it holds, opens again after a lock', async () => {
    for (const label of [' ', ' Work ', '\u00a0', 'x'.repeat(100)]) {
      const of = await copyOf(room);
      await encoded({ ...first(), id: id(9), label })
        .then(file => restore('merge', { file, of }))
        .catch(thrown => expect(['backup-unreadable', 'backup-unwritable']).toContain(thrown.code));
      await of.vault.lock();
      await of.vault.unlock({ by: 'passphrase', passphrase: PASSPHRASE });
      expect((await found(of)).slice(0, 2)).toEqual([asWork, asHome]);
    }
  });

  it('changes nothing when the passphrase is wrong or the file is none', async () => {
    const { 'vault.restore': restore } = door();
    for (const mode of ['merge', 'replace', 'begin'] as const) {
      expect(await codeOf(restore({ file, passphrase: 'not its passphrase', mode }))).toBe(
        'backup-passphrase',
      );
      expect(await codeOf(restore({ file: '%', passphrase: PASSPHRASE, mode }))).toBe('bad-request');
      expect(await codeOf(restore({ file: 'AAAA', passphrase: PASSPHRASE, mode }))).toBe('backup-unreadable');
    }
    expect(await found()).toEqual([asWork, asHome]);
    const empty = await emptyRoom();
    const { 'vault.restore': begin } = door(empty);
    expect(await codeOf(begin({ file, passphrase: 'not its passphrase', mode: 'begin' }))).toBe(
      'backup-passphrase',
    );
    expect(await empty.vault.status()).toBe('missing');
  });

  it('is not restored into a locked vault', async () => {
    await room.vault.lock();
    for (const mode of ['merge', 'replace'] as const)
      expect(await codeOf(restore(mode))).toBe('vault-locked');
  });
});
