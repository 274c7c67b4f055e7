import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bytes, concat, textOf, utf8 } from '../../src/bytes';
import { isFailure, reportOf } from '../../src/failure';
import { lockWithPassphrase } from '../../src/vault/age-file';
import { type BackedUpKey, type Backup, readBackup, writeBackup } from '../../src/vault/backup';
import { ageDecrypt, ageEncrypt } from '../age';

// Both are the same word, with é in one character and in two.
const NFC = 'caf\u00e9 – пароль – 鍵';
const NFD = 'cafe\u0301 – пароль – 鍵';
const PASSPHRASE = 'four unrelated plain words';

/** The least work that is read: a few milliseconds. */
const QUICK = 10;

const key = (more: Partial<BackedUpKey> = {}): BackedUpKey => ({
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  service: 'runway',
  label: 'Größe “M”',
  fields: { email: 'ann@example.com' },
  secrets: { token: 'sk-not-to-be-seen' },
  origins: ['https://api.example.com', 'wss://ws.example.com:8443'],
  environment: 'staging',
  notes: 'Two lines\nof “notes”.',
  rotateBy: '2031-01-31',
  created: 1_700_000_000_000,
  changed: 1_700_000_000_001,
  edited: 1_700_000_000_001,
  ...more,
});

const backup = (...keys: BackedUpKey[]): Backup => ({
  runkey: 'backup',
  version: 1,
  made: '2030-02-03T04:05:06.789Z',
  keys,
});

/** What whoever knows the passphrase may have put into the file. */
const holding = (text: string) => lockWithPassphrase(utf8(text), PASSPHRASE, QUICK);
const holdingJson = (value: unknown) => holding(JSON.stringify(value));
const quick = (...keys: BackedUpKey[]) => writeBackup(backup(...keys), PASSPHRASE, QUICK);

const refusal = (code: string, message: string | RegExp) =>
  expect.objectContaining({
    report: expect.objectContaining({ code, message: expect.stringMatching(message) }),
  });
const refuses = async (file: Bytes, message: string | RegExp, passphrase = PASSPHRASE) =>
  expect(readBackup(file, passphrase)).rejects.toEqual(refusal('backup-unreadable', message));

async function failureOf(file: Bytes, passphrase = PASSPHRASE) {
  const thrown: unknown = await readBackup(file, passphrase).then(
    () => undefined,
    error => error,
  );
  if (!isFailure(thrown)) throw new Error(`It was not refused with a Failure, but: ${thrown}`);
  return thrown.report;
}

describe('a backup and the age tool', () => {
  it('fit: `age` opens what Runkey wrote, as readable JSON, with the passphrase a terminal gives', async () => {
    const file = await writeBackup(backup(key()), NFD);
    const plain = textOf(await ageDecrypt(file, NFC));
    expect(JSON.parse(plain)).toEqual(backup(key()));
    expect(plain).toContain('\n      "label": "Größe “M”",\n');
    expect(plain.endsWith('}\n')).toBe(true);
  });

  it('fit: Runkey opens what `age` locked', async () => {
    const file = await ageEncrypt(utf8(JSON.stringify(backup(key()))), PASSPHRASE);
    expect(await readBackup(file, PASSPHRASE)).toEqual(backup(key()));
  });

  it('fit: also as ASCII armor, and with letters beyond ASCII in either form', async () => {
    const file = await ageEncrypt(utf8(JSON.stringify(backup(key()))), NFC, { armor: true });
    expect(textOf(file)).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect(await readBackup(file, NFD)).toEqual(backup(key()));
  });

  it('do not fit without the passphrase, and `age` says so', async () => {
    await expect(ageDecrypt(await quick(), 'another')).rejects.toThrow(/^age: error: .*passphrase/);
  });
});

