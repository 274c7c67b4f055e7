// @ts-check
// What the tests need from the machine: the packages of the lock file, browsers, a display.
// This file runs before `npm ci`, so it uses nothing but what Node brings. Whatever is already
// there is used as it is; only what is missing gets installed.

import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir, platform, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} line */
const say = line => void process.stderr.write(`${line}\n`);

/**
 * Makes node_modules match package-lock.json, with `npm ci` when it does not.
 * Ends the process with a sentence when npm fails: nothing else can run then.
 */
export function ensureDependencies() {
  const reason = whyDependenciesAreStale();
  if (!reason) return;
  say(`Installing packages with npm ci, because ${reason}.`);
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // npm is a script with an ending of its own on Windows, which only a shell finds.
    shell: platform() === 'win32',
  });
  if (npm.status === 0) return;
  say(`npm ci failed (${npm.error?.message ?? `exit code ${npm.status}`}). Run it by hand, then try again.`);
  process.exit(1);
}

/**
 * npm writes what it installed to node_modules/.package-lock.json. Comparing versions entry by entry,
 * rather than file times, survives a checkout that touches the lock file without changing it.
 * @returns {string | undefined}
 */
function whyDependenciesAreStale() {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return 'node_modules is missing';
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const installed = lockedPackages(installedLock);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue;
    const found = installed[path];
    // A package for another system is optional, and rightly absent.
    if (!found && entry.optional) continue;
    if (!found) return `${path} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${path} is ${found.version}, and the lock file says ${entry.version}`;
    }
    if (!existsSync(join(root, path))) return `${path} is missing`;
  }
  return undefined;
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @param {string} lockFile
 * @returns {Record<string, LockedPackage>}
 */
function lockedPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
}

/**
 * The Chromium to test with: on the PATH, or in the cache of Playwright.
 * @returns {string | undefined} the path of the program
 */
export function findChromium() {
  const free = onPath('chromium') ?? onPath('chromium-browser');
  if (free) return free;
  // Since 137, Chrome itself ignores --load-extension. Chromium still obeys.
  const branded = onPath('google-chrome');
  if (branded && (majorVersion(branded) ?? 137) < 137) return branded;
  return chromiumOfPlaywright();
}

/**
 * The Firefox to test with.
 * @returns {string | undefined} the path of the program
 */
export function findFirefox() {
  const named = onPath('firefox-esr') ?? onPath('firefox');
  if (named) return named;
  const usual = '/Applications/Firefox.app/Contents/MacOS/firefox';
  return existsSync(usual) ? usual : undefined;
}

/**
 * Like {@link findChromium}, but installs one where it can.
 * @returns {string} the path of the program
 * @throws {Error} whose message is the command to run
 */
export function ensureChromium() {
  return (
    findChromium() ??
    installWithApt(['chromium'], findChromium) ??
    installWithPlaywright() ??
    giveUp({ linux: 'sudo apt-get install chromium', other: 'npx playwright-core install chromium' })
  );
}

/**
 * Like {@link findFirefox}, but installs one where it can.
 * @returns {string} the path of the program
 * @throws {Error} whose message is the command to run
 */
export function ensureFirefox() {
  return (
    findFirefox() ??
    installWithApt(['firefox-esr'], findFirefox) ??
    // Ubuntu has no firefox-esr.
    installWithApt(['firefox'], findFirefox) ??
    giveUp({
      linux: 'sudo apt-get install firefox-esr',
      darwin: 'brew install --cask firefox',
      win32: 'winget install Mozilla.Firefox',
    })
  );
}

/**
 * The `age` tool, which opens backups without Runkey, and the terminal that it wants for its passphrase.
 * @returns {string} the path of age
 * @throws {Error} whose message is the command to run
 */
export function ensureAge() {
  const find = () => (onPath('script') ? onPath('age') : undefined);
  return (
    find() ??
    installWithApt(['age', 'bsdutils'], find) ??
    giveUp({
      linux: 'sudo apt-get install age bsdutils',
      other: 'Run these tests on Linux: they need age and script, for example in a container of Debian.',
    })
  );
}

/**
 * The reference program of Argon2, to measure our own against.
 * @returns {string} the path of argon2
 * @throws {Error} whose message is the command to run
 */
export function ensureArgon2() {
  const find = () => onPath('argon2');
  return (
    find() ??
    installWithApt(['argon2'], find) ??
    giveUp({ linux: 'sudo apt-get install argon2', darwin: 'brew install argon2' })
  );
}

/**
 * A virtual display, for tests that need a window: native menus and permission dialogs.
 * @param {{ xdotool?: boolean }} [also] ask for xdotool too, which presses keys and buttons there
 * @returns {string} the path of Xvfb
 * @throws {Error} whose message is the command to run
 */
