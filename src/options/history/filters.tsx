import type { CallFilter } from '../../calls/call';
import { abouts } from '../../services/abouts';
import { Choose, type Group } from '../../ui/choose';
import type { KeyEntry } from '../../vault/key-index';

/** What is chosen, by id; a task is `service/operation`. */
export interface Choice {
  readonly service?: string | undefined;
  readonly key?: string | undefined;
  readonly task?: string | undefined;
}

export function filterOf({ service, key, task }: Choice): CallFilter {
  const [of = service, operation] = task?.split('/') ?? [];
  return {
    ...(of !== undefined && { service: of }),
    ...(key !== undefined && { key }),
    ...(operation !== undefined && { operation }),
  };
}

const ALL: Group = { label: '', options: [{ id: '', label: 'All' }] };

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
      <Choose
        label="Service"
        value={service ?? ''}
        onValue={chosen => onChoice({ service: chosen || undefined })}
        groups={[ALL, { label: '', options: abouts.map(({ name, label }) => ({ id: name, label })) }]}
      />
      <Choose
        label="Key"
        value={key ?? ''}
        onValue={chosen => onChoice({ ...choice, key: chosen || undefined })}
        groups={[ALL, { label: '', options: keys.filter(one => isShown(one.service)) }]}
      />
      <Choose
        label="Task"
        value={task ?? ''}
        onValue={chosen => onChoice({ ...choice, task: chosen || undefined })}
        groups={[
          ALL,
          ...abouts
            .filter(({ name }) => isShown(name))
            .map(({ name, label, operations }) => ({
              label,
              options: operations.map(one => ({ id: `${name}/${one.name}`, label: one.label })),
            })),
        ]}
      />
    </search>
  );
}
