import type { CallFault } from '../loopback/faults';

/** What may befall a call to the API, and a task. `accepted` is done: a task is there and billed, an account stored. */
export type UseapiFault =
  | CallFault
  /** The next task is accepted, then FAILED, with this error or the usual one. */
  | { kind: 'fail'; error?: unknown }
  /** The next task never ends. */
  | { kind: 'stall' };
