import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The official SDK in Node, unmodified. */
export interface Rival {
  /** One image; ms until the SDK gives it. */
  image(request: object): Promise<number>;
  close(): Promise<void>;
}

export async function startRival(port: number, apiKey: string, cert: string): Promise<Rival> {
  const folder = await mkdtemp(join(tmpdir(), 'runkey-bench-'));
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, cert);
  const program = fileURLToPath(new URL('./sdk.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [program, `wss://127.0.0.1:${port}`, apiKey], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('The SDK’s process has no output.');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async image(request) {
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      return Number((await lines.next()).value);
    },
    async close() {
      child.stdin?.end();
      await rm(folder, { recursive: true });
    },
  };
}
