import { type Answer, type Ask, type Fields, isObject, mediaType, parsed } from '../loopback/wire';
import { type Project, projects } from './organisation';
import { refusal, unreadable } from './refusals';
import type { Kind, Workload, Workloads } from './workloads';

/** Submits a workload; or says what is wrong with it. */
export function submitted(
  ask: Ask,
  kind: Kind,
  workloads: Workloads,
  by: string,
): Workload | { wrong: Answer } {
  const body = mediaType(ask) === 'application/json' ? parsed(ask.body) : undefined;
  if (!isObject(body)) return wrong(400, unreadable);
  const { name, projectId, clusterId, spec } = body;
  if (typeof name !== 'string' || name === '') return wrong(400, 'Workload name must not be empty');
  const flaw = flawOfName(name);
  if (flaw) return wrong(400, flaw);
  if (typeof projectId !== 'string' || projectId === '') return wrong(400, 'projectId must be provided');
  if (typeof clusterId !== 'string' || clusterId === '') return wrong(400, 'clusterId must be provided');
  const project = projects.find(({ id }) => id === projectId);
  if (!project) return wrong(404, `project '${projectId}' was not found`);
  if (project.clusterId !== clusterId)
    return wrong(400, `project '${projectId}' is not in cluster '${clusterId}'`);
  if (!isObject(spec) || typeof spec.image !== 'string' || spec.image === '') {
    return wrong(400, 'spec.image must be provided');
  }
  const compute = flawOfCompute(spec.compute);
  if (compute) return wrong(400, compute);
  if (workloads.named(name, project)) return wrong(409, taken(name));
  const policy = violation(spec.compute, project);
  if (policy) return { wrong: refusal(400, 'The workload does not comply with the policy.', policy) };
  return workloads.add({ name, kind, project, spec, by });
}

/** What a submission is answered with. */
export const receipt = ({ id, createdAt, phase, order }: Workload) => ({
  name: order.name,
  requestedName: order.name,
  workloadId: id,
  projectId: order.project.id,
  departmentId: order.project.parentId,
  clusterId: order.project.clusterId,
  createdBy: order.by,
  createdAt,
  deletedAt: null,
  desiredPhase: 'Running',
  actualPhase: phase,
  spec: order.spec,
});

const wrong = (status: number, message: string) => ({ wrong: refusal(status, message) });

export const taken = (name: string): string => `workload with name '${name}' already exists in this project`;

export function flawOfName(name: string): string | undefined {
  if (name.length > 63) return 'The length of a workload name must not exceed 63 characters';
  if (/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
  return "The workload name must consist of lower case alphanumeric characters or '-', and start with an alphabetic character.";
}

function flawOfCompute(compute: unknown): string | undefined {
  if (compute === undefined || compute === null) return undefined;
  if (!isObject(compute)) return 'spec.compute must be an object';
  const checks: Record<string, (value: unknown) => boolean> = {
    gpuDevicesRequest: value => Number.isInteger(value) && Number(value) >= 0,
    gpuPortionRequest: value => typeof value === 'number' && value >= 0 && value <= 1,
    gpuRequestType: value => value === 'portion' || value === 'memory' || value === 'migProfile',
    cpuCoreRequest: value => typeof value === 'number' && value >= 0,
    cpuMemoryRequest: value => typeof value === 'string' && /^\d+(\.\d+)?([KMGT]i?B?)?$/.test(value),
  };
  const bad = Object.entries(checks).find(([name, fits]) => name in compute && !fits(compute[name]));
  return bad && `spec.compute.${bad[0]} is invalid`;
}

/** More GPUs than a node has are against this tenant's policy. */
function violation(compute: unknown, { name }: Project): string | undefined {
  const asked = isObject(compute) ? (compute as Fields).gpuDevicesRequest : 0;
  return Number(asked) > 8 ? `gpuDevicesRequest: at most 8 in project ${name}` : undefined;
}
