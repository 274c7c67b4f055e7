import { type Answer, type Ask, type Fields, isObject, mediaType, parsed } from '../loopback/wire';
import { readManifest } from './manifest';
import { flawOfName } from './submit';
import type { Kind, Workload } from './workloads';

export interface Resource {
  readonly plural: string;
  readonly kind: string;
  readonly as: Kind;
}

export const resources: readonly Resource[] = [
  { plural: 'trainingworkloads', kind: 'TrainingWorkload', as: 'trainings' },
  { plural: 'interactiveworkloads', kind: 'InteractiveWorkload', as: 'workspaces' },
  { plural: 'distributedworkloads', kind: 'DistributedWorkload', as: 'distributed' },
  { plural: 'inferenceworkloads', kind: 'InferenceWorkload', as: 'inferences' },
];

const apiVersion = 'run.ai/v1alpha1';

/** What a request wants made; or what is wrong with it. */
export function manifestIn(ask: Ask, { kind }: Resource): { name: string; spec: Fields } | Answer {
  const type = mediaType(ask);
  if (type !== 'application/yaml' && type !== 'application/json') {
    return failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${type}`);
  }
  const body = type === 'application/json' ? parsed(ask.body) : readManifest(ask.body);
  if (!isObject(body)) return failure(400, 'BadRequest', 'error decoding the manifest');
  if (body.kind !== kind || body.apiVersion !== apiVersion) {
    return failure(400, 'BadRequest', `the object provided is unrecognized (must be of type ${kind})`);
  }
  const { metadata, spec } = body;
  const name = isObject(metadata) ? metadata.name : undefined;
  if (typeof name !== 'string') return failure(422, 'Invalid', 'metadata.name: Required value');
  const flaw = flawOfName(name);
  if (flaw) return failure(422, 'Invalid', flaw);
  if (!isObject(spec)) return failure(422, 'Invalid', 'spec: Required value');
  return { name, spec };
}

export const manifestOf = ({ id, createdAt, phase, order }: Workload, { kind }: Resource) => ({
  apiVersion,
  kind,
  metadata: { name: order.name, namespace: order.project.namespace, uid: id, creationTimestamp: createdAt },
  spec: order.spec,
  status: { phase },
});

export const listOf = (workloads: readonly Workload[], resource: Resource) => ({
  apiVersion,
  kind: `${resource.kind}List`,
  metadata: {},
  items: workloads.map(workload => manifestOf(workload, resource)),
});

export const success = (): Answer => ({
  status: 200,
  body: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success' },
});

export const failure = (code: number, reason: string, message: string): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
});
