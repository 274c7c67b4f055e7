import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { About, Field } from '../../services/about';
import { check, type Faults, type Values } from '../../services/fields';
import { Alert } from '../../ui/alert';
import { FieldInput } from '../../ui/field';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import type { Notes } from '../../vault/key-index';
import { label, noteFields, notesFrom } from './notes';

interface Props {
  readonly title: string;
  readonly about: About;
  /** The service's own fields. */
  readonly fields: readonly Field[];
  readonly start: Values;
  readonly save: (notes: Notes, values: Values) => Promise<void>;
  readonly onCancel: () => void;
  readonly children?: ComponentChildren;
}

/** The form of a key, drawn from what its service declares. */
export function KeyForm({ title, about, fields, start, save, onCancel, children }: Props) {
  const values = useSignal(start);
  const faults = useSignal<Faults>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);

  const submit = (event: Event) => {
    event.preventDefault();
    const noted = check([label, ...noteFields], values.value);
    const own = check(fields, values.value);
    faults.value = { ...noted.faults, ...own.faults };
    if (Object.keys(faults.value).length === 0) run(() => save(notesFrom(noted.values), own.values));
  };
  const input = (field: Field) => (
    <FieldInput
      key={field.name}
      field={field}
      value={values.value[field.name] ?? ''}
      fault={faults.value[field.name]}
      onValue={value => (values.value = { ...values.value, [field.name]: value })}
    />
  );

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate aria-label={title}>
      <h3>{title}</h3>
      {children}
      {[label, ...fields].map(input)}
      <p class="small">
        <KeyPage about={about} />
      </p>
      <details open={noteFields.some(({ name }) => start[name] || faults.value[name])}>
        <summary>Environment, date and notes</summary>
        <div class="stack">{noteFields.map(input)}</div>
      </details>
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

export function KeyPage({ about: { keyPage } }: { about: About }) {
  return (
    <a href={keyPage} target="_blank" rel="noreferrer">
      Make a key at {new URL(keyPage).host}
    </a>
  );
}
