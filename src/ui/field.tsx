import { useId } from 'preact/hooks';
import type { Field } from '../services/about';

interface Props {
  readonly field: Field;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly fault?: string | undefined;
}

/** One field of a form, drawn from what the service declares. */
export function FieldInput({ field, value, onValue, fault }: Props) {
  const id = useId();
  const described = [field.hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  const shared = {
    id,
    name: field.name,
    value,
    'aria-invalid': fault ? true : undefined,
    'aria-describedby': described || undefined,
    required: !field.optional,
    onInput: (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value),
  };
  return (
    <div class="field">
      <div class="row">
        <label for={id}>{field.label}</label>
        {field.optional && <span class="quiet small">optional</span>}
      </div>
      <Control field={field} shared={shared} />
      {field.hint && (
        <span class="hint" id={`${id}-hint`}>
          {field.hint}
        </span>
      )}
      {fault && (
        <span class="fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}

function Control({ field, shared }: { field: Field; shared: Record<string, unknown> }) {
  switch (field.kind) {
    case 'long-text':
      return <textarea {...shared} rows={3} />;
    case 'choice':
      return (
        <select {...shared}>
          {field.choices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      );
    case 'number':
      return <input {...shared} type="text" inputMode="decimal" autocomplete="off" />;
    case 'date':
      return <input {...shared} type="date" />;
    case 'secret':
      return <input {...shared} type="password" autocomplete="off" spellcheck={false} />;
    case 'text':
      return <input {...shared} type="text" autocomplete="off" spellcheck={false} />;
  }
}
