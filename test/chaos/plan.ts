import type { FaultAction, Refused, Switches } from '../emulators/runware';
import { Dice } from '../unit/dice';

/** All that a run of chaos does, decided by its seed before it begins. What real time makes of it is never the same. */
export interface Plan {
  readonly seed: number;
  /** Until the last call begins or the last thing happens, ms. */
  readonly lasts: number;
  /** How each account's key says that it is to be reached. */
  readonly connections: Readonly<Record<Account, Connection>>;
  readonly calls: readonly PlannedCall[];
  readonly happenings: readonly Happening[];
}

export const ACCOUNTS = ['First', 'Second'] as const;
export type Account = (typeof ACCOUNTS)[number];

export type Connection = 'socket' | 'http' | 'http-body';

export const OPERATIONS = [
  'image',
  'text',
  'enhance',
  'caption',
  'upscale',
  'speech',
  'sound',
  'video',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface PlannedCall {
  /** No other call's prompt has it. A call without a prompt has a picture drawn after it. */
  readonly word: string;
  readonly account: Account;
  readonly operation: Operation;
  /** Beside what its form has at first. */
  readonly values: Readonly<Record<string, string>>;
  /** When it begins, ms from the start. */
  readonly at: number;
  /** How long the service works on it, ms. */
  readonly taskMs: number;
  /** What goes wrong with this very task, one after the other. */
  readonly faults: readonly FaultAction[];
  /** The person stops waiting for it, ms after it began; in the end they ask what became of it. */
  readonly cancelled?: number;
}

/** What happens to everything at once, `at` ms from the start. */
export type Happening = { readonly at: number } & (
  | { readonly what: 'drop'; readonly code?: number }
  | { readonly what: 'freeze' }
  | { readonly what: 'refuse'; readonly ms: number; readonly whom: Refused }
  /** Strikes whoever comes next. */
  | { readonly what: 'fault'; readonly fault: FaultAction }
  | { readonly what: 'switches'; readonly to: Partial<Switches> }
  /** The worker ends at once; with `alone`, no page of ours is open for so many ms. */
  | { readonly what: 'kill'; readonly alone?: number }
  /** The process of worker and page ends. */
  | { readonly what: 'crash' }
  | { readonly what: 'restart'; readonly how: 'quit' | 'crash' }
  | { readonly what: 'lock'; readonly ms: number }
);

/** Between two calls, on average, ms. */
const PACE = 400;

export function planOf(seed: number, count: number): Plan {
  const dice = new Dice(seed);
  const lasts = count * PACE;
  const connections: Plan['connections'] = {
    First: 'socket',
    Second: pick(dice, ['socket', 'socket', 'http', 'http-body']),
  };
  const call = (number: number) => callOf(dice, number, { lasts, connections });
  const calls = inTime(Array.from({ length: count }, (_, number) => call(number)));
  return {
    seed,
    lasts,
    connections,
    calls: isLong(count) ? calls.map(withSlow(dice, lasts)).map(withCancels(dice)) : calls,
    happenings: inTime(happeningsOf(dice, count, lasts)),
  };
}

/** There is time for what takes Runkey minutes to find. */
const isLong = (count: number): boolean => count >= 200;

const inTime = <T extends { readonly at: number }>(list: readonly T[]): T[] =>
  list.toSorted((one, other) => one.at - other.at);

const between = (dice: Dice, least: number, most: number): number => least + dice.below(most - least + 1);

function pick<T>(dice: Dice, choices: readonly [T, ...T[]]): T {
  return dice.one(choices) ?? choices[0];
}

/** What people ask for most comes most often. */
const SHARES: Readonly<Record<Operation, number>> = {
  image: 9,
  text: 8,
  enhance: 3,
  video: 3,
  caption: 2,
  speech: 2,
  upscale: 1,
  sound: 1,
};
const OFTEN = OPERATIONS.flatMap(operation => Array<Operation>(SHARES[operation]).fill(operation));

function callOf(
  dice: Dice,
  number: number,
  { lasts, connections }: Pick<Plan, 'lasts' | 'connections'>,
): PlannedCall {
  const operation = OPERATIONS[number] ?? dice.one(OFTEN) ?? 'image';
  const letters = Array.from({ length: 4 }, () => String.fromCharCode(97 + dice.below(26))).join('');
  const word = `chaos-${String(number).padStart(4, '0')}-${letters}`;
  const values = valuesOf(dice, operation, word);
  const account = pick(dice, ACCOUNTS);
  const overHttp = operation === 'text' || connections[account] !== 'socket';
  return {
    word,
    account,
    operation,
    values,
    at: dice.below(lasts),
    taskMs: operation === 'video' ? between(dice, 800, 3_000) : between(dice, 30, 1_000),
    faults: Array.from({ length: pick(dice, TROUBLES) }, () =>
      faultOf(dice, operation, overHttp, Number(values.count ?? 1)),
    ),
  };
}

/** How many things go wrong with one call. */
const TROUBLES = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2] as const;

