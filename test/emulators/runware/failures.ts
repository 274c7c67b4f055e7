import type { ErrorSpec } from './faults';
import { type Failure, type Frame, type Task, textOf } from './wire';

/** The shapes in which documents and clients have seen the service fail. */
export type ErrorShape =
  | 'errors-array'
  | 'errors-object'
  | 'error-object'
  | 'error-array'
  /** The 2024 form: {error: true, errorId, errorMessage}. */
  | 'legacy'
  /** An error that does not say whose it is. */
  | 'no-uuid'
  /** {error: {…}, taskUUID}, seen before a stream starts. */
  | 'uuid-outside'
  /** A data item with status "error". */
  | 'item'
  /** `parameter` as an array, for rules across fields. */
  | 'parameters'
  /** Waits for a second failure and shares one frame with it. */
  | 'paired';

export const documentation = 'https://runware.ai/docs/platform/errors';

export function invalidKey(): Failure {
  return {
    code: 'invalidApiKey',
    message: 'Invalid API key. Get one at https://my.runware.ai/signup',
    parameter: 'apiKey',
    type: 'string',
    taskType: 'authentication',
  };
}

/** What a task's failure says of its task. */
export function ownedBy(task: Task, failure: Failure): Failure {
  const taskType = textOf(task.taskType);
  const taskUUID = textOf(task.taskUUID);
  return { ...failure, ...(taskType && { taskType }), ...(taskUUID && { taskUUID }) };
}

export function scripted(task: Task, spec: ErrorSpec): Failure {
  return ownedBy(task, {
    code: 'providerError',
    message: 'The provider failed.',
    documentation,
    ...spec.failure,
  });
}

/** The frame that tells a failure in the shape asked for. */
export function shaped(failure: Failure, shape: ErrorShape): Frame {
  const { taskUUID, ...anonymous } = failure;
  switch (shape) {
    case 'errors-array':
    case 'paired':
      return { errors: [failure] };
    case 'errors-object':
      return { errors: failure };
    case 'error-object':
      return { error: failure };
    case 'error-array':
      return { error: [failure] };
    case 'legacy':
      return { error: true, errorId: 19, errorMessage: failure.message };
    case 'no-uuid':
      return { errors: [anonymous] };
    case 'uuid-outside':
      return { error: { code: failure.code, message: failure.message }, taskUUID };
    case 'item':
      return { data: [failedItem(failure)] };
    case 'parameters':
      return { errors: [{ ...failure, parameter: [failure.parameter ?? ['width', 'height']].flat() }] };
  }
}

export function failedItem({ taskType, taskUUID, code, message }: Failure): Frame {
  return { taskType, taskUUID, status: 'error', error: { code, message } };
}

const statuses: readonly (readonly [RegExp, number])[] = [
  [/apikey|unauthorized/i, 401],
  [/credits|payment/i, 402],
  [/forbidden|permission/i, 403],
  [/notfound/i, 404],
  [/ratelimit/i, 429],
  [/timeout/i, 504],
  [/unavailable|noavailable/i, 503],
  [/internal|provider|standarderror|taskfailed/i, 500],
];

export const httpStatusOf = (failure: Failure): number =>
  statuses.find(([pattern]) => pattern.test(failure.code))?.[1] ?? 400;
