import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { shell as word } from '../../src/calls/as-curl';
import { asCurl, asFetch } from '../../src/calls/copy-as';
import { aboutOf, abouts } from '../../src/services/abouts';
import { check, initialValues, secretFields, type Values } from '../../src/services/fields';
import { originsOf } from '../../src/services/runai/address';
import { service as runai } from '../../src/services/runai/service';
import { service as runtype } from '../../src/services/runtype/service';
import { requestOf } from '../../src/services/runware/operations';
import { service as runware } from '../../src/services/runware/service';
import { service as runway } from '../../src/services/runway/service';
import type { Service, Task } from '../../src/services/service';
import { demoApplication, startRunai } from '../emulators/runai/index';
import { demoProduct, demoSurface, demoKey as runtypeKey, startRuntype } from '../emulators/runtype/index';
import { demoKey as runwareKey, startRunware } from '../emulators/runware/index';
import { type Certificate, certificateFor } from '../emulators/tls';
import { demoToken, startUseapi } from '../emulators/useapi/index';
import { reach } from './network';
import { folder, type Heard, recorder } from './snippets';

const HOSTILE = [
  `It's "quoted" '' \\ back\\slash \\' $(touch bitten) \`touch bitten\` \${HOME} $USEAPI_TOKEN !! %s %n`,
  '</script> */ // # ; & | > bitten',
  '\ttab é 鹭 😀 \u202egnirts\u2028\u0085\u200b end\\',
].join('\n');

const UUID = 'd4c1b1a0-0f5e-4d1c-9a40-5d5ab1c0ffee';
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PICTURE = `data:image/png;base64,${PIXEL}`;
const ASSET = 'user:1234-runwayml:ada@example.com-asset:5b1c2d3e-0000-4000-8000-000000000001';
const JOB = 'user:1234-runwayml:ada@example.com-task:5b1c2d3e-0000-4000-8000-000000000002';

interface Case {
  readonly service: Service;
  readonly fields: Values;
  readonly secrets: Readonly<Record<string, string>>;
  /** What is put in by field; everything else that must be is hostile. */
  readonly puts: Values;
  readonly byTask?: Readonly<Record<string, Values>>;
}

const cases: Readonly<Record<string, Case>> = {
  runware: {
    service: runware,
    fields: { apiKey: 'a-Runware-key-0123456789', connection: 'http' },
    secrets: { RUNWARE_API_KEY: 'a-Runware-key-0123456789' },
    puts: { picture: PICTURE, seed: '7', negative: HOSTILE, media: UUID },
  },
  runway: {
    service: runway,
    fields: { apiToken: 'user:1234-aTokenOfUseapi9', email: 'ada@example.com' },
    secrets: { USEAPI_TOKEN: 'user:1234-aTokenOfUseapi9' },
    puts: { picture: PICTURE, task: JOB, asset: ASSET, reference1: ASSET, start: ASSET },
  },
  runai: {
    service: runai,
    fields: {
      url: 'https://acme.run.ai',
      cluster: 'https://cluster.example.com',
      application: `Ada's "app" & more`,
      secretKey: 'the-secret&of=Run:ai+7',
    },
    secrets: { RUNAI_SECRET: 'the-secret&of=Run:ai+7' },
    puts: { workload: UUID, workloads: `${UUID}\n${UUID.replace('d', 'e')}`, search: HOSTILE.slice(0, 200) },
    byTask: {
      request: {
        to: 'cluster',
        method: 'PUT',
        path: `/api/v1/some'thing[1-3]/{a,b}?x=$(touch%20bitten)&y=[z]`,
        json: `{ "name": ${JSON.stringify(HOSTILE)},\n "long": 12345678901234567890, "__proto__": [] }`,
      },
    },
  },
  runtype: {
    service: runtype,
    fields: {
      apiKey: 'papi_Abcdefgh12345678',
      endpoint: 'https://api.runtype.com/v1/products/prod_1/surfaces/surf_1/api/sum-up',
    },
    secrets: { RUNTYPE_API_KEY: 'papi_Abcdefgh12345678' },
    puts: { json: JSON.stringify({ input: HOSTILE, __: { deep: [1, null, true] } }) },
  },
};

