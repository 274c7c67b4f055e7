import { setTimeout as sleep } from 'node:timers/promises';
import { printComparison, type Row } from './comparison';
import { warnOfLoad } from './figures';
import { badKey } from './rows/bad-key';
import { bytes } from './rows/bytes';
import { firstConnection } from './rows/first-connection';
import { latency } from './rows/latency';
import { lostLinks } from './rows/lost-links';
import { outage } from './rows/outage';
import { parallel } from './rows/parallel';
import { sharedErrors, sharedResults } from './rows/shared-frames';
import { waking } from './rows/waking';
import { inWorker } from './rows/worker';
import { setSides } from './sides';

/** Starting browsers keep a small computer busy: what is measured beside them waits until they stand, ms. */
const STARTING = 12_000;

warnOfLoad();
// Every browser and every process of the SDK is ended with this one, should it end before its time.
process.setMaxListeners(30);
const sides = await setSides();
const rows: Row[] = [];
try {
  // One after the other where milliseconds count or all connections are struck.
  const warm = await latency(sides);
  const first = await firstConnection(sides);
  const rejected = await badKey(sides);
  const without = await outage(sides);
  const results = await sharedResults(sides);
  const hundred = await parallel(sides);
  // What takes a minute and more waits at the same time.
  const long = [inWorker(sides), waking(sides)];
  await sleep(STARTING);
  long.push(lostLinks(sides), sharedErrors(sides));
  const [worker = [], wakeUps = [], links = [], errors = []] = await Promise.all(long);
  const inOrder = [
    worker,
    warm,
    first,
    rejected,
    without,
    links,
    results,
    errors,
    hundred,
    await bytes(),
    wakeUps,
  ];
  rows.push(...inOrder.flat());
} finally {
  await sides.close();
}

printComparison(
  'Calls: Runkey in its worker, the built extension in Chromium; @runware/sdk-js 1.3.2 in Node. One emulator, one run, medians.',
  rows,
);
