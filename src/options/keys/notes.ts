import { USUAL_DAILY_LIMIT } from '../../calls/settings';
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

/** A key without one of its own has the usual one; whoever empties it wants none. */
export const dailyLimit: Field = {
  name: 'dailyLimit',
  label: 'Daily limit',
  kind: 'number',
  optional: true,
  initial: String(USUAL_DAILY_LIMIT),
  least: 0,
  most: 100_000,
  step: 0.01,
  money: true,
  hint: 'US dollars. Calls that would go beyond it are not sent. Empty: no limit.',
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
export function notesFrom({ label: name = '', environment, rotateBy, notes, dailyLimit }: Values): Notes {
  return {
    label: name,
    ...(isEnvironment(environment) && { environment }),
    ...(rotateBy && { rotateBy }),
    ...(notes && { notes }),
    dailyLimit: dailyLimit ? Number(dailyLimit) : null,
  };
}

const isEnvironment = (text: string | undefined): text is NonNullable<Notes['environment']> =>
  text === 'development' || text === 'staging' || text === 'production';

export const valuesFrom = ({
  label: name,
  environment,
  rotateBy,
  notes,
  dailyLimit = USUAL_DAILY_LIMIT,
}: KeyEntry): Values => ({
  label: name,
  environment: environment ?? '',
  rotateBy: rotateBy ?? '',
  notes: notes ?? '',
  dailyLimit: dailyLimit === null ? '' : String(dailyLimit),
});