const HOSTS = ['api.runware.ai', 'api.useapi.net', 'acme.run.ai', 'cluster.example.com', 'api.runtype.com'];
const all = abouts.flatMap(({ name, operations }) =>
  operations.map(({ name: task }) => [name, task] as const),
);

function caseOf(name: string): Case {
  const found = cases[name];
  if (!found) throw new Error(`Nothing is known of ${name}.`);
  return found;
}

/** A task whose form was filled in and checked as a person's is. */
function taskOf(name: string, operation: string, more: Values = {}): Task {
  const { puts, byTask } = caseOf(name);
  const fields = aboutOf(name).operations.find(one => one.name === operation)?.fields ?? [];
  const given = { ...initialValues(fields), ...puts, ...byTask?.[operation], ...more };
  for (const { name: field, kind } of fields)
    if (kind === 'long-text' || kind === 'text') given[field] ||= kind === 'text' ? 'a heron' : HOSTILE;
  for (const { name: field, optional } of fields) {
    const { faults } = check(fields, given);
    if (faults[field] && optional) delete given[field];
  }
  const { values, faults } = check(fields, given);
  expect(faults).toEqual({});
  return { id: UUID, operation, values };
}

const keyOf = (name: string) => {
  const { fields } = caseOf(name);
  const origins = name === 'runai' ? originsOf(fields) : aboutOf(name).origins;
  return { id: crypto.randomUUID(), service: name, fields, origins };
};

/** All fields are given, secret ones too: what draws a sketch must not use them even then. */
const sketchOf = (name: string, task: Task) => caseOf(name).service.sketch(task, caseOf(name).fields);

const answer = (path: string): unknown => {
  if (path.includes('/token'))
    return { token_type: 'Bearer', access_token: 'a.token-of_Run.ai', expires_in: 300 };
  return /\/workloads\/[^/]+$/.test(path) ? { type: 'Training' } : {};
};

let stand: Awaited<ReturnType<typeof recorder>>;
let desk: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  stand = await recorder(HOSTS, answer);
  const secrets = Object.assign({}, ...Object.values(cases).map(one => one.secrets));
  desk = await folder(stand.port, stand.authority, secrets);
  await desk.put('picture.png', Buffer.from(PIXEL, 'base64'));
});
afterAll(async () => {
  stand.close();
  await desk.forget();
});
afterEach(() => {
  vi.unstubAllGlobals();
  expect(existsSync(join(desk.dir, 'bitten'))).toBe(false);
});

/** What a request says: JSON as what it means, for it may be laid out in another way. */
function said({ method, url, headers, body }: Heard): unknown {
  const { accept, authorization, 'content-type': type } = headers;
  const text = body.toString();
  const meant =
    type === 'application/json'
      ? JSON.parse(text)
      : type?.startsWith('application/x-www-form-urlencoded')
        ? Object.fromEntries(new URLSearchParams(text))
        : body.toString('base64');
  return { method, url, accept, authorization, key: headers['x-api-key'], meant };
}

/** What Runkey itself sends for a task, without what it asks beforehand. */
async function sentByRunkey(name: string, task: Task): Promise<unknown[]> {
  reach(stand.port);
  const abort = new AbortController();
  const running = (async () => {
    for await (const _ of caseOf(name).service.run(task, keyOf(name), abort.signal));
  })().catch(() => {});
  const heard: Heard[] = [];
  await vi.waitFor(() => {
    heard.push(...stand.taken().filter(({ method }) => method !== 'HEAD'));
    const calls = heard.filter(({ url }) => !url.includes('/token'));
    expect(calls.length).toBeGreaterThanOrEqual(/suspend|resume/.test(task.operation) ? 2 : 1);
  }, 5_000);
  abort.abort();
  await running;
  const tokens = heard.filter(({ url }) => url.includes('/token'));
  const calls = heard.filter(one => !tokens.includes(one));
  const call = /suspend|resume/.test(task.operation) ? calls[1] : calls[0];
  return [...tokens.slice(0, 1), ...(call ? [call] : [])].map(said);
}

/** What Runkey finds its own by again is not in a snippet, and a text comes whole. */
function withoutMarks(requests: unknown[], task: Task): unknown[] {
  return JSON.parse(JSON.stringify(requests), (name, value) => {
    if (name === 'replyRef' || (name === 'deliveryMethod' && value === 'stream')) return undefined;
    if (name === 'seed' && task.values.seed === undefined) return undefined;
    return value === 'text/event-stream' ? 'application/json' : value;
  });
}

