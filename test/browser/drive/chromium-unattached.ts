import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureChromium } from '../../machine.mjs';
import { type ChromiumFlags, chromiumFlags } from './chromium-flags';
import { evaluateIn } from './evaluate';

export interface UnattachedOptions extends ChromiumFlags {
  profileDir?: string;
  headless?: boolean;
  display?: string;
}

export interface Target {
  id: string;
  type: string;
  url: string;
}

export interface Unattached {
  extensionId: string;
  /** Where the browser itself is spoken to, which attaches to nothing in it. */
  debuggerAddress: string;
  /** Everything the debugger could attach to, listed without attaching. */
  targets(): Promise<Target[]>;
  /** Whether the background runs right now. */
  isWorkerAlive(): Promise<boolean>;
  /** Opens a page of the extension, or any address, in a new tab. */
  openTab(pathOrUrl: string): Promise<Target>;
  closeTab(target: Target): Promise<void>;
  /** Runs a script in a tab, with a debugger on that tab alone and no longer than it takes. */
  evaluate(target: Target, source: string): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts Chromium with nobody attached to the worker, which lives and sleeps as it does for people.
 */
export async function launchUnattached(options: UnattachedOptions): Promise<Unattached> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'runkey-chromium-'));
  const profileDir = options.profileDir ?? join(scratchDir, 'profile');
  // A profile that was used before may still hold the port of last time.
  await rm(join(profileDir, 'DevToolsActivePort'), { force: true });
  const browser = spawn(
    ensureChromium(),
    [
      ...chromiumFlags(options),
      ...(options.headless === false ? [] : ['--headless=new']),
      '--password-store=basic',
      '--remote-debugging-port=0',
      `--user-data-dir=${profileDir}`,
      'about:blank',
    ],
    {
      stdio: 'ignore',
      env: { ...process.env, ...(options.display && { DISPLAY: options.display }) },
    },
  );
  const stopWithUs = () => void browser.kill('SIGKILL');
  process.once('exit', stopWithUs);
  const ended = new Promise<void>(resolve => browser.once('close', () => resolve()));
  const close = async () => {
    process.off('exit', stopWithUs);
    browser.kill();
    await ended;
    await rm(scratchDir, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    const port = await debuggingPort(browser, profileDir);
    const ask = async (path: string, method = 'GET') => {
      const reply = await fetch(`http://127.0.0.1:${port}/json/${path}`, { method });
      if (!reply.ok) throw new Error(`Chromium answered ${reply.status} to /json/${path}.`);
      return reply;
    };
    const targets = async () => readTargets(await (await ask('list')).json());
    const workerOf = (list: Target[]) =>
      list.find(({ type, url }) => type === 'service_worker' && isExtension(url));
    const worker = await until(async () => workerOf(await targets()), 'the worker of the extension');
    const origin = `chrome-extension://${new URL(worker.url).host}/`;
    const version: Record<string, unknown> = Object(await (await ask('version')).json());

    return {
      extensionId: new URL(worker.url).host,
      debuggerAddress: String(version.webSocketDebuggerUrl),
      targets,
      isWorkerAlive: async () => workerOf(await targets()) !== undefined,
      async openTab(pathOrUrl) {
        const reply = await ask(`new?${encodeURIComponent(new URL(pathOrUrl, origin).href)}`, 'PUT');
        const [tab] = readTargets([await reply.json()]);
        if (!tab) throw new Error('Chromium opened no tab.');
        return tab;
      },
      async closeTab({ id }) {
        await ask(`close/${id}`);
      },
      evaluate: ({ id }, source) => evaluateIn(`ws://127.0.0.1:${port}/devtools/page/${id}`, source),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Chromium writes the port it chose on the first line of a file in the profile. */
function debuggingPort(browser: ChildProcess, profileDir: string): Promise<number> {
  return until(async () => {
    if (browser.exitCode !== null) throw new Error(`Chromium ended with exit code ${browser.exitCode}.`);
    const text = await readFile(join(profileDir, 'DevToolsActivePort'), 'utf8').catch(() => '');
    return text.includes('\n') ? Number.parseInt(text, 10) : undefined;
  }, 'the debugging port of Chromium');
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`Waited 20 s for ${what} in vain.`);
}

const isExtension = (url: string) => url.startsWith('chrome-extension://');

function readTargets(list: unknown): Target[] {
  if (!Array.isArray(list)) throw new Error('Chromium did not list its targets.');
  return list.map((entry: unknown) => {
    const { id, type, url }: Record<string, unknown> = Object(entry);
    return { id: String(id), type: String(type), url: String(url) };
  });
}
