import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureFirefox } from '../../machine.mjs';
import { type StandIns, writeProfile } from './firefox-profile';
import { Marionette, MarionetteError } from './marionette';

export interface FirefoxOptions extends StandIns {
  /** A profile to use and to leave behind. Without it there is a fresh one, gone after quit(). */
  profileDir?: string;
  headless?: boolean;
  /** The X display of a launch with a window, such as `:1`. */
  display?: string;
}

/** CSS, or a form field by its label, or an element by its role and accessible name, as Firefox computes them. */
export type Wanted = string | { label: string } | { role: string; name: string };

/** Milliseconds a search for an element, or a wait, goes on before it fails. */
const PATIENCE = 20_000;

const ELEMENT_ID = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts Firefox with an empty profile and no geckodriver in between. */
export async function launchFirefox(options: FirefoxOptions = {}): Promise<Firefox> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'runkey-firefox-'));
  const profileDir = options.profileDir ?? join(scratchDir, 'profile');
  await writeProfile(profileDir, options);
  await rm(join(profileDir, 'MarionetteActivePort'), { force: true });
  const headless = options.headless === false ? [] : ['--headless'];
  const browser = spawn(
    ensureFirefox(),
    // System access opens the browser's own context, which is what knows the extension's host name.
    ['--marionette', '--remote-allow-system-access', ...headless, '--no-remote', '--profile', profileDir],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(options.display && { DISPLAY: options.display }) },
    },
  );
  const consoleLines: string[] = [];
  for (const input of [browser.stdout, browser.stderr]) {
    createInterface({ input }).on('line', line => consoleLines.push(line));
  }
  const stopWithUs = () => void browser.kill('SIGKILL');
  process.once('exit', stopWithUs);
  const ended = new Promise<void>(resolve => browser.once('close', () => resolve()));
  const cleanUp = async () => {
    const tooLate = setTimeout(() => browser.kill('SIGKILL'), PATIENCE);
    await ended;
    clearTimeout(tooLate);
    process.off('exit', stopWithUs);
    await rm(scratchDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const marionette = await Marionette.connect(await marionettePort(browser, profileDir));
    await marionette.send('WebDriver:NewSession', { acceptInsecureCerts: true });
    return new Firefox(marionette, profileDir, consoleLines, cleanUp);
  } catch (error) {
    browser.kill('SIGKILL');
    await cleanUp();
    throw error;
  }
}

/** Asked for port 0, Marionette chooses one and writes it into a file of the profile. */
function marionettePort(browser: ChildProcess, profileDir: string): Promise<number> {
  return until('the Marionette port of Firefox', 60_000, async () => {
    if (browser.exitCode !== null) throw new Error(`Firefox ended with exit code ${browser.exitCode}.`);
    const text = await readFile(join(profileDir, 'MarionetteActivePort'), 'utf8').catch(() => '');
    return Number.parseInt(text, 10) || undefined;
  });
}

export class Firefox {
  readonly #marionette: Marionette;
  readonly #cleanUp: () => Promise<void>;
  readonly profileDir: string;
  /**
   * Everything Firefox printed. `console.LEVEL: …` is what pages and background wrote, objects whole;
   * `JavaScript error: moz-extension://…` is an uncaught error of the extension.
   */
  readonly consoleLines: readonly string[];
  #extensionId = '';
  /** The origin's host changes with every profile. */
  extensionHost = '';

  constructor(
    marionette: Marionette,
    profileDir: string,
    consoleLines: readonly string[],
    cleanUp: () => Promise<void>,
  ) {
    this.#marionette = marionette;
    this.profileDir = profileDir;
    this.consoleLines = consoleLines;
    this.#cleanUp = cleanUp;
  }

  /** Any Marionette command, for what has no method here. */
  send(name: string, parameters?: Record<string, unknown>): Promise<unknown> {
    return this.#marionette.send(name, parameters);
  }

  /** Installs a folder or an .xpi until the browser ends. Returns the extension's id. */
  async installTemporary(path: string): Promise<string> {
    this.#extensionId = String(await this.send('Addon:Install', { path: resolve(path), temporary: true }));
    this.extensionHost = String(
      await this.inBrowser('return WebExtensionPolicy.getByID(arguments[0]).mozExtensionHostname', [
        this.#extensionId,
      ]),
    );
    return this.#extensionId;
  }

  /** Opens a page of the extension, or any address, in the current tab. */
  async open(pathOrUrl: string): Promise<void> {
    const url = new URL(pathOrUrl, this.extensionHost ? `moz-extension://${this.extensionHost}/` : undefined);
    await this.send('WebDriver:Navigate', { url: url.href });
  }

  /** Opens an empty tab and makes it the current one. Returns its handle. */
  async newTab(): Promise<string> {
    const tab: Record<string, unknown> = Object(
      await this.send('WebDriver:NewWindow', { type: 'tab', focus: true }),
    );
    const handle = String(tab.handle);
    await this.switchTo(handle);
    return handle;
  }

  async tabs(): Promise<string[]> {
    return strings(await this.send('WebDriver:GetWindowHandles'));
  }

  async switchTo(handle: string): Promise<void> {
    await this.send('WebDriver:SwitchToWindow', { handle, focus: true });
  }

  async url(): Promise<string> {
    return String(await this.send('WebDriver:GetCurrentURL'));
  }

