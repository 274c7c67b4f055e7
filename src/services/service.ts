import type { Bytes } from '../bytes';
import type { FailureReport } from '../failure';
import type { OpenedKey } from '../vault/key-index';
import type { Accounts } from './accounts';
import type { Values } from './fields';
import type { Sketch } from './sketch';

/** What a test of a key ends in. */
export type Verdict =
  | { readonly outcome: 'works' }
  | { readonly outcome: 'rejected'; readonly failure: FailureReport }
  | { readonly outcome: 'could-not-tell'; readonly failure: FailureReport };

/** One run of an operation, its values checked against the operation's fields. */
export interface Task {
  /** A UUID, chosen and journaled before anything is sent: the same one however often it is asked for. */
  readonly id: string;
  readonly operation: string;
  readonly values: Values;
}

export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/svg+xml';
export type AudioType = 'audio/wav' | 'audio/mpeg' | 'audio/flac' | 'audio/ogg';
export type VideoType = 'video/mp4' | 'video/webm' | 'video/quicktime';

/** What a medium may be besides its bytes. */
interface Medium {
  readonly bytes: Bytes;
  readonly seed?: number;
  /** What the service says about it, untrusted: shown as text. */
  readonly note?: string;
}

/** One line of a list that a service answered with. All of it is untrusted. */
export interface Row {
  /** What a field takes to ask for it; empty where none does. */
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  /** What other fields of the same form take with it. */
  readonly fills?: Values;
}

/** One thing that a task answered with. */
export type TaskItem = {
  /** Tells it from the task's others, for one may come twice. */
  readonly id: string;
  /** US dollars. */
  readonly cost?: number;
  /** The task is complete with it. */
  readonly last?: boolean;
} & (
  | {
      readonly type: 'text';
      readonly text: string;
      /** Why it ends where it does, if not because it was done. */
      readonly cut?: 'length' | 'filter';
    }
  | ({ readonly type: 'image'; readonly mime: ImageType } & Medium)
  | ({ readonly type: 'audio'; readonly mime: AudioType } & Medium)
  | ({ readonly type: 'video'; readonly mime: VideoType } & Medium)
  /** A result that lies where Runkey may not fetch it. Untrusted: an https address, to be opened by the person. */
  | { readonly type: 'link'; readonly url: string; readonly of: 'image' | 'audio' | 'video' }
  | { readonly type: 'list'; readonly rows: readonly Row[]; readonly total: number }
);

/** What an operation tells while it runs. The generator goes on only once the event is in the journal. */
export type TaskEvent =
  /** There is no link yet: this may take a while. */
  | { readonly type: 'connecting' }
  /** About to leave the machine. `trace` is what `recover` will need; `untaken`: what left before was refused for certain. */
  | { readonly type: 'sending'; readonly trace: unknown; readonly untaken?: true }
  | { readonly type: 'reconnecting' }
  /** The service takes nothing just now, and is asked again in a moment. */
  | { readonly type: 'busy' }
  /** 0 to 100, as the service says. */
  | { readonly type: 'progress'; readonly percent: number }
  /** The text of the answer so far, whole. */
  | { readonly type: 'partial'; readonly text: string }
  /** So many of the task's items will not come; the others did. */
  | { readonly type: 'refused'; readonly count: number; readonly failure: FailureReport }
  /** US dollars for an item, by its id, that cannot be shown. */
  | { readonly type: 'charged'; readonly id: string; readonly cost: number }
  /**
   * There is nothing to do until about then (ms since the epoch): the generator ends, and `recover` goes on with the
   * last trace. Between the two nothing of it is awake.
   */
  | { readonly type: 'later'; readonly at: number }
  | TaskItem;

/** What is kept of a task that was sent: its last trace, and the ids of the items that came. */
export interface Kept {
  readonly trace: unknown;
  readonly items: readonly string[];
  /** Only to be asked after, never to be sent again. */
  readonly askOnly?: boolean;
}

/** A task that was run although only its price was asked for. */
export interface Ran {
  /** What it cost, US dollars, where the service said so. */
  readonly charged: number | undefined;
}

/**
 * The face that every service has. Both generators end when the task is complete and throw a Failure
 * otherwise: `outcome-unknown` when it may have run and been billed, `vault-locked` when it waits for
 * the key. An abort ends them with the signal's reason.
 */
export interface Service {
  /** One question that costs nothing: does this key work? */
  verify(key: OpenedKey, signal: AbortSignal): Promise<Verdict>;
  run(task: Task, key: OpenedKey, signal: AbortSignal): AsyncGenerator<TaskEvent, void>;
  /** Goes on with a task that was sent, and yields the items that had not come. */
  recover(task: Task, kept: Kept, key: OpenedKey, signal: AbortSignal): AsyncGenerator<TaskEvent, void>;
  /**
   * What a task would cost, US dollars, without running it; undefined where the service does not say. Where it ran
   * the task after all, that.
   */
  price?(task: Task, key: OpenedKey, signal: AbortSignal): Promise<number | Ran | undefined>;
  /** What the key's account has left, US dollars; undefined where the service does not say. */
  balance?(key: OpenedKey, signal: AbortSignal): Promise<number | undefined>;
  /**
   * A task as it can be done without Runkey, of the key's fields that are not secret. It asks nobody. Throws
   * `bad-request`, `bad-input` where it cannot be said.
   */
  sketch(task: Task, fields: Readonly<Values>): Sketch;
  /** The accounts behind a key, where the service has such. */
  readonly accounts?: Accounts;
  /** Forgets every secret that is held for later. Work already sent may finish. */
  lock(): void;
}
