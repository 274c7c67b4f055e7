import type { Prompt } from '../../calls/prompt';
import type { Field } from '../../services/about';
import { check, type Faults, initialValues, type Values } from '../../services/fields';
import type { TaskChoice } from '../../ui/task-choice';
import { promptField, withOthers } from './tasks';

const SELECTION = /\{\{\s*selection\s*\}\}/;

export const name: Field = {
  name: 'name',
  label: 'Name',
  kind: 'text',
  most: 60,
  hint: 'As it stands in the menu: “Explain”, “To French”',
};

export const note: Field = {
  name: 'note',
  label: 'Note',
  kind: 'text',
  optional: true,
  most: 300,
  hint: 'For yourself: what it is good for',
};

const PLACES = {
  text: '{{selection}} becomes the selected text, {{title}} and {{url}} the title and the address of its page.',
  image: '{{title}} and {{url}} become the title and the address of the page that the picture is on.',
} as const;

/** A task that takes nothing but a picture has no template. */
export function templateOf(on: Prompt['on'], { operation }: TaskChoice): Field | undefined {
  const prompt = promptField(operation);
  if (!prompt) return undefined;
  const optional = on === 'image' && prompt.optional === true;
  return {
    name: 'template',
    label: 'Template',
    kind: 'long-text',
    most: 10_000,
    hint: optional && prompt.hint ? `${prompt.hint}. ${PLACES[on]}` : PLACES[on],
    ...(optional && { optional }),
  };
}

/** What is in the form of a prompt. */
export interface Filled {
  readonly on: Prompt['on'];
  readonly choice: TaskChoice;
  /** Empty: the one used last. */
  readonly key: string;
  /** Name, template and note. */
  readonly own: Values;
  /** The task's other fields; what is left out is as usual. */
  readonly others: Values;
}

export interface Checked {
  readonly own: Faults;
  readonly others: Faults;
  /** Where nothing is at fault. */
  readonly prompt?: Omit<Prompt, 'id'>;
}

/** The one check that every prompt passes, typed or from a file. */
export function checked({ on, choice, key, own, others }: Filled): Checked {
  const template = templateOf(on, choice);
  const mine = check([name, ...(template ? [template] : []), note], { ...own, name: inOneLine(own.name) });
  if (template && !mine.faults.template) {
    const has = SELECTION.test(mine.values.template ?? '');
    if (on === 'text' && !has)
      mine.faults.template = 'Template must hold {{selection}}: the selected text goes in its place.';
    if (on === 'image' && has)
      mine.faults.template = 'Template is for a picture, so there is no {{selection}} to fill in.';
  }
  const { fields } = withOthers(choice).operation;
  const usual = initialValues(fields);
  const theirs = check(fields, { ...usual, ...others });
  if ([mine, theirs].some(({ faults }) => Object.keys(faults).length > 0))
    return { own: mine.faults, others: theirs.faults };
  const { note: noted } = mine.values;
  return {
    own: {},
    others: {},
    prompt: {
      name: mine.values.name ?? '',
      on,
      service: choice.service,
      operation: choice.operation.name,
      ...(key && { key }),
      template: mine.values.template ?? '',
      values: Object.fromEntries(
        fields
          .map(field => [field.name, theirs.values[field.name] ?? ''])
          .filter(([field = '', value]) => value !== usual[field]),
      ),
      ...(noted && { note: noted }),
    },
  };
}

/** As it stands in a menu: no line of its own, and nothing in it that would turn what stands around it. */
const inOneLine = (text = ''): string =>
  text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();

/** What the form holds for a prompt that there is. */
export const filledWith = (prompt: Omit<Prompt, 'id'>, choice: TaskChoice): Filled => ({
  on: prompt.on,
  choice,
  key: prompt.key ?? '',
  own: { name: prompt.name, template: prompt.template, note: prompt.note ?? '' },
  others: prompt.values,
});
