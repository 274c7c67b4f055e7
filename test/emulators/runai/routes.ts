import type { Secrets } from '../loopback/secrets';
import { type Answer, type Ask, bearerOf, type Fields } from '../loopback/wire';
import { actOnMany, actOnOne, removed, submittedAt } from './acts';
import type { Application, Applications, Token } from './applications';
import { detailOf } from './details';
import type { Ledger } from './ledger';
import { counted, listed } from './listing';
import type { Switches } from './options';
import { clusterOf, clusters, departments, nodePools, nodes, projects } from './organisation';
import { noPermission, notFamiliar, notFound, refusal } from './refusals';
import type { Workloads } from './workloads';

/** What the control plane consists of. */
export interface Plane {
  readonly switches: Switches;
  readonly applications: Applications;
  readonly secrets: Secrets;
  readonly ledger: Ledger;
  readonly workloads: Workloads;
}

export interface Visit {
  readonly ask: Ask;
  readonly plane: Plane;
  readonly application: Application;
  /** What stands for the names in the route's path. */
  readonly at: Readonly<Record<string, string>>;
}

type Route = readonly [method: string, path: RegExp, answer: (visit: Visit) => Answer];

const list =
  (name: string, items: (visit: Visit) => readonly Fields[], paged: 'paged' | 'whole' = 'paged') =>
  (visit: Visit): Answer =>
    listed(items(visit), visit.ask.query, {
      name,
      nextAtEnd: paged === 'paged' ? visit.plane.switches.nextAtEnd : 'never',
    });

const shownWorkloads = ({ ask, plane }: Visit) =>
  plane.workloads.list(ask.query.get('deleted') === 'true').map(workload => workload.shown());

const rules = ({ application }: Visit) =>
  application.access === 'none'
    ? []
    : [
        {
          id: 1,
          subjectId: application.id,
          subjectType: 'app',
          roleName: application.access === 'read' ? 'Viewer' : 'L1 researcher',
          scopeType: 'tenant',
        },
      ];

const kind = '(?<kind>trainings|workspaces|distributed|inferences)';
const id = '(?<id>[^/]+)';
const route = (path: string): RegExp => new RegExp(`^/api/v1/${path}$`);

const routes: readonly Route[] = [
  ['GET', route('workloads'), list('workloads', shownWorkloads)],
  ['GET', route('workloads/count'), visit => counted(shownWorkloads(visit), visit.ask.query)],
  ['POST', route('workloads/batch'), actOnMany],
  ['POST', route(`workloads/${kind}`), submittedAt],
  ['DELETE', route(`workloads/${kind}/${id}`), removed],
  ['POST', route(`workloads/${kind}/${id}/(?<action>suspend|resume)`), actOnOne],
  ['GET', route(`workloads/${kind}/${id}`), detailOf],
  ['GET', route(`workloads/${id}(?:/(?<detail>pods|events|history|metrics))?`), detailOf],
  ['GET', route('clusters'), clusterList],
  ['GET', route('org-unit/projects'), list('projects', () => projects)],
  ['GET', route('org-unit/projects/count'), ({ ask }) => counted(projects, ask.query)],
  ['GET', route('org-unit/departments'), list('departments', () => departments)],
  ['GET', route('org-unit/departments/count'), ({ ask }) => counted(departments, ask.query)],
  ['GET', route('node-pools'), list('nodepools', () => nodePools, 'whole')],
  ['GET', route('nodes'), list('nodes', () => nodes, 'whole')],
  ['GET', route('authorization/me/access-rules'), list('accessRules', rules)],
];

/** Everything of the control plane but its token endpoints. */
export function answerCall(ask: Ask, plane: Plane): Answer {
  const token = tokenOf(ask, plane);
  if (!token) return notFamiliar();
  const { application } = token;
  const here = routes.filter(([, path]) => path.test(ask.path));
  const found = here.find(([method]) => method === ask.method);
  if (!found) return here.length > 0 ? refusal(405, 'Method not allowed') : notFound();
  const mayAlways = ask.path.endsWith('/me/access-rules');
  const needed = ask.method === 'GET' ? ['read', 'write'] : ['write'];
  if (!mayAlways && !needed.includes(application.access)) return noPermission();
  const at = found[1].exec(ask.path)?.groups ?? {};
  return found[2]({ ask, plane, application, at });
}

export const tokenOf = (ask: Ask, { applications }: Plane): Token | undefined =>
  applications.find(bearerOf(ask), ask.host);

/** A bare array, of all there are. */
function clusterList({ ask }: Visit): Answer {
  const verbosity = ask.query.get('verbosity') ?? 'full';
  if (verbosity !== 'full' && verbosity !== 'metadata')
    return refusal(400, `invalid verbosity: ${verbosity}`);
  return { status: 200, body: clusters.map(cluster => clusterOf(cluster, verbosity)) };
}
