import type { About } from '../about';
import { tasks } from './tasks';

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
    {
      name: 'connection',
      label: 'Connection',
      kind: 'choice',
      initial: 'socket',
      choices: [
        { value: 'socket', label: 'WebSocket, or HTTP where there is none' },
        { value: 'http', label: 'HTTP, key in the header' },
        { value: 'http-body', label: 'HTTP, key in the message' },
      ],
      optional: true,
      advanced: true,
      hint: 'A lost connection costs nothing over a WebSocket.',
    },
    {
      name: 'atOnce',
      label: 'Calls at once',
      kind: 'number',
      initial: '4',
      least: 1,
      most: 100,
      optional: true,
      advanced: true,
      hint: 'More wait for their turn. Runware advises two to four.',
    },
  ],
  // Runware advises two to four at once.
  atOnce: 4,
  operations: tasks,
};
