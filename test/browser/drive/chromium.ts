import { createHash } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  type ConsoleMessage,
  chromium,
  type Page,
  type Worker,
} from 'playwright-core';
import { ensureChromium } from '../../machine.mjs';
import { chromiumFlags } from './chromium-flags';
import { type Asked, addressesAsked } from './net-log';

// Chromium announces the popup of the toolbar as a target of type "other", and Playwright lets go of those
// unless this is set. It reads the variable each time a target appears. With it the real popup is a Page.
process.env.PW_CHROMIUM_ATTACH_TO_OTHER = '1';

type Appearance = Pick<BrowserContextOptions, 'colorScheme' | 'reducedMotion' | 'locale' | 'permissions'>;

export interface ChromiumOptions extends Appearance {
  extensionDir: string;
  /** Folders of other extensions that are loaded beside it. */
  beside?: readonly string[];
  /** A profile to use and to leave behind. Without it there is a fresh one, gone after close(). */
  profileDir?: string;
  /** Host names of services, and the local port that stands in for each. Every other name is unknown. */
  hosts?: Record<string, number>;
  headless?: boolean;
  /** The X display of a launch with a window, such as `:1`. */
  display?: string;
  /** Emulated size of tabs, never of the popup. null, the usual value, leaves windows as they are. */
  viewport?: BrowserContextOptions['viewport'];
}

export interface RequestSeen {
  host: string;
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** Whether the background asked, rather than a page. */
  fromWorker: boolean;
}

export interface Chromium {
  context: BrowserContext;
  extensionId: string;
  profileDir: string;
  /** The background. The object stays the same when the worker restarts; while it is dead, evaluate() waits. */
  worker: Worker;
  /**
   * `FILE LEVEL: text` for every console message and uncaught error, of pages, popup and worker alike. An object
   * shows up shortened first and then, on a line of its own, whole.
   */
  consoleLines: string[];
  /** HTTP requests of pages and worker. WebSockets are not among them: close() tells of those. */
  requests: RequestSeen[];
  /** Opens a page of the extension in a new tab, which closes an open popup. */
  page(path: string): Promise<Page>;
  /**
   * Opens the real popup of the toolbar. It closes by itself, as it does for people, when another tab comes to
   * the front. Unlike a click on the icon, it gives no activeTab.
   */
  openPopup(): Promise<Page>;
  /** The next popup of the toolbar that opens for whatever reason; call it before the cause. */
  nextPopup(): Promise<Page>;
  /** Starts the worker if it is not running. */
  wakeWorker(): Promise<void>;
  /** Ends the worker at once, whatever it is doing, and returns when it is dead. Pages and popup stay open. */
  killWorker(): Promise<void>;
  /** Ends the browser. Returns every address asked for in its life, WebSockets and its own traffic included. */
  close(): Promise<Asked[]>;
}

/** Those of the browsers that are running now. */
export const openContexts = new Set<BrowserContext>();

/**
 * Starts the built extension in Chromium with a debugger attached, so the worker never falls asleep. The first
 * tab belongs to this driver: leave it open. For tests of sleep there is chromium-unattached.ts.
 */
