import type { Answer } from '../loopback/wire';
import type { Switches } from './options';

interface Circumstances {
  /** The service passes on what Runway said. */
  upstream?: boolean;
  headers?: Record<string, string>;
  fields?: Record<string, unknown>;
}

/** Thrown wherever a call cannot go on; the call's answer is made of it. */
export class Refusal extends Error {
  readonly status: number;
  readonly circumstances: Circumstances;

  constructor(status: number, sentence: string, circumstances: Circumstances = {}) {
    super(sentence);
    this.status = status;
    this.circumstances = circumstances;
  }
}

/** The envelope of every error: a sentence (or Runway's object), its status again, and what else is known. */
export function told({ status, message, circumstances }: Refusal, switches: Switches): Answer {
  const { upstream = false, headers = {}, fields = {} } = circumstances;
  const error = upstream && switches.upstreamErrors === 'object' ? { message, statusCode: status } : message;
  return { status, headers, body: { error, ...(switches.codeField && { code: status }), ...fields } };
}

export const badParam = (sentence: string): Refusal => new Refusal(400, sentence);
export const missingParam = (name: string): Refusal => badParam(`Required param ${name} is missing or empty`);
export const unauthorized = (): Refusal => new Refusal(401, 'Unauthorized');
export const wrongLogin = (): Refusal => new Refusal(401, 'Wrong username/password combination.');
export const suspended = (): Refusal => new Refusal(401, 'This account has been suspended.');
export const lapsed = (): Refusal => new Refusal(402, 'Your useapi.net subscription has expired.');
export const forbidden = (): Refusal => new Refusal(403, 'Forbidden.');
export const notFound = (): Refusal => new Refusal(404, 'Not found.');
export const noCredits = (): Refusal =>
  new Refusal(412, 'You do not have enough credits.', { upstream: true });
export const moderated = (status: 422 | 403): Refusal =>
  new Refusal(status, 'The prompt did not pass moderation.', { upstream: true });
export const broken = (error: string): Refusal => new Refusal(596, error, { upstream: true });

export const unconfigured = 'Configuration not found. To create configuration use POST /accounts/email.';
export const noAccounts = (): Refusal =>
  badParam('Please configure at least one account using POST /accounts/email.');
export const ambiguous = (): Refusal =>
  badParam('Param email is required when multiple accounts are configured.');

/** Every account is busy, with when to come back where the switch wants it. */
export function busy({ retryAfter, retryAfterForm, retryAfterMs }: Switches): Refusal {
  const then = new Date(Date.now() + retryAfterMs);
  const header = retryAfterForm === 'date' ? then.toUTCString() : String(Math.ceil(retryAfterMs / 1000));
  const inHeader = retryAfter === 'both' || retryAfter === 'header';
  const inBody = retryAfter === 'both' || retryAfter === 'body';
  return new Refusal(429, 'All available accounts are busy, please try again later.', {
    ...(inHeader && { headers: { 'retry-after': header } }),
    ...(inBody && { fields: { retryAfter: then.toISOString() } }),
  });
}
