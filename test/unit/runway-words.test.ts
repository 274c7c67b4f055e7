import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure';
import { readPaste } from '../../src/guard/paste';
import { check, initialValues } from '../../src/services/fields';
import { about } from '../../src/services/runway/about';
import { cleaned } from '../../src/services/runway/clean';
import { failureOfJob, jobOf, kindOf } from '../../src/services/runway/job';
import { fieldOf, operationFor, seedOf, wishOf } from '../../src/services/runway/operations';
import { part } from '../../src/services/runway/path';
import { accountsOf } from '../../src/services/runway/read-account';
import { retryAtOf } from '../../src/services/runway/retry';
import './browser-urls';

const ID = '8f14e45f-ceea-467f-9b3d-2b1c8a7d6e5f';
const TASK = `user:1234-runwayml:ada+test@example.com-task:${ID}`;

describe('a part of a path', () => {
  it.each([
    [TASK, TASK],
    ['ada+test@example.com', 'ada+test@example.com'],
    ['a/b?c#d%2e\\e f', 'a%2Fb%3Fc%23d%252e%5Ce%20f'],
    ['é', '%C3%A9'],
    ['...', '...'],
  ])('%s becomes %s', (value, escaped) => {
    expect(part(value, 'it')).toBe(escaped);
  });

  it('is one part of the address, whatever it is, and says what was meant', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), value => {
        let escaped: string;
        try {
          escaped = part(value, 'it');
        } catch (thrown) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
          return isFailure(thrown, 'invalid') && /^\.{1,2}$|[\x00-\x1f\x7f-\x9f]|\p{Cs}/u.test(value);
        }
        const url = new URL(`https://api.useapi.net/v1/runwayml/tasks/${escaped}`);
        const [, rest = ''] = url.href.split('/v1/runwayml/tasks/');
        return (
          url.origin === 'https://api.useapi.net' &&
          url.search + url.hash + url.username === '' &&
          !rest.includes('/') &&
          decodeURIComponent(rest) === value
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what is not to go further', () => {
  const times = { exp: 1734858598.864, iat: 1732266598.864 };

  it('is out of an answer at any depth', () => {
    const account = {
      email: 'a@b.c',
      password: 'p',
      maxJobs: 5,
      jwt: { ...times, token: 't', id: 1, other: 'x' },
    };
    expect(cleaned(JSON.stringify({ 'a@b.c': account, list: [{ deep: account }], Password: 'q' }))).toEqual({
      'a@b.c': { email: 'a@b.c', maxJobs: 5, jwt: times },
      list: [{ deep: { email: 'a@b.c', maxJobs: 5, jwt: times } }],
    });
  });

  it('is out of it though it is of an odd kind', () => {
    expect(cleaned('{"jwt":"eyJ","token":{"a":1},"x":{"jwt":{"exp":"soon","iat":[1]}}}')).toEqual({
      jwt: {},
      x: { jwt: {} },
    });
  });

  it('leaves nothing of what is no JSON', () => {
    for (const text of ['', '{"password":"p"', '<html>', 'null,']) expect(cleaned(text)).toBeUndefined();
    expect(cleaned('null')).toBeNull();
  });

  it('is not in an account, whatever else the service sends with it', () => {
    const [account] = accountsOf({
      'a@b.c': {
        password: 'p',
        jwt: { exp: 'x' },
        error: 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MTIzNDU2fQ.c2lnbmF0dXJl',
        extra: 1,
      },
    });
    expect(account).toEqual({ email: 'a@b.c', error: '[removed]' });
    expect(accountsOf([{ email: 'a@b.c', password: 'p' }])).toEqual([]);
    expect(accountsOf('none')).toEqual([]);
    expect(accountsOf({ 'a@b.c': { jwt: { exp: 1e300 } } })).toEqual([{ email: 'a@b.c' }]);
  });
});

describe('when to come back', () => {
  const at = (headers: Record<string, string>, body?: unknown) => {
    const found = retryAtOf(new Headers(headers), body);
    return found === undefined ? undefined : Math.round((found - Date.now()) / 1000);
  };
  const inHalfAMinute = () => new Date(Date.now() + 30_000);

  it.each([
    [{ 'retry-after': '30' }, undefined, 30],
    [{ 'retry-after': ' 30 ' }, { retryAfter: '2020-01-01' }, 30],
    [{ 'retry-after': '0' }, undefined, 1],
    [{ 'retry-after': '-5' }, undefined, 1],
    [{ 'retry-after': '1e9' }, undefined, 600],
    [{ 'retry-after': 'soon' }, undefined, undefined],
    [{ 'retry-after': 'soon' }, { retryAfter: 30 }, 30],
    [{}, { retryAfter: '2020-01-01T00:00:00Z' }, 1],
    [{}, { retryAfter: 'later' }, undefined],
    [{}, {}, undefined],
  ])('%o and %o make %s s', (headers, body, seconds) => {
    expect(at(headers as Record<string, string>, body)).toBe(seconds);
  });

  it('is told as a date, by the service’s own clock', () => {
    expect(at({ 'retry-after': inHalfAMinute().toUTCString() })).toBeGreaterThanOrEqual(29);
    expect(at({}, { retryAfter: inHalfAMinute().toISOString() })).toBe(30);
    const theirs = { date: 'Tue, 01 Jan 2030 00:00:00 GMT', 'retry-after': 'Tue, 01 Jan 2030 00:00:30 GMT' };
    expect(at(theirs)).toBe(30);
  });
});

describe('a task of Runway’s', () => {
  it('is read in all forms, numbers as text too', () => {
    const item = { taskId: TASK, status: 'running', progressRatio: '0.5', estimatedTimeToStartSeconds: '3' };
    expect(jobOf({ task: item, code: 200 })).toEqual(jobOf(item));
    expect(jobOf(item)).toMatchObject({
      id: TASK,
      status: 'RUNNING',
      percent: 50,
      startsIn: 3000,
      results: [],
    });
    expect(jobOf({ id: ID })).toMatchObject({ id: ID, status: 'PENDING', percent: undefined });
    expect(jobOf({ taskId: TASK, progressRatio: 7 })?.percent).toBe(100);
    for (const none of [undefined, null, [], 'x', {}, { task: {} }, { taskId: {} }])
      expect(jobOf(none)).toBeUndefined();
  });

  it('has results of the kind that each is', () => {
    const results = jobOf({
      taskId: TASK,
      artifacts: [
        { assetId: 'a', url: 'https://x.example/a.mp4?_jwt=1' },
        { id: 'b', url: 'https://x.example/b', filename: 'b.PNG' },
        { url: 'https://x.example/c' },
        { url: 'no address' },
        { assetId: 'e' },
        null,
      ],
    })?.results;
    expect(results?.map(({ id, of }) => [id, of])).toEqual([
      ['a', 'video'],
      ['b', 'image'],
      ['result 3', undefined],
    ]);
    expect(kindOf({ mediaType: 'audio' })).toBe('audio');
    expect(kindOf({ type: { type: 'video' } })).toBe('video');
    expect(kindOf({ metadata: { frameRate: 24 } })).toBe('video');
  });

  it.each([
    [
      { errorMessage: 'No.', reason: 'SAFETY.INPUT.TEXT' },
      'safety',
      { code: 'SAFETY.INPUT.TEXT', text: 'No.' },
    ],
    [
      { message: 'The prompt did not pass moderation.' },
      'safety',
      { text: 'The prompt did not pass moderation.' },
    ],
    ['Oh.', 'service-error', { text: 'Oh.' }],
    [null, 'service-error', {}],
  ])('that failed with %o is told as %s', (error, code, service) => {
    const job = jobOf({ taskId: TASK, status: 'FAILED', error });
    expect(job && failureOfJob(job).report).toMatchObject({ code, service });
  });
});

describe('the operations', () => {
  it.each(about.operations.map(({ name, fields }) => ({ name, fields })))(
    '$name is told to the service with every field that it has',
    ({ name, fields }) => {
      const operation = operationFor({ operation: name });
      const places = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field);
      const used = new Set([...places, ...Object.keys({ ...operation.query, ...operation.body })]);
      const local = ['search', 'picture'];
      expect(
        fields.map(field => field.name).filter(field => !used.has(field) && !local.includes(field)),
      ).toEqual([]);
      expect([...used].filter(field => !fields.some(one => one.name === field))).toEqual([]);
    },
  );

  it('that are lookups are free lists that can be searched', () => {
    const wanted = about.operations.flatMap(({ fields }) =>
      fields.flatMap(field => (field.kind === 'text' && field.lookup ? [field.lookup] : [])),
    );
    expect(new Set(wanted)).toEqual(new Set(['assets', 'accounts']));
    for (const name of wanted) {
      expect(operationFor({ operation: name }).does).toBe('asks');
      const fields = about.operations.find(one => one.name === name)?.fields ?? [];
      expect(check(fields, { ...initialValues(fields), search: 'ada' }).faults).toEqual({});
    }
  });

  it('put nothing secret into an address', () => {
    for (const { name } of about.operations) {
      const values = { task: TASK, asset: TASK, picture: 'data:image/png;base64,AAAA', prompt: 'a heron' };
      const { path, query } = wishOf({ id: ID, operation: name, values }, 'ada@example.com');
      expect(JSON.stringify([path, query])).not.toMatch(/password|token|heron/);
    }
  });

  it('take a field’s name for a parameter’s', () => {
    expect(fieldOf('image', 'text_prompt')).toBe('prompt');
    expect(fieldOf('tasks', 'limit')).toBe('most');
    expect(fieldOf('image', 'odd')).toBe('odd');
  });

  it('of none but these', () => {
    for (const operation of ['nothing', 'constructor', '__proto__']) {
      expect(() => operationFor({ operation })).toThrow('no such task');
    }
  });

  it('take seeds that the service takes', () => {
    expect(seedOf('00000000-0000-4000-8000-000000000000')).toBe(1);
    expect(seedOf('ffffffff-ffff-4fff-bfff-ffffffffffff')).toBeLessThanOrEqual(4_294_967_294);
  });
});

