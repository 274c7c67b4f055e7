import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Row, TaskEvent } from '../../src/services/service';
import type { Fault, Switches, UseapiEmulator } from '../emulators/useapi';
import { create, demoEmail, demoToken, json, runway, start, upload } from '../emulators/useapi/line';
import type { UseapiOptions } from '../emulators/useapi/options';
import { faster, reach } from './network';
import { begin, drive, goOn, keyOf, stopClock, taskOf } from './runway-client';

const [ada, bob] = ['ada@example.com', 'bob@example.com'];
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let useapi: UseapiEmulator;
const open = async (options: Partial<UseapiOptions> = {}) => {
  useapi = await start(options);
  reach(useapi.port);
};
beforeEach(stopClock);
afterEach(async () => {
  expect(useapi.secrets.sightings.length).toBeGreaterThan(0);
  expect(useapi.secrets.strays).toEqual([]);
  await useapi.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const rowsOf = (items: readonly TaskEvent[]): readonly Row[] =>
  items.flatMap(item => (item.type === 'list' ? item.rows : []));
const ask = async (operation: string, puts: Record<string, string> = {}, key = keyOf()) => {
  const outcome = await begin(taskOf(operation, puts), key);
  return { ...outcome, rows: rowsOf(outcome.items) };
};
const made = async (changes: object = {}) => json(await create(useapi.port, changes)).taskId as string;
const asked = () => useapi.traffic.filter(({ direction }) => direction === 'in');

describe('a question', () => {
  it.each(['tasks', 'credits', 'scheduled', 'assets', 'accounts', 'subscription', 'usage'])(
    '%s is asked once, answered with one list, and then over',
    async operation => {
      await open();
      const { types, items, failure } = await ask(operation);
      expect(failure).toBeUndefined();
      expect(types).toEqual(['sending', 'list']);
      expect(items).toEqual([expect.objectContaining({ type: 'list', last: true })]);
      expect(asked()).toHaveLength(1);
    },
  );

  it.each<[string, Fault]>([
    ['a lost connection', { kind: 'drop', at: 'arrival' }],
    ['half an answer', { kind: 'cut' }],
    ['a failing service', { kind: 'http', status: 503 }],
    ['a page', { kind: 'http', status: 200, body: '<html>' }],
  ])('is asked again after %s', async (_, fault) => {
    await open();
    useapi.faults.add(fault);
    const { rows, failure } = await ask('subscription');
    expect([rows[0]?.title, failure]).toEqual(['Subscription active', undefined]);
    expect(asked()).toHaveLength(2);
  });

  it('that nobody answers costs nothing, and is told so', async () => {
    await open();
    await made();
    useapi.refuse(60_000);
    const { failure } = await ask('tasks');
    expect(failure?.report).toMatchObject({
      code: 'service-error',
      message: 'api.useapi.net could not be reached.',
    });
  });

  it('that is never answered ends', async () => {
    await open();
    vi.useRealTimers();
    useapi.faults.add({ kind: 'freeze', at: 'arrival', times: 3 });
    const { failure } = await faster(() => ask('credits'), 1_000);
    expect(failure?.report).toMatchObject({
      code: 'timed-out',
      message: 'api.useapi.net did not answer in time.',
    });
    expect(asked()).toHaveLength(3);
  });

  it('is asked again by the next background', async () => {
    await open();
    const task = taskOf('credits');
    const { items } = await goOn(task, { trace: { state: 'asked' }, items: [] });
    expect(rowsOf(items)[0]?.title).toBe('2250 credits left');
  });
});

describe('tasks', () => {
  it.each(['wrapped', 'bare'] as const)(
    'are listed newest first, with where they stand (%s)',
    async listForm => {
      await open({ listForm, taskMs: 10_000 });
      const older = await made({ text_prompt: 'a heron' });
      vi.setSystemTime(Date.now() + 20_000);
      const newer = await made({ text_prompt: 'a boat' });
      vi.setSystemTime(Date.now() + 5_000);
      const { rows } = await ask('tasks');
      expect(rows.map(({ id }) => id)).toEqual([newer, older]);
      expect(rows.map(({ title }) => title)).toEqual([
        expect.stringMatching(/a boat$/),
        expect.stringMatching(/a heron$/),
      ]);
      expect(rows.map(({ note }) => note?.split(',')[0])).toEqual(['RUNNING 49 %', 'SUCCEEDED']);
      expect((await ask('tasks', { search: 'HERON' })).rows.map(({ id }) => id)).toEqual([older]);
      expect((await ask('tasks', { status: 'SUCCEEDED' })).rows.map(({ id }) => id)).toEqual([older]);
      expect((await ask('tasks', { most: '1', skip: '1' })).rows.map(({ id }) => id)).toEqual([older]);
    },
  );

  it('of several accounts are those of the one that is named', async () => {
    await open({ tokens: { [demoToken]: { accounts: { [ada]: {}, [bob]: {} } } } });
    const [one, other] = [await made({ email: ada }), await made({ email: bob })];
    expect((await ask('tasks', { account: ada })).rows.map(({ id }) => id)).toEqual([one]);
    expect((await ask('tasks', {}, keyOf({ email: bob }))).rows.map(({ id }) => id)).toEqual([other]);
    const { failure } = await ask('tasks');
    expect(failure?.report).toMatchObject({ code: 'invalid', field: 'account' });
  });

  it('are shown with what they made', async () => {
    await open();
    const task = await made({ num_images: 4 });
    vi.setSystemTime(Date.now() + 1_000);
    const { items, rows } = await ask('task', { task });
    expect(rows).toMatchObject([{ id: task, note: expect.stringMatching(/^SUCCEEDED, frames, \d{4}-/) }]);
    expect(items.map(({ type }) => type)).toEqual(['list', 'link', 'link', 'link', 'link']);
    expect(items.map(item => 'last' in item)).toEqual([false, false, false, false, true]);
    expect(items[1]).toMatchObject({ of: 'image', url: expect.stringMatching(/^https:/) });
  });

  it.each<Partial<Switches>>([{ deleted: 'success' }, { deleted: 'empty' }, { deleted: 'no-content' }])(
    'are deleted and released (%o)',
    async switches => {
      await open({ ...switches, taskMs: 60_000 });
      const task = await made();
      expect((await ask('scheduled')).rows.map(({ id }) => id)).toEqual([task]);
      expect((await ask('release', { task })).rows).toEqual([{ id: task, title: 'No longer tracked' }]);
      expect((await ask('scheduled')).rows).toEqual([]);
      expect((await ask('deleteTask', { task })).rows).toEqual([{ id: task, title: 'Deleted' }]);
      expect(useapi.tasks).toEqual([]);
      const { failure } = await ask('deleteTask', { task });
      expect(failure?.code).toBe('not-found');
    },
  );

  it('are deleted once, however often that has to be said', async () => {
    await open();
    for (const [at, fault] of [{ kind: 'drop', at: 'accepted' }, { kind: 'cut' }].entries()) {
      const task = await made();
      useapi.faults.add({ ...(fault as Fault), when: ({ method }) => method === 'DELETE' });
      const { rows, failure } = await ask('deleteTask', { task });
      expect([at, rows[0]?.title, failure]).toEqual([at, 'Deleted', undefined]);
    }
    const task = taskOf('deleteTask', { task: await made() });
    await begin(task);
    const again = await goOn(task, { trace: { state: 'asked' }, items: [] });
    expect(rowsOf(again.items)[0]?.title).toBe('Deleted');
  });

  it('carry whom a scheduled call is of', async () => {
    await open({ taskMs: 60_000 });
    const task = taskOf('image', { prompt: 'a heron' });
    await begin(task);
    expect((await ask('scheduled')).rows).toMatchObject([{ note: task.id }]);
  });
});

describe('an account', () => {
  it('tells its credits, storage and workspaces', async () => {
    await open();
    await made({ num_images: 4 });
    expect((await ask('credits')).rows).toEqual([
      { id: '', title: '2218 credits left', note: '32 of 2250 used' },
      { id: '', title: '1 of 500 GB used' },
      { id: '7654321', title: 'Studio', note: 'workspace, pro' },
    ]);
  });

  it('is listed with how long its session lasts, or with what is wrong, and no secret', async () => {
    await open({
      workspace: true,
      tokens: { [demoToken]: { accounts: { [ada]: { maxJobs: 3 }, [bob]: {} } } },
    });
    useapi.breakAccount(demoToken, bob, 'Session refresh failed.');
    const { rows } = await ask('accounts');
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    expect(rows).toEqual([
      { id: ada, title: ada, note: `3 at once, Studio, session until ${until}` },
      { id: bob, title: bob, note: '5 at once, Studio, Session refresh failed.' },
    ]);
    expect((await ask('accounts', { search: 'ada' })).rows).toHaveLength(1);
  });

  it.each(['text', 'json'] as const)('is missing from a list that is empty (%s)', async missingAccount => {
    await open({ missingAccount, tokens: { [demoToken]: {} } });
    const { rows, failure } = await ask('accounts');
    expect([rows, failure]).toEqual([[], undefined]);
  });

  it('is what the token’s own answer counts', async () => {
    await open({ tokens: { [demoToken]: { subscriptions: 2, accounts: { [ada]: {}, [bob]: {} } } } });
    useapi.breakAccount(demoToken, bob);
    expect((await ask('subscription')).rows).toEqual([
      {
        id: '',
        title: 'Subscription active',
        note: '2 subscriptions, 6 accounts for each service',
      },
      { id: '', title: 'Runway API', note: '2 configured, 1 active, 1 in error' },
    ]);
    useapi.lapse(demoToken);
    expect((await ask('subscription')).rows[0]?.title).toBe('Subscription has run out');
  });

  it('has used so many jobs', async () => {
    await open({ statsLagMs: 0 });
    await made();
    await made();
    const date = new Date().toISOString().slice(0, 10);
    const all = [
      { id: '', title: '2 jobs', note: date },
      { id: demoEmail, title: demoEmail, note: '2' },
    ];
    expect((await ask('usage')).rows).toEqual(all);
    expect((await ask('usage', { date, account: demoEmail })).rows).toEqual(all);
    expect((await ask('usage', { date: '2024-01-01' })).rows).toMatchObject([{ title: '0 jobs' }]);
    expect((await ask('usage', { account: ada }, keyOf({ email: bob }))).rows).toMatchObject([
      { title: '0 jobs' },
    ]);
  });
});

describe('an asset', () => {
  const picture = `data:image/png;base64,${PICTURE}`;
  const uploads = () => asked().filter(({ method, path }) => method === 'POST' && path.includes('/assets/'));

  it.each(['png', 'jpeg'])(
    'is uploaded as the bytes that it is (%s), listed, shown and deleted',
    async type => {
      await open();
      const puts = { picture: `data:image/${type};base64,${PICTURE}`, name: 'A heron & 50 %' };
      const [{ id, title } = { id: '', title: '' }] = (await ask('upload', puts)).rows;
      expect(title).toBe('A heron & 50 %');
      expect(uploads()[0]?.text).toBe(`[${Buffer.from(PICTURE, 'base64').length} bytes of image/${type}]`);
      expect((await ask('assets', { media: 'image' })).rows).toMatchObject([{ id, title }]);
      expect((await ask('assets', { media: 'video' })).rows).toEqual([]);
      const { items } = await ask('asset', { asset: id });
      expect(items).toMatchObject([
        { type: 'list', rows: [{ id, note: expect.stringMatching(/^image, 1 kB, /) }] },
        { type: 'link', of: 'image', url: expect.stringMatching(/^https:/), last: true },
      ]);
      const { url } = items[1] as { url: string };
      const { bytes } = await (await import('../emulators/useapi/line')).ask(useapi.port, {
        host: new URL(url).host,
        path: url.slice(new URL(url).origin.length),
        token: null,
      });
      expect(bytes.toString('base64')).toBe(PICTURE);
      expect((await ask('deleteAsset', { asset: id })).rows).toEqual([{ id, title: 'Deleted' }]);
      expect((await ask('assets')).rows).toEqual([]);
    },
  );

  it('goes into the account that is named', async () => {
    await open({ tokens: { [demoToken]: { accounts: { [ada]: {}, [bob]: {} } } } });
    const { rows } = await ask('upload', { picture, account: bob });
    expect(rows[0]?.id).toContain(`:${bob}-asset:`);
  });

  it.each<[string, Fault]>([
    ['the connection is lost', { kind: 'drop', at: 'accepted' }],
    ['half an answer comes', { kind: 'cut' }],
    ['a gateway answers', { kind: 'http', status: 504, body: '<h1>504</h1>', accept: true }],
    ['an answer comes without an id', { kind: 'http', status: 200, body: {}, accept: true }],
  ])('that was uploaded when %s is found, and not uploaded again', async (_, fault) => {
    await open();
    for (const name of ['', 'A heron']) {
      useapi.faults.add({ ...fault, when: ({ method }) => method === 'POST' });
      const { items, failure } = await drive(taskOf('upload', { picture, name }));
      expect([rowsOf(items).length, failure]).toEqual([1, undefined]);
    }
    expect(uploads()).toHaveLength(2);
    expect((await ask('assets')).rows).toHaveLength(2);
  });

  it('of which nothing is found is not known to be there, and not uploaded again', async () => {
    await open();
    await upload(useapi.port, 'name=A+heron');
    vi.setSystemTime(Date.now() + 60_000);
    useapi.faults.add({ kind: 'drop', at: 'arrival' });
    const { failure } = await drive(taskOf('upload', { picture, name: 'A heron' }));
    expect(failure?.code).toBe('outcome-unknown');
    expect(uploads()).toHaveLength(2);
  });

  it.each([
    ['an address', 'https://example.org/a.png'],
    ['an id', '2c1ae0ba-4ae5-4e3c-8a1c-0d1c2b3a4f5e'],
    ['a WEBP', `data:image/webp;base64,${PICTURE}`],
  ])('that is %s is not sent', async (_, given) => {
    await open();
    await made();
    const before = asked().length;
    // The form takes none of these; a call that was kept from before may hold one all the same.
    expect(() => taskOf('upload', { picture: given })).toThrow('PNG or JPG');
    const { failure, events } = await drive({ ...taskOf('upload', { picture }), values: { picture: given } });
    expect(failure?.report).toMatchObject({ code: 'invalid', field: 'picture' });
    expect(events).toEqual([]);
    expect(asked()).toHaveLength(before);
  });
});

it('an id goes into the path as it is, and an e-mail with a plus', async () => {
  await open({ tokens: { [demoToken]: { accounts: { 'ada+test@example.com': {} } } } });
  const task = await made();
  await ask('task', { task });
  expect(asked().at(-1)?.path).toBe(`/v1/runwayml/tasks/${task}`);
  await ask('credits', { account: 'ada+test@example.com' });
  expect(asked().at(-1)?.path).toBe('/v1/runwayml/features/?email=ada%2Btest%40example.com');
});

it('what was deleted at Runway is not found', async () => {
  await open();
  const task = await made();
  await runway(useapi.port, `tasks/${task}`, { method: 'DELETE' });
  expect((await ask('task', { task })).failure?.code).toBe('not-found');
});
