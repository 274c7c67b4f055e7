import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome, Row } from '../comparison';
import { done } from '../runkey';
import { apiKeyOf, type Sides, wish } from '../sides';
import { wakeUpsOf } from '../wake-ups';

/** For how long they are counted, ms: the SDK waits no longer than 60 s for a task. */
const WINDOW = 55_000;
/** The last result's own aftermath is over by then, ms: ours lets go of a link that has had no work for 20 s. */
const AFTERMATH = 25_000;

/** How often each wakes up while it waits for one slow task, and with nothing to do. */
export async function waking(sides: Sides): Promise<Row[]> {
  const [ourWaiting, theirWaiting, ourIdle, theirIdle] = await Promise.all([
    whileOursWaits(sides),
    whileTheirsWaits(sides),
    whileOursIsIdle(sides),
    whileTheirsIsIdle(sides),
  ]);
  return [
    { name: 'wake-ups a minute, one call waiting', unit: 'times', ours: ourWaiting, theirs: theirWaiting },
    { name: 'wake-ups a minute, nothing to do', unit: 'times', ours: ourIdle, theirs: theirIdle },
  ];
}

const slow = () => wish({ about: 'A slow lighthouse', takes: WINDOW + 3_000 });

// Browsers of their own: nothing else is counted.
async function whileOursWaits({ anotherOfOurs }: Sides): Promise<Outcome> {
  const runkey = await anotherOfOurs();
  const key = await runkey.addKey(apiKeyOf('ours', 'waiting'));
  done((await runkey.images(key, [wish().values]))[0]);
  const call = runkey.images(key, [slow().values]);
  await sleep(1_000);
  const times = await wakeUpsOf(runkey.browser, WINDOW);
  done((await call)[0]);
  return perMinute(times);
}

async function whileTheirsWaits({ theirs }: Sides): Promise<Outcome> {
  const rival = await theirs('waiting', { countWakeUps: true });
  await rival.image(wish().request);
  const call = rival.image(slow().request);
  await sleep(1_000);
  const before = await rival.wakeUps();
  await sleep(WINDOW);
  const times = (await rival.wakeUps()) - before;
  const { error } = await call;
  if (error !== undefined) throw new Error(`The SDK’s slow call failed: ${error}`);
  return perMinute(times);
}

async function whileOursIsIdle({ anotherOfOurs }: Sides): Promise<Outcome> {
  const runkey = await anotherOfOurs();
  const key = await runkey.addKey(apiKeyOf('ours', 'idle'));
  done((await runkey.images(key, [wish().values]))[0]);
  await sleep(AFTERMATH);
  return perMinute(await wakeUpsOf(runkey.browser, WINDOW));
}

async function whileTheirsIsIdle({ theirs }: Sides): Promise<Outcome> {
  const rival = await theirs('idle', { countWakeUps: true });
  await rival.image(wish().request);
  await sleep(AFTERMATH);
  const before = await rival.wakeUps();
  await sleep(WINDOW);
  return perMinute((await rival.wakeUps()) - before);
}

function perMinute(times: number): Outcome {
  const amount = (times * 60_000) / WINDOW;
  return { faults: 0, amount, shown: amount.toFixed(amount > 0 && amount < 10 ? 1 : 0) };
}
