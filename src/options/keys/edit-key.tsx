import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { About } from '../../services/about';
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

/** Never receives the secret: an empty secret field keeps the one that is stored. */
export function EditKey({ entry, about, onDone }: Props) {
  const fields = about.keyFields.map(field =>
    field.kind === 'secret'
      ? { ...field, optional: true, hint: 'Leave it empty to keep the one you have.' }
      : field,
  );
  const start = { ...initialValues(fields), ...entry.fields, ...valuesFrom(entry) };
  const values = useSignal(start);
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
