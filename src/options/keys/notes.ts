import type { Field } from '../../services/about';
import type { Values } from '../../services/fields';
import type { KeyEntry, Notes } from '../../vault/key-index';

/** What a person notes of a key of any service. */
export const label: Field = {
  name: 'label',
  label: 'Label',
  kind: 'text',
  most: 100,
  hint: 'What you call it: “Work”, “Test”',
};

export const noteFields: readonly Field[] = [
  {
    name: 'environment',
    label: 'Environment',
    kind: 'choice',
    optional: true,
    choices: [
      { value: '', label: 'Not said' },
      { value: 'development', label: 'Development' },
      { value: 'staging', label: 'Staging' },
      { value: 'production', label: 'Production' },
    ],
  },
  {
    name: 'rotateBy',
    label: 'Replace by',
    kind: 'date',
    optional: true,
    hint: 'The list reminds you from two weeks before.',
  },
  {
    name: 'notes',
    label: 'Notes',
    kind: 'long-text',
    optional: true,
    most: 4000,
    hint: 'Encrypted like the rest',
  },
];

/** A form's checked values as notes. */
export function notesFrom({ label: name = '', environment, rotateBy, notes }: Values): Notes {
  return {
    label: name,
    ...(isEnvironment(environment) && { environment }),
    ...(rotateBy && { rotateBy }),
    ...(notes && { notes }),
  };
}

const isEnvironment = (text: string | undefined): text is NonNullable<Notes['environment']> =>
  text === 'development' || text === 'staging' || text === 'production';

export const valuesFrom = ({ label: name, environment, rotateBy, notes }: KeyEntry): Values => ({
  label: name,
  environment: environment ?? '',
  rotateBy: rotateBy ?? '',
  notes: notes ?? '',
});
