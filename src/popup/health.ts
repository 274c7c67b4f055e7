import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Call } from '../calls/call';
import { LOW_BALANCE } from '../calls/settings';
import type { Health } from '../messages/contract';
import { act } from '../ui/state';

/** What is known of keys, by id: `undefined` while it is being asked for, `silent` when no answer came. */
export type Healths = Readonly<Record<string, Health | 'silent' | undefined>>;

/** How old an answer may be, ms. */
const FRESH = 10 * 60_000;

/**
 * Asks how a key stands when it is first chosen, and anew when the call that is shown says otherwise; else not while
 * the popup is open.
 */
export function useHealths(key: string | undefined, shown: Call | undefined): ReadonlySignal<Healths> {
  const healths = useSignal<Healths>({});
  /** Calls that were asked after already: a service may stand by what it said. */
  const settled = useRef(new Set<string>()).current;
  const known = key === undefined ? undefined : healths.value[key];
  const mine = shown?.request.key === key ? shown : undefined;
  const denied = mine && !settled.has(mine.id) && denies(mine, known) ? mine : undefined;
  useEffect(() => {
    if (key === undefined || (denied === undefined && key in healths.peek())) return;
    if (denied) settled.add(denied.id);
    const learn = (health: Healths[string]) => {
      healths.value = { ...healths.peek(), [key]: health };
    };
    learn(undefined);
    const maxAge = denied ? Math.min(FRESH, Math.max(0, Date.now() - denied.at)) : FRESH;
    act('keys.health', { id: key, maxAge }).then(learn, () => learn('silent'));
  }, [key, denied?.id, healths]);
  return healths;
}

/** Whether a call came to what a key that stands so does not come to. */
function denies({ state }: Call, known: Healths[string]): boolean {
  if (known === undefined || known === 'silent') return false;
  const { outcome } = known.verdict;
  if (state.phase === 'done') return outcome === 'rejected';
  if (state.phase !== 'failed' || outcome !== 'works') return false;
  const { code } = state.failure;
  return code === 'rejected-key' || (code === 'quota' && lowBalance(known) === undefined);
}

/** What is left, where that is little. */
export function lowBalance(health: Healths[string]): number | undefined {
  if (health === undefined || health === 'silent' || health.balance === undefined) return undefined;
  return health.balance < LOW_BALANCE ? health.balance : undefined;
}
