import type { OpenedKey } from '../../vault/key-index';
import type { Task, TaskEvent } from '../service';
import type { Wish } from './exchange';
import { wishOf } from './operations';
import type { Trace } from './trace';

/** A task on its way, with what it needs. */
export interface Errand {
  readonly task: Task;
  readonly key: OpenedKey;
  readonly signal: AbortSignal;
  /** The ids of the items that came before. */
  readonly had: readonly string[];
  /** Never to be sent again. */
  readonly askOnly: boolean;
}

export type Events = AsyncGenerator<TaskEvent, void>;

export const wishFor = ({ task, key }: Errand): Wish => wishOf(task, key.fields.email);

/** Written before anything leaves. */
export const sending = (trace: Trace): TaskEvent => ({
  type: 'sending',
  trace,
  ...(trace.state === 'turned-away' && { untaken: true }),
});

/** So many ms from now. */
export const later = (wait: number): TaskEvent => ({ type: 'later', at: Date.now() + wait });
