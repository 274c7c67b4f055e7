import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UseapiEmulator } from '../../emulators/useapi';
import {
  ask,
  configure,
  create,
  demoEmail,
  demoToken,
  finished,
  json,
  located,
  runway,
  start,
  upload,
} from '../../emulators/useapi/line';

let useapi: UseapiEmulator;

beforeEach(async () => {
  useapi = await start();
});
afterEach(() => useapi.close());

const created = async (changes: object = {}, endpoint?: string) =>
  json(await create(useapi.port, changes, endpoint));

const PAGE = 'offset=0&limit=50';

describe('a task', () => {
  it('goes from PENDING over RUNNING to SUCCEEDED, and its result is fetched without a token', async () => {
    Object.assign(useapi.switches, { pendingMs: 60, taskMs: 400 });
    const task = await created();
    expect(task).toMatchObject({ status: 'PENDING', progressRatio: null, artifacts: [], error: null });
    expect(task.taskId).toBe(`user:1234-runwayml:${demoEmail}-task:${task.id}`);
    const seen = new Set<string>([task.status]);
    let read = task;
    while (read.status !== 'SUCCEEDED') {
      read = json(await runway(useapi.port, `tasks/${task.taskId}`));
      seen.add(read.status);
      if (read.status === 'RUNNING') expect(read.progressRatio).toMatch(/^0(\.\d+)?$/);
    }
    expect([...seen]).toEqual(['PENDING', 'RUNNING', 'SUCCEEDED']);
    expect(read.progressRatio).toBe('1');
    const [artifact] = read.artifacts;
    const { status, headers, bytes } = await ask(useapi.port, { ...located(artifact.url), token: null });
    expect([status, headers['content-type'], String(bytes.length)]).toEqual([
      200,
      'image/png',
      artifact.fileSize,
    ]);
    expect(artifact.assetId).toBe(`user:1234-runwayml:${demoEmail}-asset:${artifact.id}`);
  });

  it('is billed once, in the credits of its account', async () => {
    const before = useapi.creditsOf(demoToken, demoEmail);
    const task = await created({ num_images: 4 });
    expect(useapi.ledger.entries).toMatchObject([
      { taskId: task.taskId, endpoint: 'frames/create', token: 'demo', email: demoEmail, credits: 32 },
    ]);
    expect(useapi.creditsOf(demoToken, demoEmail)).toBe(before - 32);
    expect((await finished(useapi.port, task.taskId)).artifacts).toHaveLength(4);
    expect(useapi.ledger.count()).toBe(1);
  });

  it('sent twice is two tasks, and paid for twice', async () => {
    const [one, other] = [await created(), await created()];
    expect(one.taskId).not.toBe(other.taskId);
    expect(useapi.ledger.count()).toBe(2);
  });

  it('is THROTTLED in explore mode, which costs nothing and needs a plan', async () => {
    expect((await create(useapi.port, { exploreMode: true })).status).toBe(412);
    await useapi.close();
    useapi = await start({
      pendingMs: 0,
      throttledMs: 500,
      tokens: { [demoToken]: { accounts: { [demoEmail]: { unlimited: true } } } },
    });
    expect((await created({ exploreMode: true })).status).toBe('THROTTLED');
    expect([useapi.ledger.count(), useapi.ledger.total()]).toEqual([1, 0]);
  });

  it('is deleted', async () => {
    const { taskId } = await created();
    expect(json(await runway(useapi.port, `tasks/${taskId}`, { method: 'DELETE' }))).toEqual({
      success: true,
    });
    const reply = await runway(useapi.port, `tasks/${taskId}`);
    expect([reply.status, json(reply)]).toEqual([404, { error: 'Not found.', code: 404 }]);
    expect(useapi.tasks).toEqual([]);
  });

  it.each([
    ['no id at all', 'nonsense', 400],
    ['an unknown one', 'user:1234-runwayml:EMAIL-task:00000000-0000-0000-0000-000000000000', 404],
    ['an unknown account', 'user:1234-runwayml:x@example.com-task:00000000-0000-0000-0000-000000000000', 404],
    ['another person', 'user:99-runwayml:EMAIL-task:00000000-0000-0000-0000-000000000000', 403],
    ['an asset', 'user:1234-runwayml:EMAIL-asset:00000000-0000-0000-0000-000000000000', 400],
  ])('of %s is not read', async (_what, taskId, status) => {
    const reply = await runway(useapi.port, `tasks/${taskId.replace('EMAIL', demoEmail)}`);
    expect([reply.status, json(reply).code]).toEqual([status, status]);
  });
});

