import type { Bytes } from '../bytes';
import type { FailureReport } from '../failure';
import type { OpenedKey } from '../vault/key-index';
import type { Values } from './fields';

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

/** One thing that a task answered with. */
export type TaskItem = {
  /** Tells it from the task's others, for one may come twice. */
  readonly id: string;
  /** US dollars. */
  readonly cost?: number;
  /** The task is complete with it. */
  readonly last?: boolean;
} & (
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image';
      readonly mime: 'image/jpeg' | 'image/png' | 'image/webp';
      readonly bytes: Bytes;
      readonly seed?: number;
    }
);

/** What an operation tells while it runs. The generator goes on only once the event is in the journal. */
export type TaskEvent =
  /** There is no link yet: this may take a while. */
  | { readonly type: 'connecting' }
  /** About to leave the machine. `trace` is what `recover` will need. */
  | { readonly type: 'sending'; readonly trace: unknown }
  | { readonly type: 'reconnecting' }
  /** So many of the task's items will not come; the others did. */
  | { readonly type: 'refused'; readonly count: number; readonly failure: FailureReport }
  | TaskItem;

/** What is kept of a task that was sent: its last trace, and the ids of the items that came. */
export interface Kept {
  readonly trace: unknown;
  readonly items: readonly string[];
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
  /** Forgets every secret that is held for later. Work already sent may finish. */
  lock(): void;
}