describe('what is copied of', () => {
  it.each(all)('%s’s %s says what Runkey says, run by bash and by Node', async (name, operation) => {
    const task = taskOf(name, operation);
    const expected = withoutMarks(await sentByRunkey(name, task), task);
    // What was on its way when it was aborted arrives.
    do await new Promise(resolve => setTimeout(resolve, 20));
    while (stand.taken().length > 0);
    const sketch = sketchOf(name, task);
    await desk.shell(asCurl(sketch));
    const byCurl = stand.taken().map(said);
    await desk.node(asFetch(sketch));
    const byNode = stand.taken().map(said);
    expect(withoutMarks(byCurl, task)).toEqual(expected);
    expect(withoutMarks(byNode, task)).toEqual(expected);
  });

  it.each(all)('%s’s %s has no secret of the key in it', (name, operation) => {
    const { fields } = caseOf(name);
    const sketch = sketchOf(name, taskOf(name, operation));
    for (const { name: field } of secretFields(aboutOf(name).keyFields)) {
      const secret = fields[field] ?? '';
      expect(secret.length).toBeGreaterThan(8);
      for (const text of [asCurl(sketch), asFetch(sketch)]) {
        for (const form of [secret, encodeURIComponent(secret)]) expect(text).not.toContain(form);
      }
    }
  });
});

