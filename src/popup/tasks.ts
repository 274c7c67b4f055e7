import type { Operation } from '../services/about';
import { abouts } from '../services/abouts';
import { initialValues, type Values } from '../services/fields';
import type { KeyEntry } from '../vault/key-index';

/** A task that one of the person's keys can do. */
export interface TaskChoice {
  /** `service/operation`. */
  readonly id: string;
  readonly service: string;
  readonly serviceLabel: string;
  readonly operation: Operation;
}

export function tasksFor(keys: readonly KeyEntry[]): TaskChoice[] {
  return abouts
    .filter(about => keys.some(key => key.service === about.name))
    .flatMap(({ name, label, operations }) =>
      operations.map(operation => ({
        id: `${name}/${operation.name}`,
        service: name,
        serviceLabel: label,
        operation,
      })),
    );
}

/**
 * The values a task's form starts with: its own of last time, else its initial ones. The prompt goes
 * along from the task before, unless this one has its own.
 */
export function valuesFor(task: TaskChoice, kept: Record<string, Values>, before?: string): Values {
  const own = { ...initialValues(task.operation.fields), ...kept[task.id] };
  const prompt = before === undefined ? undefined : kept[before]?.prompt;
  return own.prompt === '' && prompt ? { ...own, prompt } : own;
}

/** What is typed, with the offered text after it: nothing typed is replaced. */
export function withOffered(prompt: string, offered: string): string {
  return prompt.trim() === '' ? offered : `${prompt.trimEnd()}\n\n${offered}`;
}
