import * as v from 'valibot';
import { type Bytes, textOf } from '../bytes';

export const Environment = v.picklist(['development', 'staging', 'production']);
export type Environment = v.InferOutput<typeof Environment>;

/** yyyy-mm-dd, of a day that there is: browsers differ in what they make of the 31st of February. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** What a person notes of a key. None of it is secret; all of it is sealed. */
export const Notes = v.strictObject({
  label: v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty('Label is empty.'),
    v.maxLength(100, 'Label can have at most 100 characters.'),
  ),
  environment: v.exactOptional(Environment),
  notes: v.exactOptional(v.pipe(v.string(), v.maxLength(4000, 'Notes can have at most 4000 characters.'))),
  /** When it should be replaced: a day, yyyy-mm-dd. */
  rotateBy: v.exactOptional(v.pipe(v.string(), v.check(isDay, 'Replace by must be a date.'))),
  /** US dollars that its calls may cost in a day; null: no limit; absent: the usual one. */
  dailyLimit: v.exactOptional(
    v.nullable(
      v.pipe(
        v.number('Daily limit must be a number.'),
        v.minValue(0, 'Daily limit must be from 0 to 100000.'),
        v.maxValue(100_000, 'Daily limit must be from 0 to 100000.'),
      ),
    ),
  ),
});
export type Notes = v.InferOutput<typeof Notes>;

/** What is known of a key without opening its secret. Times in ms since the epoch. */
export const KeyEntry = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  service: v.string(),
  ...Notes.entries,
  /** The key's fields that are not secret, by name. */
  fields: v.record(v.string(), v.string()),
  /** When it was saved first. */
  created: v.number(),
  /** When its secret was saved. */
  changed: v.number(),
  /** When anything of it was. */
  edited: v.number(),
  /** When its service last said that it works. */
  verified: v.exactOptional(v.number()),
  /** IV of the current secret, base64: an older or foreign one shows. */
  iv: v.string(),
});
export type KeyEntry = v.InferOutput<typeof KeyEntry>;

/** The sealed index: one ciphertext that lists every key. */
const KeyIndex = v.strictObject({
  version: v.literal(2),
  /** Counts its writings, which tells an older copy from the present one. */
  revision: v.number(),
  keys: v.array(KeyEntry),
});
export type KeyIndex = v.InferOutput<typeof KeyIndex>;

const First = v.strictObject({
  keys: v.array(
    v.strictObject({
      ...v.omit(KeyEntry, ['environment', 'notes', 'rotateBy', 'dailyLimit', 'changed', 'edited', 'verified'])
        .entries,
    }),
  ),
});

/** What each version of the index changed; it is written anew at the next change. */
function migrated(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'version' in value) return value;
  // 1 to 2: revision, and when a key was changed.
  const { keys } = v.parse(First, value);
  return {
    version: 2,
    revision: 0,
    keys: keys.map(key => ({ ...key, changed: key.created, edited: key.created })),
  };
}

/** Reads an opened index of any version. Throws when it is none. */
export function readIndex(bytes: Bytes): KeyIndex {
  return v.parse(KeyIndex, migrated(JSON.parse(textOf(bytes))));
}

/** A secret as sealed: with the origins it may be sent to, and no others. */
const Secret = v.strictObject({
  secrets: v.record(v.string(), v.string()),
  origins: v.array(v.string()),
});
export type Secret = v.InferOutput<typeof Secret>;

/** Reads an opened secret. Throws when it is none. */
export const readSecret = (bytes: Bytes): Secret => v.parse(Secret, JSON.parse(textOf(bytes)));

/** A key opened for one request. It exists only in `vault/` and, for that request, in `services/`. */
export interface OpenedKey {
  readonly id: string;
  readonly service: string;
  /** All of its fields, secret ones too. */
  readonly fields: Readonly<Record<string, string>>;
  readonly origins: readonly string[];
}
