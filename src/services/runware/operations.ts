import { type Bytes, fromBase64 } from '../../bytes';
import { Failure } from '../../failure';
import { fetchResult } from '../egress';
import type { Task, TaskItem } from '../service';
import type { Item } from './frames';

/** What an operation is on the wire: the task that asks for it, and how to read one item of its answer. */
interface Operation {
  readonly request: (task: Task) => Record<string, unknown>;
  /** How many items make the answer complete. */
  readonly expected: (task: Task) => number;
  readonly read: (item: Item, signal: AbortSignal) => Promise<TaskItem>;
  /** What tells two items apart, for one may come twice. Text has no id: there is only one. */
  readonly identity: (item: Item) => string;
}

const RESULT_HOSTS = { origins: ['https://im.runware.ai'] };

const cost = (item: Item): { cost?: number } =>
  typeof item.cost === 'number' && Number.isFinite(item.cost) && item.cost >= 0 ? { cost: item.cost } : {};

const image: Operation = {
  request: ({ id, values }) => ({
    taskType: 'imageInference',
    taskUUID: id,
    positivePrompt: values.prompt,
    model: values.model,
    width: Number(values.width),
    height: Number(values.height),
    numberResults: Number(values.count),
    // As bytes, so that nothing expires.
    outputType: 'base64Data',
    outputFormat: values.format,
    includeCost: true,
    ...(values.seed ? { seed: Number(values.seed) } : {}),
  }),
  expected: ({ values }) => Number(values.count),
  identity: item => String(item.imageUUID ?? item.mediaUUID ?? item.seed ?? ''),
  read: async (item, signal) => {
    const bytes = await imageBytes(item, signal);
    const mime = mimeOf(bytes);
    if (!mime) throw unreadable('an image that is neither JPG, PNG nor WEBP');
    const seed = Number.isFinite(item.seed) && typeof item.seed === 'number' ? { seed: item.seed } : {};
    return { type: 'image', id: image.identity(item), mime, bytes, ...cost(item), ...seed };
  },
};

const text: Operation = {
  request: ({ id, values }) => ({
    taskType: 'textInference',
    taskUUID: id,
    model: values.model,
    messages: [{ role: 'user', content: values.prompt }],
    settings: {
      maxTokens: Number(values.maxTokens),
      ...(values.system ? { systemPrompt: values.system } : {}),
    },
    includeCost: true,
  }),
  expected: () => 1,
  identity: () => 'text',
  read: async item => {
    if (typeof item.text !== 'string') throw unreadable('an answer without text');
    return { type: 'text', id: text.identity(item), text: item.text, ...cost(item) };
  },
};

const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['image', image],
  ['text', text],
]);

/** Throws `bad-request` for a task that Runware does not do here. */
export function operationFor({ operation }: Task): Operation {
  const found = OPERATIONS.get(operation);
  if (found) return found;
  throw new Failure('bad-request', 'Runware has no such task.');
}

async function imageBytes(item: Item, signal: AbortSignal): Promise<Bytes> {
  const { imageBase64Data, imageDataURI, imageURL } = item;
  try {
    if (typeof imageBase64Data === 'string') return fromBase64(imageBase64Data);
    if (typeof imageDataURI === 'string')
      return fromBase64(imageDataURI.slice(imageDataURI.indexOf(',') + 1));
  } catch {
    throw unreadable('an image that is not base64');
  }
  // An archived answer may hold only the address.
  const url = typeof imageURL === 'string' ? URL.parse(imageURL) : null;
  if (url) return fetchResult(RESULT_HOSTS, url, signal);
  throw unreadable('an answer without an image');
}

/** By its first bytes: what the service says of it is not relied on. */
function mimeOf(bytes: Bytes): 'image/jpeg' | 'image/png' | 'image/webp' | undefined {
  const starts = (at: number, ...signature: number[]) => signature.every((byte, i) => bytes[at + i] === byte);
  if (starts(0, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp';
  return undefined;
}

function unreadable(what: string): Failure {
  return new Failure('unreadable-answer', `Runware answered with ${what}.`, {
    next: 'It was probably charged. Run again, or tell Runware.',
  });
}
