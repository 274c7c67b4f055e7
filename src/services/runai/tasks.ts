import type { Operation } from '../about';
import { filter, paging, search, sorting, workload } from './inputs';

/** What Run:ai does, in the order in which people see it. How each goes over the wire is in `operations.ts`. */
export const tasks: readonly Operation[] = [
  {
    name: 'workloads',
    label: 'Workloads',
    doing: 'Looking',
    free: 'question',
    fields: [
      search,
      filter,
      ...sorting,
      ...paging,
      {
        name: 'deleted',
        label: 'Which',
        kind: 'choice',
        initial: 'false',
        choices: [
          { value: 'false', label: 'Those there are' },
          { value: 'true', label: 'Those that were deleted' },
        ],
        advanced: true,
      },
    ],
  },
  { name: 'workload', label: 'Workload', doing: 'Looking', free: 'question', fields: [workload] },
  { name: 'events', label: 'Events of a workload', doing: 'Looking', free: 'question', fields: [workload] },
  { name: 'count', label: 'Count workloads', doing: 'Counting', free: 'question', fields: [search, filter] },
  { name: 'suspend', label: 'Suspend workload', doing: 'Suspending', free: 'change', fields: [workload] },
  { name: 'resume', label: 'Resume workload', doing: 'Resuming', free: 'change', fields: [workload] },
  {
    name: 'batch',
    label: 'Several workloads',
    doing: 'Asking',
    free: 'change',
    destroys: ({ action }) => action === 'delete',
    fields: [
      {
        name: 'action',
        label: 'What to do',
        kind: 'choice',
        initial: 'suspend',
        choices: [
          { value: 'suspend', label: 'Suspend' },
          { value: 'resume', label: 'Resume' },
          { value: 'delete', label: 'Delete' },
        ],
      },
      {
        name: 'workloads',
        label: 'Workloads',
        kind: 'long-text',
        most: 5_000,
        hint: 'Their ids, at most 100, apart by spaces, commas or lines',
      },
    ],
  },
  {
    name: 'projects',
    label: 'Projects',
    doing: 'Looking',
    free: 'question',
    fields: [search, filter, ...sorting, ...paging],
  },
  {
    name: 'departments',
    label: 'Departments',
    doing: 'Looking',
    free: 'question',
    fields: [search, filter, ...sorting, ...paging],
  },
  { name: 'clusters', label: 'Clusters', doing: 'Looking', free: 'question', fields: [] },
  { name: 'node-pools', label: 'Node pools', doing: 'Looking', free: 'question', fields: [search, filter] },
  { name: 'nodes', label: 'Nodes', doing: 'Looking', free: 'question', fields: [search, filter] },
  { name: 'rules', label: 'Own access rules', doing: 'Looking', free: 'question', fields: [...paging] },
  {
    name: 'request',
    label: 'Request of your own',
    doing: 'Asking',
    free: 'change',
    destroys: ({ method }) => method === 'DELETE',
    fields: [
      {
        name: 'to',
        label: 'To',
        kind: 'choice',
        initial: 'url',
        choices: [
          { value: 'url', label: 'The control plane' },
          { value: 'cluster', label: 'The cluster' },
        ],
      },
      {
        name: 'method',
        label: 'Method',
        kind: 'choice',
        initial: 'GET',
        choices: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map(value => ({ value, label: value })),
      },
      {
        name: 'path',
        label: 'Path',
        kind: 'text',
        initial: '/api/v1/workloads',
        most: 2_000,
        pattern: {
          shape: /^\/(?![/\\])[\x21-\x7e]*$/,
          otherwise: 'Path must begin with one slash, and have plain characters and no spaces.',
        },
        hint: 'With its query, if any. Never put a secret into it.',
      },
      {
        name: 'json',
        label: 'JSON',
        kind: 'long-text',
        optional: true,
        most: 200_000,
        hint: 'What to send with it, if anything',
      },
    ],
  },
];
