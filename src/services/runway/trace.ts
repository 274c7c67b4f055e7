import * as v from 'valibot';

const time = v.pipe(v.number(), v.finite());

/** Where a call is with the service: what is kept with it, so that this background or the next goes on. Times in ms. */
const Trace = v.variant('state', [
  /** A question, or something else that may be asked again. */
  v.object({ state: v.literal('asked') }),
  /** Sent, and no answer is known: it may be there or not. `first` is when it was sent first. */
  v.object({ state: v.literal('offered'), first: time, sent: time }),
  /** Refused for lack of room: it is certain that it was not taken, and it is offered again then. */
  v.object({ state: v.literal('turned-away'), first: time, retryAt: time }),
  /** Taken, under this id. */
  v.object({ state: v.literal('accepted'), sent: time, taskId: v.string() }),
]);
export type Trace = v.InferOutput<typeof Trace>;
export type Offered = Extract<Trace, { state: 'offered' }>;
export type Accepted = Extract<Trace, { state: 'accepted' }>;

/** Undefined for what is no trace. */
export function readTrace(kept: unknown): Trace | undefined {
  const read = v.safeParse(Trace, kept);
  return read.success ? read.output : undefined;
}
