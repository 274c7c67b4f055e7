/** What may be changed while the emulator runs. What the real service does is unknown unless the README says otherwise. */
export interface Switches {
  /** How long a task is PENDING, then RUNNING, ms. */
  pendingMs: number;
  taskMs: number;
  /** How long a task in explore mode, or beyond what Runway runs at once, is THROTTLED before it runs, ms. */
  throttledMs: number;
  /** What becomes of `%40` and the like in a path, and (`form`) of `+`. */
  pathDecoding: 'none' | 'percent' | 'form';
  /** Whether a list is found only with the slash it is documented with. */
  slashes: 'any' | 'documented';
  /** What reading one account answers with when all is well. */
  accountStatus: 200 | 201;
  /** How it is said that an account is not configured. */
  missingAccount: 'text' | 'json';
  /** What deleting an account or a tracked task answers with. */
  deleted: 'success' | 'empty' | 'no-content';
  /** Whether accounts come with their password and their session. */
  secretsEchoed: boolean;
  /** Whether accounts name their paid workspace. */
  workspace: boolean;
  /** The status for one account more than the subscription allows. */
  tooManyAccounts: 400 | 402 | 403;
  /** What `dryRun` with an account does. */
  dryRun: 'ignored' | 'validates';
  /** How long a Runway session lasts, seconds. */
  sessionSeconds: number;
  /** Whether /v2/account answers when the subscription has lapsed, or is refused as all else is. */
  lapsed: 'told' | 'refused';
  /** How /v2/account names the service; the shorter one stands in the documents' example. */
  serviceName: 'Runway API' | 'Runway AP';
  /** How long a job takes to show in the statistics, ms. */
  statsLagMs: number;
  /** A created task as it is, or as `task` beside a `code`. */
  createForm: 'flat' | 'wrapped';
  /** A list as it is, or under its name. */
  listForm: 'wrapped' | 'bare';
  /** How soon a new task is listed, ms. */
  listLagMs: number;
  /** Whether a task that is read names the `replyRef` it was created with. */
  refInTask: boolean;
  progressForm: 'string' | 'number';
  /** Whether images/create can do without a model. */
  imageModel: 'required' | 'optional';
  /** Whether a number or a flag in JSON may be text, as it has to be in a form. */
  numbersAsText: boolean;
  unknownFields: 'ignored' | 'refused';
  /** Which of so many accounts with free capacity is taken, counted from 0. */
  pick: (count: number) => number;
  /** How many jobs Runway runs at once for one account, whatever maxJobs says. */
  jobsAtOnce: number;
  /** What becomes of one job more. */
  beyond: 'refused' | 'throttled';
  /** Where a 429 says when to come back. */
  retryAfter: 'both' | 'header' | 'body' | 'neither';
  retryAfterForm: 'seconds' | 'date';
  retryAfterMs: number;
  /** A prompt with this word in it is moderated. */
  moderatedWord: string;
  /** How: refused with a status, or accepted and failed. */
  moderation: 422 | 403 | 'task';
  /** The error of a failed task. */
  taskError: 'object' | 'string';
  /** What comes from Runway as a sentence, or as the object it sent. */
  upstreamErrors: 'string' | 'object';
  /** Whether an error repeats its status. */
  codeField: boolean;
  /** How long a task is known, ms, and what is said then. */
  retentionMs: number;
  expiredTask: 410 | 404;
  failedTasks: 'refunded' | 'charged';
  /** Where results lie. Not documented. */
  mediaHost: 'cloudfront' | 'storage';
  /** How long the address of a result works, ms. */
  linkMs: number;
  /** Sends every call on to another origin, with this status. */
  redirect: false | 301 | 302 | 303 | 307 | 308;
}

export interface AccountSettings {
  password?: string;
  maxJobs?: number;
  /** Runway credits. */
  credits?: number;
  /** Has the Unlimited plan, and so explore mode. */
  unlimited?: boolean;
}

export interface TokenSettings {
  label?: string;
  /** How many subscriptions are paid; each allows three accounts. */
  subscriptions?: number;
  /** Configured Runway accounts, by e-mail. */
  accounts?: Record<string, AccountSettings>;
}

export interface UseapiOptions extends Partial<Switches> {
  tls: { key: string; cert: string };
  /** API tokens the server accepts. */
  tokens?: Record<string, TokenSettings>;
  /** 0 picks any free port. */
  port?: number;
}

export const demoToken = 'user:1234-DemoUseapiToken0123456789';
export const demoEmail = 'demo@example.com';
export const demoPassword = 'demo-runway-password';

/** With these Runway refuses to sign in; any other password is taken. */
export const wrongPassword = 'a-wrong-password';
export const suspendedPassword = 'a-suspended-password';

export const defaultSwitches: Switches = {
  pendingMs: 20,
  taskMs: 60,
  throttledMs: 40,
  pathDecoding: 'none',
  slashes: 'any',
  accountStatus: 200,
  missingAccount: 'text',
  deleted: 'success',
  secretsEchoed: true,
  workspace: false,
  tooManyAccounts: 400,
  dryRun: 'ignored',
  sessionSeconds: 2_592_000,
  lapsed: 'told',
  serviceName: 'Runway API',
  statsLagMs: 300_000,
  createForm: 'flat',
  listForm: 'wrapped',
  listLagMs: 0,
  refInTask: false,
  progressForm: 'string',
  imageModel: 'required',
  numbersAsText: true,
  unknownFields: 'ignored',
  pick: count => Math.floor(Math.random() * count),
  jobsAtOnce: 2,
  beyond: 'refused',
  retryAfter: 'both',
  retryAfterForm: 'seconds',
  retryAfterMs: 1000,
  moderatedWord: 'forbidden',
  moderation: 422,
  taskError: 'object',
  upstreamErrors: 'string',
  codeField: true,
  retentionMs: 7 * 24 * 3_600_000,
  expiredTask: 410,
  failedTasks: 'refunded',
  mediaHost: 'cloudfront',
  linkMs: 24 * 3_600_000,
  redirect: false,
};
