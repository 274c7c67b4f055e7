import * as v from 'valibot';
import type { FailureReport } from '../failure';

const medium = {
  id: v.string(),
  media: v.number(),
  seed: v.exactOptional(v.number()),
  note: v.exactOptional(v.string()),
};
/** One thing that a service answered with; `id` tells it from the call's others. Media are kept apart, as bytes, and named by their place. */
const Item = v.variant('kind', [
  v.object({
    kind: v.literal('text'),
    id: v.string(),
    text: v.string(),
    cut: v.exactOptional(v.picklist(['length', 'filter'])),
  }),
  v.object({
    kind: v.literal('image'),
    type: v.picklist(['image/jpeg', 'image/png', 'image/webp', 'image/svg+xml']),
    ...medium,
  }),
  v.object({
    kind: v.literal('audio'),
    type: v.picklist(['audio/wav', 'audio/mpeg', 'audio/flac', 'audio/ogg']),
    ...medium,
  }),
  v.object({
    kind: v.literal('video'),
    type: v.picklist(['video/mp4', 'video/webm', 'video/quicktime']),
    ...medium,
  }),
  v.object({
    kind: v.literal('link'),
    id: v.string(),
    url: v.string(),
    of: v.picklist(['image', 'audio', 'video']),
  }),
  v.object({
    kind: v.literal('list'),
    id: v.string(),
    rows: v.array(v.object({ id: v.string(), title: v.string(), note: v.exactOptional(v.string()) })),
    total: v.number(),
  }),
]);
export type Item = v.InferOutput<typeof Item>;
export type MediaItem = Extract<Item, { media: number }>;

const answer = {
  items: v.array(Item),
  cost: v.exactOptional(v.number()),
  /** The ids of items that could not be read, and whose cost is counted. */
  charged: v.exactOptional(v.array(v.string())),
  /** The text that had come when it stopped coming, or has come so far. */
  partial: v.exactOptional(v.string()),
};
const failure = v.custom<FailureReport>(
  value => typeof value === 'object' && value !== null && 'code' in value && 'message' in value,
);
const trace = v.optional(v.unknown());

/**
 * Where a call is. `queued` has provably not left this machine; `sent` may have been accepted and
 * billed; `trace` is what its service needs to find it again, opaque to everyone else. Costs in US
 * dollars, times in ms.
 */
export const CallState = v.variant('phase', [
  v.object({
    phase: v.literal('queued'),
    /** It waits for a place among its key's calls, or for the person, who may still undo it `until` then. */
    note: v.exactOptional(v.picklist(['waiting', 'undo'])),
    until: v.exactOptional(v.number()),
  }),
  v.object({
    phase: v.literal('sent'),
    trace,
    note: v.exactOptional(v.picklist(['reconnecting', 'busy', 'locked', 'unsaved'])),
    /** Nothing is to be done for it until then, ms since the epoch. */
    rests: v.exactOptional(v.number()),
    /** What left before was refused for certain: nothing of it can be charged. */
    untaken: v.exactOptional(v.literal(true)),
    /** It was given up, and is only asked after: never sent again. */
    askOnly: v.exactOptional(v.literal(true)),
    /** 0 to 100. */
    progress: v.exactOptional(v.number()),
    ...answer,
  }),
  v.object({
    phase: v.literal('done'),
    /** From its making to its end; 0: it was asked after later. */
    tookMs: v.number(),
    /** So many items were refused, and why the first was. */
    refused: v.exactOptional(v.object({ count: v.number(), failure })),
    ...answer,
  }),
  v.object({ phase: v.literal('failed'), failure, ...answer }),
  v.object({ phase: v.literal('unknown'), failure, trace, ...answer }),
  v.object({ phase: v.literal('cancelled'), sent: v.boolean(), trace, ...answer }),
]);
export type CallState = v.InferOutput<typeof CallState>;

export const Request = v.object({
  service: v.string(),
  key: v.string(),
  /** The key's label when the call was made. */
  label: v.string(),
  operation: v.string(),
  values: v.record(v.string(), v.string()),
  /** The pictures among its values, by field: they are kept apart, as bytes, before the media of its answer. */
  inputs: v.exactOptional(v.record(v.string(), v.object({ media: v.number(), type: v.string() }))),
  /** What it was expected to cost when it was made, US dollars. */
  estimate: v.exactOptional(v.number()),
  /** Made in a private window. */
  private: v.exactOptional(v.literal(true)),
  /** Nothing of it goes into the history: it was made in a private window, or the person keeps none. */
  unkept: v.exactOptional(v.literal(true)),
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

/** A call as it is told to pages: without what only its service needs, which may be a secret. */
export function untraced({ state, ...call }: Call): Call {
  if (!('trace' in state)) return { ...call, state };
  const { trace: _, ...told } = state;
  return { ...call, state: told };
}

/** A call that is still to end. */
export type OpenState = Extract<CallState, { phase: 'queued' | 'sent' }>;

export const isOpen = (state: CallState): state is OpenState =>
  state.phase === 'queued' || state.phase === 'sent';

/** A call whose answer may lie with its service still: it can be asked after. */
export const isLost = (state: CallState): state is Extract<CallState, { phase: 'unknown' | 'cancelled' }> =>
  state.phase === 'unknown' || (state.phase === 'cancelled' && state.sent);

/** Which calls; what is absent may be anything. */
export interface CallFilter {
  readonly service?: string;
  readonly key?: string;
  readonly operation?: string;
}

export const fits = ({ request }: Call, { service, key, operation }: CallFilter): boolean =>
  (service === undefined || request.service === service) &&
  (key === undefined || request.key === key) &&
  (operation === undefined || request.operation === operation);
