import * as v from 'valibot';
import type { Call } from '../calls/call';
import { type Prompt, Prompts } from '../calls/prompt';
import { HistoryPlace, MoneySettings, Retention, SelectionSettings } from '../calls/settings';
import type { FailureReport } from '../failure';
import { type Account, AccountPutIn, NewAccount } from '../services/accounts';
import type { Row, Verdict } from '../services/service';
import { type KeyEntry, Notes } from '../vault/key-index';
import { Locking } from '../vault/locking';
import { Passkey, PrfOutput, Proof } from '../vault/proof';
import type { Difference } from '../vault/restore';
import type { Use } from '../vault/uses';
import type { VaultStatus } from '../vault/vault';

/**
 * What may be asked of the background, by whom, and how long an answer may take.
 * The door checks requests against these schemas; replies come from our own background.
 */
interface Ask<Body extends v.GenericSchema, Reply> {
  readonly body: Body;
  /** Milliseconds after which the asker is told that no answer came. */
  readonly limit: number;
  /** Only our options page, in a tab of its own, may ask: never the popup. */
  readonly options?: true;
  /** The reply's type only: there is nothing here at run time. */
  readonly reply?: Reply;
}

const ask =
  <Reply>() =>
  <Body extends v.GenericSchema>(body: Body, limit = 10_000): Ask<Body, Reply> => ({ body, limit });

const fromOptions =
  <Reply>() =>
  <Body extends v.GenericSchema>(body: Body, limit = 10_000): Ask<Body, Reply> => ({
    body,
    limit,
    options: true,
  });

const Id = v.pipe(v.string(), v.uuid());
const Passphrase = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024));
const Name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100));
const Values = v.pipe(
  // A picture is the longest: its data URI.
  v.record(Name, v.pipe(v.string(), v.maxLength(14_000_000))),
  v.check(values => Object.keys(values).length <= 50),
);

const Whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const Private = v.exactOptional(v.literal(true));

/** The origin of a page. */
const Site = v.pipe(
  v.string(),
  v.maxLength(300),
  v.check(text => URL.parse(text)?.origin === text),
);

/** A backup, base64: of at most 20 MB, as `vault/backup.ts` has it. */
const File = v.pipe(v.string(), v.nonEmpty(), v.maxLength(28_000_000));

// Argon2id takes most of a second on a slow machine, scrypt several.
const DERIVING = 30_000;
const BACKING_UP = 60_000;
/** A test waits for the service as long as `TEST_LIMIT` in `background/keys.ts` says, and a little more. */
const TESTING = 25_000;
/** As long as `SIGNING_IN` in `background/accounts.ts` says, and a little more: the service tries the password. */
const SIGNING_IN = 60_000;

/** Where something stands in a backup, and how it stands to the vault. */
export interface Line {
  readonly label: string;
  readonly service: string;
  readonly difference: Difference;
  readonly why?: string;
}

export interface Preview {
  /** When the backup was made, an ISO timestamp. */
  readonly made: string;
  readonly lines: readonly Line[];
  /** Labels of the keys that are in the vault only: replacing deletes them. */
  readonly gone: readonly string[];
}

/** How a key stands with its service. */
export interface Health {
  /** When this was learnt, ms since the epoch. */
  readonly at: number;
  readonly verdict: Verdict;
  /** What the account has left, US dollars, where the service says. */
  readonly balance?: number;
}

export interface HistoryPage {
  readonly calls: readonly Call[];
  /** Where to go on; absent: there are no more. */
  readonly next?: HistoryPlace;
}

