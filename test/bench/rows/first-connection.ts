import { type Row, timed } from '../comparison';
import { done } from '../runkey';
import { apiKeyOf, type Sides, serverTime, wish } from '../sides';

const ROUNDS = 8;

/** From asking to the result, less the emulator's own time, where there is no connection yet. */
export async function firstConnection({ runware, ours, theirs }: Sides): Promise<Row[]> {
  const rival = await theirs('first');
  const { values, request } = wish();
  const figures = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    // Each key has a connection of its own, so one that was never used has none.
    const key = await ours.addKey(apiKeyOf('ours', 'first'));
    const { page } = done((await ours.images(key, [values]))[0]);
    figures.ours.push(page - serverTime(runware));
    figures.theirs.push((await rival.first(request)).ms - serverTime(runware));
  }
  await rival.close();
  const name = 'first connection, task included';
  return [{ name, unit: 'ms', ours: timed(figures.ours), theirs: timed(figures.theirs) }];
}
