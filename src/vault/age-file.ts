import { armor, Decrypter, Encrypter } from 'age-encryption';
import { type Bytes, textOf } from '../bytes';
import { Failure } from '../failure';

/**
 * Files that a passphrase locks, in the format age-encryption.org/v1, binary or as ASCII armor: the `age`
 * tool opens ours, and we open its. The format is specified in C2SP/age.
 */

/**
 * scrypt's cost as log2 of N (r = 8, p = 1). The library computes it in one go, and nothing else runs in the
 * background meanwhile: 17 takes about a second and 128 MiB, age's own 18 two. At rest Argon2id guards the
 * passphrase within this browser; a backup leaves the machine, so it is not made cheaper than that.
 */
const WORK_FACTOR = 17;

// `age` writes 18. Nobody writes less than 10 in earnest, and above 20 (1 GiB) a file could freeze the browser.
const LEAST_WORK = 10;
const MOST_WORK = 20;

/** Locks bytes with a passphrase. `workFactor` is log2 of scrypt's N; the tests take less of it. */
export async function lockWithPassphrase(
  plain: Bytes,
  passphrase: string,
  workFactor = WORK_FACTOR,
): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(workFactor);
  // As for the vault, so that it is the same on every keyboard. `age` takes the bytes as they are typed,
  // and keyboards type NFC.
  encrypter.setPassphrase(passphrase.normalize('NFC'));
  return new Uint8Array(await encrypter.encrypt(plain));
}

/**
 * Opens what a passphrase locked, and takes as long as the file asks for: about eight seconds at 2^20.
 * Throws `backup-passphrase` (which may be the file's fault too), or `backup-unreadable` with what is wrong.
 */
export async function openWithPassphrase(file: Bytes, passphrase: string): Promise<Bytes> {
  const binary = withoutArmor(file);
  const header = readHeader(binary);
  if (binary.length - header.length < SHORTEST_BODY) {
    throw unreadable('The file ends too early: it was cut off.', COPY);
  }
  const fileKey = await openHeader(header, passphrase);
  // The library decrypts only whole files: it is handed the file's key, and scrypt is not run again.
  const decrypter = new Decrypter();
  decrypter.addIdentity({ unwrapFileKey: () => fileKey });
  try {
    return new Uint8Array(await decrypter.decrypt(binary));
  } catch {
    throw unreadable('The passphrase is right, but the contents of the file are damaged or cut off.', COPY);
  }
}

const COPY = 'Take another copy of the backup, or download it again.';
export const CHOOSE = 'Choose a file that Runkey’s “Back up” has made.';

export const unreadable = (message: string, next: string) =>
  new Failure('backup-unreadable', message, { next });

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';

function withoutArmor(file: Bytes): Bytes {
  // Mail programs put empty lines before it.
  if (!latin1(file.subarray(0, 1024)).trimStart().startsWith(ARMOR)) return file;
  try {
    return new Uint8Array(armor.decode(textOf(file)));
  } catch {
    throw unreadable('The file is age text, but damaged or cut off.', COPY);
  }
}

// A nonce and the tag of an empty last chunk.
const SHORTEST_BODY = 16 + 16;

// One passphrase takes less than 200 bytes.
const LONGEST_HEADER = 1024;

// The salt has 16 bytes, the locked file key 32, the MAC 32: base64 without padding.
const STANZA = /^-> scrypt [A-Za-z0-9+/]{22} ([1-9]\d*)\n/;
const REST = /^[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n/;

/** The bytes of the header, found fit to be computed on. */
function readHeader(file: Bytes): Bytes {
  const [, version, rest = ''] =
    /^age-encryption\.org\/(v\d+)\n(.*)/s.exec(latin1(file.subarray(0, LONGEST_HEADER))) ?? [];
  if (!version) throw unreadable('The file is not an age file, so it is no backup of Runkey.', CHOOSE);
  if (version !== 'v1') {
    throw unreadable('The file is in a version of age that Runkey does not read.', CHOOSE);
  }
  if (/^-> (?!scrypt )\S+/.test(rest)) {
    throw unreadable(
      'The file is an age file, but it was locked with a key and not with a passphrase.',
      CHOOSE,
    );
  }
  const [stanza, work] = STANZA.exec(rest) ?? [];
  if (!stanza) throw damagedHeader();
  // The library has only an upper bound, and looks after it has read the whole file.
  checkWork(Number(work));
  const [end] = REST.exec(rest.slice(stanza.length)) ?? [];
  if (!end) throw damagedHeader();
  return file.subarray(0, 'age-encryption.org/v1\n'.length + stanza.length + end.length);
}

function checkWork(factor: number): void {
  if (factor >= LEAST_WORK && factor <= MOST_WORK) return;
  const fault =
    factor < LEAST_WORK
      ? `so weakly that anyone could guess it (scrypt below 2^${LEAST_WORK})`
      : `so heavily that opening it would freeze the browser (scrypt above 2^${MOST_WORK})`;
  throw unreadable(`The file is locked ${fault}.`, `Runkey did not write this. ${CHOOSE}`);
}

async function openHeader(header: Bytes, passphrase: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  // `age` does not normalise: what was typed there in another form opens with just that.
  for (const form of new Set([passphrase.normalize('NFC'), passphrase])) decrypter.addPassphrase(form);
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    // The library tells them apart by their texts only; the tests hold it to them.
    const why = error instanceof Error ? error.message : '';
    if (why.startsWith('no identity matched')) {
      throw new Failure(
        'backup-passphrase',
        'The passphrase is not the one of this backup, or the backup is damaged.',
        {
          next: 'Type the passphrase that you had when you made it. Check Caps Lock and the keyboard layout.',
          field: 'passphrase',
        },
      );
    }
    if (error instanceof RangeError) {
      throw unreadable(
        'There is not enough free memory to open this file.',
        'Close other programs and try again.',
      );
    }
    throw why === 'invalid header HMAC'
      ? unreadable('The passphrase is right, but the beginning of the file is damaged.', COPY)
      : damagedHeader();
  }
}

const damagedHeader = () => unreadable('The beginning of the file is damaged or cut off.', COPY);

/** Every byte as one character. */
const latin1 = (bytes: Bytes) => String.fromCharCode(...bytes);