/** What our own pages may ask. */
export const pageAsks = {
  'vault.create': fromOptions<void>()(v.strictObject({ passphrase: Passphrase }), DERIVING),
  /** `goOn`: the prompts that wait and were named where it is unlocked. */
  'vault.unlock': ask<void>()(
    v.strictObject({ proof: Proof, goOn: v.exactOptional(v.pipe(v.array(Id), v.maxLength(20))) }),
    DERIVING,
  ),
  'vault.lock': ask<void>()(v.strictObject({})),
  /** The person did something on a page: the vault stays open a while longer. */
  'vault.touch': ask<void>()(v.strictObject({})),
  'vault.locking': fromOptions<Locking>()(v.strictObject({})),
  'vault.setLocking': fromOptions<void>()(v.strictObject({ locking: Locking })),
  /** Does nothing but say whether the proof is good: before something that would be in vain otherwise. */
  'vault.prove': fromOptions<void>()(v.strictObject({ proof: Proof }), DERIVING),
  'vault.changePassphrase': fromOptions<void>()(
    v.strictObject({ proof: Proof, passphrase: Passphrase }),
    DERIVING,
  ),
  'vault.replaceKey': fromOptions<void>()(v.strictObject({ proof: Proof, passphrase: Passphrase }), DERIVING),
  /** `secret` is what the passkey's function gave at its salt. */
  'vault.addPasskey': fromOptions<void>()(
    v.strictObject({ proof: Proof, passkey: v.omit(Passkey, ['created']), secret: PrfOutput }),
    DERIVING,
  ),
  'vault.removePasskey': fromOptions<void>()(
    v.strictObject({ proof: Proof, id: Passkey.entries.id }),
    DERIVING,
  ),
  'vault.erase': fromOptions<void>()(v.strictObject({})),
  /** Every key in one age file, base64; `damaged` are the labels of those whose secret could not be read. */
  'vault.backUp': fromOptions<{ file: string; keys: number; damaged: readonly string[] }>()(
    v.strictObject({ passphrase: Passphrase }),
    BACKING_UP,
  ),
  'vault.preview': fromOptions<Preview>()(v.strictObject({ file: File, passphrase: Passphrase }), BACKING_UP),
  /** `begin` makes a vault of the backup, with the backup's passphrase, where there is none that opens. */
  'vault.restore': fromOptions<Preview>()(
    v.strictObject({
      file: File,
      passphrase: Passphrase,
      mode: v.picklist(['merge', 'replace', 'begin']),
    }),
    BACKING_UP,
  ),
  'keys.add': fromOptions<{ id: string }>()(v.strictObject({ service: Name, notes: Notes, values: Values })),
  /** Secret values that are left out stay as they are. */
  'keys.change': fromOptions<void>()(v.strictObject({ id: Id, notes: Notes, values: Values })),
  /** Tests the new secret, and puts it in the old one's place if it works, or untested if so wished. */
  'keys.replace': fromOptions<{ replaced: boolean; verdict?: Verdict }>()(
    v.strictObject({ id: Id, values: Values, untested: v.boolean() }),
    TESTING,
  ),
  'keys.remove': fromOptions<void>()(v.strictObject({ id: Id })),
  'keys.test': fromOptions<Verdict>()(v.strictObject({ id: Id }), TESTING),
  /** The only way in which a secret reaches a page. */
  'keys.reveal': fromOptions<Record<string, string>>()(v.strictObject({ id: Id, proof: Proof }), DERIVING),
  /** Where a key has been, the newest first. */
  'keys.uses': fromOptions<{ uses: readonly (Use & { at: number })[]; unreadable: number }>()(
    v.strictObject({ id: Id }),
  ),
  /** The accounts behind a key, as its service has them. */
  'accounts.list': fromOptions<{ accounts: readonly Account[] }>()(v.strictObject({ key: Id }), TESTING),
  /** Adds one or puts it in anew: its password goes to the service, and is kept if so wished. */
  'accounts.put': fromOptions<void>()(
    v.strictObject({ key: Id, account: AccountPutIn, keep: v.exactOptional(v.literal(true)) }),
    SIGNING_IN,
  ),
  /** A password that is kept of it is forgotten. */
  'accounts.remove': fromOptions<void>()(
    v.strictObject({ key: Id, email: NewAccount.entries.email }),
    TESTING,
  ),
  /** `id`: the call's own. Asked for twice, because no answer came, it is one call. */
  'calls.start': ask<{ id: string }>()(
    v.strictObject({
      id: v.exactOptional(Id),
      key: Id,
      operation: Name,
      values: Values,
      site: v.exactOptional(Site),
      /** From a private window: nothing of it goes into the history. */
      private: Private,
    }),
  ),
  /** Makes the same call anew, with the same inputs, as one of the id `as`. */
  'calls.again': ask<{ id: string }>()(v.strictObject({ id: Id, as: Id })),
  /** Asks the service what became of a call whose outcome is unknown, or which was cancelled once sent. Sends nothing anew. */
  'calls.ask': ask<void>()(v.strictObject({ id: Id })),
  /** A call as something to run elsewhere, its picture in it; no secret is. */
  'calls.copyAs': ask<{ text: string }>()(v.strictObject({ id: Id, as: v.picklist(['curl', 'fetch']) })),
  'calls.cancel': ask<void>()(v.strictObject({ id: Id })),
  /** What a call would cost, US dollars, by the service's word; null where it does not say. */
  'calls.price': ask<{ price: number | null }>()(
    v.strictObject({ key: Id, operation: Name, values: Values, private: Private }),
    TESTING,
  ),
  /** What a question lists: the models of a name, say. */
  'calls.look': ask<{ rows: readonly Row[]; total: number }>()(
    v.strictObject({ key: Id, operation: Name, values: Values }),
    TESTING,
  ),
  /** The bytes of one image, sound or film, base64: as many as one message takes, beginning at `from`; it has `total`. */
  'calls.media': ask<{ base64: string; total: number }>()(
    v.strictObject({ id: Id, media: Whole, from: v.exactOptional(Whole) }),
    30_000,
  ),
  /** What is known of how a key stands; asks its service when that is older than `maxAge` ms. */
  'keys.health': ask<Health>()(
    v.strictObject({ id: Id, maxAge: v.pipe(v.number(), v.minValue(0)) }),
    TESTING,
  ),
  /** Finished calls, newest first, beginning after `after`. It looks at a limited number of them at a time. */
  'history.list': fromOptions<HistoryPage>()(
    v.strictObject({
      after: v.exactOptional(HistoryPlace),
      most: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
      service: v.exactOptional(Name),
      key: v.exactOptional(Id),
      operation: v.exactOptional(Name),
    }),
  ),
  'history.delete': fromOptions<void>()(v.strictObject({ id: Id })),
  'history.clear': fromOptions<void>()(v.strictObject({}), 60_000),
  'settings.money': ask<MoneySettings>()(v.strictObject({})),
  'settings.setMoney': fromOptions<void>()(v.strictObject({ money: MoneySettings })),
  'settings.retention': fromOptions<Retention>()(v.strictObject({})),
  /** Deletes what is older at once. */
  'settings.setRetention': fromOptions<void>()(v.strictObject({ retention: Retention }), 60_000),
  'prompts.get': ask<{ prompts: readonly Prompt[] }>()(v.strictObject({})),
  /** All of them, in their order. The menu follows. */
  'prompts.set': fromOptions<void>()(v.strictObject({ prompts: Prompts })),
  'settings.selection': ask<SelectionSettings>()(v.strictObject({})),
  /** Where the bubble is: pages have asked for the permission before. What is no longer needed is given back. */
  'settings.setSelection': ask<void>()(v.strictObject({ selection: SelectionSettings })),
  /** What a page brought to the popup in such windows, once: it is forgotten when taken. */
  'selection.take': ask<Brought | null>()(v.strictObject({ private: Private })),
  /** Runs a prompt that waits, or lets it go. */
  'selection.run': ask<{ id: string }>()(v.strictObject({ card: Id })),
  'selection.discard': ask<void>()(v.strictObject({ card: Id })),
  /** A secret that was selected on a page, for the form of a new key; once. */
  'selection.takeSecret': fromOptions<{ text: string } | null>()(v.strictObject({})),
};

