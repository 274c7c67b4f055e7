import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_PASTE, readPaste } from '../../src/guard/paste';
import type { About, Field } from '../../src/services/about';
import { about as runware } from '../../src/services/runware/about';

const secret = (name: string, label: string, aliases: readonly string[], optional = false): Field => ({
  name,
  label,
  kind: 'secret',
  least: 8,
  most: 512,
  optional,
  aliases,
});

const text = (name: string, label: string, aliases: readonly string[], optional = false): Field => ({
  name,
  label,
  kind: 'text',
  most: 2000,
  optional,
  aliases,
});

/** Services as Runkey might have them: only this data knows their names. */
const cluster: About = {
  name: 'runai',
  label: 'Run:ai',
  aliases: ['NVIDIA Run:ai', 'grantType'],
  keyPage: 'https://docs.example.org/',
  origins: ['https://*.run.ai'],
  keyFields: [
    {
      name: 'url',
      label: 'URL',
      kind: 'text',
      most: 200,
      pattern: { shape: /^https:\/\/[\w.-]+\/?$/, otherwise: 'URL must be an https address without a path.' },
    },
    text('application', 'Application', ['client id', 'app id', 'user']),
    secret('secret', 'Secret key', ['client secret', 'app secret']),
    text('clusterUrl', 'Cluster URL', [], true),
  ],
  atOnce: 4,
  operations: [],
};

const product: About = {
  name: 'runtype',
  label: 'Runtype',
  aliases: [],
  keyPage: 'https://docs.example.org/',
  origins: ['https://api.runtype.com'],
  keyFields: [
    {
      name: 'apiKey',
      label: 'API key',
      kind: 'secret',
      most: 512,
      pattern: { shape: /^papi_/, otherwise: 'API key must begin with “papi_”.' },
      aliases: ['key', 'token'],
    },
    text('endpoint', 'Endpoint URL', ['url']),
  ],
  atOnce: 4,
  operations: [],
};

const video: About = {
  name: 'runway',
  label: 'Runway (useapi.net)',
  aliases: ['useapi', 'useapi.net', 'runwayml'],
  keyPage: 'https://docs.example.org/',
  origins: ['https://api.useapi.net'],
  keyFields: [
    secret('apiToken', 'API token', ['token', 'key', 'api key']),
    text('email', 'Email', [], true),
    secret('password', 'Password', [], true),
    { name: 'maxJobs', label: 'Max jobs', kind: 'number', least: 1, most: 10, optional: true },
  ],
  atOnce: 4,
  operations: [],
};

const abouts = [runware, cluster, product, video];

const KEY = 'q7Xk2Lm9Rt4Vb8Nc3Zd6Wf1H';
const OTHER = 'Zz8Yy7Xx6Ww5Vv4Uu3Tt2Ss1';
const PAPI = `papi_${KEY}`;
const TOKEN = `user:1234-${KEY}`;

const read = (pasted: string, chosen?: string) => readPaste(pasted, abouts, chosen);
const values = (pasted: string, chosen?: string) =>
  read(pasted, chosen).found.map(({ service, values }) => [service, values]);
const asRunware = [['runware', { apiKey: KEY }]];

