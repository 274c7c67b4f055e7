import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Tried } from './comparison';

const Answered = v.object({
  number: v.number(),
  ms: v.number(),
  value: v.optional(v.unknown()),
  error: v.optional(v.string()),
});
type Answered = v.InferOutput<typeof Answered>;

const Images = v.array(v.object({ imageBase64Data: v.string() }));

/** How one call ended, with its pictures. */
export interface Got extends Tried {
  readonly pictures: readonly Buffer[];
}

/** The official SDK in Node, unmodified, in a process of its own. */
export interface Rival {
  image(request: object): Promise<Got>;
  /** An image over a connection that is made for it, with another key if one is named. */
  first(request: object, apiKey?: string): Promise<Got>;
  /** How often its process has woken up so far. */
  wakeUps(): Promise<number>;
  close(): Promise<void>;
}

export interface RivalOptions {
  readonly port: number;
  readonly cert: string;
  readonly apiKey: string;
  /** It runs slower with it. */
  readonly countWakeUps?: boolean;
}

export async function startRival({ port, cert, apiKey, countWakeUps }: RivalOptions): Promise<Rival> {
  const folder = await mkdtemp(join(tmpdir(), 'runkey-bench-'));
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, cert);
  const program = fileURLToPath(new URL('./sdk.mjs', import.meta.url));
  const args = [program, `wss://127.0.0.1:${port}`, apiKey, ...(countWakeUps ? ['count-wake-ups'] : [])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const stopWithUs = () => void child.kill();
  process.once('exit', stopWithUs);
  const waiting = new Map<number, (answer: Answered) => void>();
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', code => reject(new Error(`The SDK’s process ended with exit code ${code}.`)));
    lines.once('line', () => resolve());
  });
  await ready;
  lines.on('line', line => {
    const answer = v.parse(Answered, JSON.parse(line));
    waiting.get(answer.number)?.(answer);
    waiting.delete(answer.number);
  });
  let asked = 0;
  const ask = (name: string, body: object = {}) => {
    asked += 1;
    const number = asked;
    child.stdin.write(`${JSON.stringify({ number, ask: name, ...body })}\n`);
    return new Promise<Answered>(resolve => waiting.set(number, resolve));
  };
  const got = ({ ms, value, error }: Answered): Got => ({
    ms,
    error,
    pictures:
      error === undefined
        ? v.parse(Images, value).map(({ imageBase64Data }) => Buffer.from(imageBase64Data, 'base64'))
        : [],
  });
  return {
    image: async request => got(await ask('image', { request })),
    first: async (request, other) => got(await ask('first', { request, apiKey: other })),
    wakeUps: async () => v.parse(v.number(), (await ask('wakeUps')).value),
    async close() {
      process.off('exit', stopWithUs);
      child.stdin.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
