import * as v from 'valibot';
import { parsed } from '../json';
import type { Message } from '../sse';

type Kind =
  /** A piece of text. */
  | 'text'
  /** A step of a flow, or a turn of an agent, begins: what it writes takes the place of what was written before. */
  | 'part'
  /** It ends, with what it made. */
  | 'made'
  | 'complete'
  | 'failed'
  /** An error that may not be the end. */
  | 'error'
  /** It waits for somebody's approval, or a tool on the caller's side. */
  | 'waits';

/** The platform's published events, and those it had before. All others are left alone. */
const KINDS: Readonly<Record<string, Kind>> = {
  text_delta: 'text',
  step_delta: 'text',
  agent_turn_delta: 'text',
  step_start: 'part',
  turn_start: 'part',
  agent_turn_start: 'part',
  step_complete: 'made',
  turn_complete: 'made',
  agent_turn_complete: 'made',
  execution_complete: 'complete',
  flow_complete: 'complete',
  agent_complete: 'complete',
  execution_error: 'failed',
  flow_error: 'failed',
  agent_error: 'failed',
  error: 'error',
  await: 'waits',
};

const words = v.fallback(v.optional(v.string()), undefined);
const anything = v.optional(v.unknown());

const Body = v.object({
  type: words,
  executionId: words,
  delta: words,
  text: words,
  /** Of an agent's turn: its thoughts come as pieces too. */
  contentType: words,
  result: anything,
  content: anything,
  finalOutput: anything,
  success: anything,
  error: anything,
  recoverable: anything,
});

/** One event of a stream. All of it is untrusted. */
export interface StreamEvent extends v.InferOutput<typeof Body> {
  readonly kind: Kind;
}

/** An event's name is in its `event` line, in `type` of its data, or in both. Undefined for one that says nothing here. */
export function eventIn({ name, data }: Message): (Omit<StreamEvent, 'kind'> & { kind?: Kind }) | undefined {
  const read = v.safeParse(Body, parsed(data));
  if (!read.success) return undefined;
  const kind = kindOf(read.output.type) ?? kindOf(name);
  return { ...read.output, ...(kind && { kind }) };
}

const kindOf = (name: string | undefined): Kind | undefined =>
  name !== undefined && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