/** The word in a string: every task but one with a picture alone has it in its prompt. */
export const WORD = /\bchaos-\d{4}-[a-z]{4}\b/;

function valuesOf(dice: Dice, operation: Operation, word: string): Record<string, string> {
  const seed = String(between(dice, 1, 1_000_000));
  const count = (most: number) => String(between(dice, 1, most));
  switch (operation) {
    case 'image':
      return {
        prompt: `a ${word} by the sea`,
        width: '128',
        height: '128',
        count: count(4),
        format: pick(dice, ['PNG', 'JPG']),
        seed,
      };
    case 'text':
      return { prompt: `Tell me about ${word}, “briefly”, s’il vous plaît.`, maxTokens: '400' };
    case 'enhance':
      return { prompt: `${word} at dawn`, count: count(5), length: '64' };
    case 'caption':
      return { prompt: `Is there a ${word} in it?` };
    case 'upscale':
      return { factor: '2', format: 'PNG' };
    case 'speech':
      return { prompt: `Say ${word} aloud`, format: 'WAV' };
    case 'sound':
      return { prompt: `A song of ${word}`, duration: '1', count: count(2), format: 'WAV' };
    case 'video':
      return {
        prompt: `${word} walking`,
        duration: '2',
        width: '256',
        height: '256',
        count: count(2),
        seed,
      };
  }
}

/**
 * What goes wrong with one task. Nothing here makes its answer impossible to find, or lets a task fail that was
 * billed; nor does any take Runkey minutes to find.
 */
function faultOf(dice: Dice, operation: Operation, overHttp: boolean, count: number): FaultAction {
  const code = pick(dice, [1001, 1006, 1006, 1011]);
  const always: readonly [FaultAction, ...FaultAction[]] = [
    { kind: 'error', failure: { code: 'rateLimitExceeded', message: 'Later.' } },
    { kind: 'drop', at: 'arrival', code },
    { kind: 'drop', at: 'accepted', code },
  ];
  const statuses: readonly FaultAction[] = [
    { kind: 'http', status: 503 },
    { kind: 'http', status: 504, accept: true },
  ];
  if (operation === 'text') {
    const cuts = [0, dice.below(20), dice.below(20), 1_000];
    return pick(dice, [
      ...always,
      ...statuses,
      ...cuts.map((after): FaultAction => ({ kind: 'sse-cut', after })),
    ]);
  }
  if (overHttp) return pick(dice, [...always, ...statuses]);
  if (operation === 'video') {
    return pick(dice, [...always, { kind: 'drop', at: 'acked', code }, { kind: 'no-ack' }]);
  }
  // A link that goes half-open costs a quarter of a minute: it happens seldom.
  if (dice.below(30) === 0) return { kind: 'freeze', at: 'accepted' };
  return pick(dice, [
    ...always,
    { kind: 'drop', at: 'result', after: dice.below(count + 1), code },
    { kind: 'drop', at: 'result', after: dice.below(count + 1), code },
    { kind: 'order', order: 'reversed' },
    { kind: 'order', order: 'twice' },
    { kind: 'frame', frame: pick(dice, ['malformed', 'binary']) },
  ]);
}

/** Of the calls that begin early, one in forty gets no answer at all: finding it takes Runkey a minute or three. */
const withSlow =
  (dice: Dice, lasts: number) =>
  (call: PlannedCall): PlannedCall => {
    if (call.at > lasts / 2 || dice.below(40) > 0) return call;
    const frozen: FaultAction = { kind: 'freeze', at: 'accepted' };
    const silent: FaultAction = { kind: 'silence' };
    if (call.operation === 'text') return { ...call, faults: [frozen] };
    return call.operation === 'video' ? call : { ...call, faults: [silent] };
  };