export function ensureXvfb({ xdotool = false } = {}) {
  const find = () => (xdotool && !onPath('xdotool') ? undefined : onPath('Xvfb'));
  const packages = xdotool ? ['xvfb', 'xdotool'] : ['xvfb'];
  return (
    find() ??
    installWithApt(packages, find) ??
    giveUp({
      linux: `sudo apt-get install ${packages.join(' ')}`,
      other: 'Run these tests on Linux: they need Xvfb, for example in a container of Debian.',
    })
  );
}

/**
 * Starts a virtual display on a number nobody uses.
 * @param {{ width?: number, height?: number }} [size] in pixels
 * @returns {Promise<{ display: string, picture: string, stop(): Promise<void> }>} display is what goes into
 *   DISPLAY; picture is a file that always holds what is on the screen now, in the format of xwd
 */
export async function startXvfb({ width = 1280, height = 900 } = {}) {
  const screen = `${width}x${height}x24`;
  const folder = mkdtempSync(join(tmpdir(), 'runkey-display-'));
  const options = [
    '-displayfd',
    '3',
    '-screen',
    '0',
    screen,
    '-fbdir',
    folder,
    '-nolisten',
    'tcp',
    '-noreset',
  ];
  const server = spawn(ensureXvfb(), options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const ended = new Promise(resolve => server.once('close', resolve));
  const tooLate = setTimeout(() => server.kill(), 15_000);
  const number = await new Promise((resolve, reject) => {
    let text = '';
    server.once('error', reject);
    server.once('close', () => reject(new Error('Xvfb ended before it had a display.')));
    server.stdio[3]?.on('data', chunk => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
  }).finally(() => clearTimeout(tooLate));
  // A test run that dies must not leave a display behind.
  const stopWithUs = () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stopWithUs);
  return {
    display: `:${number}`,
    picture: join(folder, 'Xvfb_screen0'),
    async stop() {
      process.off('exit', stopWithUs);
      stopWithUs();
      await ended;
    },
  };
}

/**
 * @param {string} program
 * @returns {string | undefined}
 */
function onPath(program) {
  const endings = platform() === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, program + ending);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile() && !isSnapNotice(path)) return path;
      } catch {
        // Not there, or not ours to run: look on.
      }
    }
  }
  return undefined;
}

/**
 * Ubuntu's chromium-browser and firefox may be scripts that only say "install the snap".
 * @param {string} path
 */
function isSnapNotice(path) {
  const start = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  readSync(file, start);
  closeSync(file);
  return start.includes('snap install');
}

/**
 * @param {string} program
 * @returns {number | undefined}
 */
function majorVersion(program) {
  const answer = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const digits = / (\d+)\./.exec(answer)?.[1];
  return digits ? Number(digits) : undefined;
}

/**
 * Playwright keeps browsers in folders named chromium-REVISION; the newest that is complete serves.
 * @returns {string | undefined}
 */
function chromiumOfPlaywright() {
  /** @type {Partial<Record<NodeJS.Platform, string>>} */
  const elsewhere = {
    darwin: join(homedir(), 'Library', 'Caches', 'ms-playwright'),
    win32: join(process.env.LOCALAPPDATA ?? '', 'ms-playwright'),
  };
  const cache =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    elsewhere[platform()] ??
    join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(cache)) return undefined;
  const programs = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-linux-arm64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
    'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'chrome-win/chrome.exe',
    'chrome-win64/chrome.exe',
  ];
  return readdirSync(cache)
    .filter(folder => /^chromium-\d+$/.test(folder))
    .sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)))
    .flatMap(folder => programs.map(program => join(cache, folder, program)))
    .find(path => existsSync(path));
}

/**
 * @param {string[]} packages
 * @param {() => string | undefined} find
 * @returns {string | undefined} undefined when there is no apt here, or no right to use it
 */
function installWithApt(packages, find) {
  if (!onPath('apt-get')) return undefined;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && spawnSync('sudo', ['-n', 'true']).status !== 0) return undefined;
  say(`Installing ${packages.join(' and ')} with apt-get.`);
  /** @param {string[]} args */
  const apt = args => {
    const [program = 'env', ...rest] = [
      ...asRoot,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      ...args,
    ];
    return spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  // A failing update is no reason to stop: the lists at hand may do.
  apt(['update', '-qq']);
  if (!apt(['install', '-y', '-qq', '--no-install-recommends', ...packages])) return undefined;
  return find();
}

/** @returns {string | undefined} */
function installWithPlaywright() {
  const installer = join(root, 'node_modules', 'playwright-core', 'cli.js');
  if (!existsSync(installer)) return undefined;
  say("Installing Chromium with Playwright's installer.");
  const run = spawnSync(process.execPath, [installer, 'install', 'chromium'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return run.status === 0 ? chromiumOfPlaywright() : undefined;
}

/**
 * @param {Partial<Record<NodeJS.Platform | 'other', string>>} commands
 * @returns {never}
 */
function giveUp(commands) {
  throw new Error(commands[platform()] ?? commands.other ?? commands.linux);
}
