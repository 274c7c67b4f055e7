import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withoutSecrets } from '../../src/services/redact';
import { service } from '../../src/services/runtype/service';
import { demoKey, otherSurface, type RuntypeEmulator } from '../emulators/runtype';
import { start } from './emulators/runtype-line';
import { reach } from './network';
import { keyOf, run, surface, taskOf, textOf } from './runtype-client';
import { outcomeOf } from './runware-client';

let runtype: RuntypeEmulator;

beforeEach(async () => {
  runtype = await start({ taskMs: 0 });
  reach(runtype.port);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  expect(runtype.strayed).toEqual([]);
  await runtype.close();
});

const asked = () => runtype.traffic.filter(({ direction }) => direction === 'in');
const whole = { answer: 'whole' };

describe('the document’s example', () => {
  it.each(['bearer', 'x-api-key'])('is sent as it shows, with the key in %s alone', async header => {
    const task = taskOf('ask', { prompt: 'Your input here', ...whole });
    expect(await textOf(task, keyOf({ header }))).toContain('“Your input here”');
    const [said] = asked();
    expect(said).toMatchObject({ method: 'POST', text: '{"input":"Your input here"}', bytes: 27 });
    expect(said?.path).toBe(new URL(`${surface}/summarize-article`).pathname);
    expect(said?.headers['content-type']).toBe('application/json');
    const { authorization, 'x-api-key': other } = said?.headers ?? {};
    expect([authorization, other]).toEqual(
      header === 'bearer' ? ['Bearer [key demo]', undefined] : [undefined, '[key demo]'],
    );
    expect(runtype.ledger.count()).toBe(1);
  });
});

const outputs: [string, string, string][] = [
  ['a text', 'summarize-article', 'In short – as the emulator sees it – it is about “A heron?”.'],
  [
    'an object',
    'draft-post',
    JSON.stringify({ title: 'A heron?', body: 'A heron?', tags: ['draft', 'emulated'] }, null, 2),
  ],
  [
    'a list',
    'list-ideas',
    JSON.stringify(
      [1, 2, 3].map(number => `Idea ${number} about A heron?`),
      null,
      2,
    ),
  ],
  ['a number', 'count-words', '2'],
  ['true or false', 'is-question', 'true'],
  ['nothing', 'find-nothing', 'null'],
];

describe.each(['raw', 'wrapped'] as const)('a %s answer', responseFormat => {
  it.each(outputs)('of %s is shown as text', async (_what, capability, text) => {
    for (const wrappedIn of ['result', 'output', 'data'] as const) {
      Object.assign(runtype.switches, { responseFormat, wrappedIn });
      expect(await textOf(taskOf('ask', { prompt: 'A heron?', capability, ...whole }))).toBe(text);
    }
  });

  it.each(outputs)(
    'of %s, wished for as a stream and given whole, is the same',
    async (_, capability, text) => {
      Object.assign(runtype.switches, { responseFormat, streamQuery: 'none', streamOption: 'none' });
      expect(await textOf(taskOf('ask', { prompt: 'A heron?', capability }))).toBe(text);
    },
  );
});

it('a raw object with an execution’s id and no output is shown whole', async () => {
  const json = '{"executionId":"mine","weather":"fine"}';
  const text = await textOf(taskOf('json', { json, capability: 'echo', ...whole }));
  expect(JSON.parse(text)).toEqual({ executionId: 'mine', weather: 'fine' });
});

it('a wrapped answer that says it failed is a failure', async () => {
  const body = { executionId: 'exec_1', success: false, error: 'No model' };
  runtype.faults.add({ kind: 'http', status: 200, body, accept: true });
  const { failure, items } = await run(taskOf('ask', { prompt: 'x', ...whole }));
  expect(items).toEqual([]);
  expect(failure?.report).toMatchObject({
    code: 'service-error',
    message: 'The capability failed while it ran.',
    service: { text: 'No model (executionId exec_1)' },
  });
});