describe('a backup', () => {
  it('costs a guesser 2^17 of scrypt', async () => {
    expect(textOf((await writeBackup(backup(), PASSPHRASE)).slice(0, 100))).toMatch(/^-> scrypt \S{22} 17$/m);
  });

  it('comes back as it was, whatever is in it, with its passphrase in either form', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 });
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const values = fc.dictionary(
      // Names of inherited things are dropped; see below.
      name.filter(name => !['__proto__', 'constructor', 'prototype'].includes(name)),
      text,
      { maxKeys: 5, noNullPrototype: true },
    );
    const moment = fc.nat({ max: 8.64e15 });
    const keys = fc.record(
      {
        id: fc.uuid(),
        service: name,
        // Trimmed, as every label is that was ever saved.
        label: name.map(label => label.trim()).filter(Boolean),
        fields: values,
        secrets: values,
        origins: fc.array(
          fc.webAuthority().map(host => new URL(`https://${host}`).origin),
          { maxLength: 3 },
        ),
        environment: fc.constantFrom('development', 'staging', 'production'),
        notes: text,
        rotateBy: fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true }).map(day),
        created: moment,
        changed: moment,
        edited: moment,
      },
      {
        requiredKeys: [
          'id',
          'service',
          'label',
          'fields',
          'secrets',
          'origins',
          'created',
          'changed',
          'edited',
        ],
        noNullPrototype: true,
      },
    );
    const several = fc.uniqueArray(keys, { maxLength: 4, selector: ({ id }) => id });
    await fc.assert(
      fc.asyncProperty(several, fc.string({ unit: 'grapheme', minLength: 1 }), async (keys, passphrase) => {
        const file = await writeBackup(backup(...keys), passphrase, QUICK);
        expect(await readBackup(file, passphrase.normalize('NFD'))).toEqual(backup(...keys));
      }),
      { numRuns: 40 },
    );
  });

  it('opens as ASCII armor too, with Windows’ line ends and space around it', async () => {
    const text = `\r\n\r\n${armor.encode(await quick(key())).replaceAll('\n', '\r\n')}\r\n`;
    expect(await readBackup(utf8(text), PASSPHRASE)).toEqual(backup(key()));
  });

  it('opens with a passphrase that another program took in another form', async () => {
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(QUICK);
    encrypter.setPassphrase(NFD);
    const file = new Uint8Array(await encrypter.encrypt(JSON.stringify(backup(key()))));
    expect(await readBackup(file, NFD)).toEqual(backup(key()));
  });

  it('opens after it was edited with a byte order mark', async () => {
    expect(await readBackup(await holding(`\ufeff${JSON.stringify(backup())}`), PASSPHRASE)).toEqual(
      backup(),
    );
  });

  it('holds up to 50 fields and secrets of 200,000 characters', async () => {
    const names = Array.from({ length: 50 }, (_, at) => `field ${at}`);
    const large = key({
      fields: Object.fromEntries(names.map(name => [name, ''])),
      secrets: { token: 'x'.repeat(200_000) },
    });
    expect(await readBackup(await quick(large), PASSPHRASE)).toEqual(backup(large));
  });

  it.each([
    ['two keys of one id', [key(), key({ label: 'Second' })], 'The vault holds what a backup cannot.'],
    [
      'a label of 101 characters',
      [key({ label: 'x'.repeat(101) })],
      /cannot\. What is wrong is in key number 1\.$/,
    ],
    ['more than 20 MB', many(101, 'x'.repeat(200_000)), '20 MB'],
  ])('that could not be restored is not written: %s', async (_, keys, message) => {
    await expect(quick(...keys)).rejects.toEqual(refusal('backup-unwritable', message));
  });
});

describe('a file that is no age file of a passphrase', () => {
  it.each([
    ['nothing', utf8('')],
    ['JSON', utf8(JSON.stringify(backup(key())))],
    ['bytes', new Uint8Array(5000).fill(0xe9)],
    ['another armor', utf8('-----BEGIN PGP MESSAGE-----\n\nabcd\n-----END PGP MESSAGE-----\n')],
  ])('is refused: %s', async (_, file) => refuses(file, 'not an age file'));

  it('is refused when it is in another version of age', async () => {
    await refuses(utf8('age-encryption.org/v2\n-> x y\n'), 'version of age');
  });

  it('is refused when it was locked with a key', async () => {
    const encrypter = new Encrypter();
    for (let count = 0; count < 20; count++) {
      encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()));
    }
    const file = new Uint8Array(await encrypter.encrypt(JSON.stringify(backup())));
    await refuses(file, 'locked with a key and not with a passphrase');
    await refuses(utf8(armor.encode(file)), 'locked with a key and not with a passphrase');
  });

  it('is refused when a key opens it besides the passphrase', async () => {
    const file = await edited(quick(), /\n---/, '\n-> X25519 c2hhcmU\nYm9keQ\n---');
    await refuses(file, 'beginning of the file is damaged');
  });

  it('is refused beyond 20 MB, unread', async () => {
    await refuses(new Uint8Array(20_000_001), 'larger than the 20 MB');
  });
});

describe('the work that a file asks for', () => {
  it.each([
    ['1', 'so weakly'],
    ['9', 'so weakly'],
    ['21', 'so heavily'],
    ['64', 'so heavily'],
    ['99999999999999999999999999', 'so heavily'],
  ])('is refused before anything is computed: 2^%s', async (work, message) => {
    const file = await edited(quick(), / 10\n/, ` ${work}\n`);
    const began = performance.now();
    await refuses(file, message);
    expect(performance.now() - began).toBeLessThan(100);
  });

  it.each(['0', '-5', '010', '1e1', '10 10', ''])('is refused when it is no number: “%s”', async work => {
    await refuses(await edited(quick(), / 10\n/, ` ${work}\n`), 'beginning of the file is damaged');
  });
});