describe('a picture', () => {
  const uri = (bytes: Buffer, type = 'png') => `data:image/${type};base64,${bytes.toString('base64')}`;
  const bodies = async (task: Task, name = 'runware') => {
    const sketch = sketchOf(name, task);
    await desk.shell(asCurl(sketch));
    await desk.shell(asCurl(sketch), 'sh');
    await desk.node(asFetch(sketch));
    return stand.taken().map(({ body }) => body);
  };

  it('of 100 kB stands in it', async () => {
    const picture = uri(Buffer.alloc(74_980, 'heron'));
    expect(picture.length).toBeGreaterThan(99_950);
    expect(picture.length).toBeLessThanOrEqual(100_000);
    const task = taskOf('runware', 'variation', { picture });
    const sketch = sketchOf('runware', task);
    for (const text of [asCurl(sketch), asFetch(sketch)]) {
      expect(text).toContain(picture);
      expect(text).not.toContain('PICTURE');
    }
    for (const body of await bodies(task)) expect(JSON.parse(String(body))[0].seedImage).toBe(picture);
  });

  it.each([
    ['png', 'picture.png'],
    ['jpeg', 'picture.jpg'],
  ])('that is larger, %s, is a variable that a file fills', async (type, file) => {
    const bytes = Buffer.alloc(3_000_000, 'a heron in the fog ');
    const task = taskOf('runware', 'edit', { picture: uri(bytes, type) });
    const sketch = sketchOf('runware', task);
    for (const text of [asCurl(sketch), asFetch(sketch)]) {
      expect(text.length).toBeLessThan(2_500);
      expect(text).toMatch(
        new RegExp(`^(#|//) PICTURE is a data URI\\. .* save it as ${file.replace('.', '\\.')}\\.$`, 'm'),
      );
    }
    await desk.put(file, bytes);
    const sent = await bodies(task);
    expect(sent).toHaveLength(3);
    for (const body of sent) expect(JSON.parse(String(body))).toEqual([requestOf(task)]);
  });

  it('of 10 MB is written about in a moment', () => {
    const sketch = sketchOf(
      'runware',
      taskOf('runware', 'edit', { picture: uri(Buffer.alloc(10_400_000, 'x')) }),
    );
    const from = performance.now();
    asCurl(sketch);
    asFetch(sketch);
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it('that is uploaded is a file beside it', async () => {
    const task = taskOf('runway', 'upload');
    const sketch = sketchOf('runway', task);
    for (const text of [asCurl(sketch), asFetch(sketch)]) {
      expect(text).toContain('The picture is not in here: save it as picture.png.');
      expect(text).not.toContain(PIXEL.slice(0, 20));
    }
    await desk.put('picture.png', Buffer.from('some other picture'));
    const sent = await bodies(task, 'runway');
    expect(sent.map(String)).toEqual(Array(3).fill('some other picture'));
  });

  it('of a long text is none: the text goes as it is, however long', async () => {
    const prompt = `${HOSTILE}\n`.repeat(900).slice(0, 190_000);
    const task = taskOf('runtype', 'ask', { prompt });
    for (const body of await bodies(task, 'runtype')) expect(JSON.parse(String(body)).input).toBe(prompt);
  });
});

describe('what looks like a secret in a call', () => {
  const TOKEN = 'papi_Zyxw0987Vuts6543';
  const json = `{"password" : "hunter22", "big": 12345678901234567890, "note": "use ${TOKEN} ok",
    "token": "", "list": ["-----BEGIN PRIVATE KEY-----\\n${'A'.repeat(60)}", {"apiKey": null}, "last"], "mail": "ada@example.com"}`;
  const path = `/api/v1/things?token=Abcdef123456&key=${TOKEN}`;
  const task = () => taskOf('runai', 'request', { method: 'POST', path, json });

  it('is left out, which is said, and the rest stays as it was written', async () => {
    const sketch = sketchOf('runai', task());
    const curl = asCurl(sketch);
    const fetch = asFetch(sketch);
    for (const text of [curl, fetch]) {
      for (const secret of ['hunter22', TOKEN, 'PRIVATE', 'Abcdef123456']) expect(text).not.toContain(secret);
      expect(text).toMatch(/^(#|\/\/) What looks like a secret was left out, and says /m);
    }
    await desk.shell(curl);
    await desk.node(fetch);
    const calls = stand.taken().filter(({ url }) => !url.includes('/token'));
    expect(calls).toHaveLength(2);
    for (const { url, body } of calls) {
      expect(url).toBe('https://cluster.example.com/api/v1/things?token=[removed]&key=[removed]');
      expect(String(body)).toBe(
        json
          .replace('hunter22', '[removed]')
          .replace(TOKEN, '[removed]')
          .replace(/-----BEGIN[^"]*/, '[removed]'),
      );
    }
  });

  it.each(['runware', 'runway', 'runtype'])('is left out of a prompt of %s', name => {
    const operation = name === 'runtype' ? 'ask' : 'image';
    const sketch = sketchOf(name, taskOf(name, operation, { prompt: `what is ${TOKEN}?` }));
    for (const text of [asCurl(sketch), asFetch(sketch)]) {
      expect(text).not.toContain(TOKEN);
      expect(text).toContain('what is [removed]?');
    }
  });

  it('is no asset of Runway’s, though an e-mail address is in its id', () => {
    const sketch = sketchOf('runway', taskOf('runway', 'asset'));
    for (const text of [asCurl(sketch), asFetch(sketch)]) {
      expect(text).toContain(ASSET);
      expect(text).not.toContain('removed');
    }
  });
});

describe('a word for the shell', () => {
  const asked = (shell: string, words: readonly string[]) =>
    execFileSync(shell, ['-c', `for word in ${words.join(' ')}; do printf '%s\\0' "$word"; done`], {
      env: { PATH: '/usr/bin:/bin', SECRET: 'of "$(touch bitten)" `x` \'y\'' },
      cwd: desk.dir,
      // With a socket to read from, bash takes itself for a remote shell and reads its owner's settings.
      stdio: ['ignore', 'pipe', 'inherit'],
    })
      .toString()
      .split('\0')
      .slice(0, -1);
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(...`'"\\\`$(){}[]!*?~#&|;<>\n\r\t =%-`),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    })
    // No argument of a command can have a NUL, and none of ours has: JSON and addresses escape it.
    .map(words => words.replace(/\0|\p{Cs}/gu, ''));

  it.each(['bash', 'sh'])('is what was meant, to %s', shell => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), texts => {
        expect(
          asked(
            shell,
            texts.map(one => word([one])),
          ),
        ).toEqual(texts);
      }),
      { numRuns: 150 },
    );
  });

  it('has a variable’s value as it is', () => {
    expect(asked('sh', [word(["it's $SECRET ", { variable: 'SECRET' }, '!'])])).toEqual([
      `it's $SECRET of "$(touch bitten)" \`x\` 'y'!`,
    ]);
  });
});

