import type { About } from '../about';
import { ENDPOINT, ORIGIN } from './endpoint';
import { tasks } from './tasks';

export const about: About = {
  name: 'runtype',
  label: 'Runtype',
  aliases: ['papi'],
  keyPage: 'https://use.runtype.com/',
  origins: [ORIGIN],
  keyFields: [
    {
      name: 'apiKey',
      label: 'API key',
      kind: 'secret',
      least: 8,
      most: 512,
      pattern: {
        shape: /^papi_[\w-]+$/,
        otherwise:
          'A product key begins with papi_. Keys with rt_, tv_ or mcp_ open other parts of Runtype, and one with ct_ is no secret: make a product key in the Keys tab of your API surface.',
      },
      hint: 'Runtype warns of keys in client-side code: here it lies encrypted and goes to api.runtype.com alone. Safest is one for Runkey only, with the capabilities it needs and a limit a day. To rotate it, make a new one, put it in with Replace, then revoke the old.',
      aliases: ['key', 'product key', 'token', 'API token', 'secret', 'secret key'],
    },
    {
      name: 'endpoint',
      label: 'Endpoint URL',
      kind: 'text',
      most: 600,
      pattern: {
        shape: ENDPOINT,
        otherwise:
          'Endpoint URL must look like https://api.runtype.com/v1/products/…/surfaces/…/api/…, as the Endpoints tab of the API surface shows it.',
      },
      hint: 'From the Endpoints tab of your API surface, of any of its capabilities.',
      aliases: ['url', 'endpoint', 'API URL', 'base URL', 'surface URL'],
    },
    {
      name: 'capabilities',
      label: 'Capabilities',
      kind: 'text',
      most: 2000,
      pattern: {
        shape: /^[a-z0-9-]+(?:[\s,;]+[a-z0-9-]+)*[\s,;]*$/,
        otherwise: 'Capabilities must be names as in their addresses: small letters, digits and hyphens.',
      },
      optional: true,
      advanced: true,
      hint: 'The last words of their addresses, such as summarize-article. Needed only where the surface does not say itself.',
    },
    {
      name: 'specification',
      label: 'OpenAPI address',
      kind: 'text',
      most: 600,
      pattern: {
        shape: /^https:\/\/api\.runtype\.com\/[\w.~%/-]+$/,
        otherwise: 'OpenAPI address must begin with https://api.runtype.com/ and have no query.',
      },
      optional: true,
      advanced: true,
      hint: 'Where the surface describes its capabilities. Empty: …/api/openapi.json',
    },
    {
      name: 'header',
      label: 'Key goes in',
      kind: 'choice',
      initial: 'bearer',
      choices: [
        { value: 'bearer', label: 'Authorization: Bearer' },
        { value: 'x-api-key', label: 'X-API-Key' },
      ],
      optional: true,
      advanced: true,
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
  // No limit is documented but 50 executions within ten seconds.
  atOnce: 4,
  operations: tasks,
};
