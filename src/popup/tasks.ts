import type { Field } from '../services/about';
import { abouts } from '../services/abouts';
import { initialValues, type Values } from '../services/fields';
import { type TaskChoice, tasksOf } from '../ui/task-choice';
import type { KeyEntry } from '../vault/key-index';

/** The tasks that one of the person's keys can do. */
export const tasksFor = (keys: readonly KeyEntry[]): TaskChoice[] =>
  tasksOf(abouts.filter(about => keys.some(key => key.service === about.name)));

export const takesPrompt = ({ operation }: TaskChoice): boolean =>
  operation.fields.some(({ name }) => name === 'prompt');

/** What a person wants is often wanted of several tasks; what a field can do without is put in on purpose. */
const goesAlong = ({ name, kind, optional }: Field): boolean =>
  !optional && (name === 'prompt' || kind === 'image');

/**
 * The values a task's form starts with: its own of last time, else its initial ones. Prompt and picture go
 * along from the task before, unless this one has its own.
 */
export function valuesFor(task: TaskChoice, kept: Record<string, Values>, before?: string): Values {
  const { fields } = task.operation;
  const own = { ...initialValues(fields), ...kept[task.id] };
  const brought = before === undefined ? undefined : kept[before];
  for (const field of fields) {
    const value = brought?.[field.name];
    if (goesAlong(field) && own[field.name] === '' && value) own[field.name] = value;
  }
  return own;
}

/** What is typed, with the offered text after it: nothing typed is replaced. */
export function withOffered(prompt: string, offered: string): string {
  return prompt.trim() === '' ? offered : `${prompt.trimEnd()}\n\n${offered}`;
}
