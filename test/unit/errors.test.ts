import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/failure';
import { failureOf, outcomeUnknown, standing } from '../../src/services/runware/errors';

/** Runware's raw codes as its own SDK groups them, and what each group means here. */
const groups: Record<string, { means: FailureCode; codes: string[] }> = {
  auth: {
    means: 'rejected-key',
    codes: [
      'invalidApiKey',
      'missingApiKey',
      'expiredApiKey',
      'unauthorized',
      'forbidden',
      'permissionDenied',
      'insufficientPermissions',
      'tokenExpired',
      'tokenRevoked',
      'tokenInvalid',
      'accountSuspended',
      'organizationDisabled',
    ],
  },
  quota: {
    means: 'quota',
    codes: [
      'insufficientCredits',
      'providerInsufficientCredits',
      'quotaExceeded',
      'paymentRequired',
      'insufficientBalance',
    ],
  },
  rateLimit: {
    means: 'rate-limit',
    codes: ['rateLimitExceeded', 'inferenceRateLimitExceeded', 'providerRateLimitExceeded'],
  },
  safety: {
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
  },
  timeout: {
    means: 'timed-out',
    codes: ['timeout', 'providerTimeout', 'providerGatewayTimeout', 'timeoutProvider'],
  },
  notFound: {
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
  },
  serverError: {
    means: 'service-error',
    codes: ['internalServerError', 'serviceUnavailable', 'standardError', 'unknownError'],
  },
  provider: {
    means: 'service-error',
    codes: [
      'providerError',
      'providerBadGateway',
      'providerBadRequest',
      'inferenceError',
      'taskFailed',
      'downloadFailed',
      'noAvailableServer',
      'modelUnavailable',
      'modelNotReady',
    ],
  },
  validation: {
    means: 'invalid',
    codes: [
      'invalidModel',
      'invalidPositivePrompt',
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
  },
};

const rows = Object.entries(groups).flatMap(([group, { means, codes }]) =>
  codes.map(code => ({ group, code, means })),
);

describe('an error of Runware’s', () => {
  it.each(rows)('of code $code, group $group, means $means', ({ code, means }) => {
    const { report } = failureOf({ code, text: 'What Runware said.' });
    expect(report.code).toBe(means);
    expect(report.message).toMatch(/^\S.*\.$/);
    expect(report.next).toMatch(/^\S.*\.$/);
    expect(report.service).toEqual({ code, text: 'What Runware said.' });
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

  it.each([
    ['positivePrompt', 'prompt'],
    ['messages', 'prompt'],
    ['numberResults', 'count'],
    ['outputFormat', 'format'],
    ['settings.maxTokens', 'maxTokens'],
    ['settings.systemPrompt', 'system'],
    ['width', 'width'],
    ['model', 'model'],
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
  ])('about the parameter %s points to the field %s', (parameter, field) => {
    expect(failureOf({ code: 'invalidValue', text: 'No.', parameter }).report.field).toBe(field);
  });

  it('that no field can mend points to none', () => {
    const { report } = failureOf({ code: 'insufficientCredits', text: 'No.', parameter: 'model' });
    expect(report.field).toBeUndefined();
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
