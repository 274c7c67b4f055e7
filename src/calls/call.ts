import * as v from 'valibot';
import type { FailureReport } from '../failure';

/** One thing that a service answered with; `id` tells it from the call's others. Media are kept apart, as bytes, and named by their place. */
const Item = v.variant('kind', [
  v.object({ kind: v.literal('text'), id: v.string(), text: v.string() }),
  v.object({
    kind: v.literal('image'),
    id: v.string(),
    type: v.picklist(['image/jpeg', 'image/png', 'image/webp']),
    media: v.number(),
    seed: v.exactOptional(v.number()),
  }),
]);
export type Item = v.InferOutput<typeof Item>;

const answer = { items: v.array(Item), cost: v.exactOptional(v.number()) };
const failure = v.custom<FailureReport>(
  value => typeof value === 'object' && value !== null && 'code' in value && 'message' in value,
);

/**
 * Where a call is. `queued` has provably not left this machine; `sent` may have been accepted and
 * billed; `trace` is what its service needs to find it again, opaque to everyone else. Costs in US
 * dollars, times in ms.
 */
export const CallState = v.variant('phase', [
  v.object({ phase: v.literal('queued') }),
  v.object({
    phase: v.literal('sent'),
    trace: v.optional(v.unknown()),
    note: v.exactOptional(v.picklist(['reconnecting', 'locked', 'unsaved'])),
    ...answer,
  }),
  v.object({
    phase: v.literal('done'),
    tookMs: v.number(),
    /** So many items were refused, and why the first was. */
    refused: v.exactOptional(v.object({ count: v.number(), failure })),
    ...answer,
  }),
  v.object({ phase: v.literal('failed'), failure, ...answer }),
  v.object({ phase: v.literal('unknown'), failure, ...answer }),
  v.object({ phase: v.literal('cancelled'), sent: v.boolean(), ...answer }),
]);
export type CallState = v.InferOutput<typeof CallState>;

export const Request = v.object({
  service: v.string(),
  key: v.string(),
  /** The key's label when the call was made. */
  label: v.string(),
  operation: v.string(),
  values: v.record(v.string(), v.string()),
  /** Where its text was selected: the origin of that page. */
  site: v.exactOptional(v.string()),
  /** Which run of the browser made it: a call that never left is sent unasked only in the same one. */
  boot: v.string(),
});
export type CallRequest = v.InferOutput<typeof Request>;

/** A call as pages see it; `at` in ms since the epoch. */
export interface Call {
  readonly id: string;
  readonly at: number;
  readonly request: CallRequest;
  readonly state: CallState;
}

export const isOpen = (state: CallState): boolean => state.phase === 'queued' || state.phase === 'sent';