/** Asking after one that never arrived takes minutes too. */
const withCancels =
  (dice: Dice) =>
  (call: PlannedCall): PlannedCall =>
    dice.below(12) > 0 ? call : { ...call, cancelled: dice.below(1_500) };

function happeningsOf(dice: Dice, count: number, lasts: number): Happening[] {
  const somewhen = (share = 1) => dice.below(lasts * share);
  const often = <T>(share: number, make: () => T): T[] =>
    Array.from({ length: Math.max(1, Math.round(count * share)) }, make);
  return [
    ...often(1 / 15, (): Happening => ({ at: somewhen(), what: 'kill' })),
    ...often(1 / 60, (): Happening => ({ at: somewhen(), what: 'crash' })),
    ...often(1 / 15, (): Happening => ({ at: somewhen(), what: 'drop', code: pick(dice, [1001, 1006]) })),
    // Early: what was on that link has to be found before the end.
    ...often(1 / 120, (): Happening => ({ at: somewhen(0.5), what: 'freeze' })),
    ...often(1 / 20, (): Happening => {
      const whom = pick(dice, ['all', 'sockets', 'http'] as const);
      return { at: somewhen(), what: 'refuse', ms: between(dice, 200, 2_500), whom };
    }),
    ...often(
      1 / 60,
      (): Happening => ({ at: somewhen(), what: 'fault', fault: { kind: 'drop', at: 'pong' } }),
    ),
    ...often(
      1 / 60,
      (): Happening => ({ at: somewhen(), what: 'fault', fault: { kind: 'drop', at: 'auth' } }),
    ),
    ...often(1 / 60, (): Happening => ({ at: somewhen(), what: 'lock', ms: between(dice, 100, 1_500) })),
    ...often(1 / 8, (): Happening => ({ at: somewhen(), what: 'switches', to: switchesOf(dice) })),
    { at: 0, what: 'switches', to: switchesOf(dice) },
    { at: Math.floor(lasts * 0.4) + somewhen(0.2), what: 'restart', how: pick(dice, ['quit', 'crash']) },
    ...(isLong(count)
      ? ([
          { at: Math.floor(lasts * 0.7) + somewhen(0.2), what: 'restart', how: 'crash' },
          // Only its own alarm starts the worker again.
          { at: Math.floor(lasts * 0.3), what: 'kill', alone: 40_000 },
          // Longer than anything waits for a connection. Late, since what begins in it is not sent.
          { at: Math.floor(lasts * 0.92), what: 'refuse', ms: 70_000, whom: 'all' },
        ] as const)
      : []),
  ];
}

/**
 * Every way in which the service may be, as far as its documents leave it open. In all of them an answer can
 * be found: a task that is remembered shows in getResponse or in the archive.
 */
function switchesOf(dice: Dice): Partial<Switches> {
  const coin = () => dice.below(2) === 0;
  const [bufferMs, pollSync] = [pick(dice, [0, 300, 120_000]), coin()];
  return {
    bufferMs,
    pollSync,
    resumeId: pick(dice, ['same', 'new']),
    replay: pick(dice, ['after-auth', 'before-auth', 'same-frame', 'twice']),
    expiredSession: pick(dice, ['new', 'error']),
    closedTasks: pick(dice, ['run-on', 'run-on', 'stop']),
    unknownTask: pick(dice, ['empty', 'error']),
    taskDetails: pick(dice, ['object', 'array']),
    batching: pick(dice, ['split', 'joined', 'mixed']),
    shuffle: coin() && { seed: dice.below(2 ** 32), withinMs: between(dice, 20, 200) },
    fragments: pick(dice, [1, 1, 3, 7]),
    outputType: pick(dice, ['as-asked', 'as-asked', 'URL']),
    mediaHost: pick(dice, ['documented', 'documented', 'guessed']),
    emptyData: coin(),
    restErrors: pick(dice, ['errors', 'error']),
    progress: coin(),
    reasoning: coin(),
    keepAlive: pick(dice, ['once', 'often']),
    lineEnd: pick(dice, ['\n', '\r\n']),
    multiline: coin(),
    chunks: pick(dice, ['whole', 'cut']),
    deltaMs: between(dice, 0, 20),
  };
}
