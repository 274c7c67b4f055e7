import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrub, secretsIn, shapeOf } from '../../src/guard/shapes';

const RANDOM = 'q7Xk2Lm9Rt4Vb8Nc3Zd6Wf1H';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.s5Jx-Qk_9aB';

const secrets: readonly (readonly [string, string])[] = [
  ['a useapi.net API token', 'user:1234-r0bKq7Xk2Lm9Rt4V'],
  ['a Runtype product key', `papi_${RANDOM}`],
  ['a Runtype platform key', `rt_live_${RANDOM}`],
  ['a Runtype platform key', `rt_test_${RANDOM}`],
  ['a Runtype platform key', `tv_live_${RANDOM}`],
  ['a Runtype platform key', `tv_test_${RANDOM}`],
  ['a Runtype MCP key', `mcp_${RANDOM}`],
  ['a session token (JWT)', JWT],
  ['an OpenAI API key', `sk-${RANDOM}${RANDOM}`],
  ['an OpenAI API key', `sk-proj-${RANDOM}_${RANDOM}`],
  ['an Anthropic API key', `sk-ant-api03-${RANDOM}-${RANDOM}`],
  ['a Stripe secret key', `sk_live_${RANDOM}`],
  ['a GitHub token', `ghp_${RANDOM}${RANDOM}`.slice(0, 40)],
  ['a GitHub token', `github_pat_${RANDOM}_${RANDOM}`],
  ['an AWS access key', 'AKIAIOSFODNN7EXAMPLE'],
  ['a Slack token', 'xoxb-123456789012-abcdefGHIJ'],
  ['a Google API key', `AIza${RANDOM}${RANDOM}`.slice(0, 39)],
  ['an age secret key', `AGE-SECRET-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}`],
  [
    'a private key',
    `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA'.repeat(4)}\n-----END RSA PRIVATE KEY-----`,
  ],
];

const harmless = [
  '',
  'The quick brown fox jumps over the lazy dog, and keeps its secret: nobody asked for the token.',
  'What is a password? The word “token” and an apiKey: how do they differ?',
  '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'commit 6e2d1417a0c9f3b8a5d2e4c6f8091a2b3c4d5e6f (HEAD -> main)',
  'https://example.org/path/sk-learn-a-new-thing?page=2&sort=asc#token',
  'https://example.org/mcp_server_configuration_reference/index.html',
  'mcp_tool_call_handler_registration and mcp_client_version_1_2 and papi_library_init_all',
  'rt_test_results_are_in and the art_live_performances',
  'class="sk-toolbar-button-container-wide sk-spinner-double-bounce"',
  'github_pat_expiration_reminder_job runs every night',
  'ASIAPACIFICECONOMICSX, AKIAX',
  'user:1234 wrote to user: 5678-9',
  'user:1234-runwayml:task',
  '"maxTokens": 4096, "tokens": "many", "secretary": "Jane Doe"',
  '{"apiKey": "<your key>", "password": "<password>"}',
  'A line -----BEGIN PRIVATE KEY----- begins a private key, and a -----END PRIVATE KEY----- ends it.',
  'max_token=400&page=3',
  'Authorization is by bearer tokens; Authorization: Bearer {API token}',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'ct_live_abcdefgh12345678 is public by design',
  'eyJ is how base64 of a brace and a quotation mark begins',
];

