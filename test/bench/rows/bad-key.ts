import { type Row, timed } from '../comparison';
import { type Sides, wish } from '../sides';

const ROUNDS = 5;
const WRONG = 'wrong-runware-key-0123456789abcdef';

/** From asking with a key that the service refuses until the caller knows. */
export async function badKey({ ours, theirs }: Sides): Promise<Row[]> {
  const rival = await theirs('first');
  const { values, request } = wish();
  const figures = { ours: [] as number[], theirs: [] as number[] };
  const faults = { ours: 0, theirs: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const key = await ours.addKey(WRONG);
    const [call] = await ours.images(key, [values]);
    figures.ours.push(call?.page ?? Number.NaN);
    if (call?.failure?.code !== 'rejected-key') faults.ours++;
    const { ms, error = '' } = await rival.first(request, WRONG);
    figures.theirs.push(ms);
    if (!/api key/i.test(error)) faults.theirs++;
  }
  await rival.close();
  return [
    {
      name: 'bad key: until the error',
      unit: 'ms',
      ours: { ...timed(figures.ours), faults: faults.ours },
      theirs: { ...timed(figures.theirs), faults: faults.theirs },
    },
  ];
}
