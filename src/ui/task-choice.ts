import type { About, Operation } from '../services/about';
import type { Group } from './choose';

/** A task that a person can choose. */
export interface TaskChoice {
  /** `service/operation`. */
  readonly id: string;
  readonly service: string;
  readonly serviceLabel: string;
  readonly operation: Operation;
}

export const tasksOf = (services: readonly About[]): TaskChoice[] =>
  services.flatMap(({ name, label, operations }) =>
    operations.map(operation => ({
      id: `${name}/${operation.name}`,
      service: name,
      serviceLabel: label,
      operation,
    })),
  );

/** By service, as soon as there are several. */
export function groupsOf(tasks: readonly TaskChoice[]): Group[] {
  const services = [...new Set(tasks.map(({ service }) => service))];
  return services.map(name => {
    const mine = tasks.filter(({ service }) => service === name);
    return {
      label: services.length > 1 ? (mine[0]?.serviceLabel ?? '') : '',
      options: mine.map(({ id, operation }) => ({ id, label: operation.label })),
    };
  });
}
