import { fromBase64 } from '../../bytes';
import { Failure } from '../../failure';
import type { Values } from '../fields';
import type { Task } from '../service';
import type { Wish } from './exchange';
import { part } from './path';
import * as read from './read';

/** Where a field's value goes, and in what form. */
type Input = string | { readonly to: string; readonly as: 'number' | 'flag' };
type Inputs = Readonly<Record<string, Input>>;

/**
 * What an operation is on the wire: method and path, with the fields that stand in it in braces, where each other
 * field goes, and how to read its answer.
 */
interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Inputs;
  readonly body?: Inputs;
  /** What the query always asks for. */
  readonly always?: Readonly<Record<string, string>>;
  /**
   * `asks` and `deletes` may be repeated, `creates` and `uploads` never blindly: they are looked for where it is not
   * known whether they arrived.
   */
  readonly does: 'asks' | 'deletes' | 'creates' | 'uploads';
  readonly read: read.Read;
  /** What an answer of 404 means: that there is nothing to list. */
  readonly none?: unknown;
  /** Whether this model is documented to take a seed. */
  readonly seeds?: (model: string) => boolean;
}

const number = (to: string) => ({ to, as: 'number' }) as const;
const flag = (to: string) => ({ to, as: 'flag' }) as const;

const running = { account: 'email', maxJobs: number('maxJobs'), explore: flag('exploreMode') };
const drawn = {
  prompt: 'text_prompt',
  ratio: 'aspect_ratio',
  count: number('num_images'),
  reference1: 'imageAssetId1',
  reference2: 'imageAssetId2',
  reference3: 'imageAssetId3',
  style: 'style',
  diversity: number('diversity'),
  seed: number('seed'),
  ...running,
};
const page = { most: 'limit', skip: 'offset', account: 'email' };

const HOME = 'v1/runwayml/';
const gen4 = (model: string) => model.startsWith('gen4');

const OPERATIONS: Readonly<Record<string, Operation>> = {
  image: {
    method: 'POST',
    path: `${HOME}images/create`,
    body: { ...drawn, model: 'model', resolution: 'resolution' },
    does: 'creates',
    seeds: gen4,
    read: read.results('image'),
  },
  video: {
    method: 'POST',
    path: `${HOME}videos/create`,
    body: {
      prompt: 'text_prompt',
      model: 'model',
      duration: number('duration'),
      ratio: 'aspect_ratio',
      resolution: 'resolution',
      audio: flag('audio'),
      reference1: 'imageAssetId1',
      reference2: 'imageAssetId2',
      start: 'startFrameAssetId',
      end: 'endFrameAssetId',
      film: 'videoAssetId',
      sound: 'audioAssetId1',
      seed: number('seed'),
      ...running,
    },
    does: 'creates',
    seeds: gen4,
    read: read.results('video'),
  },
  frames: {
    method: 'POST',
    path: `${HOME}frames/create`,
    body: drawn,
    does: 'creates',
    seeds: () => true,
    read: read.results('image'),
  },
  tasks: {
    method: 'GET',
    path: `${HOME}tasks/`,
    query: { ...page, status: 'statuses' },
    does: 'asks',
    read: read.tasks,
  },
  task: { method: 'GET', path: `${HOME}tasks/{task}`, does: 'asks', read: read.task },
  deleteTask: {
    method: 'DELETE',
    path: `${HOME}tasks/{task}`,
    does: 'deletes',
    read: read.gone('task', 'Deleted'),
  },
  credits: {
    method: 'GET',
    path: `${HOME}features/`,
    query: { account: 'email' },
    does: 'asks',
    read: read.credits,
  },
  scheduled: { method: 'GET', path: `${HOME}scheduler/`, does: 'asks', read: read.scheduled },
  release: {
    method: 'DELETE',
    path: `${HOME}scheduler/{task}`,
    does: 'deletes',
    read: read.gone('task', 'No longer tracked'),
  },
  upload: {
    method: 'POST',
    path: `${HOME}assets/`,
    query: { name: 'name', account: 'email' },
    does: 'uploads',
    read: read.uploaded,
  },
  assets: {
    method: 'GET',
    path: `${HOME}assets/`,
    query: { ...page, media: 'mediaType' },
    does: 'asks',
    read: read.assets,
  },
  asset: { method: 'GET', path: `${HOME}assets/{asset}`, does: 'asks', read: read.asset },
  deleteAsset: {
    method: 'DELETE',
    path: `${HOME}assets/{asset}`,
    does: 'deletes',
    read: read.gone('asset', 'Deleted'),
  },
  accounts: { method: 'GET', path: `${HOME}accounts`, does: 'asks', read: read.accounts, none: {} },
  subscription: { method: 'GET', path: 'v2/account', does: 'asks', read: read.subscription },
  usage: {
    method: 'GET',
    path: 'v2/account/stats',
    query: { date: 'date', account: 'config' },
    always: { bot: 'runwayml' },
    does: 'asks',
    read: read.usage,
  },
};

