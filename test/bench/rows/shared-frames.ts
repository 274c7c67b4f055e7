import type { RunwareEmulator } from '../../emulators/runware/index';
import { type Outcome, type Row, right } from '../comparison';
import type { Ended } from '../runkey';
import { apiKeyOf, isAnswerTo, isTaskOf, type Sides, type Wish, wish } from '../sides';

/** How often it is tried to have the results of two tasks in one frame: both must be ready in the same moment. */
const ATTEMPTS = 10;

/** Two tasks of two images each, the results of both in one frame: does each caller get its own? */
export async function sharedResults({ runware, ours, theirs }: Sides): Promise<Row[]> {
  const rival = await theirs('frames');
  const key = await ours.addKey(apiKeyOf('ours', 'frames'));
  const pair = [101, 201].map(seed => wish({ about: `Twins ${seed}`, takes: 100, seed, count: 2 }));
  runware.switches.batching = 'mixed';
  try {
    const mine = await untilShared(runware, async () => {
      const calls = await ours.images(
        key,
        pair.map(({ values }) => values),
      );
      return async () => {
        const pictures: (readonly Buffer[])[] = [];
        for (const call of calls) pictures.push(await ours.media(call));
        return pictures;
      };
    });
    const yours = await untilShared(runware, async () => {
      const got = await Promise.all(pair.map(({ request }) => rival.image(request)));
      return async () => got.map(({ pictures }) => pictures);
    });
    const allRight = (pictures: readonly (readonly Buffer[])[]) =>
      right(pair.every((one, at) => isAnswerTo(one, pictures[at] ?? [])));
    return [
      {
        name: 'results of two tasks in one frame: both right?',
        unit: 'times',
        ours: allRight(mine),
        theirs: allRight(yours),
      },
    ];
  } finally {
    runware.switches.batching = 'split';
    await rival.close();
  }
}

/** Runs a pair of calls until their results came in one frame, and gives what reads these results. */
async function untilShared<T>(
  { traffic }: RunwareEmulator,
  run: () => Promise<() => Promise<T>>,
): Promise<T> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const from = traffic.length;
    const read = await run();
    const frames = traffic.slice(from).filter(({ text }) => text.includes('imageBase64Data'));
    if (frames.length === 1) return read();
  }
  throw new Error(`In ${ATTEMPTS} attempts no two tasks shared a frame.`);
}

/** The words of the service's refusal of a wish. */
const refusalOf = ({ prompt }: Wish) => `Refused: ${prompt}.`;

/** Two tasks refused in one frame, each for a reason of its own: does each caller hear its own? */
export async function sharedErrors({ runware, ours, theirs }: Sides): Promise<Row[]> {
  const rival = await theirs('frames');
  const key = await ours.addKey(apiKeyOf('ours', 'frames'));
  const pairOf = (whose: string) => ['one', 'two'].map(which => wish({ about: `${whose} ${which}` }));
  const refuse = (pair: readonly Wish[]) =>
    runware.faults.add(
      ...pair.map(one => ({
        kind: 'error' as const,
        shape: 'paired' as const,
        failure: { code: 'invalidPositivePrompt', message: refusalOf(one) },
        when: isTaskOf(one),
      })),
    );
  const [mine, yours] = [pairOf('Ours'), pairOf('Theirs')];
  refuse(mine);
  const calls = await ours.images(
    key,
    mine.map(({ values }) => values),
  );
  refuse(yours);
  const got = await Promise.all(yours.map(({ request }) => rival.image(request)));
  await rival.close();
  return [
    {
      name: 'errors of two tasks in one frame: each its own?',
      unit: 'times',
      ours: heardOwn(mine, calls.map(refused)),
      theirs: heardOwn(
        yours,
        got.map(({ ms, error }) => ({ ms, text: error ?? 'a picture' })),
      ),
    },
  ];
}

const refused = ({ page, failure }: Ended) => ({
  ms: page,
  text: failure?.service?.text ?? failure?.message ?? 'a picture',
});

function heardOwn(pair: readonly Wish[], heard: readonly { ms: number; text: string }[]): Outcome {
  const wrong = heard.filter(({ text }, at) => {
    const wished = pair[at];
    return !wished || !text.includes(refusalOf(wished));
  });
  const [first] = wrong;
  if (!first) return right(true);
  const what = `no: ${wrong.length} got “${first.text.slice(0, 40)}” after ${(first.ms / 1000).toFixed(0)} s`;
  return { faults: wrong.length, shown: what };
}
