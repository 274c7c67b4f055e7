import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from '../src/bytes';

/**
 * Debian's `age` with a passphrase. It takes one from a terminal only, so util-linux's `script` gives it one of
 * its own. The passphrase is typed there, and stands in no argument and no environment.
 */

/** Locks bytes as a person would in a terminal. Throws an Error with what `age` said. */
export function ageEncrypt(plain: Bytes, passphrase: string, { armor = false } = {}): Promise<Bytes> {
  return age(`--encrypt --passphrase${armor ? ' --armor' : ''}`, plain, passphrase);
}

/** Opens a file as a person would in a terminal. Throws an Error with what `age` said. */
export function ageDecrypt(file: Bytes, passphrase: string): Promise<Bytes> {
  return age('--decrypt', file, passphrase);
}

async function age(what: string, input: Bytes, passphrase: string): Promise<Bytes> {
  const folder = await mkdtemp(join(tmpdir(), 'runkey-age-'));
  try {
    const [IN, OUT] = [join(folder, 'in'), join(folder, 'out')];
    await writeFile(IN, input);
    await typeInto(`exec age ${what} --output "$OUT" "$IN"`, passphrase, { IN, OUT });
    return new Uint8Array(await readFile(OUT));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command in a terminal and answers each prompt for a passphrase, also the one that asks again. */
async function typeInto(command: string, passphrase: string, env: Record<string, string>): Promise<void> {
  const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    // `script` runs the command with the person's own shell otherwise.
    env: { ...process.env, SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 20_000,
  });
  // It may end without having read all.
  terminal.stdin.on('error', () => {});
  let said = '';
  let answered = 0;
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const prompts = said.match(/passphrase[^\n:]*: /g) ?? [];
    for (; answered < prompts.length; answered++) terminal.stdin.write(`${passphrase}\n`);
  });
  const code = await new Promise((resolve, reject) => {
    terminal.once('error', reject);
    terminal.once('close', resolve);
  });
  // Only age's own lines: a terminal may echo what is typed.
  if (code !== 0) throw new Error(said.match(/^.*?(age: .*)$/m)?.[1]?.trim() ?? `age ended with ${code}`);
}