describe('creating', () => {
  it.each([
    ['frames/create', { text_prompt: undefined }, 'Required param text_prompt is missing or empty'],
    ['frames/create', { text_prompt: 7 }, 'Param text_prompt must be a string'],
    ['frames/create', { style: 'cubist' }, /Param style value cubist is not supported.*terracotta/],
    ['frames/create', { aspect_ratio: '2:1' }, /aspect_ratio value 2:1.*16:9/],
    ['frames/create', { diversity: 6 }, /diversity \(6\).*0…5/],
    ['frames/create', { seed: 0 }, /seed/],
    ['frames/create', { num_images: 2 }, /num_images value 2.*1, 4/],
    ['frames/create', { maxJobs: 11 }, /maxJobs/],
    ['frames/create', { exploreMode: 'perhaps' }, 'Param exploreMode must be true or false'],
    ['images/create', { model: undefined }, /model/],
    ['images/create', { model: 'gen4-turbo' }, /imageAssetId1/],
    ['videos/create', { model: 'gen9' }, /model value gen9/],
    ['videos/create', { model: 'gen4.5', duration: 11 }, /duration/],
    ['videos/create', { model: 'gen4.5', aspect_ratio: '1:1' }, /aspect_ratio/],
    ['videos/create', { model: 'kling-3.0-pro', duration: 7 }, /duration value 7.*5, 10, 15/],
    ['gen4_5/create', { seconds: 6 }, /seconds value 6.*5, 8, 10/],
    ['gen4/create', {}, /firstImage_assetId/],
    ['gen4/video', {}, /video_assetId/],
    ['gen4/upscale', {}, /assetId/],
    ['lipsync/create', {}, /image_assetId or video_assetId/],
  ])('%s refuses %j', async (endpoint, changes, error) => {
    const reply = await create(useapi.port, changes, endpoint);
    expect(reply.status).toBe(400);
    expect(json(reply)).toEqual({ error: expect.stringMatching(error), code: 400 });
    expect(useapi.ledger.count()).toBe(0);
  });

  it.each([
    ['text_prompt', 1000, 'frames/create'],
    ['text_prompt', 5000, 'gen4_5/create'],
    ['replyUrl', 1024, 'frames/create'],
    ['replyRef', 1024, 'frames/create'],
  ])('takes a %s of %i characters and no more at %s', async (name, most, endpoint) => {
    expect((await create(useapi.port, { [name]: 'x'.repeat(most) }, endpoint)).status).toBe(200);
    const reply = await create(useapi.port, { [name]: 'x'.repeat(most + 1) }, endpoint);
    expect([reply.status, json(reply).error]).toEqual([
      400,
      `Param ${name} exceeds maximum length of ${most} characters`,
    ]);
  });

  it.each([
    ['frames/create', { style: 'vivid', aspect_ratio: '21:9', diversity: 5, seed: 12345678 }, 'image/png'],
    ['images/create', { model: 'nano-banana-pro', aspect_ratio: '16:9', resolution: '1K' }, 'image/png'],
    ['videos/create', { model: 'gen4.5', duration: 5 }, 'video/mp4'],
    ['videos/create', {}, 'video/mp4'],
    ['videos/create', { model: 'seedance-2', duration: 15, audio: true }, 'video/mp4'],
    ['gen4_5/create', { seconds: 8 }, 'video/mp4'],
    ['gen4/create', { firstImage_assetId: 'ASSET', seconds: 10 }, 'video/mp4'],
    ['gen4turbo/create', { firstImage_assetId: 'ASSET' }, 'video/mp4'],
    ['gen3turbo/create', { firstImage_assetId: 'ASSET', aspect_ratio: 'portrait' }, 'video/mp4'],
    ['gen4/video', { video_assetId: 'ASSET' }, 'video/mp4'],
    ['videos/upscale', { videoAssetId: 'ASSET' }, 'video/mp4'],
    ['gen4/upscale', { assetId: 'ASSET' }, 'video/mp4'],
    ['lipsync/create', { image_assetId: 'ASSET', voiceId: 'x', voice_text: 'Hello' }, 'video/mp4'],
  ])('%s takes %j', async (endpoint, changes, type) => {
    const { assetId } = json(await upload(useapi.port));
    const filled = JSON.parse(JSON.stringify(changes).replace('ASSET', assetId));
    const { taskId } = await created({ num_images: undefined, ...filled }, endpoint);
    const { artifacts } = await finished(useapi.port, taskId);
    const reply = await ask(useapi.port, { ...located(artifacts[0].url), token: null });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, type]);
  });

  it('takes a form', async () => {
    const form = new FormData();
    for (const [name, value] of [
      ['text_prompt', 'a boat'],
      ['num_images', '4'],
      ['style', ''],
    ] as const) {
      form.append(name, value);
    }
    const sent = new Response(form);
    const { taskId, options } = json(
      await runway(useapi.port, 'frames/create', {
        body: new Uint8Array(await sent.arrayBuffer()),
        headers: { 'content-type': sent.headers.get('content-type') ?? '' },
      }),
    );
    expect(options.text_prompt).toBe('a boat');
    expect((await finished(useapi.port, taskId)).artifacts).toHaveLength(4);
  });

  it.each(['text_to_image_preview', 'frames/create/', 'toString', 'constructor/create'])(
    'is not found at %s',
    async endpoint => {
      expect((await create(useapi.port, {}, endpoint)).status).toBe(404);
    },
  );

  it('needs an account', async () => {
    await runway(useapi.port, `accounts/${demoEmail}`, { method: 'DELETE' });
    const reply = await create(useapi.port);
    expect([reply.status, json(reply).error]).toEqual([
      400,
      expect.stringMatching(/^Please configure at least one account/),
    ]);
  });
});

