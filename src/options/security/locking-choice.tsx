import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { Alert } from '../../ui/alert';
import { usePending } from '../../ui/pending';
import { act } from '../../ui/state';
import type { Locking } from '../../vault/locking';

const CHOICES: readonly { readonly minutes: Locking['minutes']; readonly label: string }[] = [
  { minutes: 1, label: 'after 1 minute without input' },
  { minutes: 5, label: 'after 5 minutes without input' },
  { minutes: 15, label: 'after 15 minutes without input' },
  { minutes: 30, label: 'after 30 minutes without input' },
  { minutes: 60, label: 'after 1 hour without input' },
  { minutes: 240, label: 'after 4 hours without input' },
  { minutes: 0, label: 'only when the browser closes' },
];

/** Firefox does not tell extensions of the screen. */
const screenTells = location.protocol === 'chrome-extension:';

/** When the vault locks by itself. */
export function LockingChoice() {
  const id = useId();
  const locking = useSignal<Locking | undefined>(undefined);
  const { failure, run } = usePending();
  useEffect(() => {
    void run(async () => {
      locking.value = await act('vault.locking', {});
    });
  }, []);

  const change = (change: Partial<Locking>) =>
    run(async () => {
      if (!locking.value) return;
      const next = { ...locking.value, ...change };
      await act('vault.setLocking', { locking: next });
      locking.value = next;
    });

  return (
    <div class="card stack">
      <div class="stack tight">
        <h3>Locking</h3>
        <p class="quiet">
          The vault always locks when the browser closes, with the button above, and with a shortcut of your
          browser’s list (usually Alt+Shift+L). Only your own input on Runkey’s pages keeps it open.
        </p>
      </div>
      <div class="field">
        <label for={id}>Lock by itself</label>
        <select
          id={id}
          value={String(locking.value?.minutes ?? '')}
          disabled={!locking.value}
          onChange={event => {
            const chosen = CHOICES.find(({ minutes }) => String(minutes) === event.currentTarget.value);
            if (chosen) change({ minutes: chosen.minutes });
          }}
        >
          {CHOICES.map(({ minutes, label }) => (
            <option key={minutes} value={String(minutes)}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {screenTells && (
        <label class="row check">
          <input
            type="checkbox"
            checked={locking.value?.withScreen ?? true}
            disabled={!locking.value}
            onChange={event => change({ withScreen: event.currentTarget.checked })}
          />
          Lock when the screen locks
        </label>
      )}
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
