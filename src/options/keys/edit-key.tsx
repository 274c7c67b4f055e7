import type { About } from '../../services/about';
import { initialValues } from '../../services/fields';
import { act } from '../../ui/state';
import type { KeyEntry } from '../../vault/key-index';
import { KeyForm } from './key-form';
import { valuesFrom } from './notes';

interface Props {
  readonly entry: KeyEntry;
  readonly about: About;
  /** Says in one sentence what was done; empty when nothing was. */
  readonly onDone: (message: string) => void;
}

/** Never receives the secret: an empty secret field keeps the one that is stored. */
export function EditKey({ entry, about, onDone }: Props) {
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
      start={{ ...initialValues(fields), ...entry.fields, ...valuesFrom(entry) }}
      save={async (notes, values) => {
        await act('keys.change', { id: entry.id, notes, values });
        onDone(`“${notes.label}” was saved.`);
      }}
      onCancel={() => onDone('')}
    />
  );
}