describe('tasks are listed', () => {
  it('newest first, by page and by status', async () => {
    const done = await created();
    await finished(useapi.port, done.taskId);
    useapi.switches.taskMs = 60_000;
    const running = await created();
    const ids = async (query: string) =>
      json(await runway(useapi.port, `tasks/?${query}`)).tasks.map(({ id }: { id: string }) => id);
    expect(await ids(PAGE)).toEqual([running.id, done.id]);
    expect(await ids('offset=1&limit=1')).toEqual([done.id]);
    expect(await ids(`${PAGE}&statuses=SUCCEEDED,FAILED`)).toEqual([done.id]);
    expect(await ids(`${PAGE}&statuses=PENDING,RUNNING,THROTTLED`)).toEqual([running.id]);
    expect(json(await runway(useapi.port, `tasks/?taskId=${done.taskId}`)).id).toBe(done.id);
  });

  it.each([
    ['limit=5', 'Required param offset is missing or empty'],
    ['offset=0', 'Required param limit is missing or empty'],
    ['offset=1001&limit=5', /offset \(1001\).*0…1000/],
    ['offset=0&limit=0', /limit \(0\).*1…1000/],
    ['offset=x&limit=5', /offset must be an integer/],
    [`${PAGE}&statuses=DONE`, /statuses value DONE/],
  ])('not with %s', async (query, error) => {
    const reply = await runway(useapi.port, `tasks/?${query}`);
    expect([reply.status, json(reply).error]).toEqual([400, expect.stringMatching(error)]);
  });
});

it('the scheduler lists what is waited for, and forgets without stopping it', async () => {
  useapi.switches.taskMs = 600;
  const { taskId } = await created({ replyUrl: 'https://example.com/hook', replyRef: 'mine' });
  const listed = async () => json(await runway(useapi.port, 'scheduler/'));
  expect(await listed()).toEqual([{ taskId, replyUrl: 'https://example.com/hook', replyRef: 'mine' }]);
  expect((await runway(useapi.port, `scheduler/${taskId}`, { method: 'DELETE' })).status).toBe(200);
  expect(await listed()).toEqual([]);
  expect((await runway(useapi.port, `scheduler/${taskId}`, { method: 'DELETE' })).status).toBe(404);
  expect((await finished(useapi.port, taskId)).status).toBe('SUCCEEDED');
  expect(useapi.ledger.count()).toBe(1);
});

