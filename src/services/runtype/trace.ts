import * as v from 'valibot';

const Trace = v.object({
  /** When it was sent, ms since the epoch. */
  sent: v.number(),
  /** The execution's id, by which a person finds it in Runtype's Logs. */
  execution: v.exactOptional(v.string()),
});
/** What is kept with a call. There is no asking after one: it only helps a person to find it. */
export type Trace = v.InferOutput<typeof Trace>;

/** Undefined for what is no trace. */
export function readTrace(kept: unknown): Trace | undefined {
  const read = v.safeParse(Trace, kept);
  return read.success ? read.output : undefined;
}
