import { isItem } from './frames';

/** What is kept with a call so that its answer can be found again, by this background or the next. */
export interface Trace {
  /** The session it was sent in, to be resumed. */
  readonly session?: string | undefined;
  /** When it was first sent, ms since the epoch. */
  readonly sent: number;
  /** Which secret of its key it was sent with, as a hash. */
  readonly by?: string;
}

/** Undefined for what is no trace. */
export const readTrace = (kept: unknown): Trace | undefined => (isTrace(kept) ? kept : undefined);

const isTrace = (kept: unknown): kept is Trace =>
  isItem(kept) &&
  typeof kept.sent === 'number' &&
  Number.isFinite(kept.sent) &&
  [kept.session, kept.by].every(part => part === undefined || typeof part === 'string');
