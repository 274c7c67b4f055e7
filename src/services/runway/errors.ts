import { Failure, type FailureCode } from '../../failure';
import { isObject, words } from './values';

/** What the service answered instead of doing what it was asked. */
export interface Refused {
  readonly status: number;
  /** Its words; undefined where it said none. */
  readonly text: string | undefined;
}

interface Meaning {
  readonly status: readonly number[];
  /** What its words must hold, where one status has several meanings. */
  readonly when?: RegExp;
  readonly code: FailureCode;
  readonly message: string;
  readonly next: string;
  /** The field of ours that it is about. */
  readonly field?: string;
}

const ACCOUNT_ANEW = 'put the account in anew in the options page, with its password';

/** Of several for one status the first that fits is meant. */
const MEANINGS: readonly Meaning[] = [
  {
    status: [401],
    when: /suspended/i,
    code: 'service-error',
    message: 'Runway has suspended this Runway account.',
    next: 'Only Runway can lift that: ask its support. The API token is not at fault.',
  },
  {
    status: [401],
    when: /password|user\s?name|combination|log.?in/i,
    code: 'invalid',
    message: 'Runway did not take this e-mail and password.',
    next: 'Try them at runwayml.com. The account must have a password of its own, no sign-in through Google, Apple or SSO. The API token is not at fault.',
    field: 'password',
  },
  {
    status: [401],
    code: 'rejected-key',
    message: 'useapi.net rejected the API token.',
    next: 'Copy it anew from useapi.net, with “user:” and all that follows, and put it in with Replace in the options page.',
  },
  {
    status: [402],
    code: 'quota',
    message: 'The useapi.net subscription has run out.',
    next: 'Renew it at useapi.net; the API token itself is right. Nothing was charged.',
  },
  {
    status: [400],
    when: /configure at least one|no accounts?\b.*configured/i,
    code: 'invalid',
    message: 'useapi.net has no Runway account to work with yet.',
    next: 'Add one to this key in the options page: its e-mail, its password, and how many jobs it may run.',
  },
  {
    status: [400],
    when: /email.*(multiple|several)|(multiple|several).*accounts/i,
    code: 'invalid',
    message: 'There are several Runway accounts: it must be said which one is meant.',
    next: 'Name it under Account, or give the key a default account in the options page.',
    field: 'account',
  },
  {
    status: [400],
    when: /email.*match/i,
    code: 'invalid',
    message: 'useapi.net read another e-mail in the address than in the message.',
    next: 'Check the e-mail for signs that an address cannot hold.',
    field: 'email',
  },
  {
    status: [400, 405, 415],
    code: 'invalid',
    message: 'useapi.net did not accept a value.',
    next: 'Change it and run again. Nothing was charged.',
  },
  {
    status: [403, 422],
    when: /moderat|safety|prompt|policy|offensive/i,
    code: 'safety',
    message: 'Runway’s moderation refused this.',
    next: 'Change the prompt or the picture. Runway counts refusals and may suspend an account for many. Nothing was charged.',
  },
  {
    status: [403],
    code: 'invalid',
    message: 'This API token may not do that.',
    next: 'Check the id: it must come from the same useapi.net user as the token.',
  },
  {
    status: [404],
    code: 'not-found',
    message: 'useapi.net knows no such account, task or asset.',
    next: 'Check the id or the e-mail. What was deleted is gone, and the account must be set up in the options page.',
  },
  {
    status: [410],
    code: 'not-found',
    message: 'This task has expired: useapi.net keeps them for seven days.',
    next: 'What it made may still be among the assets of the Runway account.',
  },
  {
    status: [412],
    when: /explore|unlimited/i,
    code: 'invalid',
    message: 'Explore mode needs Runway’s Unlimited plan, which this account does not have.',
    next: 'Run it with credits, or with another account. Nothing was charged.',
    field: 'explore',
  },
  {
    status: [412],
    code: 'quota',
    message: 'The Runway account has not enough credits for this.',
    next: 'Add credits at runwayml.com, or choose another account. Nothing was charged.',
  },
  {
    status: [413],
    code: 'invalid',
    message: 'This is too large for useapi.net.',
    next: 'Choose a smaller file.',
  },
  {
    status: [422],
    code: 'safety',
    message: 'Runway did not take this as it is.',
    next: 'Change the prompt or the picture. Nothing was charged.',
  },
  {
    status: [429],
    when: /rate|too many requests/i,
    code: 'rate-limit',
    message: 'useapi.net takes no more requests just now.',
    next: 'Wait a little, then run again. Nothing was charged.',
  },
  {
    status: [429],
    code: 'rate-limit',
    message: 'Every Runway account that may run this is busy.',
    next: 'Wait until one of their tasks is done, raise Max jobs, or add an account. Nothing was charged.',
  },
  {
    status: [596],
    when: /moderat/i,
    code: 'service-error',
    message: 'Runway has a message on moderation for this Runway account that must be read first.',
    next: `Sign in at runwayml.com and confirm it, then ${ACCOUNT_ANEW}. Running again changes nothing before that.`,
  },
  {
    status: [596],
    code: 'service-error',
    message: 'useapi.net can no longer sign in to the Runway account.',
    next: `Sign in at runwayml.com to see why, then ${ACCOUNT_ANEW}. Running again changes nothing before that.`,
  },
  {
    status: [503, 504],
    code: 'service-error',
    message: 'Runway, behind useapi.net, takes nothing just now.',
    next: 'Nobody here can mend that: run again in a few minutes.',
  },
];

