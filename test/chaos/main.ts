import { parseArgs } from 'node:util';
import { endings, findings, summary, unleash } from './chaos';
import { planOf } from './plan';

/** `npm run chaos`: many calls while everything goes wrong. Ends with 1 when a call was lost, billed twice, or mixed up. */

const say = (line: string) => process.stdout.write(`${line}\n`);

const { seed, calls } = wished();

// Leaving in order takes the browser along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const plan = planOf(seed, calls);
say(`chaos: ${calls} calls, at least ${Math.round(plan.lasts / 1000)} s, seed ${seed}`);
try {
  const report = await unleash(plan);
  for (const line of [...endings(report), ...findings(report)]) say(line);
  say(summary(report));
  process.exitCode = report.lost.length + report.twice.length + report.wrong.length > 0 ? 1 : 0;
} catch (thrown) {
  say(`chaos, seed ${seed}: ${thrown instanceof Error ? thrown.stack : thrown}`);
  process.exitCode = 1;
}

/** What the command line asks for; ends here where that is not understood. */
function wished(): { seed: number; calls: number } {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: process.env.CHAOS ?? String(Date.now() % 1_000_000_000) },
        calls: { type: 'string', default: process.env.CHAOS_CALLS ?? '500' },
      },
    });
    const [seed, calls] = [Number(values.seed), Number(values.calls)];
    if (Number.isSafeInteger(seed) && Number.isSafeInteger(calls) && calls > 0) return { seed, calls };
  } catch {} // An option that there is none of.
  say('Chaos takes --seed N and --calls N, both whole numbers.');
  process.exit(2);
}