describe('a bare key', () => {
  it.each([
    PAPI,
    `  ${PAPI}\r\n`,
    `"${PAPI}"`,
    `Bearer ${PAPI}`,
    `My key is ${PAPI}, I think`,
    `\`${PAPI}\``,
  ])('is known by its shape: %j', pasted => {
    expect(values(pasted)).toEqual([['runtype', { apiKey: PAPI }]]);
    expect(read(pasted).unplaced).toEqual([]);
  });

  it('with a required secret among optional ones goes into the required one', () => {
    expect(values(TOKEN)).toEqual([['runway', { apiToken: TOKEN }]]);
  });

  it('of no known shape goes into the chosen service’s only secret', () => {
    expect(values(KEY, 'runware')).toEqual(asRunware);
    expect(values('dGhpc2lzYWtleQ==', 'runware')).toEqual([['runware', { apiKey: 'dGhpc2lzYWtleQ==' }]]);
    expect(values('dGhpc2lzYWtleXk=', 'runware')).toEqual([['runware', { apiKey: 'dGhpc2lzYWtleXk=' }]]);
  });

  it('of no known shape is advised to have its service chosen', () => {
    expect(read(KEY)).toEqual({
      found: [],
      unplaced: [
        {
          where: 'line 1',
          why: 'does not show which service it is for: choose the service, then paste it again.',
        },
      ],
    });
  });

  it('keeps its shape’s service, whatever service is chosen', () => {
    expect(values(PAPI, 'runware')).toEqual([['runtype', { apiKey: PAPI }]]);
  });

  it('of a service that Runkey does not have is named for what it is', () => {
    expect(readPaste(`\n${TOKEN}`, [runware], 'runware').unplaced).toEqual([
      { where: 'line 2', why: 'a useapi.net API token, and Runkey has no such service.' },
    ]);
    expect(read(`RUNWARE_API_KEY=sk-ant-api03-${KEY}${OTHER}`).unplaced).toEqual([
      { where: 'line 1, RUNWARE_API_KEY', why: 'an Anthropic API key, and Runkey has no such service.' },
    ]);
  });

  it('that is public by design is said to be', () => {
    expect(read(`ct_live_${KEY}`, 'runtype').unplaced).toEqual([
      {
        where: 'line 1',
        why: 'a Runtype client token, which is public by design: there is nothing to keep.',
      },
    ]);
  });

  it('that the field refuses is told why', () => {
    expect(read(`rt_live_${KEY}`).unplaced).toEqual([
      { where: 'line 1', why: 'API key must begin with “papi_”.' },
    ]);
    expect(read('short', 'runware').unplaced).toEqual([
      { where: 'line 1', why: 'API key needs at least 8 characters.' },
    ]);
  });
});

describe('a variable', () => {
  it.each([
    `RUNWARE_API_KEY=${KEY}`,
    `export RUNWARE_API_KEY=${KEY}`,
    `RUNWARE_API_KEY = "${KEY}" # mine`,
    `RUNWARE_API_KEY='${KEY}'`,
    `RUNWARE_API_KEY=${KEY} # mine`,
    `RUNWARE_API_KEY="${KEY}\\n"`,
    `$env:RUNWARE_API_KEY = "${KEY}"`,
    `set RUNWARE_API_KEY=${KEY}`,
    `set "RUNWARE_API_KEY=${KEY}"`,
    `setx RUNWARE_API_KEY "${KEY}"`,
    `setx RUNWARE_API_KEY ${KEY}`,
    `$ export RUNWARE_API_KEY=${KEY}`,
    `docker run --rm -e RUNWARE_API_KEY=${KEY} -p 80:80 \\\n  image`,
    `-e RUNWARE_API_KEY='${KEY}'`,
    `  --env=RUNWARE_API_KEY=${KEY} \\`,
    `environment:\n  - RUNWARE_API_KEY=${KEY}`,
    `RUNWARE_API_KEY: ${KEY}`,
    `"RUNWARE_API_KEY": "${KEY}",`,
    `[runware]\r\napi_key = ${KEY}`,
    `runwareApiKey=${KEY}`,
    `RUNWARE_KEY=${KEY}`,
    `VITE_RUNWARE_TOKEN=${KEY}`,
    `RUNWARE=${KEY}`,
    `SET RUNWARE_API_KEY=${KEY}`,
    `set -x RUNWARE_API_KEY ${KEY}`,
    `ENV RUNWARE_API_KEY ${KEY}`,
    `Runware API key: ${KEY}`,
    `runware ai key = ${KEY}`.replaceAll(' ai ', '_ai_'),
  ])('is read: %j', pasted => {
    expect(values(pasted)).toEqual(asRunware);
  });

  it('says where it stood', () => {
    expect(read(`# keys\r\n\r\nRUNWARE_API_KEY=${KEY}\r\n`).found[0]?.where).toBe('line 3, RUNWARE_API_KEY');
  });

  it('of no known service is named, and nothing else of it', () => {
    const pasted = `RUNWARE_API_KEY=${KEY}\nA="x\ny"\nPORT=3000\nSTRIPE_KEY=${OTHER}`;
    expect(read(pasted).unplaced).toEqual([
      { where: 'line 2, A', why: 'belongs to no service that Runkey knows.' },
      { where: 'line 4, PORT', why: 'belongs to no service that Runkey knows.' },
      { where: 'line 5, STRIPE_KEY', why: 'belongs to no service that Runkey knows.' },
    ]);
    expect(read(pasted, 'runware').found).toHaveLength(1);
  });

  it('named by a field alone needs a chosen service', () => {
    expect(values(`API_KEY=${KEY}`, 'runware')).toEqual(asRunware);
    expect(read(`API_KEY=${KEY}`).unplaced[0]?.why).toContain('choose the service');
  });

  it('of a service but none of its key’s fields is no key', () => {
    expect(read('RUNWARE_MODEL=runware:400@2\nRUNWARE_TOKEN_LIMIT=4000000000')).toEqual({
      found: [],
      unplaced: [
        { where: 'line 1, RUNWARE_MODEL', why: 'Runware has no key field of that name.' },
        { where: 'line 2, RUNWARE_TOKEN_LIMIT', why: 'Runware has no key field of that name.' },
      ],
    });
  });

  it.each([
    '',
    '""',
    '<KEY>',
    'xxxx',
    'your-api-key-here',
    'YOUR_API_KEY',
    `$${'{OTHER}'}`,
    '********',
    'changeme',
  ])('whose value is %j is a placeholder', value => {
    expect(read(`RUNWARE_API_KEY=${value}`)).toEqual({
      found: [],
      unplaced: [
        {
          where: 'line 1, RUNWARE_API_KEY',
          why: 'is a placeholder: paste the key itself in its place.',
        },
      ],
    });
  });

  it('may go over lines in double quotes', () => {
    expect(values(`RUNAI_CLIENT_SECRET="${KEY}\n${OTHER}"\nRUNWARE_API_KEY=${KEY}`)).toEqual([
      ['runai', { secret: `${KEY}\n${OTHER}` }],
      ...asRunware,
    ]);
  });
});

