import * as v from 'valibot';

/** What is known of a key without opening its secret. */
export const KeyEntry = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  service: v.string(),
  label: v.string(),
  /** The key's fields that are not secret, by name. */
  fields: v.record(v.string(), v.string()),
  /** When it was saved first, ms since the epoch. */
  created: v.number(),
  /** IV of the current secret, base64: an older or foreign one shows. */
  iv: v.string(),
});
export type KeyEntry = v.InferOutput<typeof KeyEntry>;

/** The sealed index: one ciphertext that lists every key. */
export const KeyIndex = v.strictObject({ keys: v.array(KeyEntry) });
export type KeyIndex = v.InferOutput<typeof KeyIndex>;

/** A secret as sealed: with the origins it may be sent to, and no others. */
export const Secret = v.strictObject({
  secrets: v.record(v.string(), v.string()),
  origins: v.array(v.string()),
});
export type Secret = v.InferOutput<typeof Secret>;

/** A key opened for one request. It exists only in `vault/` and, for that request, in `services/`. */
export interface OpenedKey {
  readonly id: string;
  readonly service: string;
  /** All of its fields, secret ones too. */
  readonly fields: Readonly<Record<string, string>>;
  readonly origins: readonly string[];
}
