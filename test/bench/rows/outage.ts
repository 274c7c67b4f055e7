import { setTimeout as sleep } from 'node:timers/promises';
import { type Row, type Tried, tries } from '../comparison';
import { done, triedBy } from '../runkey';
import { apiKeyOf, type Sides, wish } from '../sides';

const ROUNDS = 5;
const OUTAGE = 1_500;
/** How long into the outage the call is made, ms. */
const INTO = 100;

/** A connection that stood is lost, and no other is to be had for a while: a call made meanwhile. */
export async function outage({ runware, ours, theirs }: Sides): Promise<Row[]> {
  const rival = await theirs('outage');
  const key = await ours.addKey(apiKeyOf('ours', 'outage'));
  const { values, request } = wish();
  const tried = { ours: [] as Tried[], theirs: [] as Tried[] };
  const begin = async () => {
    runware.drop();
    runware.refuse(OUTAGE);
    await sleep(INTO);
  };
  for (let round = 0; round < ROUNDS; round++) {
    done((await ours.images(key, [values]))[0]);
    await begin();
    tried.ours.push(triedBy((await ours.images(key, [values]))[0]));
    await rival.image(request);
    await begin();
    tried.theirs.push(await rival.image(request));
  }
  await rival.close();
  const name = `call ${INTO} ms into an outage of ${OUTAGE / 1000} s`;
  return [{ name, unit: 'ms', ours: tries(tried.ours), theirs: tries(tried.theirs) }];
}