describe('several variables', () => {
  it('of one service become one key where they fill different fields', () => {
    expect(
      read(
        `RUNAI_URL=https://acme.run.ai\nRUNAI_CLIENT_ID=app-1\nRUNAI_CLIENT_SECRET=${KEY}\nRUNAI_CLUSTER_URL=https://10.0.0.1`,
      ),
    ).toEqual({
      found: [
        {
          service: 'runai',
          values: {
            url: 'https://acme.run.ai',
            application: 'app-1',
            secret: KEY,
            clusterUrl: 'https://10.0.0.1',
          },
          where:
            'line 1, RUNAI_URL; line 2, RUNAI_CLIENT_ID; line 3, RUNAI_CLIENT_SECRET; line 4, RUNAI_CLUSTER_URL',
        },
      ],
      unplaced: [],
    });
  });

  it('become several keys where they fill the same field, each with its environment', () => {
    expect(
      read(`RUNWARE_API_KEY=${KEY}\nRUNWARE_API_KEY_STAGING=${OTHER}\nPROD_RUNWARE_API_KEY=${KEY}x`).found,
    ).toEqual([
      { service: 'runware', values: { apiKey: KEY }, where: 'line 1, RUNWARE_API_KEY' },
      {
        service: 'runware',
        values: { apiKey: OTHER },
        label: 'Runware staging',
        environment: 'staging',
        where: 'line 2, RUNWARE_API_KEY_STAGING',
      },
      {
        service: 'runware',
        values: { apiKey: `${KEY}x` },
        label: 'Runware production',
        environment: 'production',
        where: 'line 3, PROD_RUNWARE_API_KEY',
      },
    ]);
  });

  it('keep together what their names keep together', () => {
    const pasted = `RUNAI_URL=https://acme.run.ai
RUNAI_BLUE_CLIENT_ID=app-one
RUNAI_RED_CLIENT_ID=app-two
RUNAI_BLUE_CLIENT_SECRET=${KEY}
RUNAI_RED_CLIENT_SECRET=${OTHER}
RUNAI_CLIENT_ID_DEV=dev
RUNAI_CLIENT_SECRET_DEV=${KEY}${OTHER}`;
    expect(read(pasted).found.map(({ label, values }) => [label, values])).toEqual([
      ['Run:ai blue', { url: 'https://acme.run.ai', application: 'app-one', secret: KEY }],
      ['Run:ai red', { url: 'https://acme.run.ai', application: 'app-two', secret: OTHER }],
      ['Run:ai development', { url: 'https://acme.run.ai', application: 'dev', secret: KEY + OTHER }],
    ]);
  });

  it('are told apart by words that are not shown, for a value stands in them', () => {
    const pasted = `RUNAI_BLUE_CLIENT_ID=blue\nRUNAI_RED_CLIENT_ID=red-app\nRUNAI_BLUE_CLIENT_SECRET=${KEY}`;
    expect(read(pasted).found).toEqual([
      { service: 'runai', values: { application: 'blue', secret: KEY }, where: 'line 1; line 3' },
      {
        service: 'runai',
        values: { application: 'red-app' },
        label: 'Run:ai red',
        where: 'line 2, RUNAI_RED_CLIENT_ID',
      },
    ]);
  });

  it('with the same value are one key, named as well as any of them', () => {
    expect(read(`RUNWARE_API_KEY=${KEY}\nRUNWARE_API_KEY=${KEY}\nRUNWARE_API_KEY_PROD=${KEY}`).found).toEqual(
      [
        {
          service: 'runware',
          values: { apiKey: KEY },
          label: 'Runware production',
          environment: 'production',
          where: 'line 3, RUNWARE_API_KEY_PROD',
        },
      ],
    );
  });
});

