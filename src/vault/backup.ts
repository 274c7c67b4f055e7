import * as v from 'valibot';
import { type Bytes, textOf, utf8 } from '../bytes';
import { Failure } from '../failure';
import { CHOOSE, lockWithPassphrase, openWithPassphrase, unreadable } from './age-file';
import { Notes } from './key-index';

/** Bytes, of the file as it is stored. */
const LARGEST_FILE = 20_000_000;

// Lengths in UTF-16 units, as for what is typed.
const Name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100));
const Values = v.pipe(v.record(Name, v.pipe(v.string(), v.maxLength(200_000))), v.maxEntries(50));
const Origin = v.pipe(v.string(), v.maxLength(300), v.check(isOrigin));
/** Ms since the epoch; the upper bound is that of Date. */
const Moment = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));

/** A key with its secrets, in the clear. */
export const BackedUpKey = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  service: Name,
  ...Notes.entries,
  fields: Values,
  secrets: Values,
  /** The only places its secrets may go to. */
  origins: v.pipe(v.array(Origin), v.maxLength(20)),
  created: Moment,
  changed: Moment,
  edited: Moment,
});
export type BackedUpKey = v.InferOutput<typeof BackedUpKey>;

/** What a backup holds. It is locked as a whole, so `age -d` makes a readable export of it. */
export const Backup = v.strictObject({
  runkey: v.literal('backup'),
  version: v.literal(1),
  /** When, as an ISO timestamp. */
  made: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.check(made => !Number.isNaN(Date.parse(made))),
  ),
  keys: v.pipe(
    v.array(BackedUpKey),
    v.maxLength(10_000),
    v.check(keys => haveIdsOfTheirOwn(keys)),
  ),
});
export type Backup = v.InferOutput<typeof Backup>;

/**
 * What each version changed in the contents of a backup, by number less one: the first makes version 2 of
 * version 1. They run before the schema, so they must not throw for what is hostile.
 */
const migrations: readonly ((backup: Marked) => Marked)[] = [];

/** What every version has. */
const Marked = v.looseObject({
  runkey: v.literal('backup'),
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
});
type Marked = v.InferOutput<typeof Marked>;

/**
 * A passphrase-locked age file over the backup as indented JSON. It blocks its thread for about a second.
 * Throws `backup-unwritable` for what could not be restored from it. `workFactor` is for the tests.
 */
export async function writeBackup(backup: Backup, passphrase: string, workFactor?: number): Promise<Bytes> {
  const checked = v.safeParse(Backup, backup, { abortEarly: true });
  if (!checked.success) {
    throw unwritable(`The vault holds what a backup cannot.${whichKey(checked.issues[0])}`, 'Edit that key.');
  }
  const plain = utf8(`${JSON.stringify(checked.output, null, 2)}\n`);
  // The lock adds less than that, and what is too large is not worth a second of scrypt.
  if (plain.length > LARGEST_FILE - plain.length / 1000 - 1000) {
    throw unwritable(
      'The keys are more than the 20 MB that a backup may have.',
      'Delete keys you do not need.',
    );
  }
  return lockWithPassphrase(plain, passphrase, workFactor);
}

/**
 * Opens a backup, binary or as ASCII armor. It blocks its thread for one to eight seconds, as the file asks.
 * Throws `backup-passphrase`, or `backup-unreadable` with what is wrong; nothing is quoted from the file.
 */
export async function readBackup(file: Bytes, passphrase: string): Promise<Backup> {
  if (file.length > LARGEST_FILE) {
    throw unreadable('The file is larger than the 20 MB that a backup may have.', CHOOSE);
  }
  return readContents(await openWithPassphrase(file, passphrase));
}

/** The plain bytes are hostile: whoever knows the passphrase may have written anything. */
function readContents(plain: Bytes): Backup {
  const marked = v.safeParse(v.pipe(v.string(), v.parseJson(), Marked), textOrNothing(plain));
  if (!marked.success) {
    throw unreadable('The file opens with this passphrase, but holds no backup of Runkey.', CHOOSE);
  }
  const { version } = marked.output;
  if (version > migrations.length + 1) {
    throw unreadable(
      'The backup was written by a newer Runkey.',
      'Update the extension, then restore again.',
    );
  }
  const current = migrations.slice(version - 1).reduce((older, migrate) => migrate(older), marked.output);
  const backup = v.safeParse(Backup, current, { abortEarly: true });
  if (backup.success) return backup.output;
  throw unreadable(
    `The backup opens, but its contents are not as Runkey writes them.${whichKey(backup.issues[0])}`,
    'If you edited it, mend that or take the copy from before. Nothing was restored.',
  );
}

function textOrNothing(plain: Bytes): string {
  try {
    return textOf(plain);
  } catch {
    return '';
  }
}

/** By its number only: what the file says of itself is not shown. */
function whichKey(issue: v.BaseIssue<unknown>): string {
  const place = issue.path?.[1]?.key;
  return typeof place === 'number' ? ` What is wrong is in key number ${place + 1}.` : '';
}

const unwritable = (message: string, next: string) => new Failure('backup-unwritable', message, { next });

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, host } = new URL(text);
  return (protocol === 'https:' || protocol === 'wss:') && text === `${protocol}//${host}`;
}

function haveIdsOfTheirOwn(keys: readonly { id: string }[]): boolean {
  return new Set(keys.map(({ id }) => id.toLowerCase())).size === keys.length;
}
