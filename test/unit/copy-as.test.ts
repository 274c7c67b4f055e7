import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { asCurl, asFetch } from '../../src/calls/copy-as';
import { aboutOf, abouts } from '../../src/services/abouts';
import { check, initialValues, secretFields, type Values } from '../../src/services/fields';
import { originsOf } from '../../src/services/runai/address';
import { service as runai } from '../../src/services/runai/service';
import { service as runtype } from '../../src/services/runtype/service';
import { service as runware } from '../../src/services/runware/service';
import { service as runway } from '../../src/services/runway/service';
import type { Service, Task } from '../../src/services/service';
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
const all = abouts.flatMap(({ name, operations }) => operations.map(({ name: task }) => [name, task] as const));

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
  if (path.includes('/token')) return { token_type: 'Bearer', access_token: 'a.token-of_Run.ai', expires_in: 300 };
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
    stand.taken();
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