describe('a secret', () => {
  it.each(secrets)('of the shape of %s is found in a sentence and scrubbed', (what, secret) => {
    const text = `Here: ${secret}, look.`;
    expect(secretsIn(text).map(({ start, end, shape }) => [text.slice(start, end), shape.what])).toEqual([
      [secret, what],
    ]);
    expect(scrub(text)).toBe('Here: [removed], look.');
    expect(shapeOf(secret)?.what).toBe(what);
    expect(shapeOf(`${secret} and more`)).toBeUndefined();
  });

  it.each(secrets.filter(([what]) => what !== 'a private key'))(
    'of the shape of %s is found behind an escape, a quote and in a query',
    (_, secret) => {
      for (const before of ['\\n', '"', 'value%3D', '/', '(', '='])
        expect(scrub(`${before}${secret}`)).toBe(`${before}[removed]`);
    },
  );

  it.each([
    'password',
    'jwt',
    'TOKEN',
    'secret',
    'accessToken',
    'access_token',
    'AppSecret',
    'appsecret',
    'clientSecret',
    'client_secret',
    'apiKey',
    'api_key',
    'connectionSessionUUID',
  ])('is what data calls %s', name => {
    expect(scrub(`{"a":1,"${name}": "hunter2 \\"and\\" more","b":2}`)).toBe(
      `{"a":1,"${name}": "[removed]","b":2}`,
    );
    expect(scrub(`{'${name}':'hunter2'}`)).toBe(`{'${name}':'[removed]'}`);
    expect(scrub(`{\\"${name}\\":\\"hunter2\\"}`)).toBe(`{\\"${name}\\":\\"[removed]\\"}`);
    expect(scrub(`?page=1&${name}=hunter2&b=2`)).toBe(`?page=1&${name}=[removed]&b=2`);
    expect(scrub(`{"${name}":"cut off`)).toBe(`{"${name}":"[removed]`);
  });

  it('is what a header or a variable says', () => {
    expect(scrub('-H "Authorization: Bearer abcdef123"')).toBe('-H "Authorization: Bearer [removed]"');
    expect(scrub("'x-api-key: abcdef123'")).toBe("'x-api-key: [removed]'");
    expect(scrub('export RUNWARE_API_KEY=abcdef1234567')).toBe('export RUNWARE_API_KEY=[removed]');
  });

  it('is removed whole where two shapes overlap', () => {
    expect(scrub(`{"token":"x ${JWT} y"}`)).toBe('{"token":"[removed]"}');
    const [found] = secretsIn(`{"token":"papi_${RANDOM}"}`);
    expect(found?.shape.what).toBe('a Runtype product key');
  });

  it('of a private key without its end goes on to the end of the text', () => {
    expect(scrub(`a -----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\nrest`)).toBe('a [removed]');
  });
});

describe('harmless text', () => {
  it.each(harmless)('is left as it is: %j', text => {
    expect(secretsIn(text)).toEqual([]);
    expect(scrub(text)).toBe(text);
  });
});

describe('the id of a task', () => {
  it('is no secret, but the e-mail address in it is masked', () => {
    const id = 'user:42-runwayml:jo.doe+x@example.com-task:3f2504e0-4f89-11d3-9a0c-0305e82c3301';
    expect(secretsIn(id)).toEqual([]);
    expect(scrub(`{"taskId":"${id}"}`)).toBe(
      '{"taskId":"user:42-runwayml:[removed]-task:3f2504e0-4f89-11d3-9a0c-0305e82c3301"}',
    );
  });
});

describe('what is public by design', () => {
  it('is known for what it is', () => {
    expect(shapeOf('ct_live_abcdefgh12345678')).toMatchObject({ care: 'public', service: 'runtype' });
  });
});

describe('any text', () => {
  it('loses every finding, and the findings stand apart and in order', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(...secrets.map(([, secret]) => secret), '"token":"', '"', ' '),
    );
    fc.assert(
      fc.property(fc.array(piece), pieces => {
        const text = pieces.join(' ');
        let last = 0;
        for (const { start, end } of secretsIn(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        for (const { start, end } of secretsIn(text).filter(({ start, end }) => end - start > 24))
          expect(scrub(text)).not.toContain(text.slice(start, end));
      }),
    );
  });

  const hostile = [
    'eyJ',
    'eyJaaaaaaaa.',
    'a',
    '"',
    '\\"',
    '":"',
    '"token":',
    '"token":"',
    ' ',
    'user:1-',
    'user:1-a:',
    'user:1-a:b@',
    'sk-',
    'sk-ant-a1',
    'mcp_a1111111',
    'A_KEY=',
    '_KEY',
    'AKIA',
    '-----BEGIN PRIVATE KEY-----',
    `-----BEGIN PRIVATE KEY-----${'A'.repeat(40)}`,
    'xoxb-',
    'token=',
    'authorization: bearer ',
    '%41',
    '\\n',
    'password":"\\',
    "'secret' : '",
  ];
  it.each(hostile)('of 200,000 characters takes milliseconds, also if it repeats %j', part => {
    const text = part.repeat(Math.ceil(200_000 / part.length));
    const began = performance.now();
    scrub(text);
    // Ten times what it takes, for slow machines; a bad pattern takes minutes.
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it.each(['\\a', '\\\\', 'a', '\\"'])('of one secret as long as that takes no longer, of %j', part => {
    const began = performance.now();
    expect(scrub(`"password":"${part.repeat(200_000 / part.length)}`)).toBe('"password":"[removed]');
    expect(performance.now() - began).toBeLessThan(1500);
  });
});