const OTHER: Omit<Meaning, 'status'> = {
  code: 'service-error',
  message: 'useapi.net itself failed.',
  next: 'Run again in a while; if it stays so, tell useapi.net.',
};

/**
 * The service's refusal with what it means, who can mend it, and the field that it concerns; `fieldOf` tells the field
 * that fills a parameter.
 */
export function failureOf(
  { status, text = '' }: Refused,
  fieldOf = (parameter: string) => parameter,
): Failure {
  const meaning =
    MEANINGS.find(({ status: of, when }) => of.includes(status) && (!when || when.test(text))) ?? OTHER;
  const { code, message, next } = meaning;
  const field = meaning.field ?? (status === 400 ? named(text, fieldOf) : undefined);
  return new Failure(code, message, {
    next,
    service: { code: String(status), ...(text && { text }) },
    ...(field && { field }),
  });
}

/** Of a token whose subscription has run out, however that is told. */
export const lapsed = (): Failure => failureOf({ status: 402, text: undefined });

/** "Required param text_prompt is missing or empty": the field that fills it. */
function named(text: string, fieldOf: (parameter: string) => string): string | undefined {
  const [, parameter] = /\bparam(?:eter)?s?\s+["'`]?(\w+)/i.exec(text) ?? [];
  return parameter && fieldOf(parameter);
}

/** What stood in the answer's place was no JSON: then it is hardly the service that spoke. */
export const unreadable = (status: number): Failure =>
  new Failure(
    'unreadable-answer',
    `What answered for useapi.net (${status}) was not its API: it was no JSON that can be read.`,
    {
      next: 'A proxy, the sign-in page of a network, or a gateway that fails may stand between. Try again in a while.',
      service: { code: String(status) },
    },
  );

/** An answer in which something that must be there is not. */
export const incomplete = (what: string): Failure =>
  new Failure('unreadable-answer', `useapi.net answered without ${what}.`, {
    next: 'Try again in a moment; if it stays so, its API may have changed.',
  });

/** What an answer says went wrong: its envelope, Runway's own object within, or the bare sentence of a 404. */
export function textOf(body: unknown): string | undefined {
  if (!isObject(body)) return words(body);
  const { error, message, errorMessage, errorDetails } = body;
  const said = isObject(error) ? (textOf(error) ?? JSON.stringify(error).slice(0, 500)) : words(error);
  const details = words(errorDetails);
  const first = said ?? words(message) ?? words(errorMessage);
  return first && details ? `${first} ${details}` : (first ?? details);
}

/** Sent, perhaps accepted and billed, and nothing more can be learnt; `why` says what stands in the way. */
export function outcomeUnknown(why?: Failure): Failure {
  const { message, next, service } = why?.report ?? {};
  return new Failure(
    'outcome-unknown',
    message
      ? `${message} So it is not known what became of this call, which had been sent.`
      : 'The connection was lost, and useapi.net lists no task of which it is certain that it is this call.',
    {
      next: `${next ? `${next} ` : ''}It may have run and used credits: ask for the result once more, or look at the tasks and assets of the Runway account, before you run it again.`,
      ...(service && { service }),
    },
  );
}
