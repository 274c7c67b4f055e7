import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/failure';
import { failureOf, isPassing, outcomeUnknown, standing } from '../../src/services/runware/errors';

/**
 * Runware's raw codes as its own SDK groups them (facts gathered from its clients), sorted by what a person can do:
 * what each means here, in which words, and who is told to mend it.
 */
interface Group {
  readonly means: FailureCode;
  readonly codes: readonly string[];
  readonly message: RegExp;
  readonly next: RegExp;
}

const groups: Record<string, Group> = {
  'the key': {
    means: 'rejected-key',
    codes: [
      'invalidApiKey',
      'missingApiKey',
      'expiredApiKey',
      'revokedApiKey',
      'unauthorized',
      'forbidden',
      'permissionDenied',
      'insufficientPermissions',
      'tokenExpired',
      'tokenRevoked',
      'tokenInvalid',
    ],
    message: /rejected the API key/,
    next: /my\.runware\.ai.*key.*options page/,
  },
  'the account': {
    means: 'rejected-key',
    codes: ['accountSuspended', 'organizationDisabled', 'organizationSuspended'],
    message: /closed the account/,
    next: /my\.runware\.ai.*ask Runware.*another key/,
  },
  'the credit': {
    means: 'quota',
    codes: [
      'insufficientCredits',
      'providerInsufficientCredits',
      'quotaExceeded',
      'paymentRequired',
      'insufficientBalance',
      'insufficientFunds',
    ],
    message: /not enough credit/,
    next: /Add credit at my\.runware\.ai.*Nothing was charged/,
  },
  'the pace': {
    means: 'rate-limit',
    codes: [
      'rateLimitExceeded',
      'inferenceRateLimitExceeded',
      'providerRateLimitExceeded',
      'tooManyRequests',
    ],
    message: /no more requests just now/,
    next: /Wait a little.*Nothing was charged/,
  },
  'the filter': {
    means: 'safety',
    codes: [
      'contentPolicyViolation',
      'providerContentPolicyViolation',
      'nsfwContentDetected',
      'promptBlocked',
      'imageBlocked',
      'moderationFailed',
      'invalidProviderContent',
    ],
    message: /safety filter refused/,
    next: /Change the prompt, or choose another model/,
  },
  'the time': {
    means: 'timed-out',
    codes: ['timeout', 'providerTimeout', 'providerGatewayTimeout', 'timeoutProvider', 'gatewayTimeout'],
    message: /took longer/,
    next: /Run again, or choose a faster model/,
  },
  'what it does not have': {
    means: 'not-found',
    codes: [
      'modelNotFound',
      'taskNotFound',
      'mediaNotFound',
      'taskExpired',
      'mediaExpired',
      'taskFailedOrNotFound',
      'unknownModel',
    ],
    message: /does not know what was asked for/,
    next: /model’s id.*picture/,
  },
  'a full house': {
    means: 'service-error',
    codes: ['serviceUnavailable', 'noAvailableServer', 'modelUnavailable', 'modelNotReady'],
    message: /takes nothing just now/,
    next: /in a few minutes, or choose another model.*Nothing was charged/,
  },
  'Runware itself': {
    means: 'service-error',
    codes: ['internalServerError', 'internalError', 'standardError', 'unknownError'],
    message: /Runware itself failed/,
    next: /tell Runware.*not charged/,
  },
  'the model': {
    means: 'service-error',
    codes: [
      'providerError',
      'providerBadGateway',
      'providerBadRequest',
      'inferenceError',
      'taskFailed',
      'downloadFailed',
    ],
    message: /model behind Runware failed/,
    next: /choose another model.*not charged/,
  },
  'a value': {
    means: 'invalid',
    codes: [
      'invalidModel',
      'invalidPositivePrompt',
      'invalidTimeout',
      'missingTaskType',
      'missingParameter',
      'conflictTaskUUID',
      'conflictParameters',
      'duplicateTaskUUID',
      'unsupportedParameter',
      'unsupportedOutputFormat',
      'valueOutOfRange',
      'arrayTooLong',
      'maxLength',
      'maxTokensExceeded',
      'unknownParameter',
      'incompatibleParameters',
      'modelAlreadyExists',
    ],
    message: /did not accept a value/,
    next: /Change it/,
  },
  'nobody knows what': {
    means: 'service-error',
    codes: ['quantumDecoherence', 'constructor', '__proto__', ' '],
    message: /answered with an error/,
    next: /own words are below/,
  },
};

const rows = Object.entries(groups).flatMap(([group, { codes, ...rest }]) =>
  codes.map(code => ({ group, code, ...rest })),
);

