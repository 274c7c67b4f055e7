import * as v from 'valibot';

/** What is kept with a call so that its answer can be found again, by this background or the next. */
const Trace = v.object({
  /** The session it was sent in, to be resumed. */
  session: v.optional(v.string()),
  /** When it was first sent, ms since the epoch. */
  sent: v.number(),
  /** Which secret of its key it was sent with, as a hash. */
  by: v.exactOptional(v.string()),
});
export type Trace = v.InferOutput<typeof Trace>;

export function readTrace(kept: unknown): Trace | undefined {
  return v.is(Trace, kept) ? kept : undefined;
}
