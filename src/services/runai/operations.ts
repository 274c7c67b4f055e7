import { Failure } from '../../failure';
import type { Values } from '../fields';
import { parsed } from '../json';
import type { Task } from '../service';
import { originIn } from './address';
import type { WireRequest } from './http';
import { UUID } from './inputs';
import { accepted, batch, count, json, list, type Read } from './read';

/** What an operation is on the wire: where it goes, where each field goes in the query, and how to read the answer. */
export interface Operation {
  readonly method: 'GET' | 'POST';
  /** Fields in braces; `{kind}` is what the API calls the workload's kind. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly read: Read;
  /** Where what a list selects is counted, if it goes on beyond what is shown. */
  readonly counted?: string;
}

const selected = { search: 'search', filter: 'filterBy' };
const ordered = { ...selected, sort: 'sortBy', order: 'sortOrder' };
const paged = { most: 'limit', from: 'offset' };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  workloads: {
    method: 'GET',
    path: '/api/v1/workloads',
    query: { ...ordered, ...paged, deleted: 'deleted' },
    counted: '/api/v1/workloads/count',
    read: list('workloads', { id: 'id', title: 'name', note: ['type', 'phase', 'projectName'] }),
  },
  workload: { method: 'GET', path: '/api/v1/workloads/{workload}', read: json },
  events: {
    method: 'GET',
    path: '/api/v1/workloads/{workload}/events',
    read: list('events', { title: 'message', note: ['type', 'reason', 'createdAt'] }),
  },
  count: { method: 'GET', path: '/api/v1/workloads/count', query: selected, read: count },
  suspend: { method: 'POST', path: '/api/v1/workloads/{kind}/{workload}/suspend', read: accepted },
  resume: { method: 'POST', path: '/api/v1/workloads/{kind}/{workload}/resume', read: accepted },
  batch: { method: 'POST', path: '/api/v1/workloads/batch', read: batch },
  projects: {
    method: 'GET',
    path: '/api/v1/org-unit/projects',
    query: { ...ordered, ...paged },
    counted: '/api/v1/org-unit/projects/count',
    read: list('projects', { id: 'id', title: 'name', note: ['namespace'] }),
  },
  departments: {
    method: 'GET',
    path: '/api/v1/org-unit/departments',
    query: { ...ordered, ...paged },
    counted: '/api/v1/org-unit/departments/count',
    read: list('departments', { id: 'id', title: 'name', note: [] }),
  },
  clusters: {
    method: 'GET',
    path: '/api/v1/clusters',
    read: list(undefined, { id: 'uuid', title: 'name', note: ['status.state', 'version', 'domain'] }),
  },
  'node-pools': {
    method: 'GET',
    path: '/api/v1/node-pools',
    query: selected,
    read: list('nodepools', { id: 'id', title: 'name', note: ['phase'] }),
  },
  nodes: {
    method: 'GET',
    path: '/api/v1/nodes',
    query: selected,
    read: list('nodes', { title: 'name', id: 'name', note: ['status', 'nodePool'] }),
  },
  rules: {
    method: 'GET',
    path: '/api/v1/authorization/me/access-rules',
    query: paged,
    read: list('accessRules', { id: 'id', title: 'roleName', note: ['scopeType', 'scopeName'] }),
  },
  request: { method: 'GET', path: '', read: json },
};

/** Throws `bad-request` for a task that Run:ai does not do here. */
export function operationFor({ operation }: Pick<Task, 'operation'>): Operation {
  const found = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (found) return found;
  throw new Failure('bad-request', 'Run:ai has no such task.');
}

/** What a request is made of besides its task: no secret goes into it. */
interface Keyed {
  readonly fields: Readonly<Values>;
}

/** The task as it goes over the wire; `kind` is the workload's. Throws `bad-input` with the field, where it cannot. */
export function requestOf(task: Task, key: Keyed, kind = ''): WireRequest {
  const { operation, values } = task;
  if (operation === 'request') return ownRequest(values, key);
  const { method, path, query = {} } = operationFor(task);
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(name === 'kind' ? kind : (values[name] ?? '')),
  );
  const url = at(filled, key.fields.url, 'URL');
  for (const [field, parameter] of Object.entries(query)) {
    const value = values[field];
    // `filterBy` is one list, its commas and all.
    if (value) url.searchParams.set(parameter, field === 'filter' ? value.replace(/\s*,\s*/g, ',') : value);
  }
  const body =
    operation === 'batch' ? JSON.stringify({ ids: idsIn(values), action: values.action }) : undefined;
  return { method, url, ...(body !== undefined && { body }) };
}

/** How many things the list's query selects. */
export function countRequestOf(task: Task, key: Keyed): WireRequest | undefined {
  const { counted } = operationFor(task);
  if (counted === undefined) return undefined;
  const url = new URL(requestOf(task, key).url);
  url.pathname = counted;
  for (const parameter of ['limit', 'offset', 'sortBy', 'sortOrder']) url.searchParams.delete(parameter);
  return { method: 'GET', url };
}

/** Whether it changes something, so that it must not be asked twice. */
export const writes = ({ method }: WireRequest): boolean => method !== 'GET';

const MOST_AT_ONCE = 100;

function idsIn({ workloads = '' }: Values): string[] {
  const ids = [...new Set(workloads.split(/[\s,;]+/).filter(Boolean))];
  const wrong = ids.find(id => !UUID.test(id));
  if (wrong === undefined && ids.length >= 1 && ids.length <= MOST_AT_ONCE) return ids;
  throw nothingSent(
    'workloads',
    wrong === undefined ? 'Give from 1 to 100 ids.' : 'One of these is no id, which is a UUID.',
  );
}

/** Answers of these would hold a secret that nobody sees again, or a token. */
const SECRET_BEARING = /^\/api\/v\d+\/(?:token|service-accounts|access-keys|.*\/secret)(?:\/|$)/i;

function ownRequest(
  { to, method = 'GET', path = '', json: written }: Values,
  { fields }: Keyed,
): WireRequest {
  const url = to === 'cluster' ? at(path, fields.cluster, 'Cluster URL') : at(path, fields.url, 'URL');
  if (method !== 'GET' && SECRET_BEARING.test(decoded(url.pathname))) {
    throw nothingSent('path', 'The answer would hold a secret: make it in Run:ai’s own pages.');
  }
  if (written === undefined) return { method, url };
  if (method === 'GET') throw nothingSent('json', 'A GET takes nothing with it.');
  if (parsed(written) === undefined) throw nothingSent('json', 'This is not JSON.');
  return { method, url, body: written };
}

/** The same path may be written in many ways. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replace(/\/{2,}/g, '/');
  } catch {
    return path;
  }
}

/** An address at the key's control plane. Throws `bad-input` where it has none. */
export const controlPlane = (path: string, { url }: Readonly<Values>): URL => at(path, url, 'URL');

/** An address of the key's own. Whatever the path is made of, it leads to no other host. */
function at(path: string, address: string | undefined, label: string): URL {
  const origin = originIn(address);
  if (origin === undefined) throw nothingSent('to', `The key has no ${label} that Runkey can read.`);
  const url = URL.parse(path, origin);
  if (url?.origin === origin) return url;
  throw nothingSent('path', 'This path leads elsewhere.');
}

const nothingSent = (field: string, message: string): Failure =>
  new Failure('bad-input', message, { field, next: 'Change it and run again. Nothing was sent.' });
