import { randomBytes, randomUUID } from 'node:crypto';

export interface Claims {
  readonly iss: string;
  readonly sub: string;
  /** Unix time, s. */
  readonly iat: number;
  readonly exp: number;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A token in the form of a JWT; its signature is noise, for only the server would check it. Plain ones have no
 * letter in their payload that standard base64 lacks, for there are clients that do not know the difference.
 */
export function mintJwt(claims: Claims, alphabet: 'plain' | 'url-safe'): string {
  const header = encoded({ alg: 'RS256', typ: 'JWT', kid: 'emulator' });
  for (;;) {
    const name = alphabet === 'plain' ? {} : { name: 'Ünïcode ≥ ÿÿÿ ???>>>' };
    const payload = encoded({ ...claims, jti: randomUUID(), typ: 'Bearer', ...name });
    if (/[-_]/.test(payload) === (alphabet === 'url-safe')) {
      return [header, payload, randomBytes(48).toString('base64url')].join('.');
    }
  }
}
