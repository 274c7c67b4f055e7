import * as v from 'valibot';

/** Base64 text of so many bytes. */
export const Encoded = (bytes: number) => v.pipe(v.string(), v.base64(), v.length(4 * Math.ceil(bytes / 3)));

/** What the browser must be asked for to open the vault with a passkey. Nothing in it is secret. */
export const Passkey = v.strictObject({
  /** The credential's id, base64. */
  id: v.pipe(v.string(), v.base64(), v.nonEmpty(), v.maxLength(2048)),
  label: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(100)),
  /** What the authenticator's pseudo-random function is evaluated at, 32 bytes in base64. */
  salt: Encoded(32),
  /** Ms since the epoch. */
  created: v.number(),
});
export type Passkey = v.InferOutput<typeof Passkey>;

/** What an authenticator's pseudo-random function gave: 32 bytes in base64. */
export const PrfOutput = Encoded(32);

/** What a person gives to open the vault, or to show that it is still them. */
export const Proof = v.variant('by', [
  v.strictObject({
    by: v.literal('passphrase'),
    passphrase: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024)),
  }),
  v.strictObject({
    by: v.literal('passkey'),
    id: Passkey.entries.id,
    secret: PrfOutput,
  }),
]);
export type Proof = v.InferOutput<typeof Proof>;
