import type { RedirectStatus } from '../loopback/redirect';
import type { Capability } from './capabilities';

export type Plan = 'build' | 'startup' | 'pro' | 'growth' | 'team';

/** What may be changed while the emulator runs. What the real server does is unknown unless the README says otherwise. */
export interface Switches {
  /** The time of one execution, ms; of a streamed one, until its first text. */
  taskMs: number;
  /** Time between two pieces of a streamed text, ms. */
  deltaMs: number;
  /** A surface's own setting: the output alone, or with what is known about its making. */
  responseFormat: 'raw' | 'wrapped';
  /** The field of a wrapped answer that holds the output. */
  wrappedIn: 'result' | 'output' | 'data';
  /** Whether a bad key or an unknown address is told first. */
  checkFirst: 'key' | 'path';
  /** Whether a 401 says how to sign in. */
  challenge: boolean;
  /** How failures are worded whose body is not documented: all but 401 and 403. */
  errorForm: 'error' | 'message' | 'object';
  /** A surface that is paused. */
  pausedStatus: 403 | 404 | 409 | 423 | 503;
  /** The query parameter that asks for a stream, with `true`. */
  streamQuery: 'stream' | 'streamResponse' | 'none';
  /** The field of `options` that asks for a stream. */
  streamOption: 'streamResponse' | 'stream' | 'none';
  /** The names of a stream's events: the platform's, or those it had before. */
  vocabulary: 'execution' | 'legacy';
  /** Of a flow: with two, the text of the first is streamed as well and is no part of the output. */
  steps: 1 | 2;
  /** The output in a stream's last event: as a text, as it is, or left out. */
  finalOutput: 'text' | 'value' | 'absent';
  /** Where an event's name is: in its `event` line, in `type` of its data, or in both. */
  named: 'both' | 'event' | 'data';
  /** Whether events have ids. */
  eventIds: boolean;
  /** Whether a text comes after thoughts and the use of a tool. */
  reasoning: boolean;
  /** What keeps a stream alive before every event. */
  keepAlive: 'none' | 'ping' | 'comment';
  lineEnd: '\n' | '\r\n' | '\r';
  /** Whether an event's JSON goes over several data lines. */
  multiline: boolean;
  /** Where a stream is cut into chunks: between events, or within characters and line ends. */
  chunks: 'whole' | 'cut';
  /** Whether the last event has its empty line. */
  lastFrame: 'ended' | 'unterminated';
  /** The error of a failed stream: a sentence, or an object with code and message. */
  streamError: 'string' | 'object';
  plan: Plan;
  /** Of the free plan, after which it is slow. */
  executionsPerDay: number;
  /** How long the free plan then holds back each call, ms. */
  slowMs: number;
  /** Calls an hour while it is slow. */
  slowPerHour: number;
  retryAfter: 'seconds' | 'date' | 'absent';
  /** What `dispatch` takes for a capability: its name, its slug, or either, also with underscores. */
  dispatchBy: 'any' | 'name' | 'slug';
  /** The address of a surface's specification, below `/api/`. */
  specAt: 'openapi.json' | 'openapi' | 'spec' | 'none';
  specFor: 'everyone' | 'key';
  /** Paths in the specification: whole, or below a server that names the surface. */
  specPaths: 'whole' | 'short';
  /** Whether everything is sent to another origin. */
  redirect: boolean;
  redirectStatus: RedirectStatus;
}

export const defaultSwitches: Switches = {
  taskMs: 60,
  deltaMs: 5,
  responseFormat: 'raw',
  wrappedIn: 'result',
  checkFirst: 'key',
  challenge: false,
  errorForm: 'error',
  pausedStatus: 503,
  streamQuery: 'stream',
  streamOption: 'streamResponse',
  vocabulary: 'execution',
  steps: 1,
  finalOutput: 'text',
  named: 'both',
  eventIds: false,
  reasoning: false,
  keepAlive: 'none',
  lineEnd: '\n',
  multiline: false,
  chunks: 'whole',
  lastFrame: 'ended',
  streamError: 'object',
  plan: 'pro',
  executionsPerDay: 50,
  slowMs: 10_000,
  slowPerHour: 10,
  retryAfter: 'seconds',
  dispatchBy: 'any',
  specAt: 'openapi.json',
  specFor: 'everyone',
  specPaths: 'whole',
  redirect: false,
  redirectStatus: 307,
};

export interface KeySettings {
  label?: string;
  /** The surface it belongs to; the demo surface, unless another is named. */
  surface?: string;
  /** Slugs of the capabilities it is limited to. */
  scopes?: readonly string[];
  perMinute?: number;
  perDay?: number;
  /** ms. */
  expiresAt?: number;
}

export interface RuntypeOptions extends Partial<Switches> {
  tls: { key: string; cert: string };
  /** Keys of API surfaces. */
  keys?: Record<string, KeySettings>;
  /** Of both surfaces; a set for trying out, unless they are named. */
  capabilities?: readonly Capability[];
  /** 0 picks any free port. */
  port?: number;
}

export const demoKey = 'papi_demo0123456789abcdefghijklmnop';
export const demoProduct = 'prod_01m1287382enermwettbceza0y';
export const demoSurface = 'surf_01m12873jfecev6zjmreqv0yw4';
/** A second surface of the same product. */
export const otherSurface = 'surf_01kxvzxg98fqb8x1ngbe2a38q4';
