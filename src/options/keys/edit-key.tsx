import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { About } from '../../services/about';
import { originsOf } from '../../services/abouts';
import { initialValues } from '../../services/fields';
import { Quoted } from '../../ui/quoted';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import { KeyForm } from './key-form';
import { valuesFrom } from './notes';

interface Props {
  readonly entry: KeyEntry;
  readonly about: About;
  /** Says in one sentence what was done; empty when nothing was. */
  readonly onDone: (message: ComponentChildren) => void;
}

/** Never receives the secret: an empty secret field keeps the one that is stored, unless the address is a new one. */
export function EditKey({ entry, about, onDone }: Props) {
  const start = { ...initialValues(about.keyFields), ...entry.fields, ...valuesFrom(entry) };
  const values = useSignal(start);
  const known = originsOf(about, entry.fields);
  const keeps = originsOf(about, values.value).every(origin => known.includes(origin));
  const hint = keeps
    ? 'Leave it empty to keep the one you have.'
    : 'The address is new, and a secret goes only to the one it was saved for: put it in again.';
  const fields = about.keyFields.map(field =>
    field.kind === 'secret' ? { ...field, optional: keeps, hint } : field,
  );
  return (
    <KeyForm
      title={
        <>
          Edit <Quoted text={entry.label} />
        </>
      }
      about={about}
      fields={fields}
      start={start}
      values={values}
      save={async (notes, own) => {
        await act('keys.change', { id: entry.id, notes, values: own });
        onDone(
          <>
            <Quoted text={notes.label} /> was saved.
          </>,
        );
      }}
      onCancel={() => onDone('')}
    />
  );
}
