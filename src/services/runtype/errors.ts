import { Failure, type FailureCode } from '../../failure';
import { parsed } from '../json';
import { momentIn } from './again';
import { type Refusal, refusalIn } from './refusal';

interface Meaning {
  readonly code: FailureCode;
  readonly status: readonly number[];
  /** Words of Runtype's that tell this meaning from others of the same status. */
  readonly when?: RegExp;
  readonly message: string;
  readonly next: string;
  /** The form's field concerned. */
  readonly field?: string;
}

/** From the most telling to the least: the first that fits is meant. */
const MEANINGS: readonly Meaning[] = [
  {
    code: 'service-error',
    status: [403, 404, 409, 423, 503],
    when: /paused/i,
    message: 'This API surface is paused.',
    next: 'Whoever owns the product can start it again in Runtype. Nothing ran.',
  },
  {
    code: 'invalid',
    status: [400, 413, 415, 422],
    message: 'Runtype did not accept the input.',
    next: 'The task Capabilities shows what each of them takes. Change it and run again: nothing ran.',
  },
  {
    code: 'rejected-key',
    status: [401],
    message: 'Runtype rejected the API key.',
    next: 'It was revoked, has ended, or is not whole. Look at the Keys tab of the API surface, make a new one if need be, and put it in with Replace.',
  },
  {
    code: 'quota',
    status: [402],
    message: 'The Runtype account’s plan does not pay for this.',
    next: 'Whoever owns the account can change that in its billing settings. Nothing ran.',
  },
  {
    code: 'rejected-key',
    status: [403],
    message: 'This API key may not use this capability.',
    next: 'The key is good, but of another surface or limited to other capabilities: choose one of its own, or widen it in the Keys tab of the API surface.',
  },
  {
    code: 'not-found',
    status: [404],
    when: /surface|product/i,
    message: 'Runtype knows no such API surface.',
    next: 'Copy the Endpoint URL anew from the Endpoints tab of the API surface, and change it in the options page.',
  },
  {
    code: 'not-found',
    status: [404],
    message: 'Runtype knows no such capability.',
    next: 'Check its name in the Endpoints tab of the API surface: it may have been renamed or switched off.',
    field: 'capability',
  },
  {
    code: 'service-error',
    status: [503],
    message: 'Runtype takes nothing just now.',
    next: 'Nobody here can mend that: run again in a few minutes.',
  },
];

/** Where the free plan ends for the hour. */
const SLOW_MODE = /SLOW_MODE/i;
/** The limits of a minute and of a plan's ten seconds are over by then, ms. */
const MINUTE = 61_000;

/** What is known of a reply that is a refusal. */
export interface Refused {
  readonly status: number;
  readonly body: string;
  /** When it may come again, ms. */
  readonly wait?: number | undefined;
  /** Whether the request may have run a capability. */
  readonly runs: boolean;
}

/** A refusal with what it means and who can fix it; Runtype's own words are kept beside. */
export function failureOf({ status, body, wait, runs }: Refused): Failure {
  const refusal = refusalIn(parsed(body));
  // Whoever says so, nothing ran.
  if (status === 429) return limited(refusal ?? {}, wait);
  if (!refusal) return foreign(status, runs);
  const service = wordsOf(refusal, status);
  if (refusal.executionId) return failedRun(refusal, status);
  const text = refusal.text ?? '';
  const meaning = MEANINGS.find(each => each.status.includes(status) && (each.when?.test(text) ?? true));
  if (meaning) {
    const { code, message, next, field } = meaning;
    return new Failure(code, message, { next, service, ...(field && { field }) });
  }
  // What stands before Runtype gave up waiting for it.
  if (runs && [408, 502, 504].includes(status)) return outcomeUnknown(`Runtype answered ${status}.`);
  return status >= 500
    ? new Failure('service-error', 'Runtype itself failed.', {
        next: `Run again in a while${runs ? ', though this run may have been counted' : ''}; if it stays so, tell Runtype.`,
        service,
      })
    : new Failure('service-error', `Runtype refused with status ${status}.`, {
        next: 'Its own words are below.',
        service,
      });
}

/** An execution that began, was counted, and failed. */
export function failedRun(refusal: Refusal, status?: number): Failure {
  return new Failure('service-error', 'The capability failed while it ran.', {
    next: 'Whoever owns the product can see why in Runtype’s Logs, under the execution’s id. It was counted.',
    service: wordsOf(refusal, status),
  });
}

function limited(refusal: Refusal, wait: number | undefined): Failure {
  const again = wait === undefined ? 'Wait a little, then run again' : `Run again after ${momentIn(wait)}`;
  const service = wordsOf(refusal, 429);
  if (SLOW_MODE.test(refusal.code ?? '')) {
    return new Failure('rate-limit', 'The free plan’s executions of this hour are used up.', {
      next: `${again}, or let whoever owns the account choose another plan. Nothing ran.`,
      service,
    });
  }
  if (wait !== undefined && wait > MINUTE) {
    return new Failure('rate-limit', 'This API key has reached its limit.', {
      next: `${again}, or raise the key’s limit in the Keys tab of the API surface. Nothing ran.`,
      service,
    });
  }
  return new Failure('rate-limit', 'Runtype is taking no more calls just now.', {
    next: `${again}: it is the key’s limit a minute, or the plan’s of ten seconds. Nothing ran.`,
    service,
  });
}

/** What a proxy, a firewall or a page says in Runtype's place. */
function foreign(status: number, runs: boolean): Failure {
  if (runs && (status >= 500 || status === 408)) {
    return outcomeUnknown(`What answered (${status}) was not Runtype’s API.`);
  }
  return new Failure(
    'unreadable-answer',
    `What answered (${status}) was no JSON, and so not Runtype’s API.`,
    {
      next: 'A proxy, a firewall or a sign-in page may stand between: try another network. Nothing is known to have run.',
    },
  );
}

/** An answer that says all is well and cannot be read. */
export function notJson(text: string, runs: boolean): Failure {
  return new Failure('unreadable-answer', 'Runtype answered with something that is not JSON.', {
    next: runs
      ? 'It probably ran and was counted. Its beginning is below; tell whoever owns the product.'
      : 'Check the OpenAPI address in the key’s options, or type a capability’s name.',
    ...(text.trim() && { service: { text: text.trim().slice(0, 500) } }),
  });
}

/** Sent, perhaps run and counted, and nothing more can be learnt: Runtype cannot be asked again. */
export function outcomeUnknown(why: string, executionId?: string): Failure {
  return new Failure('outcome-unknown', `${why} What became of this call is not known.`, {
    next: `It may have run and been counted: look at Runtype’s Logs${executionId ? ' for the execution below' : ''}, before you run it again.`,
    ...(executionId && { service: { text: `executionId ${executionId}` } }),
  });
}

function wordsOf({ text, code, executionId }: Refusal, status: number | undefined) {
  const said = [text, executionId && `(executionId ${executionId})`].filter(Boolean).join(' ');
  const named = code ?? (status === undefined ? undefined : `HTTP ${status}`);
  return { ...(named && { code: named }), ...(said && { text: said }) };
}
