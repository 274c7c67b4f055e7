import type { CallFault } from '../loopback/faults';

/** What may befall a call, and the stream it is answered with; `after` so many pieces of text. */
export type RuntypeFault =
  | CallFault
  /** The connection breaks. */
  | { kind: 'stream-cut'; after: number }
  /** The stream ends as if all were well, and has not said that it is complete. */
  | { kind: 'stream-end'; after: number }
  /** The execution fails. */
  | { kind: 'stream-error'; after: number; sentence?: string }
  /** An event named `error`; if it is recoverable the text goes on. */
  | { kind: 'stream-warning'; after: number; sentence: string; recoverable: boolean }
  /** The execution waits for somebody's approval, and the stream ends. */
  | { kind: 'await'; after: number }
  /** An event that nobody knows, and one whose data is no JSON. */
  | { kind: 'stream-noise'; after: number };
