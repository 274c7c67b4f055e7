import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { launchUnattached, type Unattached } from '../browser/drive/chromium-unattached';
import { distOf, emulate, OPTIONS } from '../browser/stage';
import { demoKey, type RunwareEmulator, runwareHosts } from '../emulators/runware/index';
import { certificateFor } from '../emulators/tls';
import { printTable } from './figures';
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

/** A script for a page, as an expression that can be called. */
async function inPage(file: string): Promise<string> {
  const source = await readFile(new URL(`./${file}`, import.meta.url), 'utf8');
  return `(${source
    .replace(/^\/\/.*$/gm, '')
    .trim()
    .replace(/;$/, '')})`;
}

/** The same task over a bare WebSocket of the same browser: what the way there and back takes at the least. */
async function prepareBare(browser: Unattached, task: object): Promise<() => Promise<number>> {
  const tab = await browser.openTab('about:blank');
  await browser.evaluate(
    tab,
    `${await inPage('bare-socket.js')}(${JSON.stringify(demoKey)}, ${JSON.stringify(task)})`,
  );
  return async () => v.parse(v.number(), await browser.evaluate(tab, `bareCall('${randomUUID()}')`));
}

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
  await ask('keys.add', {
    service: 'runware',
    notes: { label: 'Bench' },
    values: { apiKey: demoKey },
  });
  const source = await inPage('timed-call.js');
  const values = {
    prompt: PROMPT,
    model: MODEL,
    width: '128',
    height: '128',
    count: '1',
    format: 'PNG',
    seed: '1',
  };
  await browser.evaluate(page, `${source}(${JSON.stringify(values)})`);
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

// No debugger on the worker: one would take its share of every message.
const { runware, hosts } = await emulate({ taskMs: TASK });
const browser = await launchUnattached({ extensionDir: distOf('chromium'), hosts });
const { cert } = await certificateFor([...runwareHosts]);
const rival = await startRival(runware.port, demoKey, cert);
const figures = { worker: [] as number[], page: [] as number[], bare: [] as number[], sdk: [] as number[] };
try {
  const ours = await prepare(browser);
  const request = {
    positivePrompt: PROMPT,
    model: MODEL,
    width: 128,
    height: 128,
    numberResults: 1,
    seed: 1,
    outputType: 'base64Data',
    outputFormat: 'PNG',
    includeCost: true,
  };
  const bareCall = await prepareBare(browser, request);

  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const { worker, page } = await ours();
    const server = serverTime(runware);
    const bare = (await bareCall()) - serverTime(runware);
    const sdk = (await rival.image(request)) - serverTime(runware);
    if (round < 0) continue;
    figures.worker.push(worker - server);
    figures.page.push(page - server);
    figures.bare.push(bare);
    figures.sdk.push(sdk);
  }
} finally {
  await rival.close();
  await browser.close();
  await runware.close();
}

printTable(`Latency of a warm call beyond the emulator's own answer time, ms (${ROUNDS} pairs in one run)`, [
  ['Runkey, inside the worker', figures.worker],
  ['Runkey, from page to page', figures.page],
  ['a bare WebSocket, same browser', figures.bare],
  [
    'Runkey’s worker over the bare one',
    figures.worker.map((ms, at) => ms - (figures.bare[at] ?? Number.NaN)),
  ],
  ['@runware/sdk-js, in Node', figures.sdk],
]);
console.log(
  `\nRunkey's figures include sealing the call and journaling it before it leaves, which the SDK does not do.`,
);
