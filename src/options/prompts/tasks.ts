import type { Prompt } from '../../calls/prompt';
import type { Field, Operation } from '../../services/about';
import { abouts } from '../../services/abouts';
import { type TaskChoice, tasksOf } from '../../ui/task-choice';

type On = Prompt['on'];

/** Characters that a saved value may have, as `calls/prompt.ts` says. */
const MOST = 10_000;

const isNeededPicture = ({ kind, optional }: Field): boolean => kind === 'image' && !optional;

/** Where the filled template goes. */
export const promptField = ({ fields }: Operation): Field | undefined =>
  fields.find(({ name }) => name === 'prompt');

/** What can be done with selected text: what takes a prompt, and no picture. With a picture: what takes just one. */
function takes(on: On, operation: Operation): boolean {
  const pictures = operation.fields.filter(isNeededPicture).length;
  return on === 'image' ? pictures === 1 : pictures === 0 && promptField(operation) !== undefined;
}

const all = tasksOf(abouts);
const choices: Readonly<Record<On, readonly TaskChoice[]>> = {
  text: all.filter(({ operation }) => takes('text', operation)),
  image: all.filter(({ operation }) => takes('image', operation)),
};

export const choicesFor = (on: On): readonly TaskChoice[] => choices[on];

/** The task of a prompt; undefined where Runkey has no such one for what it is on. */
export const choiceOf = ({ on, service, operation }: Omit<Prompt, 'id'>): TaskChoice | undefined =>
  choices[on].find(({ id }) => id === `${service}/${operation}`);

/** Another version of Runkey may have had it: then its names as they are. */
export function taskSaid(prompt: Omit<Prompt, 'id'>): string {
  const choice = choiceOf(prompt);
  return choice
    ? `${choice.operation.label} at ${choice.serviceLabel}`
    : `“${prompt.operation}” at “${prompt.service}”, which this Runkey does not have`;
}

/** A task with only those fields that a prompt may set besides its template, none of them asked for at once. */
export const withOthers = (choice: TaskChoice): TaskChoice => ({
  ...choice,
  operation: {
    ...choice.operation,
    fields: choice.operation.fields
      .filter(({ name, kind }) => name !== 'prompt' && kind !== 'image')
      .map(field => ({
        ...field,
        advanced: true,
        ...('most' in field && field.kind !== 'number' && { most: Math.min(field.most, MOST) }),
      })),
  },
});
