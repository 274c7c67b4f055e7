import type { Shuffle } from './shuffle';
import type { Task } from './wire';

/** What may be changed while the emulator runs. What the real server does is unknown unless the README says otherwise. */
export interface Switches {
  /** Server-side time of one task in ms, from acceptance to its first result. */
  taskMs: number | ((task: Task) => number);
  /** Time between two results of one task, ms. */
  gapMs: number;
  /** How long an undelivered result waits for its session to come back, ms. */
  bufferMs: number;
  /** A socket silent in both directions for this long is closed, ms. */
  idleMs: number;
  idleCode: number;
  /** How long a finished task is known: then its taskUUID is as good as new, and billed anew. ms from its acceptance. */
  rememberMs: number;
  /** Results of one task: a frame each, one frame, or one frame shared with whatever else is ready. */
  batching: 'split' | 'joined' | 'mixed';
  /** Holds results a while and lets them out joined, split, repeated and in any order. */
  shuffle: Shuffle | false;
  /** Into how many WebSocket frames one message is cut, a character of several bytes too. */
  fragments: number;
  replay: 'after-auth' | 'before-auth' | 'same-frame' | 'twice';
  resumeId: 'same' | 'new';
  expiredSession: 'new' | 'error';
  unauthenticated: 'ignore' | 'error' | 'close';
  badKey: 'stay-open' | 'close';
  /** Whether the sync tasks of a lost connection run on. One that stops is not billed, and forgotten. */
  closedTasks: 'run-on' | 'stop';
  maxFrameBytes: number;
  /** getResponse for a taskUUID never seen. */
  unknownTask: 'empty' | 'error';
  /** Whether getResponse serves tasks that were sent as sync. */
  pollSync: boolean;
  /** The `response` of getTaskDetails: an object with `data`, the items alone, or none. */
  taskDetails: 'object' | 'array' | 'missing';
  /** What a dry run does: it is priced, or run and billed like any other request. */
  dryRun: 'priced' | 'run';
  /** Whether bytes are given where bytes are asked for. */
  outputType: 'as-asked' | 'URL';
  /** Where videos and sounds lie: under hosts of their own, which is a guess, or where the images lie. */
  mediaHost: 'guessed' | 'documented';
  /** Whether processing items carry `progress`. */
  progress: boolean;
  /** `refused`: the key may not ask for it. */
  balanceForm: 'number' | 'object' | 'refused';
  /** Whether a failed request carries an empty `data` next to `errors`. */
  emptyData: boolean;
  /** REST failures under `errors` (an array) or `error` (one object). */
  restErrors: 'errors' | 'error';
  /** Whether REST payload authentication is echoed as the first data item. */
  echoAuth: boolean;
  /** Time between two pieces of a streamed text, ms. */
  deltaMs: number;
  /** Whether a text stream starts with reasoning. */
  reasoning: boolean;
  /** Comments in a stream: one at its beginning, or one before every event. */
  keepAlive: 'once' | 'often';
  lineEnd: '\n' | '\r\n';
  /** Whether an event's JSON goes over several data lines. */
  multiline: boolean;
  /** Where a stream is cut into chunks: between events, or within characters and line ends. */
  chunks: 'whole' | 'cut';
}

export interface KeySettings {
  /** USD. */
  balance?: number;
  label?: string;
}

export interface RunwareOptions extends Partial<Switches> {
  tls: { key: string; cert: string };
  /** API keys the server accepts. */
  keys?: Record<string, KeySettings>;
  /** 0 picks any free port. */
  port?: number;
}

export const demoKey = 'demo-runware-key-0123456789abcdef';

export const defaultSwitches: Switches = {
  taskMs: 60,
  gapMs: 0,
  bufferMs: 120_000,
  idleMs: 120_000,
  idleCode: 1000,
  rememberMs: Number.POSITIVE_INFINITY,
  batching: 'split',
  shuffle: false,
  fragments: 1,
  replay: 'after-auth',
  resumeId: 'same',
  expiredSession: 'new',
  unauthenticated: 'ignore',
  badKey: 'stay-open',
  closedTasks: 'run-on',
  maxFrameBytes: 64 * 1024 * 1024,
  unknownTask: 'empty',
  pollSync: true,
  taskDetails: 'object',
  dryRun: 'priced',
  outputType: 'as-asked',
  mediaHost: 'guessed',
  progress: true,
  balanceForm: 'number',
  emptyData: true,
  restErrors: 'errors',
  echoAuth: true,
  deltaMs: 5,
  reasoning: false,
  keepAlive: 'once',
  lineEnd: '\n',
  multiline: false,
  chunks: 'whole',
};
