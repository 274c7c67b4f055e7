/** The tenant that every control plane shows: its clusters, departments, projects and nodes. */

export const clusters = [
  {
    uuid: '71f69d83-ba66-4822-adf5-55ce55efd210',
    name: 'berlin',
    domain: 'berlin.example.com',
    version: '2.20.26',
    createdAt: '2025-03-04T09:00:00Z',
    status: { state: 'Connected' },
  },
  {
    uuid: '9f55255e-11ed-47c7-acef-fc4054768dbc',
    name: 'oslo',
    domain: 'oslo.example.com',
    version: '2.19.40',
    createdAt: '2025-06-11T14:30:00Z',
    status: { state: 'Disconnected' },
  },
] as const;

const [berlin, oslo] = clusters;

export const departments = [
  { id: '4500001', name: 'research', clusterId: berlin.uuid, parentId: null },
  { id: '4500002', name: 'products', clusterId: berlin.uuid, parentId: null },
] as const;

export const projects = [
  { id: '4501101', name: 'team-a', clusterId: berlin.uuid, parentId: '4500001', namespace: 'runai-team-a' },
  { id: '4501102', name: 'team-b', clusterId: berlin.uuid, parentId: '4500002', namespace: 'runai-team-b' },
  { id: '4501103', name: 'night', clusterId: oslo.uuid, parentId: '4500002', namespace: 'runai-night' },
] as const;

export type Project = (typeof projects)[number];

export const nodePools = [
  { id: '22', name: 'default', clusterId: berlin.uuid, phase: 'Ready' },
  { id: '23', name: 'h100', clusterId: berlin.uuid, phase: 'Ready' },
] as const;

export const nodes = [
  { name: 'gpu-1', clusterUuid: berlin.uuid, status: 'Ready', nodePool: 'h100', gpuInfo: { gpuCount: 8 } },
  { name: 'gpu-2', clusterUuid: berlin.uuid, status: 'NotReady', nodePool: 'h100', gpuInfo: { gpuCount: 8 } },
  { name: 'cpu-1', clusterUuid: berlin.uuid, status: 'Ready', nodePool: 'default' },
] as const;

/** A cluster with all that is known about it, or with what it is called. */
export const clusterOf = (cluster: (typeof clusters)[number], verbosity: 'metadata' | 'full') =>
  verbosity === 'full'
    ? { ...cluster, tenantId: 1001, lastLiveness: '2026-01-01T00:00:00Z' }
    : { uuid: cluster.uuid, name: cluster.name };