/** What a page brings to the popup: a text to say something about, or a call to look at. */
export interface Brought {
  readonly text?: string;
  readonly site?: string;
  readonly call?: string;
  /** The site on which the bubble is offered. */
  readonly offer?: string;
}

/** A prompt that waits for the vault, or for the person's word. */
export interface Waiting {
  readonly card: string;
  /** Until then, ms since the epoch, it goes on by itself once the vault is unlocked in the popup; absent: it does not. */
  readonly until?: number;
  /** From a private window: for these alone. */
  readonly private?: true;
  readonly title: string;
  /** The first words of what was selected. */
  readonly words: string;
  readonly site?: string;
  /** Expected, US dollars; absent where the service counts in a way of its own, 0: nothing. */
  readonly price?: number;
}

const CardId = v.strictObject({ card: Id });

/** What content scripts may ask: everything else is refused to them. A card is its own document's alone. */
export const contentAsks = {
  /** Something was selected for the first time in this frame: the bubble's code is wanted. */
  'bubble.wanted': ask<void>()(v.strictObject({})),
  'prompts.list': ask<{
    prompts: readonly { id: string; name: string }[];
    modifier: SelectionSettings['modifier'];
    code: boolean;
  }>()(v.strictObject({})),
  /** Shows a card for what is selected in the frame that asks, which the background reads itself. Runs nothing. */
  'prompts.pick': ask<void>()(v.strictObject({ prompt: Id })),
  /** The person pressed `Run` in the card. */
  'card.run': ask<void>()(CardId),
  'card.cancel': ask<void>()(CardId),
  /** The bytes of one medium of its answer, base64: as many as one message takes, from `from` on. */
  'card.media': ask<{ base64: string; total: number }>()(
    v.strictObject({ card: Id, media: Whole, from: v.exactOptional(Whole) }),
    30_000,
  ),
  /** Puts a text of its answer in the place of what was selected. */
  'card.insert': ask<{ inserted: boolean }>()(
    v.strictObject({ card: Id, item: v.pipe(v.string(), v.maxLength(200)) }),
  ),
  /** Opens the popup on it. */
  'card.open': ask<void>()(CardId),
  /** Opens the form of a new key with the secret that was selected. */
  'card.keep': ask<void>()(CardId),
  /** Opens the popup, which offers the bubble for its site. */
  'card.offer': ask<void>()(CardId),
  'card.close': ask<void>()(CardId),
  /** No bubble on this site any more. */
  'site.off': ask<void>()(v.strictObject({})),
};

