import { Failure, type FailureCode } from '../../failure';
import { parsed } from '../json';
import { type Refusal, refusalIn } from './words';

interface Meaning {
  readonly code: FailureCode;
  readonly status: readonly number[];
  readonly message: string;
  readonly next: string;
}

const MEANINGS: readonly Meaning[] = [
  {
    code: 'invalid',
    status: [400, 413, 415, 422],
    message: 'Run:ai did not accept what was asked.',
    next: 'Its own words say why. Change it and run again: nothing was done.',
  },
  {
    code: 'service-error',
    status: [401],
    message: 'Run:ai gave a token and does not accept it.',
    next: 'The URL may be that of another installation, or the application was removed. Test the key in the options page.',
  },
  {
    code: 'rejected-key',
    status: [403],
    message: 'The application has no access rule that allows this.',
    next: 'Its secret is right. Whoever administers Run:ai can give it a role: Settings & Tools → Application → Access rules.',
  },
  {
    code: 'not-found',
    status: [404],
    message: 'Run:ai does not know what was asked for.',
    next: 'It may have been deleted, or this version of Run:ai does not have it.',
  },
  {
    code: 'invalid',
    status: [405],
    message: 'Run:ai does not take that method at this path.',
    next: 'Look it up in the API’s reference for your version of Run:ai.',
  },
  {
    code: 'invalid',
    status: [409, 412],
    message: 'This does not go together with how things stand.',
    next: 'It may be so already, or there is another of that name. Look at the workload, then decide.',
  },
  {
    code: 'rate-limit',
    status: [429],
    message: 'Run:ai is taking no more requests just now.',
    next: 'Wait a little, then run again. Nothing was done.',
  },
  {
    code: 'service-error',
    status: [503],
    message: 'Run:ai takes nothing just now.',
    next: 'Run again in a few minutes; if it stays so, tell whoever administers it.',
  },
];

/** A refusal with what it means and who can fix it; Run:ai's own words are kept beside. */
export function failureOf(status: number, body: string, writes = false): Failure {
  const refusal = refusalIn(parsed(body));
  if (!refusal) {
    return writes && status >= 500
      ? outcomeUnknown(`What answered (${status}) was not Run:ai’s API.`)
      : new Failure('unreadable-answer', `What answered (${status}) was no JSON, and so not Run:ai’s API.`, {
          next: 'Check the URL; a proxy, a firewall or a sign-in page may stand between.',
        });
  }
  const service = wordsOf(refusal, status);
  const meaning = MEANINGS.find(each => each.status.includes(status));
  if (meaning) return new Failure(meaning.code, meaning.message, { next: meaning.next, service });
  if (writes && (status === 502 || status === 504)) return outcomeUnknown(`Run:ai answered ${status}.`);
  return new Failure(
    'service-error',
    status >= 500 ? 'Run:ai itself failed.' : `Run:ai refused with status ${status}.`,
    { next: 'Its own words are below. If it stays so, tell whoever administers it.', service },
  );
}

/** The application, or its secret, is wrong. */
export const rejected = (refusal: Refusal, status: number): Failure =>
  new Failure('rejected-key', 'Run:ai rejected the application or its secret key.', {
    next: 'Check both at Settings & Tools → Application (or Service accounts, Access keys): a new secret ends the old one. Then put it in with Replace.',
    service: wordsOf(refusal, status),
  });

export const noTokens = (): Failure =>
  new Failure('not-found', 'There is no Run:ai at this URL that gives tokens in a way that Runkey knows.', {
    next: 'Check the URL: it is that of the user interface, https://<company>.run.ai or that of your own installation.',
  });

/** An answer that says all is well and cannot be read. */
export const unreadable = (what: string): Failure =>
  new Failure('unreadable-answer', `Run:ai answered with ${what}.`, {
    next: 'Check the URL, or ask for the same by a request of your own, which shows any JSON.',
  });

/** Sent, perhaps done, and nothing more can be learnt. */
export const outcomeUnknown = (why: string): Failure =>
  new Failure('outcome-unknown', `${why} What became of this call is not known.`, {
    next: 'It may have been done: look at the workloads before you run it again.',
  });

export const locked = (): Failure =>
  new Failure('vault-locked', 'The vault was locked, and with it the key’s token was forgotten.', {
    next: 'Unlock it and run again.',
  });

function wordsOf({ text, code }: Refusal, status: number) {
  return { code: code && code !== String(status) ? code : `HTTP ${status}`, ...(text && { text }) };
}
