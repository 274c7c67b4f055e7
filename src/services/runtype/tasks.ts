import type { Field, Operation } from '../about';
import { SLUG } from './endpoint';

const capability: Field = {
  name: 'capability',
  label: 'Capability',
  kind: 'text',
  optional: true,
  most: 100,
  pattern: {
    shape: SLUG,
    otherwise: 'Capability must be its name as in its address: small letters, digits and hyphens.',
  },
  lookup: 'capabilities',
  hint: 'The last word of its address, such as summarize-article. Empty: the one that the key’s endpoint ends in.',
};

const answer: Field = {
  name: 'answer',
  label: 'Answer',
  kind: 'choice',
  initial: 'stream',
  choices: [
    { value: 'stream', label: 'As it is written' },
    { value: 'whole', label: 'All at once' },
  ],
  advanced: true,
};

const json = (initial: string, hint: string): Field => ({
  name: 'json',
  label: 'JSON',
  kind: 'long-text',
  initial,
  most: 200_000,
  hint,
});

/** What Runtype does, in the order in which people see it. How each goes over the wire is in `operations.ts`. */
export const tasks: readonly Operation[] = [
  {
    name: 'ask',
    label: 'Ask a capability',
    doing: 'Running',
    obeys: true,
    fields: [{ name: 'prompt', label: 'Input', kind: 'long-text', most: 200_000 }, capability, answer],
  },
  {
    name: 'json',
    label: 'Ask with JSON',
    doing: 'Running',
    fields: [
      json('{\n  "input": ""\n}', 'The whole message: the task Capabilities shows what each takes.'),
      capability,
      answer,
    ],
  },
  {
    name: 'dispatch',
    label: 'Dispatch',
    doing: 'Running',
    fields: [
      {
        name: 'name',
        label: 'Capability',
        kind: 'text',
        most: 200,
        hint: 'Its name, as the surface has it.',
      },
      json('{\n  "message": ""\n}', 'What the capability takes, an object.'),
      answer,
    ],
  },
  {
    name: 'capabilities',
    label: 'Capabilities',
    doing: 'Looking',
    free: 'question',
    fields: [
      {
        name: 'search',
        label: 'Search',
        kind: 'text',
        optional: true,
        most: 200,
        hint: 'A part of a name. Empty: all',
      },
    ],
  },
];
