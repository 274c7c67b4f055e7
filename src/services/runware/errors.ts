import { Failure, type FailureCode } from '../../failure';
import type { RunwareError } from './frames';
import { fieldOf } from './operations';

interface Meaning {
  readonly code: FailureCode;
  /** Codes, or parts of codes, of this meaning. Runware says that codes vary: this is no complete list. */
  readonly when: RegExp;
  readonly message: string;
  readonly next: string;
}

/** From the most telling to the least: the first that fits is meant. */
const MEANINGS: readonly Meaning[] = [
  {
    code: 'rejected-key',
    when: /suspended|(account|organization)disabled/i,
    message: 'Runware has closed the account for now.',
    next: 'Look at my.runware.ai why, or ask Runware. Until then another key of the same account does not help.',
  },
  {
    code: 'rejected-key',
    when: /api\s?key|unauthorized|authentication|forbidden|permission|token(expired|revoked|invalid)/i,
    message: 'Runware rejected the API key.',
    next: 'Check at my.runware.ai that the key is still there and may do this, then put it in anew in the options page.',
  },
  {
    code: 'quota',
    when: /credits|funds|quota|balance|paymentrequired/i,
    message: 'The Runware account has not enough credit for this.',
    next: 'Add credit at my.runware.ai, then run again. Nothing was charged.',
  },
  {
    code: 'rate-limit',
    when: /ratelimit|toomanyrequests/i,
    message: 'Runware is taking no more requests just now.',
    next: 'Wait a little, then run again. Nothing was charged.',
  },
  {
    code: 'safety',
    when: /contentpolicy|(?<!check)nsfw|promptblocked|imageblocked|moderation|safety|content policy|invalidprovidercontent/i,
    message: 'The model’s safety filter refused this.',
    next: 'Change the prompt, or choose another model.',
  },
  {
    code: 'timed-out',
    when: /(?<!invalid)timeout/i,
    message: 'The model took longer than Runware waits.',
    next: 'Run again, or choose a faster model or a smaller task.',
  },
  {
    code: 'not-found',
    when: /notfound|unknownmodel|expired/i,
    message: 'Runware does not know what was asked for, or no longer has it.',
    next: 'Check the model’s id, and that of a stored picture.',
  },
  {
    code: 'service-error',
    when: /^(serviceunavailable|noavailable|modelunavailable|modelnotready|gatewaytimeout|queuefull)/i,
    message: 'Runware, or the model behind it, takes nothing just now.',
    next: 'Nobody here can mend that: run again in a few minutes, or choose another model. Nothing was charged.',
  },
  {
    code: 'service-error',
    when: /^(provider|inference|taskfailed|downloadfailed)/i,
    message: 'The model behind Runware failed.',
    next: 'Run again, or choose another model. Failed tasks are not charged.',
  },
  {
    code: 'service-error',
    when: /^(internal|standarderror|unknownerror)/i,
    message: 'Runware itself failed.',
    next: 'Run again in a while; if it stays so, tell Runware. Failed tasks are not charged.',
  },
  {
    code: 'invalid',
    when: /^(invalid|missing|conflict|duplicate|unsupported|value|array|max|min|unknownparameter|incompatible|modelalready)/i,
    message: 'Runware did not accept a value.',
    next: 'Change it and run again.',
  },
];

/** A model's refusal, in words. */
const REFUSAL = /safety|moderation|content policy/i;

/** Errors of these meanings concern what was put into a field. */
const FIELD_CODES: readonly FailureCode[] = ['invalid', 'not-found'];

const OTHER: Omit<Meaning, 'when'> = {
  code: 'service-error',
  message: 'Runware answered with an error.',
  next: 'Its own words are below. Run again, or change the task.',
};

/**
 * Runware's error with what it means and who can fix it; its own code and text are kept beside. Of an operation's
 * error the field that it concerns is named.
 */
export function failureOf({ code, text, parameter, limits }: RunwareError, operation?: string): Failure {
  // OpenAI's refusals come under the code of a bad parameter: only the words tell them apart.
  const told = code === undefined || (/badrequest/i.test(code) && REFUSAL.test(text)) ? text : code;
  const meaning = MEANINGS.find(({ when }) => when.test(told)) ?? OTHER;
  const said = [text, limits && `(${parameter ? `${parameter}: ` : ''}${limits})`].filter(Boolean).join(' ');
  const [first] = parameter?.split(', ') ?? [];
  const field = first && FIELD_CODES.includes(meaning.code) ? first : undefined;
  return new Failure(meaning.code, meaning.message, {
    next: meaning.next,
    service: { ...(code ? { code } : {}), ...(said ? { text: said } : {}) },
    ...(field && { field: operation ? fieldOf(operation, field) : field }),
  });
}

/**
 * Refusals that pass by themselves: the task may be sent again in a moment, under its own id. Most say that it was not
 * taken; where somebody's time was over it may be there, and answers so.
 */
const PASSING =
  /ratelimit|toomanyrequests|serviceunavailable|noavailable|modelnotready|queuefull|(?<!invalid)timeout/i;

export const isPassing = ({ code = '' }: RunwareError): boolean => PASSING.test(code);

/**
 * What an error says of where a task stands, as the answer to a question after it: taken already, or not
 * known. Undefined for an error that is the task's own.
 */
export function standing({ code = '' }: RunwareError): 'taken' | 'unknown' | undefined {
  if (/conflictTaskUUID/i.test(code)) return 'taken';
  if (/task(FailedOr)?NotFound|taskExpired|unknownTask/i.test(code)) return 'unknown';
  return undefined;
}

/** Sent, perhaps accepted and billed, and nothing more can be learnt; `rejected` says why the key may not ask. */
export function outcomeUnknown(rejected?: Failure): Failure {
  const { message, next, service } = rejected?.report ?? {};
  return new Failure(
    'outcome-unknown',
    message
      ? `${message} So it is not known what became of this call, which had been sent.`
      : 'The connection was lost and Runware could not say what became of this call.',
    {
      next: `${next ? `${next} ` : ''}It may have run and been charged: ask for the result once more, or look at the usage page of my.runware.ai, before you run it again.`,
      ...(service && { service }),
    },
  );
}
