import { useId } from 'preact/hooks';
import type { Field } from '../services/about';
import type { Values } from '../services/fields';
import { type Look, LookupInput } from './lookup-input';
import { PictureInput } from './picture-input';

interface Props {
  readonly field: Field;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly fault?: string | undefined;
  /** Where what the field may hold can be looked up. */
  readonly look?: Look | undefined;
  /** Told what a choice among what was looked up brings along for other fields. */
  readonly onFills?: ((fills: Values) => void) | undefined;
}

/** What every control of a field is given. */
export interface ControlProps {
  readonly id: string;
  readonly name: string;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
  readonly required: boolean;
}

/** One field of a form, drawn from what the service declares. */
export function FieldInput({ field, value, onValue, fault, look, onFills }: Props) {
  const id = useId();
  const described = [field.hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  const shared: ControlProps = {
    id,
    name: field.name,
    'aria-invalid': fault ? true : undefined,
    'aria-describedby': described || undefined,
    required: !field.optional,
  };
  return (
    <div class={WIDE.includes(field.kind) || look ? 'field wide' : 'field'}>
      <div class="row">
        <label id={`${id}-label`} for={id}>
          {field.label}
        </label>
        {field.optional && <span class="quiet small">optional</span>}
      </div>
      {field.kind === 'image' ? (
        <PictureInput shared={shared} value={value} onValue={onValue} />
      ) : look ? (
        <LookupInput
          shared={shared}
          field={field}
          value={value}
          onValue={onValue}
          look={look}
          onFills={onFills}
        />
      ) : (
        <Control field={field} shared={shared} value={value} onValue={onValue} />
      )}
      {field.hint && (
        <span class="hint" id={`${id}-hint`}>
          {field.hint}
        </span>
      )}
      {fault && (
        <span class="fault" id={`${id}-fault`}>
          {fault}
          {field.kind === 'number' && withoutComma(value)}
        </span>
      )}
    </div>
  );
}

/** A comma may stand before a fraction or between thousands: only the person knows which. */
function withoutComma(value: string): string | undefined {
  if (!/^\s*-?\d+,\d+\s*$/.test(value)) return undefined;
  const [point, none] = [value.replace(',', '.').trim(), value.replace(',', '').trim()];
  return ` Write it without the comma: ${/,\d{3}\s*$/.test(value) ? `${point} or ${none}` : point}.`;
}

/** Kinds that take a whole line where fields stand side by side. */
const WIDE: readonly Field['kind'][] = ['long-text', 'image'];

interface Plain {
  readonly field: Exclude<Field, { kind: 'image' }>;
  readonly shared: ControlProps;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Control({ field, shared, value, onValue }: Plain) {
  const input = {
    ...shared,
    value,
    onInput: (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value),
  };
  switch (field.kind) {
    case 'long-text':
      return <textarea {...input} dir="auto" rows={3} />;
    case 'choice':
      return (
        <select {...input}>
          {field.choices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      );
    case 'number':
      return <input {...input} type="text" inputMode="decimal" autocomplete="off" />;
    case 'date':
      return <input {...input} type="date" />;
    case 'secret':
      return <input {...input} type="password" autocomplete="off" spellcheck={false} />;
    case 'text':
      return <input {...input} type="text" dir="auto" autocomplete="off" spellcheck={false} />;
  }
}
