import type { Field, Pattern } from '../about';

/** AIR, Runware's name for a model: creator:family@version. */
const air: Pattern = {
  shape: /^[\w.-]+:[\w.-]+@[\w.-]+$/,
  otherwise: 'Model must look like “runware:400@2”: creator, colon, family, @, version.',
};

/** Seeds rise by one with each image, and JSON numbers of 64 bits would lose digits: all stay below 2^32. */
const LARGEST_SEED = 2 ** 32 - 20;

export const prompt = (most: number, least = 2): Field => ({
  name: 'prompt',
  label: 'Prompt',
  kind: 'long-text',
  least,
  most,
});

/** A model that a person may change for any other of its kind. */
export const model = (initial: string, what: string): Field => ({
  name: 'model',
  label: 'Model',
  kind: 'text',
  initial,
  hint: `A Runware model id, or a part of a name to search for. The default is ${what}.`,
  most: 200,
  pattern: air,
  lookup: 'models',
  advanced: true,
});

export const picture = (
  label = 'Picture',
  hint = 'A file, a copied picture, or its https address',
): Field => ({
  name: 'picture',
  label,
  kind: 'image',
  hint,
});

/** Runware's classic limits: 128 to 2048 pixels in steps of 64 are taken by almost every model. */
const side = (name: 'width' | 'height', label: string, initial: string): Field => ({
  name,
  label,
  kind: 'number',
  initial,
  least: 128,
  most: 2048,
  step: 64,
  hint: 'Pixels, a multiple of 64',
  advanced: true,
});
export const size = (width = '1024', height = width): Field[] => [
  side('width', 'Width', width),
  side('height', 'Height', height),
];

export const count = (label: string, most: number): Field => ({
  name: 'count',
  label,
  kind: 'number',
  initial: '1',
  least: 1,
  most,
  advanced: true,
  hint: 'Each one is paid for',
});

export const format = (...choices: readonly string[]): Field => ({
  name: 'format',
  label: 'Format',
  kind: 'choice',
  initial: choices[0] ?? '',
  choices: choices.map(value => ({ value, label: value })),
  advanced: true,
});

export const audioFormat: Field = {
  name: 'format',
  label: 'Format',
  kind: 'choice',
  optional: true,
  initial: '',
  choices: [
    { value: '', label: 'The model’s own' },
    ...['MP3', 'WAV', 'FLAC', 'OGG'].map(value => ({ value, label: value })),
  ],
  advanced: true,
};

export const seed = (what: string): Field => ({
  name: 'seed',
  label: 'Seed',
  kind: 'number',
  optional: true,
  least: 1,
  most: LARGEST_SEED,
  hint: `The same seed makes the same ${what}. Empty: a new one each time.`,
  advanced: true,
});

/** What a picture should not show, and how it is worked out: for those who know their model. */
export const drawing: readonly Field[] = [
  {
    name: 'negative',
    label: 'Not in it',
    kind: 'long-text',
    optional: true,
    least: 2,
    most: 3000,
    hint: 'What it should not show. Some models take none.',
    advanced: true,
  },
  {
    name: 'steps',
    label: 'Steps',
    kind: 'number',
    optional: true,
    least: 1,
    most: 100,
    hint: 'Empty: the model’s own number',
    advanced: true,
  },
  {
    name: 'guidance',
    label: 'Guidance',
    kind: 'number',
    optional: true,
    least: 0,
    most: 50,
    step: 0.1,
    hint: 'How closely to follow the prompt (CFG scale). Empty: the model’s own',
    advanced: true,
  },
];