describe('JSON by choice', () => {
  it.each(['stream', 'whole'])('is the whole message (%s)', async answer => {
    const json = '{"post": {"title": "Herons", "tags": [1, null, true]}, "kind": "vote"}';
    expect(JSON.parse(await textOf(taskOf('json', { json, capability: 'echo', answer })))).toEqual(
      JSON.parse(json),
    );
    expect(runtype.ledger.entries[0]?.input).toEqual(JSON.parse(json));
  });

  it('keeps the options that it has', async () => {
    const json = '{"input": "x", "options": {"streamResponse": false, "depth": 2}}';
    await textOf(taskOf('json', { json, capability: 'echo' }));
    expect(JSON.parse(asked()[0]?.text ?? '')).toEqual(JSON.parse(json));
  });

  it.each(['"text"', '[1]', '7', 'null'])('may be no object: %s', async json => {
    const { failure } = await run(taskOf('json', { json, capability: 'echo' }));
    expect(asked()[0]?.text).toBe(json);
    // The emulator takes objects alone.
    expect(failure?.report).toMatchObject({
      code: 'invalid',
      service: { text: 'Request body must be a JSON object' },
    });
  });

  it.each([
    ['json', '{"input": }', 'This is not JSON.'],
    ['dispatch', '{"input": }', 'This is not JSON.'],
    ['dispatch', '["input"]', 'This must be a JSON object, in braces.'],
  ])('of the task %s that is wrong is not sent: %s', async (operation, json, message) => {
    const { failure, events } = await run(taskOf(operation, { json, name: 'Echo', capability: 'echo' }));
    expect(failure?.report).toMatchObject({ code: 'bad-input', field: 'json', message });
    expect([events, asked()]).toEqual([[], []]);
  });
});

describe('dispatch', () => {
  it.each([
    ['whole', 'Judge Evidence'],
    ['stream', 'judge_evidence'],
  ])('says capability and input (%s)', async (answer, name) => {
    const text = await textOf(taskOf('dispatch', { name, json: '{"message":"Herons fly"}', answer }));
    expect(JSON.parse(text)).toEqual({ verdict: 'SUPPORTED', reason: 'Herons fly', citations: [] });
    expect(asked()[0]?.path).toMatch(/\/api\/dispatch(\?stream=true)?$/);
    expect(JSON.parse(asked()[0]?.text ?? '')).toMatchObject({
      capability: name,
      input: { message: 'Herons fly' },
    });
  });
});