/** Throws `bad-request` for a task that Runway does not do here. */
export function operationFor({ operation }: Pick<Task, 'operation'>): Operation {
  const found = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (found) return found;
  throw new Failure('bad-request', 'Runway has no such task.');
}

/**
 * The task as it goes over the wire. `usual` is the account that is meant where it names none; `marked`: with what
 * Runkey finds it again by. Throws `invalid` for what cannot be said.
 */
export function wishOf({ id, operation, values }: Task, usual: string | undefined, marked = true): Wish {
  const { method, path, query = {}, body, always, does, seeds } = operationFor({ operation });
  const place = path.replace(/\{(\w+)\}/g, (_, field: string) => part(values[field] ?? '', field));
  const wish = {
    ...{ method, path: place },
    fieldOf: (parameter: string) => fieldOf(operation, parameter),
    query: { ...always, ...textsOf(filled(query, values, usual)) },
  };
  if (does === 'uploads') {
    const { bytes, type } = picture(values.picture ?? '');
    return { ...wish, query: { name: nameOf({ id, values }), ...wish.query }, body: bytes, type };
  }
  if (!body) return wish;
  const form = filled(body, values, usual);
  // What tells this task from all others, where the answer to it is lost.
  const marks = { ...(seeds?.(values.model ?? '') && { seed: seedOf(id) }), replyRef: id };
  const said = marked ? { ...marks, ...form } : form;
  return { ...wish, body: JSON.stringify(said), type: 'application/json' };
}

/** Under which an upload is found again. */
export const nameOf = ({ id, values }: Pick<Task, 'id' | 'values'>): string => values.name ?? `Runkey ${id}`;

/** A seed that only this task has, of those that the service takes. */
export const seedOf = (id: string): number => (Number.parseInt(id.slice(0, 8), 16) % 4_294_967_294) + 1;

/** The field of ours that a parameter of the service's is filled from; for another, its own name. */
export function fieldOf(operation: string, parameter: string): string {
  const { query, body } = operationFor({ operation });
  const found = Object.entries({ ...query, ...body }).find(([, input]) => target(input) === parameter);
  return found?.[0] ?? parameter;
}

function filled(inputs: Inputs, values: Values, usual: string | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([field, input]) => {
      const to = target(input);
      const value = given(values, field) ?? (to === 'email' ? usual : undefined);
      return value === undefined ? [] : [[to, formed(input, value)]];
    }),
  );
}

const textsOf = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

const given = (values: Values, field: string): string | undefined =>
  Object.hasOwn(values, field) && values[field] !== '' ? values[field] : undefined;

const target = (input: Input): string => (typeof input === 'string' ? input : input.to);

function formed(input: Input, value: string): unknown {
  if (typeof input === 'string') return value;
  return input.as === 'number' ? Number(value) : value === 'true';
}

/** The service takes the bytes of a file, and of the pictures that Runkey makes these two. */
function picture(uri: string): { bytes: Uint8Array<ArrayBuffer>; type: string } {
  const [, type, data] = /^data:(image\/(?:png|jpeg));base64,(.+)$/.exec(uri) ?? [];
  if (type && data) return { bytes: fromBase64(data), type };
  throw new Failure('invalid', 'Only a picture itself can be uploaded, as PNG or JPG.', {
    field: 'picture',
    next: 'Choose a file, or paste or drop a picture. Its address is not enough: Runkey fetches nothing.',
  });
}