describe('a wrong passphrase', () => {
  it('is said to be one, with the honest doubt, at its field', async () => {
    const report = await failureOf(await quick(key()), 'not the one');
    expect(report).toMatchObject({ code: 'backup-passphrase', field: 'passphrase' });
    expect(report.message).toBe('The passphrase is not the one of this backup, or the backup is damaged.');
  });

  it.each(['', ' ', PASSPHRASE.toUpperCase(), `${PASSPHRASE} `])('does not open: “%s”', async passphrase => {
    expect(await failureOf(await quick(), passphrase)).toMatchObject({ code: 'backup-passphrase' });
  });
});

describe('a damaged backup', () => {
  let file: Bytes;
  let body: number;
  beforeAll(async () => {
    file = await quick();
    body = headerOf(file).length;
  });

  it('is refused whichever byte is changed, and the passphrase is not blamed where it is known to be right', async () => {
    const header = headerOf(file);
    // What scrypt computes on: it cannot be told from a wrong passphrase.
    const guessed = [header.indexOf('scrypt ') + 7, header.indexOf('\n---')] as const;
    const mac = header.indexOf('--- ') + 4;
    for (let at = 0; at < file.length; at++) {
      const byte = (file[at] ?? 0) ^ 1;
      const stillBase64 = /[A-Za-z0-9+/]/.test(String.fromCharCode(byte));
      const report = await failureOf(file.with(at, byte));
      const where = `byte ${at}: ${report.message}`;
      if (at >= body) expect(where).toMatch(/passphrase is right, but the contents/);
      else if (at >= mac && at < body - 2 && stillBase64) {
        expect(where).toMatch(/passphrase is right, but the beginning/);
      } else if (at < guessed[0] || at >= guessed[1]) expect(report.code, where).toBe('backup-unreadable');
      else expect(report.code, where).toMatch(/^backup-(unreadable|passphrase)$/);
    }
  });

  it('is refused when a byte of its header is none of ASCII', async () => {
    for (let at = 0; at < body; at++) {
      const report = await failureOf(file.with(at, (file[at] ?? 0) ^ 0x80));
      expect(report.code, `byte ${at}`).toBe('backup-unreadable');
    }
  });

  it('is refused when it was cut off anywhere, or something follows it', async () => {
    for (let end = 0; end < file.length; end++) {
      expect((await failureOf(file.slice(0, end))).code, `cut at ${end}`).toBe('backup-unreadable');
    }
    await refuses(file.slice(0, body + 31), 'ends too early');
    await refuses(concat(file, utf8('\n')), 'contents of the file are damaged');
  });

  it('is refused when chunks are missing, swapped or taken twice', async () => {
    const large = await quick(key({ secrets: { token: 'x'.repeat(200_000) } }));
    const from = headerOf(large).length + 16;
    const chunk = 64 * 1024 + 16;
    const part = (at: number) => large.slice(from + at * chunk, from + (at + 1) * chunk);
    const [start, rest] = [large.slice(0, from), large.slice(from + 2 * chunk)];
    expect(await readBackup(concat(start, part(0), part(1), rest), PASSPHRASE)).toBeDefined();
    for (const parts of [[part(0)], [part(1), part(0)], [part(0), part(0), part(1)]]) {
      await refuses(concat(start, ...parts, rest), 'contents of the file are damaged');
    }
    await refuses(concat(start, part(0), part(1)), 'contents of the file are damaged or cut off');
  });

  it('is refused when its armor is damaged or cut off', async () => {
    const text = armor.encode(file);
    for (const bad of [
      text.slice(0, -40),
      text.replace('\n', '\n\n'),
      text.replace(/=*\n-----END/, '*\n-----END'),
    ]) {
      await refuses(utf8(bad), 'age text, but damaged');
    }
    await refuses(concat(utf8(text), Uint8Array.of(0xff)), 'age text, but damaged');
  });
});

