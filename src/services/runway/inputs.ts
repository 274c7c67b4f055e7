import type { Field, Pattern } from '../about';
import { EMAIL } from '../accounts';

export const email = (label: string): Pattern => ({
  shape: EMAIL,
  otherwise: `${label} must be an e-mail address.`,
});

const id = (label: string, kind: 'task' | 'asset'): Pattern => ({
  shape: new RegExp(`^user:\\d+-[a-z]+:\\S+-${kind}:\\S+$`),
  otherwise: `${label} must be the whole id, as in “user:1234-runwayml:you@example.com-${kind}:…”.`,
});

const options = (first: string, values: readonly string[]) => [
  { value: '', label: first },
  ...values.map(value => ({ value, label: value })),
];

export const prompt = (most: number): Field & { kind: 'long-text' } => ({
  name: 'prompt',
  label: 'Prompt',
  kind: 'long-text',
  most,
});

export const model = (initial: string, hint: string): Field => ({
  name: 'model',
  label: 'Model',
  kind: 'text',
  initial,
  hint,
  most: 100,
  pattern: {
    shape: /^[\w.-]+$/,
    otherwise: 'Model must be a name such as “gen4.5”: letters, digits, dots and dashes.',
  },
  advanced: true,
});

export const ratio = (initial: string): Field => ({
  name: 'ratio',
  label: 'Aspect ratio',
  kind: 'choice',
  optional: true,
  initial,
  choices: options('The model’s own', ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9']),
  advanced: true,
});

/** Only one or four can be had. */
export const count: Field = {
  name: 'count',
  label: 'Images',
  kind: 'choice',
  initial: '1',
  choices: ['1', '4'].map(value => ({ value, label: value })),
  hint: 'Each one is paid for',
  advanced: true,
};

export const seed: Field = {
  name: 'seed',
  label: 'Seed',
  kind: 'number',
  optional: true,
  least: 1,
  most: 4_294_967_294,
  hint: 'The same seed makes the same result. Not every model takes one. Empty: a new one each time.',
  advanced: true,
};

const STYLES =
  'vivid,vivid-warm,vivid-cool,high-contrast,high-contrast-warm,high-contrast-cool,bw,bw-contrast,muted-pastel,dreamscape,nordic-minimal,light-anime,dark-anime,painted-anime,3d-cartoon,sketch,low-angle,in-motion,terracotta';

export const look: readonly Field[] = [
  {
    name: 'style',
    label: 'Style',
    kind: 'choice',
    optional: true,
    initial: '',
    choices: options('None', STYLES.split(',')),
    advanced: true,
  },
  {
    name: 'diversity',
    label: 'Diversity',
    kind: 'number',
    optional: true,
    least: 0,
    most: 5,
    hint: 'How much the images may differ',
    advanced: true,
  },
];

export const asset = (name: string, label: string, hint?: string): Field => ({
  name,
  label,
  kind: 'text',
  optional: true,
  most: 500,
  pattern: id(label, 'asset'),
  lookup: 'assets',
  hint: hint ?? 'The id of an asset, or a part of its name to search for',
  advanced: true,
});

export const taskId: Field = {
  name: 'task',
  label: 'Id',
  kind: 'text',
  most: 500,
  pattern: id('Id', 'task'),
};

export const assetId: Field = {
  name: 'asset',
  label: 'Id',
  kind: 'text',
  most: 500,
  pattern: id('Id', 'asset'),
  lookup: 'assets',
};

/** Which of the Runway accounts is meant. */
export const account: Field = {
  name: 'account',
  label: 'Account',
  kind: 'text',
  optional: true,
  most: 254,
  pattern: email('Account'),
  lookup: 'accounts',
  hint: 'The e-mail of a Runway account. Empty: the key’s default account, else the one there is.',
  advanced: true,
};

/** Where a task runs, and at what cost. */
export const running: readonly Field[] = [
  {
    ...account,
    hint: 'The e-mail of the Runway account to run it. Empty: the key’s default account, else any with room. With an asset the asset’s own account runs it.',
  },
  {
    name: 'maxJobs',
    label: 'Jobs at once',
    kind: 'number',
    optional: true,
    least: 1,
    most: 10,
    hint: 'For this call instead of the account’s own limit',
    advanced: true,
  },
  {
    name: 'explore',
    label: 'Explore mode',
    kind: 'choice',
    optional: true,
    initial: '',
    choices: [
      { value: '', label: 'No: it uses credits' },
      { value: 'true', label: 'Yes: no credits, but it may wait for hours' },
    ],
    hint: 'Needs Runway’s Unlimited plan',
    advanced: true,
  },
];

export const search: Field = {
  name: 'search',
  label: 'Search',
  kind: 'text',
  optional: true,
  most: 200,
  hint: 'Only those with this in their name or id',
};

/** The service demands both. */
export const page: readonly Field[] = [
  {
    name: 'most',
    label: 'At most',
    kind: 'number',
    initial: '50',
    least: 1,
    most: 1000,
    advanced: true,
  },
  {
    name: 'skip',
    label: 'Skip',
    kind: 'number',
    initial: '0',
    least: 0,
    most: 1000,
    hint: 'How many of the newest to leave out',
    advanced: true,
  },
];
