import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { LOW_BALANCE } from '../calls/settings';
import type { Health } from '../messages/contract';
import { act } from '../ui/state';

/** What is known of keys, by id: `undefined` while it is being asked for, `silent` when no answer came. */
export type Healths = Readonly<Record<string, Health | 'silent' | undefined>>;

/** How old an answer may be, ms. */
const FRESH = 10 * 60_000;

/** Asks how a key stands when it is first chosen, and not again while the popup is open. */
export function useHealths(key: string | undefined): ReadonlySignal<Healths> {
  const healths = useSignal<Healths>({});
  useEffect(() => {
    if (key === undefined || key in healths.peek()) return;
    const learn = (health: Healths[string]) => {
      healths.value = { ...healths.peek(), [key]: health };
    };
    learn(undefined);
    act('keys.health', { id: key, maxAge: FRESH }).then(learn, () => learn('silent'));
  }, [key, healths]);
  return healths;
}

/** What is left, where that is little. */
export function lowBalance(health: Healths[string]): number | undefined {
  if (health === undefined || health === 'silent' || health.balance === undefined) return undefined;
  return health.balance < LOW_BALANCE ? health.balance : undefined;
}