describe('assets', () => {
  it('are uploaded as they are, read, listed and deleted', async () => {
    const asset = json(await upload(useapi.port, 'name=boat&width=10&height=10'));
    expect(asset).toMatchObject({ name: 'boat', type: { type: 'image' }, size: 5, isUserUpload: true });
    const file = await ask(useapi.port, { ...located(asset.url), token: null });
    expect([file.headers['content-type'], file.text]).toEqual(['image/png', 'bytes']);
    expect(json(await runway(useapi.port, `assets/${asset.assetId}`)).id).toBe(asset.id);

    await finished(useapi.port, (await created({}, 'videos/create')).taskId);
    const types = async (query: string) =>
      json(await runway(useapi.port, `assets/?${PAGE}${query}`)).assets.map(
        ({ type }: { type: { type: string } }) => type.type,
      );
    expect(await types('')).toEqual(['video', 'image']);
    expect(await types('&mediaType=image')).toEqual(['image']);
    expect((await runway(useapi.port, `assets/${asset.assetId}`, { method: 'DELETE' })).status).toBe(200);
    expect((await runway(useapi.port, `assets/${asset.assetId}`)).status).toBe(404);
    expect((await ask(useapi.port, { ...located(asset.url), token: null })).status).toBe(404);
  });

  it('of a task can be deleted while the task remains', async () => {
    const task = await finished(useapi.port, (await created({ num_images: 4 })).taskId);
    await runway(useapi.port, `assets/${task.artifacts[0].assetId}`, { method: 'DELETE' });
    expect(json(await runway(useapi.port, `tasks/${task.taskId}`)).artifacts).toHaveLength(3);
  });

  it.each([
    ['without a name', '', 'image/png', /name is missing/],
    ['as webp', 'name=x', 'image/webp', 'Content-Type image/webp is not supported'],
    ['as JSON', 'name=x', 'application/json', /Content-Type/],
    ['with half a pixel', 'name=x&width=0.5', 'image/png', /width/],
  ])('are not taken %s', async (_what, query, type, error) => {
    const reply = await upload(useapi.port, query, type);
    expect([reply.status, json(reply).error]).toEqual([400, expect.stringMatching(error)]);
  });

  it('have media types', async () => {
    expect((await runway(useapi.port, `assets/?${PAGE}&mediaType=text`)).status).toBe(400);
    expect(json(await upload(useapi.port, 'name=x&duration=3', 'audio/mpeg')).type.type).toBe('audio');
  });
});

it('features tell the credits, live', async () => {
  await created({ num_images: 4 });
  const { permitted, used, teams } = json(await runway(useapi.port, `features/?email=${demoEmail}`));
  expect([permitted.numPlanCredits, used.numPlanCredits]).toEqual([2250, 32]);
  expect(teams).toHaveLength(1);
});

it.each([`tasks/?${PAGE}`, `assets/?${PAGE}`, 'features/?'])(
  '%s needs an e-mail as soon as there are two accounts, and a good one',
  async place => {
    expect((await runway(useapi.port, place)).status).toBe(200);
    expect((await runway(useapi.port, `${place}&email=x@example.com`)).status).toBe(404);
    await configure(useapi.port, 'ada@example.com');
    const reply = await runway(useapi.port, place);
    expect([reply.status, json(reply).error]).toEqual([
      400,
      'Param email is required when multiple accounts are configured.',
    ]);
    expect((await runway(useapi.port, `${place}&email=${demoEmail}`)).status).toBe(200);
    useapi.breakAccount(demoToken, demoEmail);
    expect((await runway(useapi.port, `${place}&email=${demoEmail}`)).status).toBe(596);
    await runway(useapi.port, 'accounts/ada@example.com', { method: 'DELETE' });
    await runway(useapi.port, `accounts/${demoEmail}`, { method: 'DELETE' });
    expect((await runway(useapi.port, place)).status).toBe(400);
  },
);

describe('statistics', () => {
  const read = async (query: string) => ask(useapi.port, { path: `/v2/account/stats?${query}` });

  it('count jobs by account', async () => {
    useapi.switches.statsLagMs = 0;
    await created();
    const today = new Date().toISOString().slice(0, 10);
    expect(json(await read('bot=runwayml'))).toMatchObject({
      bot: 'runwayml',
      date: today,
      total: 1,
      summary: { by_config: { [demoEmail]: 1 } },
    });
    expect(json(await read('bot=runwayml&date=2020-01-01')).total).toBe(0);
    expect(json(await read('bot=runwayml&date=2020-01-01&limit=5')).total).toBe(1);
    expect(json(await read('bot=runwayml&config=x@example.com')).total).toBe(0);
    expect(json(await read('bot=kling')).total).toBe(0);
  });

  it.each(['', 'bot=runware', 'bot=runwayml&limit=50001'])('not with %j', async query => {
    expect((await read(query)).status).toBe(400);
  });
});
