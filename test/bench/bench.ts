import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { launchUnattached, type Unattached } from '../browser/drive/chromium-unattached';
import { distOf, emulate, OPTIONS } from '../browser/stage';
import { demoKey, type RunwareEmulator, runwareHosts } from '../emulators/runware/index';
import { certificateFor } from '../emulators/tls';
import { startRival } from './rival';

/** Pairs of calls, ours and theirs in turn, after as many that warm both up. */
const ROUNDS = 60;
const WARM_UP = 10;
/** How long the emulator takes for a task, ms. */
const TASK = 20;

const PROMPT = 'A lighthouse at dusk';
const MODEL = 'runware:400@2';

const Timed = v.object({
  /** By the background's own account: from being asked until it has read the answer, ms. */
  worker: v.number(),
  /** From a page's question until the page has the answer, ms. */
  page: v.number(),
});
type Timed = v.InferOutput<typeof Timed>;

/** Sets Runkey up in an open options page, and lets that run one call and time it. */
async function prepare(browser: Unattached): Promise<() => Promise<Timed>> {
  const page = await browser.openTab(OPTIONS);
  const ask = async (name: string, body: object) => {
    const reply = await browser.evaluate(
      page,
      `chrome.runtime.sendMessage(${JSON.stringify({ ask: name, body })})`,
    );
    if (!v.is(v.object({ ok: v.literal(true) }), reply)) throw new Error(`${name} was not done.`);
  };
  await ask('vault.create', { passphrase: 'plum anchor violin north' });
  await ask('keys.add', { service: 'runware', label: 'Bench', values: { apiKey: demoKey } });
  const source = await readFile(new URL('./timed-call.js', import.meta.url), 'utf8');
  const values = {
    prompt: PROMPT,
    model: MODEL,
    width: '128',
    height: '128',
    count: '1',
    format: 'PNG',
    seed: '1',
  };
  const body = source.slice(source.indexOf('values =>')).trim().replace(/;$/, '');
  await browser.evaluate(page, `(${body})(${JSON.stringify(values)})`);
  return async () => v.parse(Timed, await browser.evaluate(page, 'timedCall()'));
}

/** How long the emulator itself took for its last task, ms: from the task's frame to its answer's. */
function serverTime({ traffic }: RunwareEmulator): number {
  const from = traffic.findLastIndex(
    ({ direction, text }) => direction === 'in' && text.includes('imageInference'),
  );
  const asked = traffic[from];
  const answered = traffic
    .slice(from)
    .find(({ direction, text }) => direction === 'out' && text.includes('imageInference'));
  if (!asked || !answered) throw new Error('The emulator saw no task.');
  return answered.at - asked.at;
}

const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
const quantile = (values: number[], part: number): number =>
  sorted(values)[Math.floor((values.length - 1) * part)] ?? Number.NaN;

// No debugger on the worker: one would take its share of every message.
const { runware, hosts } = await emulate({ taskMs: TASK });
const browser = await launchUnattached({ extensionDir: distOf('chromium'), hosts });
const { cert } = await certificateFor([...runwareHosts]);
const rival = await startRival(runware.port, demoKey, cert);
const figures = { worker: [] as number[], page: [] as number[], sdk: [] as number[] };
try {
  const ours = await prepare(browser);
  const request = {
    positivePrompt: PROMPT,
    model: MODEL,
    width: 128,
    height: 128,
    numberResults: 1,
    seed: 1,
  };
  const theirs = () =>
    rival.image({ ...request, outputType: 'base64Data', outputFormat: 'PNG', includeCost: true });

  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const { worker, page } = await ours();
    const server = serverTime(runware);
    const sdk = (await theirs()) - serverTime(runware);
    if (round < 0) continue;
    figures.worker.push(worker - server);
    figures.page.push(page - server);
    figures.sdk.push(sdk);
  }
} finally {
  await rival.close();
  await browser.close();
  await runware.close();
}

console.log(
  `\nLatency of a warm call beyond the emulator's own answer time, ms (${ROUNDS} pairs in one run)\n`,
);
console.log('                                    median     p10     p90');
for (const [name, values] of [
  ['Runkey, inside the worker', figures.worker],
  ['Runkey, from page to page', figures.page],
  ['@runware/sdk-js, in Node', figures.sdk],
] as const) {
  const row = [0.5, 0.1, 0.9].map(part => quantile(values, part).toFixed(1).padStart(8)).join('');
  console.log(`${name.padEnd(34)}${row}`);
}
console.log(
  `\nRunkey's figures include sealing the call and writing it to the disk before it leaves, which the SDK does not do.`,
);
