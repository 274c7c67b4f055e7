import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Found, Reading } from '../../guard/paste';
import { aboutOf, abouts } from '../../services/abouts';
import { initialValues } from '../../services/fields';
import { act } from '../../ui/state';
import { KeyForm } from './key-form';
import { PasteBox } from './paste-box';

interface Props {
  /** Says in one sentence what was done; empty when nothing was. */
  readonly onDone: (message: string) => void;
}

export function AddKey({ onDone }: Props) {
  const id = useId();
  const service = useSignal(abouts[0]?.name ?? '');
  /** What the paste box filled in; counted, so that each filling draws the form anew. */
  const filled = useSignal<{ count: number; found?: Found }>({ count: 0 });
  const reading = useSignal<Reading | undefined>(undefined);
  const about = aboutOf(service.value);
  const { found, count } = filled.value;
  const mine = found?.service === about.name ? found : undefined;

  return (
    <div class="card stack">
      <KeyForm
        key={`${about.name} ${count}`}
        title="Add key"
        about={about}
        fields={about.keyFields}
        start={{
          ...initialValues(about.keyFields),
          label: mine?.label ?? about.label,
          environment: mine?.environment ?? '',
          ...mine?.values,
        }}
        save={async (notes, values) => {
          await act('keys.add', { service: about.name, notes, values });
          onDone(`“${notes.label}” was saved.`);
        }}
        onCancel={() => onDone('')}
      >
        <PasteBox
          chosen={about.name}
          reading={reading}
          onFound={one => {
            service.value = one.service;
            filled.value = { count: count + 1, found: one };
          }}
          onAdded={onDone}
        />
        <div class="field">
          <label for={id}>Service</label>
          <select
            id={id}
            value={service.value}
            onChange={event => (service.value = event.currentTarget.value)}
          >
            {abouts.map(({ name, label: text }) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </div>
      </KeyForm>
    </div>
  );
}
