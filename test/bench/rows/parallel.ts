import { duration, type Outcome, type Row } from '../comparison';
import { apiKeyOf, isAnswerTo, type Sides, type Wish, wish } from '../sides';

const CALLS = 100;

/** So many calls in one moment: until the last has its result, and whether each has its own. */
export async function parallel({ ours, theirs }: Sides): Promise<Row[]> {
  const rival = await theirs('parallel');
  // As many at once as a key may have.
  const key = await ours.addKey(apiKeyOf('ours', 'parallel'), { atOnce: '100' });
  const wishes = (whose: string) =>
    Array.from({ length: CALLS }, (_, at) => wish({ about: `${whose} lighthouse ${at}`, seed: 1 + at }));
  const [mine, yours] = [wishes('Our'), wishes('Their')];
  // The connection stands already on both sides.
  await ours.images(key, [wish().values]);
  await rival.image(wish().request);

  const calls = await ours.images(
    key,
    mine.map(({ values }) => values),
  );
  const pictures: (readonly Buffer[])[] = [];
  for (const call of calls) pictures.push(await ours.media(call));
  const got = await Promise.all(yours.map(({ request }) => rival.image(request)));
  await rival.close();
  return [
    {
      name: `${CALLS} calls at once: the last, how many right`,
      unit: 'ms',
      ours: outcome(
        mine,
        pictures,
        calls.map(({ page }) => page),
      ),
      theirs: outcome(
        yours,
        got.map(one => one.pictures),
        got.map(({ ms }) => ms),
      ),
    },
  ];
}

function outcome(
  wishes: readonly Wish[],
  pictures: readonly (readonly Buffer[])[],
  times: readonly number[],
): Outcome {
  const good = wishes.filter((one, at) => isAnswerTo(one, pictures[at] ?? [])).length;
  const last = Math.max(...times);
  return { faults: wishes.length - good, amount: last, shown: `${duration(last)}, ${good}` };
}