describe('JSON', () => {
  it.each([
    `{"runware":{"apiKey":"${KEY}"}}`,
    `{"runware":"${KEY}"}`,
    `{"env":{"RUNWARE_API_KEY":"${KEY}"}}`,
    `{"mcpServers":{"images":{"command":"npx","args":["-y","x"],"env":{"RUNWARE_API_KEY":"${KEY}"}}}}`,
    `// mine\n{\n  // comment\n  "runware": { 'key': '${KEY}', },\n}`,
    `"env": {\n "RUNWARE_API_KEY": "${KEY}"\n}`,
    `[{"taskType":"authentication","apiKey":"${KEY}"}]`,
    `[{"apiKey":"${KEY}","taskType":"authentication"}]`,
    `{"service":"Runware","key":"${KEY}"}`,
    `{"baseUrl":"https://api.runware.ai/v1","apiKey":"${KEY}"}`,
    `{"runware":{"headers":{"Authorization":"Bearer ${KEY}"}}}`,
    `const client = 1;\n{ runware: { apiKey: '${KEY}' } }`,
    `{"runware":{"apiKey":"${KEY}"`,
    `const images = new Runware({ apiKey: "${KEY}" });`,
    `$headers = @{ "runware-key" = "${KEY}" }`,
  ])('is read: %j', pasted => {
    expect(values(pasted)).toEqual(asRunware);
  });

  it('that says only which fields goes into the chosen service', () => {
    expect(values(`{"apiKey":"${KEY}"}`, 'runware')).toEqual(asRunware);
    expect(read(`{"apiKey":"${KEY}"}`)).toMatchObject({ found: [], unplaced: [{ where: 'line 1, apiKey' }] });
  });

  it('of another service is not taken for the chosen one’s', () => {
    expect(read(`{"stripe":{"apiKey":"${KEY}"}}`)).toMatchObject({
      found: [],
      unplaced: [{ where: 'line 1, apiKey', why: 'belongs to no service that Runkey knows.' }],
    });
  });

  it('with a list holds a key in each object', () => {
    const pasted = `{"runai":[
      {"url":"https://a.run.ai","clientId":"a","clientSecret":"${KEY}"},
      {"url":"https://b.run.ai","clientId":"b","clientSecret":"${OTHER}"}]}`;
    expect(values(pasted)).toEqual([
      ['runai', { url: 'https://a.run.ai', application: 'a', secret: KEY }],
      ['runai', { url: 'https://b.run.ai', application: 'b', secret: OTHER }],
    ]);
  });

  it('gives the environment by an outer name, and the line', () => {
    expect(read(`{"staging":\n{"runware":\n{"apiKey":"${KEY}"}}}`).found).toEqual([
      {
        service: 'runware',
        values: { apiKey: KEY },
        label: 'Runware staging',
        environment: 'staging',
        where: 'line 3, apiKey',
      },
    ]);
    expect(read(`{"runware":{"production":"${KEY}"}}`).found[0]?.environment).toBe('production');
  });

  it('reads numbers and escapes', () => {
    expect(values(`{"runway":{"token":"user\\u003a1234-${KEY}","email":"a@b.example","maxJobs":5}}`)).toEqual(
      [['runway', { apiToken: TOKEN, email: 'a@b.example', maxJobs: '5' }]],
    );
  });

  it('with hostile names or without end does no harm', () => {
    const hostile = `{"__proto__":{"runware":"${KEY}"},"constructor":{"prototype":{"apiKey":"polluted-value"}},"toString":1}`;
    expect(values(hostile)).toEqual(asRunware);
    expect(Object.hasOwn(Object.prototype, 'apiKey')).toBe(false);
    expect(read('['.repeat(10_000) + ']'.repeat(10_000)).found).toEqual([]);
    expect(read(`${'{"a":'.repeat(10_000)}"x"`).found).toEqual([]);
    const after = `${'['.repeat(10_000)}${']'.repeat(10_000)}\nRUNWARE_API_KEY=${KEY}`;
    expect(values(after)).toEqual(asRunware);
  });

  it('without a key says so', () => {
    expect(read('{"model":"x"}')).toEqual({
      found: [],
      unplaced: [{ where: 'the whole text', why: 'holds nothing that reads as a key.' }],
    });
  });
});

