import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { launchUnattached, type Target, type Unattached } from '../browser/drive/chromium-unattached';
import { distOf, OPTIONS } from '../browser/stage';
import { command } from './cdp';

/** Nobody answered: the page, the worker or the browser went in the meantime. */
export class Gone extends Error {}

/** The extension said no, with this code. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** How long the extension may take to answer, ms. */
const LIMIT = 20_000;

/**
 * The built extension in Chromium, asked through its options page. No debugger is ever attached to its
 * background, which one would keep awake; how it is killed all the same:
 *
 * - The worker alone: `ServiceWorker.stopAllWorkers`, over a session of a blank tab. That domain looks at the
 *   browser's list of workers and attaches to none: a worker still falls asleep after 30 s while the domain is
 *   on. It ends workers as Chromium does, without another line of their script.
 * - The process: `Page.crash` in the options page. An extension's pages and worker share a process, which ends
 *   as if the system had killed it. Finding it in /proc and sending SIGKILL would do the same on Linux only.
 * - Everything: `Browser.crash`, which leaves Chromium no time to write anything.
 */
export class Browser {
  #gone = new AbortController();

  private constructor(
    private readonly hosts: Record<string, number>,
    private readonly profileDir: string,
    private chromium: Unattached,
    private tab: Target,
  ) {}

  static async launch(hosts: Record<string, number>): Promise<Browser> {
    const profileDir = await mkdtemp(join(tmpdir(), 'runkey-chaos-'));
    const chromium = await launch(hosts, profileDir);
    return new Browser(hosts, profileDir, chromium, await optionsIn(chromium));
  }

  /** Asks as the options page would. Throws `Refused`, or `Gone`. */
  async ask<Value>(ask: string, body: object): Promise<Value> {
    const reply = await this.evaluate<{
      ok: boolean;
      value: Value;
      failure?: { code: string; message: string };
    }>(`chrome.runtime.sendMessage(${JSON.stringify({ ask, body })})`);
    if (reply?.ok) return reply.value;
    if (reply?.failure) throw new Refused(reply.failure.code, `${ask}: ${reply.failure.message}`);
    throw new Gone(`${ask} got no answer.`);
  }

  /** Runs a script in the options page, with a debugger on that page no longer than it takes. Throws `Gone`. */
  async evaluate<Value>(source: string): Promise<Value> {
    const { signal } = this.#gone;
    const over = new AbortController();
    // A page that crashed leaves its questions unanswered for ever.
    const gone = wait(LIMIT, undefined, { signal: AbortSignal.any([signal, over.signal]) }).then(
      () => Promise.reject(new Gone('No answer came.')),
      () => Promise.reject(new Gone('The page is gone.')),
    );
    try {
      return (await Promise.race([this.chromium.evaluate(this.tab, source), gone])) as Value;
    } catch (thrown) {
      throw thrown instanceof Gone ? thrown : new Gone(String(thrown));
    } finally {
      over.abort();
    }
  }

  async killWorker(): Promise<void> {
    const [blank] = (await this.chromium.targets()).filter(({ url }) => url === 'about:blank');
    if (!blank) throw new Error('The blank tab is gone.');
    await command(await this.#address(blank), 'ServiceWorker.enable', 'ServiceWorker.stopAllWorkers');
  }

  /** Kills the worker while no page of ours is open, for so many ms. */
  async killWorkerAlone(ms: number): Promise<void> {
    this.#gone.abort();
    await this.chromium.closeTab(this.tab);
    await this.killWorker();
    await wait(ms);
    await this.#reopen();
  }

  async crashProcess(): Promise<void> {
    const { tab } = this;
    this.#gone.abort();
    await command(await this.#address(tab), 'Inspector.enable', 'Page.crash');
    await this.chromium.closeTab(tab);
    await this.#reopen();
  }

  /** Ends the browser and starts it anew, in the same profile. */
  async restart(how: 'quit' | 'crash'): Promise<void> {
    this.#gone.abort();
    if (how === 'crash') await command(await this.#address(), 'Browser.crash');
    await this.chromium.close();
    // A profile that somebody deleted meanwhile must not pass for a vault that the browser lost.
    await access(join(this.profileDir, 'Default', 'IndexedDB'));
    this.chromium = await launch(this.hosts, this.profileDir);
    await this.#reopen();
  }

  async close(): Promise<void> {
    this.#gone.abort();
    await this.chromium.close();
    await rm(this.profileDir, { recursive: true, force: true, maxRetries: 5 });
  }

  async #reopen(): Promise<void> {
    this.tab = await optionsIn(this.chromium);
    this.#gone = new AbortController();
  }

  /** Of a tab's debugger, or the browser's own, which Chromium writes into its profile. */
  async #address(target?: Target): Promise<string> {
    const [port, browser] = (await readFile(join(this.profileDir, 'DevToolsActivePort'), 'utf8')).split('\n');
    return `ws://127.0.0.1:${port}${target ? `/devtools/page/${target.id}` : browser}`;
  }
}

const launch = (hosts: Record<string, number>, profileDir: string): Promise<Unattached> =>
  launchUnattached({ extensionDir: distOf('chromium'), hosts, profileDir });

async function optionsIn(chromium: Unattached): Promise<Target> {
  const tab = await chromium.openTab(OPTIONS);
  const isThere = 'typeof globalThis.chrome?.runtime?.sendMessage === "function"';
  for (let tries = 0; tries < 100; tries++) {
    if ((await chromium.evaluate(tab, isThere).catch(() => false)) === true) return tab;
    await wait(50);
  }
  throw new Error('The options page did not open.');
}