describe('a file that opens', () => {
  const { keys: _, ...noKeys } = backup();

  it.each([
    ['nothing', ''],
    ['text', 'sk-somebody-elses'],
    ['JSON of something else', '{"runkey":"settings","version":1}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no version', '{"runkey":"backup"}'],
    ['version 0', '{"runkey":"backup","version":0}'],
    ['half a version', '{"runkey":"backup","version":1.5}'],
    ['very deep JSON', '['.repeat(100_000)],
  ])('is refused when it holds no backup: %s', async (_, text) => {
    await refuses(await holding(text), 'holds no backup of Runkey');
  });

  it('is refused when it holds bytes', async () => {
    await refuses(await lockWithPassphrase(Uint8Array.of(0xff, 0xfe, 0x00), PASSPHRASE, QUICK), 'no backup');
  });

  it('is refused when a newer Runkey wrote it, and says what to do', async () => {
    const report = await failureOf(await holdingJson({ runkey: 'backup', version: 2, safes: [] }));
    expect(report).toMatchObject({ code: 'backup-unreadable', next: expect.stringContaining('Update') });
    expect(report.message).toBe('The backup was written by a newer Runkey.');
  });

  it.each([
    ['no keys', noKeys],
    ['something more', { ...backup(), more: 1 }],
    ['no date', { ...backup(), made: 'yesterday' }],
    ['two keys of one id', backup(key(), key({ label: 'Second' }))],
    ['two keys of one id in other letters', backup(key(), key({ id: key().id.toUpperCase() }))],
    ['10,001 keys', backup(...many(10_001, ''))],
  ])('is refused when it is not as Runkey writes it: %s', async (_, contents) => {
    await refuses(await holdingJson(contents), /not as Runkey writes them\.$/);
  });

  it.each([
    ['something more', { more: 1 }],
    ['an id that is none', { id: '../../x' }],
    ['no label', { label: '' }],
    ['a long label', { label: 'x'.repeat(101) }],
    ['a long secret', { secrets: { token: 'x'.repeat(200_001) } }],
    ['a secret that is no text', { secrets: { token: 5 } }],
    ['fields that are text', { fields: 'x' }],
    ['51 fields', { fields: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`f${at}`, ''])) }],
    ['21 origins', { origins: Array(21).fill('https://example.com') }],
    ['an origin without TLS', { origins: ['http://example.com'] }],
    ['an origin with a path', { origins: ['https://example.com/'] }],
    ['an origin with a user', { origins: ['https://me@example.com'] }],
    ['an origin of another scheme', { origins: ['javascript://example.com'] }],
    ['no origin', { origins: ['*'] }],
    ['another environment', { environment: 'elsewhere' }],
    ['long notes', { notes: 'x'.repeat(4001) }],
    ['notes that are null', { notes: null }],
    ['a moment for a day', { rotateBy: '2031-01-31T00:00:00Z' }],
    ['a time below 0', { created: -1 }],
    ['a time beyond all time', { changed: 8.64e15 + 2 }],
    ['a time as text', { changed: '2030-01-01' }],
  ])('is refused with the number of the key that has %s', async (_, wrong) => {
    const other = key({ id: crypto.randomUUID() });
    await refuses(await holdingJson(backup(other, Object.assign(key(), wrong))), /is in key number 2\.$/);
  });

  it('cannot reach what is inherited by the names it gives', async () => {
    const text = JSON.stringify(backup(key())).replace(
      '"fields":{',
      '"fields":{"__proto__":"x","constructor":"x","toString":"plain",',
    );
    const [read] = (await readBackup(await holding(text), PASSPHRASE)).keys;
    expect(read?.fields).toEqual({ email: 'ann@example.com', toString: 'plain' });
    expect(Object.getPrototypeOf(read?.fields)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('is refused when a key of it names a prototype', async () => {
    const text = JSON.stringify(backup(key())).replace('"fields":{', '"__proto__":{"more":1},"fields":{');
    await refuses(await holding(text), /is in key number 1\.$/);
  });

  it('is never quoted, nor is the passphrase', async () => {
    const secret = 'sk-not-to-be-seen';
    const files = [
      await holding(secret),
      await holdingJson({ runkey: secret, version: secret }),
      await holdingJson({ ...backup(), [secret]: secret }),
      await holdingJson(backup(key({ id: secret, label: secret }))),
      await holdingJson(backup(key({ secrets: { [secret.repeat(20)]: secret } }))),
    ];
    for (const file of files) {
      const thrown: unknown = await readBackup(file, PASSPHRASE).catch(error => error);
      const told = [
        JSON.stringify(reportOf(thrown)),
        String(thrown),
        thrown instanceof Error && thrown.stack,
      ];
      for (const words of told) expect(words).not.toMatch(/sk-not|four unrelated/);
    }
  });
});

function many(count: number, secret: string): BackedUpKey[] {
  return Array.from({ length: count }, () => key({ id: crypto.randomUUID(), secrets: { token: secret } }));
}

const day = (date: Date) => date.toISOString().slice(0, 10);

/** Up to and with the line of the MAC. */
function headerOf(file: Bytes): string {
  const text = Buffer.from(file).toString('latin1');
  return text.slice(0, text.indexOf('\n', text.indexOf('\n---') + 1) + 1);
}

async function edited(file: Promise<Bytes>, from: RegExp, to: string): Promise<Bytes> {
  const text = Buffer.from(await file).toString('latin1');
  const after = text.replace(from, to);
  if (after === text) throw new Error('Nothing was edited.');
  return new Uint8Array(Buffer.from(after, 'latin1'));
}
