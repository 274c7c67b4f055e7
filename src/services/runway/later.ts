import type { TaskEvent } from '../service';

/**
 * There is nothing to do until about then (ms since the epoch): the generator ends, and `recover` goes on with the
 * last trace. Between the two nothing of it is awake.
 */
export interface Later {
  readonly type: 'later';
  readonly at: number;
}

export type Told = TaskEvent | Later;
