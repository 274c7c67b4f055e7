import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { abouts } from '../../services/abouts';
import type { KeyEntry } from '../../vault/key-index';
import type { Filter } from './loaded';

/** What is chosen, by id; a task is `service/operation`. */
export interface Choice {
  readonly service?: string | undefined;
  readonly key?: string | undefined;
  readonly task?: string | undefined;
}

export function filterOf({ service, key, task }: Choice): Filter {
  const [of = service, operation] = task?.split('/') ?? [];
  return {
    ...(of !== undefined && { service: of }),
    ...(key !== undefined && { key }),
    ...(operation !== undefined && { operation }),
  };
}

interface Props {
  readonly choice: Choice;
  readonly keys: readonly KeyEntry[];
  readonly onChoice: (choice: Choice) => void;
}

/** Which calls are shown. */
export function Filters({ choice, keys, onChoice }: Props) {
  const { service, key, task } = choice;
  const isShown = (name: string): boolean => service === undefined || name === service;
  return (
    <search class="filters">
      {/* Every key and every task is of one service. */}
      <Choose label="Service" value={service} onValue={chosen => onChoice({ service: chosen })}>
        {abouts.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </Choose>
      <Choose label="Key" value={key} onValue={chosen => onChoice({ ...choice, key: chosen })}>
        {keys
          .filter(one => isShown(one.service))
          .map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
      </Choose>
      <Choose label="Task" value={task} onValue={chosen => onChoice({ ...choice, task: chosen })}>
        {abouts
          .filter(({ name }) => isShown(name))
          .map(({ name, label, operations }) => (
            <optgroup key={name} label={label}>
              {operations.map(operation => (
                <option key={operation.name} value={`${name}/${operation.name}`}>
                  {operation.label}
                </option>
              ))}
            </optgroup>
          ))}
      </Choose>
    </search>
  );
}

interface ChooseProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onValue: (value: string | undefined) => void;
  readonly children: ComponentChildren;
}

function Choose({ label, value, onValue, children }: ChooseProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value ?? ''} onChange={event => onValue(event.currentTarget.value || undefined)}>
        <option value="">All</option>
        {children}
      </select>
    </div>
  );
}
