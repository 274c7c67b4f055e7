import type { About } from '../about';
import { email } from './inputs';
import { tasks } from './tasks';

export const about: About = {
  name: 'runway',
  label: 'Runway (useapi.net)',
  aliases: ['useapi', 'useapi.net', 'runwayml', 'Runway'],
  keyPage: 'https://useapi.net/docs/start-here/setup-useapi',
  origins: ['https://api.useapi.net'],
  keyFields: [
    {
      name: 'apiToken',
      label: 'API token',
      kind: 'secret',
      least: 8,
      most: 512,
      pattern: {
        shape: /^[\x21-\x7e]+$/,
        otherwise: 'An API token has no spaces and only plain characters: paste it again.',
      },
      hint: 'All of it, as in “user:1234-abc…”. It opens every service of useapi.net, and never expires.',
      aliases: ['token', 'key', 'api key', 'useapi token', 'secret'],
    },
    {
      name: 'email',
      label: 'Default account',
      kind: 'text',
      most: 254,
      pattern: email('Default account'),
      optional: true,
      advanced: true,
      hint: 'The e-mail of the Runway account that is meant where a call names none. Empty: useapi.net takes one with room.',
      aliases: ['email', 'e-mail', 'runway email', 'account'],
    },
    {
      name: 'atOnce',
      label: 'Calls at once',
      kind: 'number',
      initial: '5',
      least: 1,
      most: 30,
      optional: true,
      advanced: true,
      hint: 'How many are sent, or asked after, in one moment. What Runway works on at once the accounts’ Max jobs limit.',
    },
  ],
  accounts: {
    label: 'Runway accounts',
    about:
      'useapi.net signs in to these and shares the calls out among them: each runs as many jobs at once as its Max jobs, and a call that names none goes to one with room. When all are busy, calls wait. It must be an account with a password of its own: Runkey sends that to useapi.net, and keeps it only if you want it to.',
  },
  atOnce: 5,
  operations: tasks,
};
