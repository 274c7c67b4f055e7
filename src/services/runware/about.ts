import type { About, Field, Pattern } from '../about';

/** AIR, Runware's name for a model: creator:family@version. */
const air: Pattern = {
  shape: /^[\w.-]+:[\w.-]+@[\w.-]+$/,
  otherwise: 'Model must look like “runware:400@2”: creator, colon, family, @, version.',
};

/** A model that a person may change for any other of its kind. */
const model = (initial: string, hint: string): Field => ({
  name: 'model',
  label: 'Model',
  kind: 'text',
  initial,
  hint,
  most: 200,
  pattern: air,
  advanced: true,
});

/** Runware's classic limits: 128 to 2048 pixels in steps of 64 are taken by almost every model. */
const side = (name: 'width' | 'height', label: string): Field => ({
  name,
  label,
  kind: 'number',
  initial: '1024',
  least: 128,
  most: 2048,
  step: 64,
  hint: 'Pixels, a multiple of 64',
  advanced: true,
});

export const about: About = {
  name: 'runware',
  label: 'Runware',
  // Every task of its protocol has a `taskType`, the one that authenticates too.
  aliases: ['Runware AI', 'taskType'],
  keyPage: 'https://my.runware.ai/keys',
  origins: ['wss://ws-api.runware.ai', 'https://api.runware.ai'],
  keyFields: [
    {
      name: 'apiKey',
      label: 'API key',
      kind: 'secret',
      least: 8,
      most: 512,
      pattern: {
        shape: /^[\x21-\x7e]+$/,
        otherwise: 'An API key has no spaces and only plain characters: paste it again.',
      },
      hint: 'A key made for Runkey alone can be revoked alone.',
      aliases: ['key', 'token', 'API token', 'secret', 'secret key', 'access key'],
    },
  ],
  operations: [
    {
      name: 'image',
      label: 'Image',
      doing: 'Drawing',
      fields: [
        { name: 'prompt', label: 'Prompt', kind: 'long-text', least: 2, most: 10_000 },
        model('runware:400@2', 'A Runware model id. The default is FLUX.2 klein.'),
        side('width', 'Width'),
        side('height', 'Height'),
        {
          name: 'count',
          label: 'Images',
          kind: 'number',
          initial: '1',
          least: 1,
          most: 4,
          advanced: true,
          hint: 'Each one is paid for',
        },
        {
          name: 'format',
          label: 'Format',
          kind: 'choice',
          initial: 'JPG',
          choices: [
            { value: 'JPG', label: 'JPG' },
            { value: 'PNG', label: 'PNG' },
          ],
          advanced: true,
        },
        {
          name: 'seed',
          label: 'Seed',
          kind: 'number',
          optional: true,
          least: 1,
          // Larger seeds would lose digits as JSON numbers, and Runware's newer text stops here too.
          most: 2 ** 32 - 1,
          hint: 'The same seed draws the same image. Empty: a new one each time.',
          advanced: true,
        },
      ],
    },
    {
      name: 'text',
      label: 'Text',
      doing: 'Writing',
      fields: [
        { name: 'prompt', label: 'Prompt', kind: 'long-text', most: 100_000 },
        model('google:gemma@4-31b', 'A Runware model id. The default is Gemma 4.'),
        {
          name: 'system',
          label: 'Instructions',
          kind: 'long-text',
          optional: true,
          most: 20_000,
          hint: 'How the model should answer, whatever the prompt',
          advanced: true,
        },
        {
          name: 'maxTokens',
          label: 'Longest answer',
          kind: 'number',
          initial: '1024',
          least: 1,
          most: 64_000,
          hint: 'Tokens, about four characters each',
          advanced: true,
        },
      ],
    },
  ],
};