describe('a curl command', () => {
  it.each([
    `curl https://api.runware.ai/v1 -H "Authorization: Bearer ${KEY}" -d '[{"taskType":"ping"}]'`,
    `curl -sS -X POST 'https://api.runware.ai/v1' \\\n  --header 'authorization: Bearer ${KEY}' \\\r\n  --data-raw '[\n{"a":"it"}]'`,
    `curl -H "X-API-Key: ${KEY}" "https://api.runware.ai/v1"`,
    `curl "https://api.runware.ai/v1" ^\r\n  -H "Authorization: Bearer ${KEY}" ^\r\n  -d "{\\"a\\":1}"`,
    `curl ^"https://api.runware.ai/v1^" ^\n -H ^"Authorization: Bearer ${KEY}^" ^\n --data-raw ^"^{^\\^"a^\\^":1^}^"`,
    `curl -d '[{"taskType":"authentication","apiKey":"${KEY}"}]' https://api.runware.ai/v1`,
    `curl --json '{"apiKey":"${KEY}"}' --url https://api.runware.ai/v1`,
    `curl --data=apiKey=${KEY} https://api.runware.ai/v1`,
    `curl -u ${KEY}: https://api.runware.ai/v1`,
    `curl -u me:${KEY} https://api.runware.ai/v1`,
    `curl -H "Authorization: Basic ${btoa(`me:${KEY}`)}" https://api.runware.ai/v1`,
    `curl -H $'Authorization: Bearer ${KEY}' https://api.runware.ai/v1`,
    `$ curl https://api.runware.ai/v1 -HAuthorization:\\ Bearer\\ ${KEY}; echo done`,
    `Run this:\ncurl https://api.runware.ai/v1 --oauth2-bearer ${KEY}`,
  ])('is read: %j', pasted => {
    expect(values(pasted)).toEqual(asRunware);
  });

  it('fills the address too, where a key has one', () => {
    const address = 'https://api.runtype.com/v1/products/prod_1/surfaces/surf_1/api/sum';
    expect(read(`curl -X POST ${address} \\\n -H "X-API-Key: ${PAPI}" -d '{"input":"hello"}'`)).toEqual({
      found: [
        {
          service: 'runtype',
          values: { endpoint: address, apiKey: PAPI },
          where: 'line 1; line 2, X-API-Key',
        },
      ],
      unplaced: [],
    });
    expect(
      values(
        `curl https://acme.run.ai/api/v2/token -d grant_type=client_credentials -d 'client_id=app&client_secret=${KEY}'`,
      ),
    ).toEqual([['runai', { url: 'https://acme.run.ai', application: 'app', secret: KEY }]]);
    expect(
      values(
        `curl https://acme.run.ai/api/v1/token --data '{"grantType":"app_token","AppId":"app","AppSecret":"${KEY}"}'`,
      ),
    ).toEqual([['runai', { url: 'https://acme.run.ai', application: 'app', secret: KEY }]]);
  });

  it('to a stranger is the chosen service’s only if that has addresses of its own', () => {
    const pasted = `curl https://gpu.example.org/api -H 'Authorization: Bearer ${KEY}'`;
    expect(read(pasted, 'runware').found).toEqual([]);
    expect(values(pasted, 'runai')).toEqual([['runai', { url: 'https://gpu.example.org', secret: KEY }]]);
  });

  it('to a stranger names the header alone', () => {
    expect(read(`curl https://api.example.org -H 'Authorization: Bearer ${KEY}'`).unplaced).toEqual([
      { where: 'line 1, Authorization', why: 'belongs to no service that Runkey knows.' },
    ]);
  });

  it('is followed by what follows it', () => {
    const pasted = `curl https://api.runware.ai/v1 -H 'Authorization: Bearer ${KEY}'\nRUNTYPE_API_KEY=${PAPI}`;
    expect(read(pasted).found.map(({ where }) => where)).toEqual([
      'line 1, Authorization',
      'line 2, RUNTYPE_API_KEY',
    ]);
  });
});