describe('an error of Runware’s', () => {
  it.each(rows)(
    'of code $code is about $group, and says who can mend it',
    ({ code, means, message, next }) => {
      const { report } = failureOf({ code, text: 'What Runware said.' });
      expect(report.code).toBe(means);
      expect(report.message).toMatch(/^\S.*\.$/);
      expect(report.message).toMatch(message);
      expect(report.next).toMatch(/^\S.*\.$/);
      expect(report.next).toMatch(next);
      expect(report.service).toEqual({ code, text: 'What Runware said.' });
    },
  );

  it('of one group says the same, and of two groups never', () => {
    const said = Object.values(groups).map(({ codes }) => [
      ...new Set(codes.map(code => failureOf({ code, text: '' }).message)),
    ]);
    expect(said.filter(messages => messages.length !== 1)).toEqual([]);
    expect(new Set(said.flat()).size).toBe(said.length);
  });

  it('of a code that nobody knows is the service’s, and shows its own words', () => {
    const { report } = failureOf({ code: 'quantumDecoherence', text: 'The cat is dead.' });
    expect(report).toMatchObject({
      code: 'service-error',
      service: { code: 'quantumDecoherence', text: 'The cat is dead.' },
    });
  });

  it('without anything is the service’s all the same', () => {
    expect(failureOf({ text: '' }).report).toMatchObject({ code: 'service-error', service: {} });
  });

  it('keeps its words as they came, in whatever script and with whatever markup', () => {
    const text = '<img src=x onerror=alert(1)> ключ\u202e';
    expect(failureOf({ code: 'invalidModel', text }).report.service?.text).toBe(text);
  });

  it('about a value says what it may be, beside the service’s own words', () => {
    const limits = 'from 128 to 2048, a multiple of 64';
    const { report } = failureOf({ code: 'invalidWidth', text: 'No.', parameter: 'width', limits });
    expect(report.service?.text).toBe('No. (width: from 128 to 2048, a multiple of 64)');
    expect(failureOf({ code: 'invalidWidth', text: '', limits }).report.service?.text).toBe(`(${limits})`);
  });

  it('about several parameters is shown at the first', () => {
    const error = { code: 'incompatibleParameters', text: 'No.', parameter: 'width, model' };
    expect(failureOf(error, 'image').report.field).toBe('width');
  });

  it('of no task names the parameter itself', () => {
    expect(failureOf({ code: 'invalidApiKeyFormat', text: 'No.', parameter: 'x' }).report.field).toBe(
      undefined,
    );
    expect(failureOf({ code: 'invalidValue', text: 'No.', parameter: 'positivePrompt' }).report.field).toBe(
      'positivePrompt',
    );
  });

  it.each([
    ['Rejected by our safety system.', 'safety'],
    ['Your request was refused by the content policy.', 'safety'],
    ['moderation_blocked', 'safety'],
    ['Unknown parameter: foo.', 'service-error'],
  ])('under the code of a bad request means what its words say: %s', (text, means) => {
    expect(failureOf({ code: 'providerBadRequest', text }).code).toBe(means);
  });

  it.each([
    ['Invalid API key.', 'rejected-key'],
    ['Insufficient credits.', 'quota'],
    ['timeout', 'timed-out'],
    ['Out of order.', 'service-error'],
    ['', 'service-error'],
  ])('without a code means what its words say: %s', (text, means) => {
    expect(failureOf({ text }).code).toBe(means);
  });

  it('that no field can mend points to none', () => {
    const { report } = failureOf({ code: 'insufficientCredits', text: 'No.', parameter: 'model' });
    expect(report.field).toBeUndefined();
  });
});

describe('a refusal that passes by itself', () => {
  it.each([
    'rateLimitExceeded',
    'providerRateLimitExceeded',
    'tooManyRequests',
    'serviceUnavailable',
    'noAvailableServer',
    'modelNotReady',
    'queueFull',
  ])('%s is one', code => {
    expect(isPassing({ code, text: '' })).toBe(true);
  });

  it.each([
    'invalidApiKey',
    'insufficientCredits',
    'contentPolicyViolation',
    'invalidModel',
    'modelNotFound',
    'providerError',
    'internalServerError',
    'conflictTaskUUID',
    undefined,
  ])('%s is none', code => {
    expect(isPassing({ text: 'serviceUnavailable', ...(code && { code }) })).toBe(false);
  });
});

describe('what an error says of where a task stands', () => {
  it.each([
    ['conflictTaskUUID', 'taken'],
    ['taskNotFound', 'unknown'],
    ['taskFailedOrNotFound', 'unknown'],
    ['taskExpired', 'unknown'],
    ['unknownTask', 'unknown'],
    ['modelNotFound', undefined],
    ['taskFailed', undefined],
    ['mediaExpired', undefined],
    ['timeout', undefined],
    ['', undefined],
  ] as const)('%s: %s', (code, expected) => {
    expect(standing({ code, text: 'taskNotFound' })).toBe(expected);
  });

  it('is nothing without a code', () => {
    expect(standing({ text: 'conflictTaskUUID' })).toBeUndefined();
  });
});

describe('an outcome that nobody knows', () => {
  it('says that it may have been charged, and where to look', () => {
    const { report } = outcomeUnknown();
    expect(report).toMatchObject({
      code: 'outcome-unknown',
      next: expect.stringMatching(/charged.*my\.runware\.ai/),
    });
  });
});
