import { expect, test } from 'vitest';
import { findings, summary, unleash } from '../chaos/chaos';
import { planOf } from '../chaos/plan';

/** A short run of `npm run chaos`. The seed decides what goes wrong (`CHAOS=…` takes another), not what real time makes of it. */
const SEED = Number(process.env.CHAOS ?? 12);
const CALLS = 60;

test(`chaos, seed ${SEED}: nothing lost, nothing billed twice, nothing mixed up`, {
  timeout: 300_000,
}, async () => {
  const report = await unleash(planOf(SEED, CALLS));
  expect(findings(report), summary(report)).toEqual([]);
  // What never began cannot get lost.
  expect(report.done, summary(report)).toBeGreaterThan(CALLS * 0.6);
});
