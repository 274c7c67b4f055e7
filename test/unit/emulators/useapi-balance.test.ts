import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UseapiEmulator } from '../../emulators/useapi';
import { create, demoToken, finished, json, runway, start, upload } from '../../emulators/useapi/line';

let useapi: UseapiEmulator;
const [ada, bob] = ['ada@example.com', 'bob@example.com'];

beforeEach(async () => {
  useapi = await start({
    taskMs: 60_000,
    jobsAtOnce: 9,
    tokens: { [demoToken]: { accounts: { [ada]: { maxJobs: 1 }, [bob]: { maxJobs: 2 } } } },
  });
});
afterEach(() => useapi.close());

const chosen = () => useapi.tasks.map(({ email }) => email);

describe('a task without an e-mail goes to', () => {
  it('an account with free capacity, by chance', async () => {
    const counts: number[] = [];
    useapi.switches.pick = count => {
      counts.push(count);
      return count - 1;
    };
    for (let task = 0; task < 3; task += 1) expect((await create(useapi.port)).status).toBe(200);
    expect(chosen()).toEqual([bob, bob, ada]);
    expect(counts).toEqual([2, 2, 1]);
  });

  it('none when all are busy: 429, with when to come back', async () => {
    for (let task = 0; task < 3; task += 1) await create(useapi.port);
    const before = Date.now();
    const reply = await create(useapi.port);
    expect([reply.status, json(reply).code, reply.headers['retry-after']]).toEqual([429, 429, '1']);
    expect(Date.parse(json(reply).retryAfter) - before).toBeGreaterThanOrEqual(1000);
    expect(useapi.ledger.count()).toBe(3);
  });

  it('the owner of its asset, whatever e-mail is given', async () => {
    const { assetId } = json(await upload(useapi.port, `name=x&email=${bob}`));
    for (const email of [undefined, ada]) {
      await create(useapi.port, { email, imageAssetId1: assetId });
    }
    expect(chosen()).toEqual([bob, bob]);
    expect((await create(useapi.port, { imageAssetId1: assetId })).status).toBe(429);
  });

  it('no account when its assets have several owners, or none', async () => {
    const [one, other] = [
      json(await upload(useapi.port, `name=x&email=${ada}`)),
      json(await upload(useapi.port, `name=x&email=${bob}`)),
    ];
    const both = { imageAssetId1: one.assetId, imageAssetId2: other.assetId };
    expect((await create(useapi.port, both)).status).toBe(400);
    await runway(useapi.port, `assets/${one.assetId}`, { method: 'DELETE' });
    expect((await create(useapi.port, both)).status).toBe(404);
    const foreign = one.assetId.replace('1234', '99');
    expect((await create(useapi.port, { imageAssetId1: foreign })).status).toBe(403);
  });

  it('an account that is sound', async () => {
    useapi.breakAccount(demoToken, bob, 'Pending moderation message.');
    await create(useapi.port);
    expect(chosen()).toEqual([ada]);
    expect((await create(useapi.port)).status).toBe(429);
    useapi.breakAccount(demoToken, ada, 'Session refresh failed.');
    const reply = await create(useapi.port);
    expect([reply.status, json(reply)]).toEqual([596, { error: 'Session refresh failed.', code: 596 }]);
  });
});

describe('a task with an e-mail', () => {
  it('goes to that account or to none', async () => {
    await create(useapi.port, { email: ada });
    expect((await create(useapi.port, { email: ada })).status).toBe(429);
    expect((await create(useapi.port, { email: 'eve@example.com' })).status).toBe(404);
    expect(chosen()).toEqual([ada]);
  });

  it('is not run by a broken one until it is configured anew', async () => {
    useapi.breakAccount(demoToken, ada);
    expect((await create(useapi.port, { email: ada })).status).toBe(596);
    await runway(useapi.port, `accounts/${ada}`, { body: { email: ada, password: 'a new one', maxJobs: 1 } });
    expect((await create(useapi.port, { email: ada })).status).toBe(200);
  });

  it('may bring its own maxJobs', async () => {
    for (let job = 0; job < 3; job += 1) {
      expect((await create(useapi.port, { email: ada, maxJobs: 3 })).status).toBe(200);
    }
    expect((await create(useapi.port, { email: ada, maxJobs: 3 })).status).toBe(429);
  });

  it('needs credits, which come back when it fails', async () => {
    useapi.setCredits(demoToken, ada, 10);
    Object.assign(useapi.switches, { taskMs: 50 });
    useapi.faults.add({ kind: 'fail' });
    const { taskId } = json(await create(useapi.port, { email: ada }));
    expect(useapi.creditsOf(demoToken, ada)).toBe(2);
    await finished(useapi.port, taskId);
    expect(useapi.creditsOf(demoToken, ada)).toBe(10);
    await create(useapi.port, { email: ada });
    await expect.poll(() => useapi.tasks.at(-1)?.status).toBe('SUCCEEDED');
    const reply = await create(useapi.port, { email: ada });
    expect([reply.status, json(reply).code]).toEqual([412, 412]);
  });
});

it('a job is free again when its task is over, or no longer waited for', async () => {
  const { taskId } = json(await create(useapi.port, { email: ada }));
  await runway(useapi.port, `scheduler/${taskId}`, { method: 'DELETE' });
  useapi.switches.taskMs = 30;
  const next = json(await create(useapi.port, { email: ada }));
  await finished(useapi.port, next.taskId);
  expect((await create(useapi.port, { email: ada })).status).toBe(200);
  expect(useapi.ledger.count(ada)).toBe(3);
});
