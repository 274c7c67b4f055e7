import type { Answer, Ask } from '../loopback/wire';
import type { Application } from './applications';
import { failure, listOf, manifestIn, manifestOf, type Resource, resources, success } from './kube-forms';
import { type Project, projects } from './organisation';
import { type Plane, tokenOf } from './routes';
import type { Workload } from './workloads';

export const kubePath = /^\/apis\/run\.ai\/v1alpha1\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?$/;

interface Visit {
  readonly ask: Ask;
  readonly plane: Plane;
  readonly application: Application;
  readonly resource: Resource;
  readonly project: Project;
}

/** The cluster API: a namespace's workloads, in the forms of Kubernetes. */
export function answerCluster(ask: Ask, plane: Plane): Answer {
  const token = tokenOf(ask, plane);
  if (!token) return failure(401, 'Unauthorized', 'Unauthorized');
  const [, namespace, plural, name] = kubePath.exec(ask.path) ?? [];
  const resource = resources.find(known => known.plural === plural);
  if (!resource) return failure(404, 'NotFound', 'the server could not find the requested resource');
  const verb = verbOf(ask.method, name);
  if (!verb) {
    const sentence = 'the server does not allow this method on the requested resource';
    return failure(405, 'MethodNotAllowed', sentence);
  }
  const { application } = token;
  const project = projects.find(known => known.namespace === namespace);
  const reads = verb === 'get' || verb === 'list';
  if (!project || application.access === 'none' || (!reads && application.access !== 'write')) {
    const what = `cannot ${verb} resource "${plural}" in API group "run.ai" in the namespace "${namespace}"`;
    return failure(403, 'Forbidden', `${plural}.run.ai is forbidden: User "${application.id}" ${what}`);
  }
  const visit = { ask, plane, application, resource, project };
  if (verb === 'create') return created(visit);
  const mine = plane.workloads
    .list()
    .filter(({ order }) => order.kind === resource.as && order.project.id === project.id);
  if (verb === 'list') return { status: 200, body: listOf(mine, resource) };
  const found = mine.find(({ order }) => order.name === name);
  if (!found) return failure(404, 'NotFound', `${plural}.run.ai "${name}" not found`);
  if (verb === 'get') return { status: 200, body: manifestOf(found, resource) };
  plane.workloads.remove(found);
  entered(visit, 'delete', found);
  return success();
}

type Verb = 'get' | 'list' | 'create' | 'delete';

/** With a name one resource is meant, without one all of them. */
function verbOf(method: string, name: string | undefined): Verb | undefined {
  if (method === 'GET') return name === undefined ? 'list' : 'get';
  if (method === 'POST' && name === undefined) return 'create';
  return method === 'DELETE' && name !== undefined ? 'delete' : undefined;
}

function created(visit: Visit): Answer {
  const { ask, plane, application, resource, project } = visit;
  const wanted = manifestIn(ask, resource);
  if ('status' in wanted) return wanted;
  const { name, spec } = wanted;
  if (plane.workloads.named(name, project)) {
    return failure(409, 'AlreadyExists', `${resource.plural}.run.ai "${name}" already exists`);
  }
  const made = plane.workloads.add({ name, kind: resource.as, project, spec, by: application.label });
  entered(visit, 'create', made);
  return { status: 201, body: manifestOf(made, resource) };
}

function entered({ ask, plane, application }: Visit, what: 'create' | 'delete', { id }: Workload): void {
  plane.ledger.enter({ what, by: application.label, id, host: ask.host });
}