describe('the list of capabilities', () => {
  const list = async (fields = {}, search = '') => {
    const { items, failure, types } = await run(taskOf('capabilities', { search }), keyOf(fields));
    const [item] = items;
    return { rows: item?.type === 'list' ? item.rows : undefined, failure, types };
  };

  it.each(['whole', 'short'] as const)(
    'is read from the surface’s description (%s paths)',
    async specPaths => {
      Object.assign(runtype.switches, { specPaths, specFor: 'key' });
      const { rows } = await list();
      expect(rows?.map(({ id }) => id)).toEqual(
        'summarize-article draft-post list-ideas count-words is-question find-nothing judge-evidence echo fail-always'.split(
          ' ',
        ),
      );
      expect(rows?.[0]).toEqual({
        id: 'summarize-article',
        title: 'Summarize Article',
        note: 'A summary in a sentence. Takes {"input":"Your input here"}',
        fills: { json: '{\n  "input": "Your input here"\n}' },
      });
      expect(rows?.find(({ id }) => id === 'judge-evidence')?.fills?.json).toContain('"message"');
      expect(runtype.ledger.count()).toBe(0);
    },
  );

  const described = (content: object) => ({
    openapi: '3.0.3',
    paths: { '/api/one': { post: { requestBody: { content: { 'application/json': content } } } } },
    components: { schemas: { One: { properties: { title: {}, tags: {} } } } },
  });
  it.each([
    ['the example', { example: { a: [1, null] } }, '{\n  "a": [\n    1,\n    null\n  ]\n}'],
    ['the first of several', { examples: { x: { value: 'text' }, y: { value: 2 } } }, '"text"'],
    ['the schema’s own', { schema: { example: { b: 1 } } }, '{\n  "b": 1\n}'],
    [
      'the schema’s fields',
      { schema: { $ref: '#/components/schemas/One' } },
      '{\n  "title": "",\n  "tags": ""\n}',
    ],
    ['nothing, where nothing is said', {}, undefined],
    ['nothing, where it would be endless', { example: 'x'.repeat(10_000) }, undefined],
  ])('puts into a form %s', async (_what, content, json) => {
    runtype.faults.add({ kind: 'http', status: 200, body: described(content) });
    const { rows } = await list();
    expect(rows).toMatchObject([{ id: 'one' }]);
    expect(rows?.[0]?.fills).toEqual(json === undefined ? undefined : { json });
    // However long it is, its line is short.
    expect(rows?.[0]?.note?.length ?? 0).toBeLessThan(600);
  });

  it('is searched by name', async () => {
    expect((await list({}, 'IDEA')).rows?.map(({ id }) => id)).toEqual(['list-ideas']);
  });

  it('is read where the key says', async () => {
    runtype.switches.specAt = 'spec';
    expect((await list({ specification: `${surface}/spec` })).rows).toHaveLength(9);
  });

  it('is what is noted with the key where there is no description', async () => {
    runtype.switches.specAt = 'none';
    const { rows } = await list({ capabilities: 'echo, draft-post' });
    expect(rows?.map(({ id }) => id)).toEqual(['summarize-article', 'echo', 'draft-post']);
  });

  it.each([
    ['nothing there', {}, 'not-found', 'not to be had'],
    ['a page', { status: 200, body: '<html>' }, 'unreadable-answer', 'not JSON'],
    [
      'a server in trouble',
      { status: 500, body: { error: 'Oops' } },
      'service-error',
      'Runtype itself failed',
    ],
    ['a bad key', { status: 401, body: { error: 'Invalid or missing API key' } }, 'rejected-key', 'rejected'],
  ])('has a sentence for %s, and never counts as sent', async (_what, answer, code, sentence) => {
    runtype.switches.specAt = 'none';
    if ('status' in answer) runtype.faults.add({ kind: 'http', ...answer });
    const { failure, types } = await list({ endpoint: surface });
    expect(failure?.report).toMatchObject({ code, message: expect.stringContaining(sentence) });
    expect(types).toEqual(['connecting']);
  });
});

describe('a key', () => {
  it('that the service quotes is not quoted further', async () => {
    runtype.faults.add({ kind: 'http', status: 500, body: { error: `Bad key ${demoKey}` } });
    const clean = withoutSecrets(service, ['apiKey']);
    const { signal } = new AbortController();
    const { failure } = await outcomeOf(clean.run(taskOf('ask', { prompt: 'x' }), keyOf(), signal));
    expect(failure?.report.service?.text).toBe('Bad key [removed]');
  });

  it.each([301, 302, 303, 307, 308] as const)(
    'does not follow a %i to another origin',
    async redirectStatus => {
      Object.assign(runtype.switches, { redirect: true, redirectStatus });
      const { failure } = await run(taskOf('ask', { prompt: 'x' }));
      expect(failure?.code).toBe('outcome-unknown');
      expect(asked().map(({ host }) => host)).toEqual(['api.runtype.com']);
    },
  );

  it('goes to no other origin than it was sealed with', async () => {
    const { failure } = await run(taskOf('ask', { prompt: 'x' }), {
      ...keyOf(),
      origins: ['https://elsewhere.example'],
    });
    expect([failure?.code, asked()]).toEqual(['wrong-origin', []]);
  });

  it('of another surface may not', async () => {
    const endpoint = `${surface.replace(/surf_\w+/, otherSurface)}/echo`;
    const { failure } = await run(taskOf('ask', { prompt: 'x' }), keyOf({ endpoint }));
    expect(failure?.message).toBe('This API key may not use this capability.');
  });
});
