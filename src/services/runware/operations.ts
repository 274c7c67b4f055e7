import { Failure } from '../../failure';
import type { Values } from '../fields';
import type { Task } from '../service';
import type { WireTask } from './line';
import { medium, models, type Read, stored, text } from './read';

/** Where a field's value goes in a task, as a dotted path, and in what form. */
type Input = string | { readonly to: string; readonly as: 'number' | 'message' | 'list' };

/**
 * What an operation is on the wire: its type, where each field goes, what is always asked for, and how to
 * read one item of its answer.
 */
interface Operation {
  readonly taskType: string;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly always?: Readonly<Record<string, unknown>>;
  readonly read: Read;
  /**
   * How its answer comes. `sync` is pushed when it is there; `async` must be asked after; `stream` comes in
   * pieces over HTTP, and as `sync` where there is no stream.
   */
  readonly delivery?: 'async' | 'stream';
  /** How long it may take altogether, ms; without it ten minutes. */
  readonly longest?: number;
}

const number = (to: string) => ({ to, as: 'number' }) as const;

/** As bytes, so that nothing expires. */
const bytes = { outputType: 'base64Data', includeCost: true };

const drawn = {
  prompt: 'positivePrompt',
  negative: 'negativePrompt',
  model: 'model',
  width: number('width'),
  height: number('height'),
  steps: number('steps'),
  guidance: number('CFGScale'),
  count: number('numberResults'),
  format: 'outputFormat',
  seed: number('seed'),
};

const drawing = { taskType: 'imageInference', always: bytes, read: medium('image') };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  image: { ...drawing, inputs: drawn },
  variation: {
    ...drawing,
    inputs: { ...drawn, picture: 'seedImage', strength: number('strength') },
  },
  edit: {
    ...drawing,
    inputs: { ...drawn, picture: { to: 'inputs.referenceImages', as: 'list' } },
  },
  text: {
    taskType: 'textInference',
    inputs: {
      prompt: { to: 'messages', as: 'message' },
      model: 'model',
      system: 'settings.systemPrompt',
      maxTokens: number('settings.maxTokens'),
      temperature: number('settings.temperature'),
    },
    always: { includeCost: true },
    delivery: 'stream',
    read: text,
  },
  enhance: {
    taskType: 'promptEnhance',
    inputs: { prompt: 'prompt', length: number('promptMaxLength'), count: number('promptVersions') },
    always: { includeCost: true },
    read: text,
  },
  caption: {
    taskType: 'caption',
    inputs: { picture: 'inputs.image', prompt: 'prompt', model: 'model' },
    always: { includeCost: true },
    read: text,
  },
  upscale: {
    taskType: 'upscale',
    inputs: {
      picture: 'inputs.image',
      factor: number('upscaleFactor'),
      model: 'model',
      format: 'outputFormat',
    },
    always: bytes,
    read: medium('image'),
  },
  cutout: {
    taskType: 'removeBackground',
    inputs: { picture: 'inputs.image', model: 'model', format: 'outputFormat' },
    always: bytes,
    read: medium('image'),
  },
  vectorize: {
    taskType: 'vectorize',
    inputs: { picture: 'inputs.image', model: 'model' },
    always: { ...bytes, outputFormat: 'SVG' },
    read: medium('image'),
  },
  mask: {
    taskType: 'imageMasking',
    inputs: {
      picture: 'inputs.image',
      model: 'model',
      confidence: number('settings.confidence'),
      most: number('settings.maxDetections'),
    },
    always: { ...bytes, outputFormat: 'PNG' },
    read: medium('image'),
  },
  speech: {
    taskType: 'audioInference',
    inputs: { prompt: 'speech.text', voice: 'speech.voice', model: 'model', format: 'outputFormat' },
    always: bytes,
    read: medium('audio'),
  },
  sound: {
    taskType: 'audioInference',
    inputs: {
      prompt: 'positivePrompt',
      duration: number('duration'),
      model: 'model',
      count: number('numberResults'),
      format: 'outputFormat',
    },
    always: bytes,
    read: medium('audio'),
  },
  video: {
    taskType: 'videoInference',
    inputs: {
      prompt: 'positivePrompt',
      duration: number('duration'),
      picture: { to: 'inputs.frameImages', as: 'list' },
      model: 'model',
      width: number('width'),
      height: number('height'),
      count: number('numberResults'),
      seed: number('seed'),
    },
    // Films come by address only, and are fetched as soon as they are there.
    always: { outputType: 'URL', includeCost: true },
    delivery: 'async',
    longest: 40 * 60_000,
    read: medium('video'),
  },
  store: {
    taskType: 'mediaStorage',
    inputs: { picture: 'media' },
    always: { operation: 'upload' },
    read: stored,
  },
  unstore: {
    taskType: 'mediaStorage',
    inputs: { media: 'media' },
    always: { operation: 'delete' },
    read: stored,
  },
  models: {
    taskType: 'modelSearch',
    inputs: { search: 'search', most: number('limit') },
    read: models,
  },
};

/** Throws `bad-request` for a task that Runware does not do here. */
export function operationFor({ operation }: Pick<Task, 'operation'>): Operation {
  const found = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (found) return found;
  throw new Failure('bad-request', 'Runware has no such task.');
}

/** How many items make a task's answer complete: as many as its field `count` says, where it has one. */
export function expected({ operation, values }: Task): number {
  return 'count' in operationFor({ operation }).inputs ? Number(values.count ?? 1) : 1;
}

/** The task as it goes over the wire, to be pushed, asked after, or streamed. */
export function requestOf({ id, operation, values }: Task, streamed = false): WireTask {
  const { taskType, inputs, always, delivery } = operationFor({ operation });
  const task: WireTask & Record<string, unknown> = { taskType, taskUUID: id, ...structuredClone(always) };
  if (delivery === 'async') task.deliveryMethod = 'async';
  if (delivery === 'stream' && streamed) task.deliveryMethod = 'stream';
  for (const [field, input] of Object.entries(inputs)) {
    const value = filled(values, field);
    if (value !== undefined) place(task, target(input), formed(input, value));
  }
  return task;
}

/** The field of ours that a parameter of Runware's is filled from; for another, Runware's own name. */
export function fieldOf(operation: string, parameter: string): string {
  const inputs = Object.entries(operationFor({ operation }).inputs);
  // `messages[0].content` and `inputs.image.0` are of the field that fills them.
  const plain = parameter.replace(/[[.]\d+.*$/, '');
  const found =
    inputs.find(([, input]) => target(input) === plain) ??
    inputs.find(([, input]) => target(input).split('.').at(-1) === plain.split('.').at(-1));
  return found?.[0] ?? parameter;
}

const filled = (values: Values, field: string): string | undefined =>
  Object.hasOwn(values, field) && values[field] !== '' ? values[field] : undefined;

const target = (input: Input): string => (typeof input === 'string' ? input : input.to);

function formed(input: Input, value: string): unknown {
  switch (typeof input === 'string' ? undefined : input.as) {
    case 'number':
      return Number(value);
    case 'message':
      return [{ role: 'user', content: value }];
    case 'list':
      return [value];
    default:
      return value;
  }
}

function place(task: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let holder = task;
  for (const name of names) {
    holder[name] ??= {};
    holder = holder[name] as Record<string, unknown>;
  }
  holder[last] = value;
}