export async function launchChromium(options: ChromiumOptions): Promise<Chromium> {
  const {
    extensionDir,
    beside,
    hosts,
    headless = true,
    display,
    viewport = null,
    profileDir,
    ...appearance
  } = options;
  const scratchDir = await mkdtemp(join(tmpdir(), 'runkey-chromium-'));
  const profile = profileDir ?? join(scratchDir, 'profile');
  const netLogFile = join(scratchDir, 'net.json');
  const context = await chromium.launchPersistentContext(profile, {
    ...appearance,
    executablePath: ensureChromium(),
    headless,
    viewport,
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [
      ...chromiumFlags({ extensionDir, ...(beside && { beside }), ...(hosts && { hosts }) }),
      `--log-net-log=${netLogFile}`,
    ],
    ...(display && { env: { ...process.env, DISPLAY: display } }),
  });

  openContexts.add(context);
  context.once('close', () => openContexts.delete(context));

  const consoleLines: string[] = [];
  const requests: RequestSeen[] = [];
  collectConsole(context, consoleLines);
  collectRequests(context, requests);

  const worker = await workerOf(context, await unpackedId(extensionDir));
  const extensionId = new URL(worker.url()).host;
  const home = `chrome-extension://${extensionId}/`;
  const workers = await watchWorkers(context, consoleLines);

  const nextPopup = async () => {
    const predicate = (page: Page) => page.url().startsWith(home);
    const popup = await context.waitForEvent('page', { predicate, timeout: 10_000 });
    // One that is closed before it is loaded has not opened, says Chromium: then Runkey opens it in a tab.
    await popup.waitForLoadState();
    return popup;
  };
  const wakeWorker = async () => void (await workers.send('ServiceWorker.startWorker', { scopeURL: home }));

  return {
    context,
    extensionId,
    profileDir: profile,
    worker,
    consoleLines,
    requests,
    nextPopup,
    wakeWorker,
    async page(path) {
      const page = await context.newPage();
      await page.goto(new URL(path, home).href);
      return page;
    },
    async openPopup() {
      await wakeWorker();
      const [popup] = await Promise.all([nextPopup(), worker.evaluate('chrome.action.openPopup()')]);
      return popup;
    },
    async killWorker() {
      // Answered only when the worker is dead, even one in an endless loop. Target.closeTarget kills as well, but
      // answers too early. Only workers are stopped: pages, ports and the debugger's sessions stay.
      await workers.send('ServiceWorker.stopAllWorkers');
    },
    async close() {
      await context.close();
      const asked = await addressesAsked(netLogFile);
      await rm(scratchDir, { recursive: true, force: true });
      return asked;
    },
  };
}

/** The id that Chromium gives an extension without a key of its own: the beginning of its path's SHA-256. */
async function unpackedId(folder: string): Promise<string> {
  const hex = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex');
  return [...hex.slice(0, 32)].map(digit => String.fromCharCode(97 + Number.parseInt(digit, 16))).join('');
}

/** A browser that starts without the extension is ended, not left behind. */
async function workerOf(context: BrowserContext, extensionId: string): Promise<Worker> {
  const isOurs = (worker: Worker) => new URL(worker.url()).host === extensionId;
  try {
    return (
      context.serviceWorkers().find(isOurs) ??
      (await context.waitForEvent('serviceworker', { predicate: isOurs, timeout: 10_000 }))
    );
  } catch (cause) {
    await context.close();
    throw new Error('The extension did not start its worker: is its folder built and its manifest valid?', {
      cause,
    });
  }
}

function collectConsole(context: BrowserContext, lines: string[]): void {
  context.on('console', message => {
    const where = fileOf(message.location().url);
    lines.push(`${where} ${message.type()}: ${message.text()}`);
    void wholeObjects(message).then(whole => {
      if (whole) lines.push(`${where} ${message.type()}: ${whole}`);
    });
  });
  context.on('weberror', uncaught => {
    const { message, stack } = uncaught.error();
    lines.push(`${fileOf(uncaught.page()?.url() ?? '')} error: ${stack ?? message}`);
  });
}

/** message.text() shortens objects, which could hide a secret inside one. */
async function wholeObjects(message: ConsoleMessage): Promise<string | undefined> {
  try {
    const values: unknown[] = await Promise.all(message.args().map(argument => argument.jsonValue()));
    return values.some(value => typeof value === 'object' && value !== null)
      ? JSON.stringify(values)
      : undefined;
  } catch {
    // The page or the worker is gone, and its objects with it.
    return undefined;
  }
}

/** Uncaught errors of a worker reach none of Playwright's events; the ServiceWorker domain has them, twice each. */
async function watchWorkers(context: BrowserContext, lines: string[]): Promise<CDPSession> {
  const firstTab = context.pages()[0] ?? (await context.newPage());
  const session = await context.newCDPSession(firstTab);
  session.on('ServiceWorker.workerErrorReported', ({ errorMessage }) => {
    lines.push(`${fileOf(errorMessage.sourceURL)} error: ${errorMessage.errorMessage}`);
  });
  await session.send('ServiceWorker.enable');
  return session;
}

function collectRequests(context: BrowserContext, requests: RequestSeen[]): void {
  context.on('request', request => {
    requests.push({
      host: new URL(request.url()).host,
      url: request.url(),
      method: request.method(),
      headers: request.headers(),
      body: request.postData() ?? undefined,
      fromWorker: request.serviceWorker() !== null,
    });
  });
}

const fileOf = (url: string) => url.split(/[?#]/)[0]?.split('/').pop() || 'unknown';
