import { describe, expect, it } from 'vitest';
import { readPaste } from '../../src/guard/paste';
import { check, initialValues } from '../../src/services/fields';
import { about } from '../../src/services/runtype/about';
import { addressIn, surfaceIn } from '../../src/services/runtype/endpoint';
import { requestOf } from '../../src/services/runtype/operations';
import { demoKey, demoProduct, demoSurface } from '../emulators/runtype';
import { keyOf, surface, taskOf } from './runtype-client';

const base = surface.replace(/\/api$/, '');
const parts = { product: demoProduct, surface: demoSurface };

describe('an endpoint', () => {
  it.each([
    ['of a capability', `${surface}/summarize-article`, 'summarize-article'],
    ['of a capability, with spaces around it', ` ${surface}/draft-post/\n`, 'draft-post'],
    ['of the API', surface, undefined],
    ['of the API, with a slash', `${surface}/`, undefined],
    ['of the surface', base, undefined],
    ['of dispatch', `${surface}/dispatch`, undefined],
    ['of the description', `${surface}/openapi.json`, undefined],
  ])('%s is split', (_what, pasted, capability) => {
    expect(surfaceIn(pasted)).toEqual({ ...parts, capability });
  });

  it.each([
    'https://api.runtype.com/v1/products/{productId}/surfaces/{surfaceId}/api/{capabilitySlug}',
    'https://api.runtype.com/v1/products/p/surfaces/..',
    'https://api.runtype.com.elsewhere.example/v1/products/p/surfaces/s/api/a',
    'https://apixruntype.com/v1/products/p/surfaces/s/api/a',
    'http://api.runtype.com/v1/products/p/surfaces/s/api/a',
    `${surface}/draft-post?api_key=papi_something`,
    'https://api.runtype.com/v1/dispatch',
    '',
  ])('that is none is refused: %s', pasted => {
    expect(surfaceIn(pasted)).toBeUndefined();
    const { faults } = check(about.keyFields, { apiKey: demoKey, endpoint: pasted });
    expect(faults.endpoint).toMatch(/^Endpoint URL /);
  });

  it('has its parts escaped', () => {
    const { href } = addressIn({ product: 'a', surface: 'b', capability: undefined }, '../x?y#z');
    expect(href).toBe('https://api.runtype.com/v1/products/a/surfaces/b/api/..%2Fx%3Fy%23z');
  });
});

describe('a key’s form', () => {
  const good = { ...initialValues(about.keyFields), apiKey: demoKey, endpoint: `${surface}/draft-post` };

  it('takes a product key and an endpoint', () => {
    const { values, faults } = check(about.keyFields, good);
    expect(faults).toEqual({});
    expect(values).toMatchObject({ apiKey: demoKey, header: 'bearer', atOnce: '4' });
  });

  it.each([
    'rt_live_abcdefgh12',
    'tv_test_abcdefgh12',
    'mcp_abcdefgh12345678',
    'ct_live_abcdefgh12',
    'papi_with space',
  ])('explains that %s is no product key', apiKey => {
    expect(check(about.keyFields, { ...good, apiKey }).faults.apiKey).toMatch(/begins with papi_/);
  });

  it.each(['one', 'one, two', 'one two\tthree', 'one;two,'])(
    'takes a list of capabilities: %s',
    capabilities => {
      expect(check(about.keyFields, { ...good, capabilities }).faults).toEqual({});
    },
  );

  it('refuses a list of anything else, and a description elsewhere', () => {
    const { faults } = check(about.keyFields, {
      ...good,
      capabilities: 'Summarize Article',
      specification: 'https://elsewhere.example/openapi.json',
    });
    expect(Object.keys(faults)).toEqual(['capabilities', 'specification']);
  });
});

describe('a paste', () => {
  const curl = `curl -X POST ${surface}/summarize-article \\
    -H "Authorization: Bearer ${demoKey}" \\
    -H "Content-Type: application/json" \\
    -d '{"input": "Your input here"}'`;

  it.each([
    ['the document’s curl command', curl],
    ['variables', `RUNTYPE_API_KEY=${demoKey}\nRUNTYPE_ENDPOINT=${surface}/summarize-article\n`],
    ['a key and an address', `${demoKey}\n${surface}/summarize-article`],
  ])('of %s gives key and endpoint', (_what, text) => {
    const { found, unplaced } = readPaste(text, [about], 'runtype');
    expect(unplaced).toEqual([]);
    expect(found).toMatchObject([
      { service: 'runtype', values: { apiKey: demoKey, endpoint: `${surface}/summarize-article` } },
    ]);
  });
});

describe('the capability that is meant', () => {
  const addressed = (puts: Record<string, string>, fields: Record<string, string>) =>
    requestOf(taskOf('ask', { prompt: 'x', ...puts }), keyOf(fields))
      .url.pathname.split('/')
      .at(-1);

  it.each([
    ['the call’s own', { capability: 'echo' }, {}, 'echo'],
    ['else the endpoint’s', {}, {}, 'summarize-article'],
    ['else the only one noted', {}, { endpoint: surface, capabilities: 'draft-post' }, 'draft-post'],
  ])('is %s', (_what, puts, fields, slug) => {
    expect(addressed(puts, fields)).toBe(slug);
  });

  it.each([{ endpoint: surface }, { endpoint: surface, capabilities: 'one, two' }])(
    'is asked for where none is: %o',
    fields => {
      expect(() => addressed({}, fields)).toThrow('Which capability is meant?');
    },
  );

  it('cannot be called where the endpoint is unreadable', () => {
    expect(() => addressed({}, { endpoint: 'https://api.runtype.com/' })).toThrow('no Endpoint URL');
  });
});
