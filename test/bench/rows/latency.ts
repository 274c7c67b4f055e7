import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Unattached } from '../../browser/drive/chromium-unattached';
import { type Row, timed } from '../comparison';
import { printTable } from '../figures';
import { inPage } from '../in-page';
import { done } from '../runkey';
import { apiKeyOf, type Sides, serverTime, wish } from '../sides';

/** Pairs of calls, ours and theirs in turn, after as many that warm both up. */
const ROUNDS = 60;
const WARM_UP = 10;

/** The same task over a bare WebSocket of the same browser: what the way there and back takes at the least. */
async function prepareBare(browser: Unattached, request: object): Promise<() => Promise<number>> {
  const tab = await browser.openTab('about:blank');
  const apiKey = apiKeyOf('ours', 'warm');
  await browser.evaluate(
    tab,
    `${await inPage('bare-socket.js')}(${JSON.stringify(apiKey)}, ${JSON.stringify(request)})`,
  );
  return async () => v.parse(v.number(), await browser.evaluate(tab, `bareCall('${randomUUID()}')`));
}

/** What a call takes beyond the emulator's own time, on a connection that stands. */
export async function latency({ runware, ours, theirs }: Sides): Promise<Row[]> {
  const key = await ours.addKey(apiKeyOf('ours', 'warm'));
  const rival = await theirs('warm');
  const { values, request } = wish();
  const bareCall = await prepareBare(ours.browser, request);
  const figures = { worker: [] as number[], page: [] as number[], bare: [] as number[], sdk: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const { worker = Number.NaN, page } = done((await ours.images(key, [values]))[0]);
    const server = serverTime(runware);
    const bare = (await bareCall()) - serverTime(runware);
    const sdk = (await rival.image(request)).ms - serverTime(runware);
    if (round < 0) continue;
    figures.worker.push(worker - server);
    figures.page.push(page - server);
    figures.bare.push(bare);
    figures.sdk.push(sdk);
  }
  await rival.close();
  printTable(
    `Latency of a warm call beyond the emulator's own answer time, ms (${ROUNDS} pairs in one run)`,
    [
      ['Runkey, inside the worker', figures.worker],
      ['Runkey, from page to page', figures.page],
      ['a bare WebSocket, same browser', figures.bare],
      [
        'Runkey’s worker over the bare one',
        figures.worker.map((ms, at) => ms - (figures.bare[at] ?? Number.NaN)),
      ],
      ['@runware/sdk-js, in Node', figures.sdk],
    ],
  );
  console.log(
    `\nRunkey's figures include sealing the call and journaling it before it leaves, which the SDK does not do.`,
  );
  const sdk = timed(figures.sdk);
  return [
    { name: 'added to a warm task', unit: 'ms', ours: timed(figures.worker), theirs: sdk },
    {
      name: 'the same, seen by a page of ours',
      unit: 'ms',
      ours: timed(figures.page),
      theirs: sdk,
    },
  ];
}
