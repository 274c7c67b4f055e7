import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import * as v from 'valibot';
import { chromiumFlags } from '../browser/drive/chromium-flags';
import { askFrom, createVault, OPTIONS, permitting } from '../browser/stage';
import { ensureChromium } from '../machine.mjs';
import { median, printLimit, printTable, warnOfLoad } from './figures';

// What a page costs with Runkey's bubble on every site, beside a browser without any extension.

/**
 * Loads of one browser in a row, of which the first warm up and do not count: loads that alternate between two
 * browsers scatter four times as much. A block stands for its median, and is paired with the other browser's
 * next to it; which of the two goes first changes.
 */
const BLOCK = 12;
const WARM_UP = 2;
const PAIRS = 40;
/** What Runkey may cost, ms: the limit for the upper end of the interval. */
const MOST = 5;

const paragraphs = Array.from({ length: 1_000 }, (_, at) => `<p>Paragraph ${at} of a long page.</p>`);
const nodes = Array.from({ length: 25_000 }, (_, at) => `<b>${at}</b>`);
const html: Record<string, string> = {
  '/paragraphs': `<!doctype html><title>Long</title>${paragraphs.join('')}`,
  '/nodes': `<!doctype html><title>Many</title>${nodes.join('')}`,
};
const server = createServer((request, response) => {
  const body = html[request.url ?? ''];
  response.writeHead(body ? 200 : 404, { 'content-type': 'text/html' }).end(body);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

interface Tab {
  readonly page: Page;
  readonly session: CDPSession;
}

/** From the beginning of the navigation to the end of the page's load event, ms. */
async function load({ page, session }: Tab, path: string): Promise<number> {
  await page.goto(`http://127.0.0.1:${port}${path}`);
  // What comes after it is waited for and cleared away, so that it is in no other page's time.
  const took = await page.evaluate(`new Promise(done => requestIdleCallback(
    () => done(performance.getEntriesByType('navigation')[0].loadEventEnd), { timeout: 5000 }))`);
  await page.goto('about:blank');
  await session.send('HeapProfiler.collectGarbage');
  return v.parse(v.pipe(v.number(), v.minValue(1)), took);
}

async function block(tab: Tab, path: string): Promise<number> {
  const took: number[] = [];
  for (let at = -WARM_UP; at < BLOCK; at++) {
    const ms = await load(tab, path);
    if (at >= 0) took.push(ms);
  }
  return median(took);
}

/** The median of the differences, and its 95 % interval by the ranks of a sign test: one slow block moves neither. */
function intervalOf(differences: readonly number[]): { middle: number; from: number; to: number } {
  const sorted = [...differences].sort((one, other) => one - other);
  const { length } = sorted;
  const rank = Math.floor(length / 2 - 0.98 * Math.sqrt(length));
  const at = (place: number): number => sorted[place] ?? Number.NaN;
  return { middle: median(sorted), from: at(rank), to: at(length - 1 - rank) };
}

warnOfLoad();
const { dir, forget } = await permitting(['http://*/*', 'https://*/*']);
const profiles = await Promise.all(
  ['with', 'without'].map(name => mkdtemp(join(tmpdir(), `runkey-${name}-`))),
);
/** The same browser in both cases, with as little around it as can be. */
const launch = (profile = '', extensionDir?: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    executablePath: ensureChromium(),
    viewport: null,
    ignoreDefaultArgs: ['--disable-extensions'],
    args: chromiumFlags({ ...(extensionDir && { extensionDir }) }),
  });
const runkey = await launch(profiles[0], dir);
const bare = await launch(profiles[1]);
const worker = runkey.serviceWorkers()[0] ?? (await runkey.waitForEvent('serviceworker'));
const options = await runkey.newPage();
await options.goto(new URL(OPTIONS, worker.url().replace(/[^/]*$/, '')).href);
await createVault(options, 'plum anchor violin north');
const selection = { sites: 'all', not: [], modifier: null, code: false, asked: true } as const;
await askFrom(options, 'settings.setSelection', { selection });
await options.close();
const openTab = async (browser: BrowserContext): Promise<Tab> => {
  const page = await browser.newPage();
  return { page, session: await browser.newCDPSession(page) };
};
const [withRunkey, without] = [await openTab(runkey), await openTab(bare)];
try {
  for (const [path, name] of [
    ['/paragraphs', '1,000 paragraphs'],
    ['/nodes', '50,000 nodes'],
  ] as const) {
    const taken = { withRunkey: [] as number[], without: [] as number[] };
    for (let pair = 0; pair < PAIRS; pair++) {
      const first = pair % 2 === 0 ? await block(withRunkey, path) : undefined;
      taken.without.push(await block(without, path));
      taken.withRunkey.push(first ?? (await block(withRunkey, path)));
    }
    // What the comparison is of: the script is there.
    const there = await worker.evaluate(
      `chrome.scripting.getRegisteredContentScripts().then(scripts => scripts.length)`,
    );
    if (there !== 1) throw new Error('The bubble is on no page.');
    printTable(`A page of ${name}, ms (${PAIRS} pairs of blocks of ${BLOCK} loads)`, [
      ['with Runkey’s bubble', taken.withRunkey],
      ['without an extension', taken.without],
    ]);
    const { middle, from, to } = intervalOf(
      taken.withRunkey.map((took, at) => took - (taken.without[at] ?? 0)),
    );
    console.log(`\ndifference ${middle.toFixed(2)} ms, 95 % between ${from.toFixed(2)} and ${to.toFixed(2)}`);
    printLimit('the interval’s upper end, ms', to, MOST);
  }
} finally {
  await runkey.close();
  await bare.close();
  await forget();
  for (const profile of profiles) await rm(profile, { recursive: true, force: true });
  server.close();
  server.closeAllConnections();
}
process.exit(0);