  /** Waits until there is such an element. Returns its id, for {@link send}. */
  find(wanted: Wanted): Promise<string> {
    return until(describe(wanted), PATIENCE, () => this.#look(wanted));
  }

  async has(wanted: Wanted): Promise<boolean> {
    return (await this.#look(wanted)) !== undefined;
  }

  async click(wanted: Wanted): Promise<void> {
    await this.send('WebDriver:ElementClick', { id: await this.find(wanted) });
  }

  /** Types into an element, after what it holds already. */
  async type(wanted: Wanted, text: string): Promise<void> {
    await this.send('WebDriver:ElementSendKeys', { id: await this.find(wanted), text });
  }

  /** Empties a field as a person does: the browser's own command tells the page nothing of it. */
  async clear(wanted: Wanted): Promise<void> {
    const field = { [ELEMENT_ID]: await this.find(wanted) };
    await this.executeScript('arguments[0].focus(); arguments[0].select();', [field]);
    await this.press('\uE003');
  }

  /** Presses keys one after another, wherever the focus is. Tab is \uE004, Enter \uE007, Escape \uE00C. */
  async press(...keys: string[]): Promise<void> {
    const actions = keys.flatMap(value => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.send('WebDriver:PerformActions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** The text a person sees. */
  async text(wanted: Wanted): Promise<string> {
    return String(await this.send('WebDriver:GetElementText', { id: await this.find(wanted) }));
  }

  /** The present value of a form field. */
  async value(wanted: Wanted): Promise<string> {
    const id = await this.find(wanted);
    return String(await this.send('WebDriver:GetElementProperty', { id, name: 'value' }));
  }

  /** Runs the body of an async function in the page, beside the page's own scripts. `arguments` holds args. */
  executeScript(body: string, args: unknown[] = []): Promise<unknown> {
    return this.send('WebDriver:ExecuteScript', { script: `return (async () => { ${body} })()`, args });
  }

  /** Runs the body of a function with the rights of the browser itself. */
  async inBrowser(body: string, args: unknown[] = []): Promise<unknown> {
    await this.send('Marionette:SetContext', { value: 'chrome' });
    try {
      return await this.send('WebDriver:ExecuteScript', { script: body, args });
    } finally {
      await this.send('Marionette:SetContext', { value: 'content' });
    }
  }

  /** Whether the event page runs right now. */
  async isBackgroundAlive(): Promise<boolean> {
    return (
      (await this.inBrowser(`${BACKGROUND}.backgroundState === 'running'`, [this.#extensionId])) === true
    );
  }

  /** Whether the event page is gone. On its way there it is neither: what happens then may still keep it. */
  async isBackgroundStopped(): Promise<boolean> {
    return (
      (await this.inBrowser(`${BACKGROUND}.backgroundState === 'stopped'`, [this.#extensionId])) === true
    );
  }

  /** Ends the event page at once; the next event starts it again. Pages stay open. */
  async killBackground(): Promise<void> {
    await this.inBrowser(`${BACKGROUND}.terminateBackground({ ignoreDevToolsAttached: true })`, [
      this.#extensionId,
    ]);
  }

  /** A PNG of what the current tab shows. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from(String(await this.send('WebDriver:TakeScreenshot', { full: false })), 'base64');
  }

  /** Asks again and again until the answer is neither undefined, null nor false. */
  waitFor<T>(predicate: () => Promise<T | undefined | null | false>, what = 'a condition'): Promise<T> {
    return until(what, PATIENCE, async () => (await predicate()) || undefined);
  }

  async quit(): Promise<void> {
    // The answer may or may not arrive before the connection breaks.
    await this.send('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => undefined);
    await this.#cleanUp();
    this.#marionette.disconnect();
  }

  async #look(wanted: Wanted): Promise<string | undefined> {
    try {
      return await this.#lookOnce(wanted);
    } catch (error) {
      // The page was drawn anew meanwhile: it is for another look to see what it has become.
      if (error instanceof MarionetteError && error.code === 'stale element reference') return undefined;
      throw error;
    }
  }

  async #lookOnce(wanted: Wanted): Promise<string | undefined> {
    const candidates = await this.#candidates(cssOf(wanted));
    if (typeof wanted === 'string') return candidates[0];
    for (const id of candidates) {
      const label = await this.send('WebDriver:GetComputedLabel', { id });
      if (label !== ('label' in wanted ? wanted.label : wanted.name)) continue;
      if ('label' in wanted) return id;
      if ((await this.send('WebDriver:GetComputedRole', { id })) === wanted.role) return id;
    }
    return undefined;
  }

  async #candidates(css: string): Promise<string[]> {
    const found = await this.send('WebDriver:FindElements', { using: 'css selector', value: css });
    if (!Array.isArray(found)) return [];
    return found.map((reference: unknown) => {
      const { [ELEMENT_ID]: id }: Record<string, unknown> = Object(reference);
      return String(id);
    });
  }
}

/** Elements that may have a role without saying so. Firefox is then asked what role each really has. */
const usualElements: Record<string, string> = {
  button: 'button, summary, input',
  checkbox: 'input',
  combobox: 'select, input',
  dialog: 'dialog',
  heading: 'h1, h2, h3, h4, h5, h6',
  link: 'a',
  option: 'option',
  radio: 'input',
  searchbox: 'input',
  switch: 'input',
  textbox: 'input, textarea',
};

function cssOf(wanted: Wanted): string {
  if (typeof wanted === 'string') return wanted;
  if ('label' in wanted) return 'input, textarea, select, [contenteditable], [role]';
  const usual = usualElements[wanted.role];
  return usual ? `${usual}, [role="${wanted.role}"]` : '*';
}

const describe = (wanted: Wanted) => (typeof wanted === 'string' ? wanted : JSON.stringify(wanted));

const BACKGROUND = 'return WebExtensionPolicy.getByID(arguments[0]).extension';

const strings = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);

async function until<T>(what: string, patience: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${patience / 1000} s for ${what} in vain.`);
    await sleep(50);
  }
}