describe('a key', () => {
  const token = 'user:1234-DemoUseapiToken0123456789';

  it('is found in what is pasted', () => {
    for (const pasted of [
      token,
      `USEAPI_TOKEN=${token}`,
      `curl -H "Authorization: Bearer ${token}" https://api.useapi.net/v1/runwayml/accounts`,
      JSON.stringify({ useapi: { token } }),
    ]) {
      const { found } = readPaste(pasted, [about]);
      expect(found.map(({ service, values }) => [service, values.apiToken])).toEqual([['runway', token]]);
    }
  });

  it('is found with its default account', () => {
    const { found } = readPaste(`USEAPI_TOKEN=${token}\nRUNWAY_EMAIL=ada@example.com\n`, [about]);
    expect(found.map(({ values }) => values)).toEqual([{ apiToken: token, email: 'ada@example.com' }]);
  });

  it('is checked as it is typed', () => {
    const fault = (values: Record<string, string>) => Object.values(check(about.keyFields, values).faults);
    expect(fault({ apiToken: token, email: 'ada@example.com', atOnce: '3' })).toEqual([]);
    expect(fault({ apiToken: 'user:1234 abc' })).toEqual([expect.stringMatching(/no spaces/)]);
    expect(fault({ apiToken: token, email: 'ada' })).toEqual(['Default account must be an e-mail address.']);
  });
});
