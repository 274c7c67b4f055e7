import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { SelectionSettings } from '../../calls/settings';
import { Alert } from '../../ui/alert';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { changeSelection } from '../../ui/selection-settings';
import { act } from '../../ui/state';
import { NotOn } from './not-on';
import { Shortcuts } from './shortcuts';
import { Where } from './where';

const MODIFIERS = [
  { value: null, label: 'None' },
  { value: 'Alt', label: 'Alt' },
  { value: 'Control', label: 'Ctrl' },
  { value: 'Shift', label: 'Shift' },
] as const satisfies readonly { value: SelectionSettings['modifier']; label: string }[];

/** The section `Selection`: where and when the bubble is offered beside selected text. */
export function Selection() {
  const id = useId();
  const settings = useSignal<SelectionSettings | undefined>(undefined);
  const { failure, run } = usePending();
  const section = useRef<HTMLElement>(null);
  useFocusFirst(section, 'h2');

  const look = () =>
    run(async () => {
      settings.value = await act('settings.selection', {});
    });
  useEffect(() => {
    // The bubble itself may have been switched off on a site since.
    const again = () => document.visibilityState === 'visible' && void look();
    void look();
    document.addEventListener('visibilitychange', again);
    return () => document.removeEventListener('visibilitychange', again);
  }, []);
  const change = async (edit: (now: SelectionSettings) => SelectionSettings): Promise<void> => {
    settings.value = await changeSelection(now => ({ ...edit(now), asked: true }));
  };
  const now = settings.value;

  return (
    <section ref={section} class="stack" aria-labelledby="selection">
      <h2 id="selection" tabIndex={-1}>
        Selection
      </h2>
      <p class="quiet">
        Select text on any page, right-click it, and choose a prompt: that needs nothing to be set here. A
        bubble beside what you select saves the way through the menu, on the sites that you name.
      </p>
      {failure.value && <Alert failure={failure.value} />}
      {now && (
        <>
          <Where sites={now.sites} change={change} />
          <div class="card stack">
            <h3>When it shows</h3>
            <div class="field">
              <label for={id}>Only while held</label>
              <select
                id={id}
                value={now.modifier ?? ''}
                aria-describedby={`${id}-hint`}
                onChange={({ currentTarget: { value } }) => {
                  const chosen = MODIFIERS.find(one => (one.value ?? '') === value);
                  if (chosen) void run(() => change(all => ({ ...all, modifier: chosen.value })));
                }}
              >
                {MODIFIERS.map(({ value, label }) => (
                  <option key={label} value={value ?? ''}>
                    {label}
                  </option>
                ))}
              </select>
              <span class="hint" id={`${id}-hint`}>
                With a key, the bubble shows only when you hold that key as you select.
              </span>
            </div>
            <label class="row check">
              <input
                type="checkbox"
                checked={now.code}
                onChange={({ currentTarget: { checked } }) =>
                  run(() => change(all => ({ ...all, code: checked })))
                }
              />
              Also over code
            </label>
          </div>
          <NotOn sites={now.not} change={change} />
        </>
      )}
      <Shortcuts />
    </section>
  );
}
