import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, type Ask, type Fields, isObject, type Reply } from '../loopback/wire';
import type { Capability } from './capabilities';
import { start } from './execution';
import type { Key } from './keys';
import type { Switches } from './options';
import type { Product } from './product';
import { refusal } from './refusals';
import { streamed } from './stream';

export interface Order {
  readonly input: Fields;
  readonly options: unknown;
  readonly ask: Ask;
  readonly key: Key;
  readonly product: Product;
}

/** One execution, unless the limits forbid it; answered at once or as a stream. */
export async function run(
  capability: Capability,
  { input, options, ask, key, product }: Order,
): Promise<Reply> {
  const { switches, ledger, limits, faults } = product;
  const admitted = limits.admit(key);
  if ('refused' in admitted) return admitted.refused;
  await wait(admitted.heldBack);
  const streams = asksForStream(ask, options, switches);
  const started = start(capability, input, { key, streamed: streams, ledger });
  if (streams) return streamed(started, { ask, switches, faults });
  await wait(switches.taskMs);
  const outcome = started.finish();
  const { executionId, at } = started.entry;
  if (!outcome.ok) return refusal(500, outcome.sentence, switches, { executionId });
  if (switches.responseFormat === 'raw') return asJson(outcome.output);
  const about = { executionId, success: true, capability: capability.name, durationMs: Date.now() - at };
  return asJson({ ...about, [switches.wrappedIn]: outcome.output });
}

function asksForStream({ query }: Ask, options: unknown, { streamQuery, streamOption }: Switches): boolean {
  const inQuery = streamQuery !== 'none' && query.get(streamQuery) === 'true';
  return inQuery || (streamOption !== 'none' && isObject(options) && options[streamOption] === true);
}

/** A text is JSON as well: in quotes. */
const asJson = (value: unknown): Answer => ({
  status: 200,
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
