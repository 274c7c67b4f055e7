import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { About, Field } from '../services/about';
import { aboutOf, abouts } from '../services/abouts';
import { check, type Faults, initialValues, type Values } from '../services/fields';
import { Alert } from '../ui/alert';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';
import type { KeyEntry } from '../vault/key-index';

const label: Field = {
  name: 'label',
  label: 'Label',
  kind: 'text',
  most: 100,
  hint: 'What you call it: “Work”, “Test”',
};

/** Says in one sentence what was done; empty when nothing was. */
type Done = (message: string) => void;

export function AddKey({ onDone }: { onDone: Done }) {
  const id = useId();
  const service = useSignal(abouts[0]?.name ?? '');
  const about = aboutOf(service.value);
  return (
    <div class="card">
      <KeyForm
        key={about.name}
        title="Add key"
        about={about}
        fields={about.keyFields}
        start={{ label: about.label, ...initialValues(about.keyFields) }}
        save={async (name, values) => {
          await act('keys.add', { service: about.name, label: name, values });
          onDone(`“${name}” was saved.`);
        }}
        onCancel={() => onDone('')}
      >
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

/** Never receives the secret: an empty secret field keeps the one that is stored. */
export function EditKey({ entry, onDone }: { entry: KeyEntry; onDone: Done }) {
  const about = aboutOf(entry.service);
  const fields = about.keyFields.map(field =>
    field.kind === 'secret'
      ? { ...field, optional: true, hint: 'Leave it empty to keep the one you have.' }
      : field,
  );
  return (
    <KeyForm
      title={`Edit “${entry.label}”`}
      about={about}
      fields={fields}
      start={{ label: entry.label, ...initialValues(fields), ...entry.fields }}
      save={async (name, values) => {
        await act('keys.change', { id: entry.id, label: name, values });
        onDone(`“${name}” was saved.`);
      }}
      onCancel={() => onDone('')}
    />
  );
}

interface Props {
  readonly title: string;
  readonly about: About;
  readonly fields: readonly Field[];
  readonly start: Values;
  readonly save: (label: string, values: Values) => Promise<void>;
  readonly onCancel: () => void;
  readonly children?: preact.ComponentChildren;
}

function KeyForm({ title, about, fields, start, save, onCancel, children }: Props) {
  const values = useSignal(start);
  const faults = useSignal<Faults>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  const all = [label, ...fields];

  useFocusFirst(form);

  const submit = (event: Event) => {
    event.preventDefault();
    const checked = check(all, values.value);
    faults.value = checked.faults;
    const { label: name = '', ...rest } = checked.values;
    if (Object.keys(checked.faults).length === 0) run(() => save(name, rest));
  };

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate aria-label={title}>
      <h3>{title}</h3>
      {children}
      {all.map(field => (
        <FieldInput
          key={field.name}
          field={field}
          value={values.value[field.name] ?? ''}
          fault={faults.value[field.name]}
          onValue={value => (values.value = { ...values.value, [field.name]: value })}
        />
      ))}
      <p class="small">
        <a href={about.keyPage} target="_blank" rel="noreferrer">
          Make a key at {new URL(about.keyPage).host}
        </a>
      </p>
      <div class="row">
        <button type="submit" class={busy.value ? 'primary busy' : 'primary'} disabled={busy.value}>
          Save key
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
