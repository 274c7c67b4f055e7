import * as v from 'valibot';
import { Failure } from '../../failure';
import { parsed } from '../json';
import { unreadable } from './errors';

/** What the API calls the kinds of workloads that can be suspended. */
const KINDS: Readonly<Record<string, string>> = {
  training: 'trainings',
  workspace: 'workspaces',
  distributed: 'distributed',
  'distributed training': 'distributed',
};

const Workload = v.object({
  type: v.string(),
  actionsSupport: v.fallback(v.optional(v.object({ suspend: v.optional(v.unknown()) })), undefined),
});

/** Of a workload as it is shown, what its address has for its kind. Throws `invalid` where it cannot be suspended. */
export function kindIn(text: string): string {
  const read = v.safeParse(Workload, parsed(text));
  if (!read.success) throw unreadable('something that is no workload');
  const { type, actionsSupport } = read.output;
  const name = type.toLowerCase();
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind && actionsSupport?.suspend !== false) return kind;
  throw new Failure('invalid', 'This workload cannot be suspended or resumed.', {
    field: 'workload',
    next: 'Its type is below. Nothing was done.',
    service: { text: type.slice(0, 100) },
  });
}