describe('JSON', () => {
  const step = (text: string) => ({
    method: 'POST',
    url: ['https://api.runtype.com/'],
    headers: {},
    body: { type: 'json', text } as const,
  });
  /** What a module sends. Its only request goes nowhere. */
  const bodyOf = async (snippet: string): Promise<string> => {
    let sent = '';
    const Program = Object.getPrototypeOf(async () => {}).constructor;
    const fetch = async (_: string, { body }: { body: string }) => {
      sent = body;
      return { status: 200, text: async () => '' };
    };
    await new Program('fetch', 'console', snippet)(fetch, { log: () => {} });
    return sent;
  };

  it('of any kind means the same in a program', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ stringUnit: 'binary' }), async text => {
        const sketch = { secrets: [], steps: [step(text)] };
        expect(JSON.parse(await bodyOf(asFetch(sketch)))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '{"n":12345678901234567890}',
    '{"n":1.0, "e":1e400}',
    '{"twice":1,"twice":2}',
    '{ "slash": "\\/", "é": "\\u00e9" }',
  ])('that reading would change goes as it is: %s', async text => {
    const sketch = { secrets: [], steps: [step(text)] };
    expect(await bodyOf(asFetch(sketch))).toBe(text);
    expect(asCurl(sketch)).toContain(`--data-raw '${text}'`);
  });

  it('keeps a field that is the name of a program’s own', async () => {
    const text = '{"__proto__":{"a":1},"b":2}';
    const sketch = { secrets: [], steps: [step(text)] };
    expect(JSON.stringify(JSON.parse(await bodyOf(asFetch(sketch))))).toBe(text);
  });

  it('hides no character that an editor or a terminal would obey', () => {
    const sketch = { secrets: [], steps: [step(JSON.stringify(HOSTILE))] };
    for (const text of [asCurl(sketch), asFetch(sketch)]) {
      expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
      expect(text).toContain('\\u202e');
    }
  });
});

describe('a snippet is answered by', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  type Started = { readonly port: number; close(): Promise<void> };
  /** What bash and Node print of a task, with the emulator of its service for the service. */
  async function printed(
    name: string,
    start: (tls: Certificate) => Promise<Started>,
    [variable, secret]: [string, string],
    fields: Values,
    task: Task,
  ): Promise<string[]> {
    const tls = await certificateFor(HOSTS);
    const emulator = await start(tls);
    const place = await folder(emulator.port, tls.cert, { [variable]: secret });
    closing.push(() => emulator.close(), place.forget);
    const { service } = caseOf(name);
    const byCurl = await place.shell(asCurl(service.sketch(task, fields)));
    // As a second copy has it.
    const again = { ...task, id: crypto.randomUUID() };
    return [byCurl, await place.node(asFetch(service.sketch(again, fields)))];
  }

  it('Runware', async () => {
    const task = taskOf('runware', 'enhance');
    const secret: [string, string] = ['RUNWARE_API_KEY', runwareKey];
    const start = (tls: Certificate) => startRunware({ tls });
    for (const text of await printed('runware', start, secret, {}, task)) {
      expect(text).toContain('"taskType":"promptEnhance"');
      expect(text).toContain('"cost"');
    }
  });

  it('Runway', async () => {
    const task = taskOf('runway', 'image', { reference1: '' });
    const secret: [string, string] = ['USEAPI_TOKEN', demoToken];
    const start = (tls: Certificate) => startUseapi({ tls });
    for (const text of await printed('runway', start, secret, {}, task)) expect(text).toContain('"taskId"');
  });

  it('Run:ai', async () => {
    const task = { ...taskOf('runai', 'projects'), values: {} };
    const { id, secret } = demoApplication;
    const fields = { url: 'https://acme.run.ai', application: id };
    const start = (tls: Certificate) => startRunai({ tls });
    for (const text of await printed('runai', start, ['RUNAI_SECRET', secret], fields, task))
      expect(text).toContain('"projects":[{');
  });

  it('Runtype', async () => {
    const task = taskOf('runtype', 'ask', { answer: 'whole' });
    const endpoint = `https://api.runtype.com/v1/products/${demoProduct}/surfaces/${demoSurface}/api/summarize-article`;
    const fields = { endpoint, header: 'x-api-key' };
    const secret: [string, string] = ['RUNTYPE_API_KEY', runtypeKey];
    for (const text of await printed('runtype', tls => startRuntype({ tls }), secret, fields, task))
      expect(text).toContain('back\\\\slash');
  });
});