/** What our own pages may watch, over a port. */
export type StateEvent =
  | {
      readonly type: 'snapshot';
      readonly vault: VaultStatus;
      /** What opens it besides the passphrase. */
      readonly passkeys: readonly Passkey[];
      readonly keys: readonly KeyEntry[];
      /** When each key was last used, by its id, ms since the epoch. */
      readonly used: Readonly<Record<string, number>>;
      /** What each key's calls have cost today, by its id, US dollars; those under way with what they are expected to cost. */
      readonly spent: Readonly<Record<string, number>>;
      /** The open calls and the latest finished ones, newest first. */
      readonly calls: readonly Call[];
      /** The newest first. */
      readonly waiting: readonly Waiting[];
    }
  /** The vault cannot even be looked at. */
  | { readonly type: 'failed'; readonly failure: FailureReport }
  /** Calls that have changed. */
  | { readonly type: 'calls'; readonly calls: readonly Call[] };

export const STATE_PORT = 'state';

/** Where what is typed in the popup is, in storage.session: its texts, then its pictures. */
export const DRAFT = ['draft', 'draft pictures'] as const;
/** What is typed in private windows is for these alone, and goes with the last of them. */
export const PRIVATE_DRAFT = ['private draft', 'private draft pictures'] as const;
/** The site for which the popup asks the browser's permission, in storage.session: the popup closes as it does. */
export const WISHED_SITE = 'wished site';

export type PageAsks = typeof pageAsks;
export type ContentAsks = typeof contentAsks;
export type Asks = Record<string, Ask<v.GenericSchema, unknown>>;
export type BodyOf<A extends Asks, N extends keyof A> = v.InferOutput<A[N]['body']>;
export type ReplyOf<A extends Asks, N extends keyof A> =
  A[N] extends Ask<v.GenericSchema, infer Reply> ? Reply : never;

export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: FailureReport };
