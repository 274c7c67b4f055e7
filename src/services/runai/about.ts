import type { About } from '../about';
import { ADDRESS, originsOf } from './address';
import { tasks } from './tasks';

const address = (label: string) => ({
  shape: ADDRESS,
  otherwise: `${label} must begin with https:// and the host’s name, without a user name in it.`,
});

export const about: About = {
  name: 'runai',
  label: 'Run:ai',
  // The token requests of its documents name their grant so.
  aliases: ['NVIDIA Run:ai', 'grantType'],
  keyPage: 'https://app.run.ai/',
  origins: ['https://*.run.ai'],
  originsOf,
  keyFields: [
    {
      name: 'url',
      label: 'URL',
      kind: 'text',
      most: 300,
      pattern: address('URL'),
      hint: 'Of the user interface: https://<company>.run.ai, or that of your own installation.',
      aliases: ['url', 'company URL', 'control plane URL', 'base URL', 'host'],
    },
    {
      name: 'application',
      label: 'Application',
      kind: 'text',
      most: 200,
      hint: 'Made at Settings & Tools → Application, which newer versions call service account or access key: its name or client id. It needs access rules for what it is to do.',
      aliases: ['AppId', 'app', 'application name', 'client id', 'access key id'],
    },
    {
      name: 'secretKey',
      label: 'Secret key',
      kind: 'secret',
      least: 4,
      most: 512,
      pattern: {
        shape: /^[\x21-\x7e]+$/,
        otherwise: 'A secret key has no spaces and only plain characters: paste it again.',
      },
      hint: 'Run:ai shows it once. A new one ends the old.',
      aliases: ['AppSecret', 'client secret', 'secret', 'key', 'application secret'],
    },
    {
      name: 'cluster',
      label: 'Cluster URL',
      kind: 'text',
      most: 300,
      pattern: address('Cluster URL'),
      optional: true,
      advanced: true,
      hint: 'For requests of your own to a cluster’s API. Its certificate must be one that the browser trusts.',
      aliases: ['cluster', 'researcher API'],
    },
    {
      name: 'realm',
      label: 'Realm',
      kind: 'text',
      most: 100,
      pattern: { shape: /^[\w.-]+$/, otherwise: 'Realm is one word.' },
      optional: true,
      advanced: true,
      hint: 'Only for installations so old that they have no other way to a token.',
    },
    {
      name: 'atOnce',
      label: 'Calls at once',
      kind: 'number',
      initial: '4',
      least: 1,
      most: 50,
      optional: true,
      advanced: true,
      hint: 'More wait for their turn.',
    },
  ],
  atOnce: 4,
  operations: tasks,
};
