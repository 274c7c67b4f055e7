import * as v from 'valibot';
import { fromBase64, textOf } from '../../bytes';
import { parsed } from '../json';
import { failureOf, noTokens, rejected, unreadable } from './errors';
import { refusalIn } from './words';

export interface Token {
  readonly text: string;
  /** Until when it is used, ms since the epoch. */
  readonly until: number;
}

/** A token is renewed so long before it ends, ms; a short-lived one after half its life. */
const EARLY = 60_000;
/** The life of a token that does not say how long it lives, ms: a 401 tells the rest. */
const UNSAID = 5 * 60_000;

const text = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/), v.maxLength(32_000));
const seconds = v.fallback(
  v.optional(v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.finite(), v.minValue(0))),
  undefined,
);
const Reply = v.union([
  v.pipe(
    v.object({ access_token: text, expires_in: seconds }),
    v.transform(({ access_token, expires_in }) => ({ text: access_token, life: expires_in })),
  ),
  v.pipe(
    v.object({ accessToken: text, expiresIn: seconds }),
    v.transform(({ accessToken, expiresIn }) => ({ text: accessToken, life: expiresIn })),
  ),
]);

/** When a JWT was made and when it ends, s, by its server's clock. */
const Claims = v.object({ exp: v.number(), iat: v.optional(v.number()) });

/** How the API of Kubernetes refuses. */
const ClusterStatus = v.object({ kind: v.literal('Status'), apiVersion: v.string() });

/** Errors of RFC 6749 with which a secret, or its owner, is rejected. */
const REJECTED = ['invalid_client', 'invalid_grant', 'unauthorized_client', 'access_denied'];
/** Words with which a way to ask is refused, and not the secret. */
const UNKNOWN_WAY = /unsupported[_ ]grant|grant[_ ]?type/i;
/** Words with which a secret is rejected, whatever the status: one that is documented is a 500. */
const WRONG = /invalid client|credentials/i;
/** What the API answers to everything that comes without a token: then it has no such endpoint. */
const NO_TOKEN = /issuer is not familiar/i;

/**
 * Reads the answer to a token request. `elsewhere`: this is no way to ask here, and another may be tried; never
 * after a rejection. Throws `rejected-key`, `not-found` where no Run:ai is, and what else is wrong.
 */
export function tokenIn(status: number, body: string, now: number): Token | 'elsewhere' {
  const said = parsed(body);
  if (status >= 200 && status < 300) {
    // The user interface answers with its page for whatever is not there.
    if (said === undefined) return 'elsewhere';
    const read = v.safeParse(Reply, said);
    if (!read.success) throw unreadable('no token where one was asked for');
    return { text: read.output.text, until: now + usable(read.output) };
  }
  // A cluster's own API, which knows nobody yet and says so in the form of Kubernetes: the URL is wrong, no secret is.
  if (v.is(ClusterStatus, said)) throw noTokens();
  if ([404, 405, 415].includes(status)) return 'elsewhere';
  const refusal = refusalIn(said);
  if (!refusal) throw failureOf(status, body);
  const { code = '', text: words = '' } = refusal;
  if (REJECTED.includes(code)) throw rejected(refusal, status);
  if (NO_TOKEN.test(words)) return 'elsewhere';
  if (status === 400 && UNKNOWN_WAY.test(`${code} ${words}`)) return 'elsewhere';
  if (status === 401 || status === 403 || WRONG.test(words)) throw rejected(refusal, status);
  throw failureOf(status, body);
}

function usable({ text, life }: { text: string; life?: number | undefined }): number {
  const whole = life === undefined ? lifeOf(text) : life * 1000;
  return whole - Math.min(EARLY, whole / 2);
}

/** By its own claims, which no two clocks need agree on. */
function lifeOf(token: string): number {
  try {
    const [, payload = ''] = token.split('.');
    const { exp, iat } = v.parse(Claims, JSON.parse(textOf(fromBase64(standard(payload)))));
    return Math.max(0, exp * 1000 - (iat === undefined ? Date.now() : iat * 1000));
  } catch {
    return UNSAID;
  }
}

const standard = (base64url: string): string => {
  const text = base64url.replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
};
