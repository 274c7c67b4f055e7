import { randomBytes } from 'node:crypto';
import type { Fields } from '../loopback/wire';
import { type Capability, slugOf } from './capabilities';
import type { Key } from './keys';
import type { Execution, Ledger } from './ledger';

export type Outcome =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly sentence: string };

export interface Started {
  readonly entry: Execution;
  readonly capability: Capability;
  /** Settles the entry. */
  finish(): Outcome;
}

/** Like the service's: a prefix and 26 small letters and digits. */
const newId = (): string => `exec_${randomBytes(13).toString('hex')}`;

export function start(
  capability: Capability,
  input: Fields,
  { key, streamed, ledger }: { key: Key; streamed: boolean; ledger: Ledger },
): Started {
  const entry: Execution = {
    executionId: newId(),
    capability: slugOf(capability),
    key: key.label,
    input,
    streamed,
    at: Date.now(),
    outcome: 'running',
  };
  ledger.enter(entry);
  return {
    entry,
    capability,
    finish() {
      try {
        const output = capability.output(input);
        entry.outcome = 'completed';
        return { ok: true, output };
      } catch (error) {
        entry.outcome = 'failed';
        return { ok: false, sentence: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
