import { Failure } from '../../failure';
import type { Values } from '../fields';
import type { Task } from '../service';
import { addressIn, ORIGIN, slugsIn, surfaceIn } from './endpoint';
import { writtenJson } from './output';

/** Where a field's value goes in the message: under a name, or as the whole of it; as text, or as the JSON it is. */
interface Input {
  readonly to: string | 'whole';
  readonly as?: 'json' | 'object';
}

/** What an operation is on the wire: where it goes, and where each field goes in its message. */
interface Operation {
  readonly to: 'capability' | 'dispatch' | 'specification';
  readonly inputs?: Readonly<Record<string, Input>>;
  /** It only asks: no capability runs. */
  readonly free?: boolean;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ask: { to: 'capability', inputs: { prompt: { to: 'input' } } },
  json: { to: 'capability', inputs: { json: { to: 'whole', as: 'json' } } },
  dispatch: {
    to: 'dispatch',
    inputs: { name: { to: 'capability' }, json: { to: 'input', as: 'object' } },
  },
  capabilities: { to: 'specification', free: true },
};

export interface WireRequest {
  readonly url: URL;
  /** Absent: it is a GET. */
  readonly body?: string;
}

/** Throws `bad-request` for a task that Runtype does not do here. */
export function operationFor({ operation }: Pick<Task, 'operation'>): Operation {
  const found = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (found) return found;
  throw new Failure('bad-request', 'Runtype has no such task.');
}

/** What a request is made of besides its task: no secret goes into it. */
interface Keyed {
  readonly fields: Readonly<Values>;
}

/** The task as it goes over the wire. Throws `bad-input` with the field, where it cannot. */
export function requestOf(task: Task, key: Keyed): WireRequest {
  const { to, inputs } = operationFor(task);
  const url = addressOf(to, task.values, key);
  if (!inputs) return { url };
  const streams = task.values.answer !== 'whole';
  // Under which name a surface takes the wish for a stream is not documented: by the query or by `options`.
  if (streams) url.searchParams.set('stream', 'true');
  return { url, body: JSON.stringify(messageOf(inputs, task.values, streams)) };
}

function addressOf(to: Operation['to'], { capability }: Values, { fields }: Keyed): URL {
  const surface = surfaceIn(fields.endpoint ?? '');
  if (!surface) {
    throw new Failure('bad-input', 'The key has no Endpoint URL that Runkey can read.', {
      next: 'Put it in anew in the options page. Nothing was sent.',
    });
  }
  if (to === 'specification')
    return fields.specification ? new URL(fields.specification, ORIGIN) : addressIn(surface, 'openapi.json');
  if (to === 'dispatch') return addressIn(surface, 'dispatch');
  const [only, another] = slugsIn(fields.capabilities ?? '');
  const meant = capability ?? surface.capability ?? (another ? undefined : only);
  if (meant) return addressIn(surface, meant);
  throw new Failure('bad-input', 'Which capability is meant?', {
    field: 'capability',
    next: 'The key’s endpoint names none: choose one. Nothing was sent.',
  });
}

function messageOf(inputs: Readonly<Record<string, Input>>, values: Values, streams: boolean): unknown {
  let message: unknown = {};
  for (const [field, { to, as }] of Object.entries(inputs)) {
    const text = values[field] ?? '';
    const value = as ? writtenJson(text, field) : text;
    if (as === 'object' && !isObject(value)) {
      throw new Failure('bad-input', 'This must be a JSON object, in braces.', {
        field,
        next: 'Change it and run again. Nothing was sent.',
      });
    }
    message = to === 'whole' ? value : { ...(isObject(message) && message), [to]: value };
  }
  if (!streams || !isObject(message)) return message;
  const { options } = message;
  if (options !== undefined && !isObject(options)) return message;
  return { ...message, options: { streamResponse: true, ...options } };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
