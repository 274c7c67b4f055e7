import { type Outcome, type Row, timed } from '../comparison';
import { printTable } from '../figures';
import { withRelay } from '../relay';
import type { Ended } from '../runkey';
import { apiKeyOf, isAnswerTo, type Sides, type Wish, wish } from '../sides';

const CALLS = 100;
/** So many calls of each side in turn, as often, after once that warms all of them up. */
const ROUNDS = 9;

/** So many calls in one moment: until the last has its result, and whether each has its own. */
export async function parallel({ ours, theirs, hosts }: Sides): Promise<Row[]> {
  const rival = await theirs('parallel');
  // As many at once as a key may have.
  const key = await ours.addKey(apiKeyOf('ours', 'parallel'), { atOnce: '100' });
  const figures = { worker: [] as number[], page: [] as number[], sdk: [] as number[] };
  const bare = { worker: [] as number[], page: [] as number[] };
  const faults = { ours: 0, sdk: 0 };

  await withRelay(apiKeyOf('ours', 'relay'), hosts, async relay => {
    for (let round = -1; round < ROUNDS; round++) {
      const wishes = Array.from({ length: CALLS }, (_, at) =>
        wish({ about: `Lighthouse ${round}/${at}`, seed: 1 + at }),
      );
      const calls = await ours.images(
        key,
        wishes.map(({ values }) => values),
      );
      const pictures: (readonly Buffer[])[] = [];
      for (const call of calls) pictures.push(await ours.media(call));
      const got = await Promise.all(wishes.map(({ request }) => rival.image(request)));
      const passed = await relay(wishes.map(({ request }) => request));
      faults.ours += wrong(wishes, pictures);
      faults.sdk += wrong(
        wishes,
        got.map(one => one.pictures),
      );
      if (round < 0) continue;
      figures.worker.push(inWorker(calls));
      figures.page.push(Math.max(...calls.map(({ page }) => page)));
      figures.sdk.push(Math.max(...got.map(({ ms }) => ms)));
      bare.worker.push(passed.worker);
      bare.page.push(passed.page);
    }
  });
  await rival.close();

  printTable(`${CALLS} calls at once, until the last has its result, ms (${ROUNDS} rounds of each in turn)`, [
    ['Runkey, inside the worker', figures.worker],
    ['Runkey, from page to page', figures.page],
    ['a worker that only passes them on', bare.worker],
    ['the same, from page to page', bare.page],
    ['@runware/sdk-js, in Node', figures.sdk],
  ]);
  const theirsCame = outcome(figures.sdk, faults.sdk);
  return [
    {
      name: `${CALLS} calls at once, until the last`,
      unit: 'ms',
      ours: outcome(figures.worker, faults.ours),
      theirs: theirsCame,
    },
    {
      name: 'the same, seen by a page of ours',
      unit: 'ms',
      ours: outcome(figures.page, faults.ours),
      theirs: theirsCame,
    },
  ];
}

/** From the first that the worker was asked for to the last that it had read, ms. */
const inWorker = (calls: readonly Ended[]): number =>
  Math.max(...calls.map(({ asked, worker = Number.NaN }) => asked + worker)) -
  Math.min(...calls.map(({ asked }) => asked));

const wrong = (wishes: readonly Wish[], pictures: readonly (readonly Buffer[])[]): number =>
  wishes.filter((one, at) => !isAnswerTo(one, pictures[at] ?? [])).length;

function outcome(times: readonly number[], faults: number): Outcome {
  const { shown, ...rest } = timed(times);
  return { ...rest, faults, shown: `${shown}, ${faults} wrong` };
}