describe('an address alone', () => {
  it('names the service by its host and goes into the field that takes one', () => {
    expect(values('https://acme.run.ai/projects')).toEqual([['runai', { url: 'https://acme.run.ai' }]]);
    const endpoint = 'https://api.runtype.com/v1/products/p/surfaces/s/api/sum';
    expect(values(endpoint)).toEqual([['runtype', { endpoint }]]);
  });

  it('of an unknown host goes to the chosen service', () => {
    expect(values('https://gpu.example.org', 'runai')).toEqual([
      ['runai', { url: 'https://gpu.example.org' }],
    ]);
    expect(read('https://gpu.example.org').unplaced[0]?.why).toContain('no service that Runkey knows');
  });

  it('of a service whose keys have none is told so', () => {
    expect(read('https://api.runware.ai/v1').unplaced).toEqual([
      { where: 'line 1', why: 'is an address, and a key of Runware has no field for one.' },
    ]);
  });

  it('of a host that only begins or ends alike is a stranger’s', () => {
    for (const host of [
      'api.runware.ai.example.org',
      'evilrun.ai',
      'xapi.runware.ai',
      'api.runware.ai@evil.example',
    ])
      expect(read(`curl https://${host}/v1 -H 'Authorization: Bearer ${KEY}'`).found).toEqual([]);
  });

  it('with a secret in it gives the secret and not the address', () => {
    expect(values(`https://api.runware.ai/v1?x=1&apiKey=${KEY}`)).toEqual(asRunware);
    expect(values(`https://api.runtype.com/v1?token=${PAPI}`)).toEqual([['runtype', { apiKey: PAPI }]]);
  });
});

describe('a text', () => {
  it('that is too long is refused with one sentence', () => {
    const { found, unplaced } = read(`RUNWARE_API_KEY=${KEY}\n${'x'.repeat(LONGEST_PASTE)}`);
    expect(found).toEqual([]);
    expect(unplaced).toEqual([
      { where: 'the whole text', why: 'has more than 100,000 characters: paste the part with the keys.' },
    ]);
  });

  it('of nothing is nothing', () => {
    expect(read(' \n')).toEqual({ found: [], unplaced: [] });
  });

  it('of prose is told once that it is none', () => {
    expect(read('Dear all,\nhere is some prose,\nand more of it').unplaced).toEqual([
      { where: 'line 1 and 2 more', why: 'is neither a key nor the name and value of one.' },
    ]);
  });

  const hostile = [
    ...[
      'A="',
      "'",
      '{}',
      '[',
      '{"a":',
      '\\',
      '/*',
      'curl ',
      'curl "\n',
      'curl ^"\n',
      '"a":"b",',
      'a=',
      '^\n',
    ],
    ...[
      '-e ',
      'A=1\n',
      '[a]\n',
      ' ',
      '<',
      'x',
      'Aa',
      'https://a?token=b&',
      'A={',
      'a{b:1}',
      'a b ',
      '{"a":1,',
    ],
    ...['"runware":"a",', 'A="\\"\n', 'curl -d \'{"a":1}\' ', 'a: ', 'export ', '*', '.'],
  ];
  it.each(hostile)('that is hostile takes no time: %j', part => {
    const much = part.repeat(Math.floor((LONGEST_PASTE - 100) / part.length));
    const began = performance.now();
    for (const pasted of [
      much,
      `RUNWARE_API_KEY=${much}`,
      `{"RUNWARE_API_KEY":"${much}`,
      `{${much}`,
      `${much}=y`,
    ])
      read(pasted, 'runware');
    // Several times what it takes, for slow machines; a bad pattern takes minutes.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('never loses more than what was not a key', () => {
    const many = Array.from({ length: 600 }, (_, at) => `A${at}_KEY=value-${at}-of-many`).join('\n');
    expect(read(many).unplaced.at(-1)).toEqual({
      where: 'line 501 and on',
      why: 'was not read: paste that part by itself.',
    });
  });
});

