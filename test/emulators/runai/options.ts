import type { RedirectStatus } from '../loopback/redirect';

export type Grant = 'app_token' | 'client_credentials';

/** What may be changed while the emulator runs. What the real server does is unknown unless the README says otherwise. */
export interface Switches {
  /** The grants that /api/v1/token takes; none at all means there is no such endpoint. */
  v1Grants: readonly Grant[];
  /** A v1 request that names no grant: refused, or understood by what it carries. */
  v1NoGrant: 'refused' | 'understood';
  /** Whether there is /api/v2/token. */
  v2: boolean;
  /** What an endpoint that is not there answers: a status, or the user interface's page with 200. */
  absent: 404 | 405 | 'page';
  /** The life of a token, s. */
  tokenSeconds: number;
  /** How far the server's clock, by which a token's claims are written, is ahead of this one, s. */
  clockAhead: number;
  /** A JWT whose payload has no - and _ , one that has them, or a token that says nothing. */
  tokenForm: 'jwt' | 'url-safe-jwt' | 'opaque';
  /** What comes beside the token: what the guides show, everything the specification names, or nothing about time. */
  tokenFields: 'documented' | 'full' | 'no-expiry';
  expiresIn: 'number' | 'string';
  /** The answer of /api/v1/token to a wrong id or secret. */
  v1WrongSecret: 400 | 401 | 500 | 503;
  /** The answer of /api/v2/token to a wrong id or secret. */
  v2WrongSecret: { status: 400 | 401; error: 'invalid_client' | 'invalid_grant' | 'unauthorized_client' };
  /** Another content type than the documented one, at either token endpoint. */
  wrongContentType: 400 | 415;
  /** So many wrong secrets in a row lock an application: then its right one is refused as well. */
  lockAfter: number;
  /** Whether a new secret ends the tokens that the old one got. */
  regenerateEndsTokens: boolean;
  /** `next` where a list ends. */
  nextAtEnd: 'absent' | 'null' | 'empty';
  /** The time of one step between two phases of a workload, ms. */
  phaseMs: number;
  /** Whether there are GPUs for what is submitted or resumed; where there are none it stays Pending. */
  capacity: 'free' | 'full';
  /** Suspending what is suspended already, resuming what runs. */
  redundant: 'accepted' | 'conflict';
  /** Metrics with 207 where some could not be had. */
  metrics: 'whole' | 'partial';
  /** What is sent to another origin: token requests, everything else, or all. */
  redirect: 'never' | 'token' | 'api' | 'all';
  redirectStatus: RedirectStatus;
}

export const defaultSwitches: Switches = {
  v1Grants: ['app_token', 'client_credentials'],
  v1NoGrant: 'refused',
  v2: true,
  absent: 404,
  tokenSeconds: 3600,
  clockAhead: 0,
  tokenForm: 'jwt',
  tokenFields: 'documented',
  expiresIn: 'number',
  v1WrongSecret: 400,
  v2WrongSecret: { status: 401, error: 'invalid_client' },
  wrongContentType: 400,
  lockAfter: Number.POSITIVE_INFINITY,
  regenerateEndsTokens: false,
  nextAtEnd: 'absent',
  phaseMs: 60,
  capacity: 'free',
  redundant: 'accepted',
  metrics: 'whole',
  redirect: 'never',
  redirectStatus: 307,
};

/** The token endpoints that the generations of Run:ai have, to be given to `Object.assign(switches, …)`. */
export const generations = {
  /** Up to 2.19: the seeds' application and its secret. */
  applications: { v1Grants: ['app_token'], v2: false },
  /** From 2.20: the same address takes client credentials. */
  clientCredentials: { v1Grants: ['app_token', 'client_credentials'], v2: false },
  /** From 2.24: the standard form, beside what was. */
  both: { v1Grants: ['app_token', 'client_credentials'], v2: true },
  /** 3.0, as its documents have it: the old address is deprecated and knows no app_token. */
  noAppToken: { v1Grants: ['client_credentials'], v2: true },
  /** When the deprecated is gone. */
  v2Only: { v1Grants: [], v2: true },
} as const satisfies Record<string, Pick<Switches, 'v1Grants' | 'v2'>>;

export interface ApplicationSettings {
  secret: string;
  label?: string;
  /** The control plane it belongs to; without one it is known to all. */
  host?: string;
  access?: Access;
}

/** What an application's access rules let it do. Without rules it may do nothing. */
export type Access = 'none' | 'read' | 'write';

export interface RunaiOptions extends Partial<Switches> {
  tls: { key: string; cert: string };
  /** Applications (service accounts, user access keys) by their client id. */
  applications?: Record<string, ApplicationSettings>;
  /** Hosts that are a cluster's Kubernetes API. Every other host is a control plane. */
  clusterHosts?: readonly string[];
  /** 0 picks any free port. */
  port?: number;
}

export const demoApplication = { id: 'runkey-demo', secret: 'demo-runai-secret-0123456789abcdef' } as const;
