import { operationOf } from '../../src/services/abouts';
import { initialValues, type Values } from '../../src/services/fields';
import { emulate } from '../browser/stage';
import { type RunwareEmulator, runwareHosts, type Task } from '../emulators/runware/index';
import { drawPicture } from '../emulators/runware/media/picture';
import { encodePng } from '../emulators/runware/media/raster';
import { certificateFor } from '../emulators/tls';
import { type Rival, startRival } from './rival';
import { type Runkey, startRunkey } from './runkey';

/** Both sides and the one service that they talk to. Every account is one key, so that each bill has one payer. */
export interface Sides {
  readonly runware: RunwareEmulator;
  readonly ours: Runkey;
  /** Another browser of ours. */
  anotherOfOurs(): Promise<Runkey>;
  /** The SDK in a process of its own, connected with a key of its own. */
  theirs(account: string, options?: { countWakeUps: boolean }): Promise<Rival>;
  /** The host names of the service, and the port that stands in for each. */
  readonly hosts: Record<string, number>;
  close(): Promise<void>;
}

/** How long the emulator takes for a task, ms, unless its prompt says otherwise. */
const TASK = 20;

const accounts = [
  ...[
    'first',
    'half-open',
    'idle half-open',
    'drop',
    'parallel',
    'relay',
    'waiting',
    'idle',
    'frames',
    'outage',
    'warm',
  ],
  'worker',
];

/** The API key of an account, on our side or theirs. */
export const apiKeyOf = (side: 'ours' | 'theirs', account: string): string =>
  `bench-${side}-${account.replaceAll(' ', '-')}-0123456789abcdef`;

export async function setSides(): Promise<Sides> {
  const keys = Object.fromEntries(
    accounts.flatMap(account =>
      (['ours', 'theirs'] as const).map(side => [
        apiKeyOf(side, account),
        { label: `${side} ${account}`, balance: 100 },
      ]),
    ),
  );
  const { runware, hosts } = await emulate({ keys, taskMs });
  const { cert } = await certificateFor([...runwareHosts]);
  const closing: (() => Promise<unknown>)[] = [];
  const kept = <T extends { close(): Promise<unknown> }>(one: T): T => {
    closing.push(() => one.close());
    return one;
  };
  try {
    return {
      runware,
      hosts,
      ours: kept(await startRunkey(hosts)),
      anotherOfOurs: async () => kept(await startRunkey(hosts)),
      theirs: async (account, options) =>
        kept(await startRival({ port: runware.port, cert, apiKey: apiKeyOf('theirs', account), ...options })),
      async close() {
        await Promise.allSettled(closing.map(one => one()));
        await runware.close();
      },
    };
  } catch (error) {
    await Promise.allSettled(closing.map(one => one()));
    await runware.close();
    throw error;
  }
}

/** One picture to be asked for, told to each side in its own words. */
export interface Wish {
  readonly prompt: string;
  readonly seed: number;
  readonly count: number;
  readonly values: Values;
  readonly request: object;
}

const SIDE = 128;

/** `takes` so many ms; the prompt says so to the emulator. */
export function wish({ about = 'A lighthouse at dusk', takes = TASK, seed = 1, count = 1 } = {}): Wish {
  const prompt = `${about}, in ${takes} ms`;
  const model = initialValues(operationOf('runware', 'image').fields).model ?? '';
  return {
    prompt,
    seed,
    count,
    values: {
      prompt,
      model,
      width: String(SIDE),
      height: String(SIDE),
      count: String(count),
      format: 'PNG',
      seed: String(seed),
    },
    request: {
      positivePrompt: prompt,
      model,
      width: SIDE,
      height: SIDE,
      numberResults: count,
      seed,
      outputType: 'base64Data',
      outputFormat: 'PNG',
      includeCost: true,
    },
  };
}

const taskMs = ({ positivePrompt }: Task): number =>
  Number(/in (\d+) ms$/.exec(String(positivePrompt))?.[1] ?? TASK);

/** Whether these are the very pictures that the emulator draws for a wish. */
export function isAnswerTo({ prompt, seed, count }: Wish, pictures: readonly Buffer[]): boolean {
  const drawn = Array.from({ length: count }, (_, at) =>
    encodePng(drawPicture({ prompt, seed: seed + at, width: SIDE, height: SIDE })),
  );
  return pictures.length === count && drawn.every(one => pictures.some(picture => picture.equals(one)));
}

/** Whether a task of the wire is that of a wish: for faults that are to strike it alone. */
export const isTaskOf =
  ({ prompt }: Wish) =>
  ({ positivePrompt }: Task): boolean =>
    positivePrompt === prompt;

/** How many tasks an account was billed for. */
export const billed = ({ ledger }: RunwareEmulator, side: 'ours' | 'theirs', account: string): number =>
  ledger.entries.filter(({ key }) => key === `${side} ${account}`).length;

/** How long the emulator itself took for its last task, ms: from the task's frame to its answer's. */
export function serverTime({ traffic }: RunwareEmulator): number {
  const from = traffic.findLastIndex(
    ({ direction, text }) => direction === 'in' && text.includes('imageInference'),
  );
  const asked = traffic[from];
  const answered = traffic
    .slice(from)
    .find(({ direction, text }) => direction === 'out' && text.includes('imageInference'));
  if (!asked || !answered) throw new Error('The emulator saw no task.');
  return answered.at - asked.at;
}
