import * as v from 'valibot';
import type { Call } from '../calls/call';
import type { FailureReport } from '../failure';
import type { Verdict } from '../services/service';
import type { KeyEntry } from '../vault/key-index';
import type { VaultStatus } from '../vault/vault';

/**
 * What may be asked of the background, by whom, and how long an answer may take.
 * The door checks requests against these schemas; replies come from our own background.
 */
interface Ask<Body extends v.GenericSchema, Reply> {
  readonly body: Body;
  /** Milliseconds after which the asker is told that no answer came. */
  readonly limit: number;
  /** The reply's type only: there is nothing here at run time. */
  readonly reply?: Reply;
}

const ask =
  <Reply>() =>
  <Body extends v.GenericSchema>(body: Body, limit = 10_000): Ask<Body, Reply> => ({ body, limit });

const Id = v.pipe(v.string(), v.uuid());
const Passphrase = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024));
const Name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100));
const Label = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('Label is empty.'),
  v.maxLength(100, 'Label can have at most 100 characters.'),
);
const Values = v.pipe(
  v.record(Name, v.pipe(v.string(), v.maxLength(200_000))),
  v.check(values => Object.keys(values).length <= 50),
);

// Argon2id takes most of a second on a slow machine.
const DERIVING = 30_000;
/** A test waits for the service as long as `TEST_LIMIT` in `background/keys.ts` says, and a little more. */
const TESTING = 25_000;

/** What our own pages may ask. */
export const pageAsks = {
  'vault.create': ask<void>()(v.strictObject({ passphrase: Passphrase }), DERIVING),
  'vault.unlock': ask<void>()(v.strictObject({ passphrase: Passphrase }), DERIVING),
  'vault.lock': ask<void>()(v.strictObject({})),
  'keys.add': ask<{ id: string }>()(v.strictObject({ service: Name, label: Label, values: Values })),
  /** Secret values that are left out stay as they are. */
  'keys.change': ask<void>()(v.strictObject({ id: Id, label: Label, values: Values })),
  'keys.remove': ask<void>()(v.strictObject({ id: Id })),
  'keys.test': ask<Verdict>()(v.strictObject({ id: Id }), TESTING),
  'calls.start': ask<{ id: string }>()(v.strictObject({ key: Id, operation: Name, values: Values })),
  'calls.cancel': ask<void>()(v.strictObject({ id: Id })),
  /** The bytes of one image or sound, base64. */
  'calls.media': ask<{ base64: string }>()(
    v.strictObject({ id: Id, media: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  ),
  /** The text that the right-click menu was last used on, once: it is forgotten when taken. */
  'selection.take': ask<{ text: string } | null>()(v.strictObject({})),
};

/** What content scripts may ask: everything else is refused to them. */
export const contentAsks = {
  /** The selected text, after the right-click menu asked for it. */
  'selection.offer': ask<void>()(
    v.strictObject({ text: v.pipe(v.string(), v.nonEmpty(), v.maxLength(100_000)) }),
  ),
};

/** What our own pages may watch, over a port. */
export type StateEvent =
  | {
      readonly type: 'snapshot';
      readonly vault: VaultStatus;
      readonly keys: readonly KeyEntry[];
      /** The open calls and the latest finished ones, newest first. */
      readonly calls: readonly Call[];
    }
  /** The vault cannot even be looked at. */
  | { readonly type: 'failed'; readonly failure: FailureReport }
  | { readonly type: 'call'; readonly call: Call };

export const STATE_PORT = 'state';

export type PageAsks = typeof pageAsks;
export type ContentAsks = typeof contentAsks;
export type Asks = Record<string, Ask<v.GenericSchema, unknown>>;
export type BodyOf<A extends Asks, N extends keyof A> = v.InferOutput<A[N]['body']>;
export type ReplyOf<A extends Asks, N extends keyof A> =
  A[N] extends Ask<v.GenericSchema, infer Reply> ? Reply : never;

export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: FailureReport };
