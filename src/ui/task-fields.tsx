import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Field } from '../services/about';
import { operationOf } from '../services/abouts';
import { type Faults, initialValues, type Values } from '../services/fields';
import { FieldInput } from './field';
import { act } from './state';
import type { TaskChoice } from './task-choice';

interface Props {
  readonly task: TaskChoice;
  /** The key with which a field's values are looked up. */
  readonly keyId: string | undefined;
  readonly values: Values;
  readonly faults: Faults;
  readonly onValue: (name: string, value: string) => void;
  /** Told what a choice in one field brings along for others. */
  readonly onFills: (fills: Values) => void;
}

/** The fields of a task, as it declares them. */
export function TaskFields({ task, keyId, values, faults, onValue, onFills }: Props) {
  const { fields } = task.operation;
  const input = (field: Field) => (
    <FieldInput
      key={`${task.id}/${field.name}`}
      field={field}
      value={values[field.name] ?? ''}
      fault={faults[field.name]}
      look={keyId === undefined ? undefined : lookOf(task.service, field, keyId)}
      onValue={value => onValue(field.name, value)}
      onFills={onFills}
    />
  );
  const advanced = fields.filter(field => field.advanced);
  const more = useRef<HTMLDetailsElement>(null);
  const hidden = advanced.find(({ name }) => faults[name])?.name;
  // Opened for what is set or wrong inside; closed by the person alone.
  useLayoutEffect(() => {
    const set = advanced.some(({ name, initial = '' }) => (values[name] ?? '') !== initial);
    if ((hidden || set) && more.current) more.current.open = true;
  }, [task.id, hidden]);

  return (
    <>
      {fields.filter(field => !field.advanced).map(input)}
      {advanced.length > 0 && (
        <details ref={more}>
          <summary>More options</summary>
          <div class="options">{advanced.map(input)}</div>
        </details>
      )}
    </>
  );
}

/** How what a field may hold is looked up, where its service lists it. */
function lookOf(service: string, field: Field, key: string) {
  const operation = field.kind === 'text' ? field.lookup : undefined;
  if (operation === undefined) return undefined;
  const usual = initialValues(operationOf(service, operation).fields);
  return (search: string) => act('calls.look', { key, operation, values: { ...usual, search } });
}
