// @ts-check
// What `npm start`, `npm test`, `npm run bench`, `npm run soak` and `npm run chaos` run. It works on a fresh clone,
// so it uses nothing but what Node brings until it has seen to the rest.

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ensureAge,
  ensureArgon2,
  ensureChromium,
  ensureDependencies,
  ensureFirefox,
  ensureXvfb,
  startXvfb,
} from './machine.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const usage = `Usage: node test/main.mjs COMMAND [ARGUMENTS]

  start   a guided tour: the built extension in Chromium, with a stand-in for the service
  test    everything that is checked; ARGUMENTS go to vitest
  bench   the measurements; ARGUMENTS choose among calls, history, pages and vault
  soak    tests at length, for as long as they take; ARGUMENTS go to vitest instead of the usual ones
  chaos   many calls while everything goes wrong; --seed N repeats one, --calls N
`;

/** Ctrl+C reaches the running step as well, which ends in its own time; this process waits for it. */
let interrupted = false;
process.on('SIGINT', () => {
  interrupted = true;
});

class StepFailed extends Error {
  /**
   * @param {string} step
   * @param {string} why
   */
  constructor(step, why) {
    super(`${step} failed: ${why}`);
  }
}

/**
 * Runs a program to its end.
 * @param {string} step what to call it when it fails
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 */
async function run(step, program, args, { env = process.env, shell = false } = {}) {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env, shell });
  const pass = () => void child.kill('SIGTERM');
  process.on('SIGTERM', pass);
  const why = await new Promise(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(code === 0 ? '' : signal ? `ended by ${signal}` : `exit code ${code}`),
    );
  });
  process.off('SIGTERM', pass);
  if (why) throw new StepFailed(step, why);
}

/** @param {string} script */
function npmRun(script) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) return run(script, process.execPath, [npm, 'run', '--silent', script]);
  // npm is a script with an ending of its own on Windows, which only a shell finds.
  return run(script, 'npm', ['run', '--silent', script], { shell: platform() === 'win32' });
}

/**
 * @param {string} step
 * @param {string} file from the root of the repository
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
const runTypeScript = (step, file, args, env) =>
  run(step, process.execPath, ['--import', 'tsx', join(root, file), ...args], env && { env });

/**
 * Sees to it that a program is there.
 * @param {string} name
 * @param {() => string} ensure
 */
function need(name, ensure) {
  try {
    ensure();
  } catch (error) {
    const command = error instanceof Error ? error.message : String(error);
    throw new StepFailed(`looking for ${name}`, `it is not installed. This would do it:\n  ${command}`);
  }
}

/** @param {string[]} args */
async function start(args) {
  ensureDependencies();
  need('Chromium', ensureChromium);
  const blind = platform() === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  // Nobody would see a window: the tour then goes through by itself, on a display of its own.
  const unattended = blind || process.env.RUNKEY_TOUR === 'unattended';
  if (unattended) need('Xvfb and xdotool', () => ensureXvfb({ xdotool: true }));
  await npmRun('build');
  if (!unattended) return runTypeScript('the tour', 'test/tour/start.ts', args);
  const { display, picture, stop } = await startXvfb();
  const { WAYLAND_DISPLAY: _, ...env } = process.env;
  await runTypeScript('the tour', 'test/tour/start.ts', args, {
    ...env,
    DISPLAY: display,
    RUNKEY_TOUR: 'unattended',
    RUNKEY_TOUR_PICTURE: picture,
  }).finally(stop);
}

/** @param {string[]} args */
async function test(args) {
  // Nobody may take the numbers of an earlier run for those of this one.
  rmSync(join(root, 'out/vitest.json'), { force: true });
  mkdirSync(join(root, 'out'), { recursive: true });
  ensureDependencies();
  need('Chromium', ensureChromium);
  need('Firefox', ensureFirefox);
  need('Xvfb and xdotool', () => ensureXvfb({ xdotool: true }));
  need('age', ensureAge);
  for (const script of ['lint', 'build', 'size', 'lint:firefox']) await npmRun(script);
  const reports = ['--reporter=default', '--reporter=json', '--outputFile.json=out/vitest.json'];
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  await run('vitest', process.execPath, [vitest, 'run', ...reports, ...args]);
}

const benches = ['calls', 'history', 'pages', 'vault'];

/** @param {string[]} args */
async function bench(args) {
  const unknown = args.find(one => !benches.includes(one));
  if (unknown !== undefined)
    throw new StepFailed('bench', `“${unknown}” is none. Choose among ${benches.join(', ')}.`);
  ensureDependencies();
  need('Chromium', ensureChromium);
  need('argon2', ensureArgon2);
  await npmRun('build');
  for (const what of args.length > 0 ? args : benches)
    await runTypeScript(`bench of ${what}`, `test/bench/${what}.ts`, []);
}

/** The vault's mutations, Runware's frames damaged, a background that has to live for three minutes, and selecting for one. */
const lengthy = [
  ['--project', 'unit', 'test/unit/vault-mutations.test.ts'],
  ['--project', 'unit', 'test/unit/runware-mutated.test.ts'],
  ['--project', 'waiting', 'test/browser/heartbeat.test.ts'],
  ['--project', 'browser', 'test/browser/selection-storm.test.ts'],
];

/** @param {string[]} args */
async function soak(args) {
  ensureDependencies();
  need('Chromium', ensureChromium);
  need('Firefox', ensureFirefox);
  await npmRun('build');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const env = { ...process.env, RUNKEY_SOAK: '1' };
  for (const files of args.length > 0 ? [args] : lengthy)
    await run('vitest', process.execPath, [vitest, 'run', ...files], { env });
}

/** @param {string[]} args */
async function chaos(args) {
  ensureDependencies();
  need('Chromium', ensureChromium);
  await npmRun('build');
  await runTypeScript('chaos', 'test/chaos/main.ts', args);
}

const commands = new Map(Object.entries({ start, test, bench, soak, chaos }));
const [name = '', ...args] = process.argv.slice(2);
const command = commands.get(name);
if (!command) {
  process.stderr.write(usage);
  process.exit(2);
}
try {
  await command(args);
} catch (error) {
  if (interrupted) process.exit(130);
  process.stderr.write(`\nnpm ${name}: ${error instanceof StepFailed ? error.message : error}\n`);
  process.exit(1);
}
