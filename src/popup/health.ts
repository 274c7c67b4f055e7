import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Call } from '../calls/call';
import { LOW_BALANCE } from '../calls/settings';
import type { Health } from '../messages/contract';
import { act, face } from '../ui/state';

/** What is known of keys, by id: `undefined` while it is being asked for, `silent` when no answer came. */
export type Healths = Readonly<Record<string, Health | 'silent' | undefined>>;

/** How old an answer may be, ms. */
const FRESH = 10 * 60_000;

/**
 * Asks how a key stands when it is first chosen, and anew when the call that is shown says otherwise or one was paid
 * for since; else not while the popup is open.
 */
export function useHealths(key: string | undefined, shown: Call | undefined): ReadonlySignal<Healths> {
  const healths = useSignal<Healths>({});
  /** Calls that were asked after already: a service may stand by what it said. */
  const settled = useRef(new Set<string>()).current;
  const known = key === undefined ? undefined : healths.value[key];
  const since = (call: Call, changes: typeof denies) =>
    call.request.key === key && !settled.has(call.id) && changes(call, known);
  const calls = face.value.type === 'snapshot' ? face.value.calls : [];
  const denied = shown && since(shown, denies) ? shown : undefined;
  const newer = denied ?? calls.find(call => since(call, lessens));
  useEffect(() => {
    if (key === undefined || (newer === undefined && key in healths.peek())) return;
    if (newer) settled.add(newer.id);
    const learn = (health: Healths[string]) => {
      healths.value = { ...healths.peek(), [key]: health };
    };
    if (denied || !newer) learn(undefined);
    const maxAge = newer ? Math.min(FRESH, Math.max(0, Date.now() - endOf(newer))) : FRESH;
    act('keys.health', { id: key, maxAge }).then(learn, () => learn('silent'));
  }, [key, newer?.id, healths]);
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

/** Whether a call was paid for after what is left was learnt. */
function lessens(call: Call, known: Healths[string]): boolean {
  if (known === undefined || known === 'silent' || known.balance === undefined) return false;
  return call.state.phase === 'done' && !!call.state.cost && endOf(call) > known.at;
}

/** When a call ended, as far as that is known, ms since the epoch. */
const endOf = ({ at, state }: Call): number => at + (state.phase === 'done' ? state.tookMs : 0);

/** What is left, where that is little. */
export function lowBalance(health: Healths[string]): number | undefined {
  if (health === undefined || health === 'silent' || health.balance === undefined) return undefined;
  return health.balance < LOW_BALANCE ? health.balance : undefined;
}