const hidden = fc.stringMatching(/^[a-z]{4}[0-9]{2}[A-Za-z0-9]{10,30}$/);
const name = fc.constantFrom(
  'RUNWARE_API_KEY',
  'RUNWARE_API_KEY_STAGING',
  'RUNAI_CLIENT_ID',
  'RUNAI_CLIENT_SECRET',
  'RUNWAY_TOKEN',
  'STRIPE_KEY',
  'API_KEY',
  'password',
);
const form = fc.constantFrom<(name: string, value: string) => string>(
  (name, value) => `${name}=${value}`,
  (name, value) => `export ${name}="${value}"`,
  (name, value) => `{"${name}":"${value}"}`,
  (name, value) => `{"${value}":{"${name}":"${value}"}}`,
  (name, value) => `${value}=${value} ${name}`,
  (name, value) => `RUNWARE_${value}_API_KEY=${value}${name}\nRUNWARE_A=${value}`,
  (_, value) => `curl https://api.runware.ai/v1 -H 'Authorization: Bearer ${value}'`,
  (_, value) => `curl https://user:${value}@acme.run.ai -H '${value}: ${value}'`,
  (_, value) => value,
  (_, value) => `${value}:\n  ${value}`,
);

describe('whatever is pasted', () => {
  const chosen = fc.option(fc.constantFrom('runware', 'runai', 'nothing'), { nil: undefined });

  it('never throws, and what is found stands in it', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.constantFrom(
        'curl ',
        '-H ',
        '"',
        "'",
        '{',
        '[',
        'RUNWARE_API_KEY=',
        '\n',
        '\\',
        '^',
        '$env:',
        '=',
        ':',
        '-e ',
        'https://acme.run.ai',
      ),
    );
    fc.assert(
      fc.property(fc.array(junk), chosen, (pieces, service) => {
        const pasted = pieces.join('');
        const plain = pasted.replace(/[\\^`"'\s]/g, '');
        for (const { values } of readPaste(pasted, abouts, service).found)
          for (const value of Object.values(values))
            if (!/\\|%|\+/.test(pasted)) expect(plain).toContain(value.replace(/[\\^`"'\s]/g, ''));
      }),
      { numRuns: 500 },
    );
  });

  it('gives back the very values, and quotes none of them', () => {
    const piece = fc.record({ name, value: hidden, form });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), chosen, (pieces, service) => {
        const pasted = pieces.map(({ name, value, form }) => form(name, value)).join('\n');
        const { found, unplaced } = readPaste(pasted, abouts, service);
        const said = JSON.stringify([found.map(({ label, where }) => [label, where]), unplaced]);
        for (const { value } of pieces) {
          expect(said).not.toContain(value);
          expect(said.toLowerCase()).not.toContain(value.toLowerCase());
        }
        for (const { values } of found)
          for (const value of Object.values(values)) expect(pasted).toContain(value);
      }),
      { numRuns: 500 },
    );
  });

  it('holds the same keys whatever the line ends', () => {
    const piece = fc.record({ name, value: hidden });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), pieces => {
        const lines = pieces.map(({ name, value }) => `${name}=${value}`);
        expect(read(lines.join('\r\n'))).toEqual(read(lines.join('\n')));
      }),
    );
  });
});
