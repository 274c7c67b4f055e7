import { randomUUID } from 'node:crypto';
import type { Switches } from './options';
import { type Project, projects } from './organisation';

export type Phase =
  | 'Creating'
  | 'Initializing'
  | 'Resuming'
  | 'Pending'
  | 'Deleting'
  | 'Running'
  | 'Updating'
  | 'Stopped'
  | 'Stopping'
  | 'Degraded'
  | 'Failed'
  | 'Completed'
  | 'Terminating'
  | 'Unknown';

export const kinds = {
  trainings: { type: 'Training', category: 'Train', suspends: true },
  workspaces: { type: 'Workspace', category: 'Build', suspends: true },
  distributed: { type: 'Distributed', category: 'Train', suspends: true },
  inferences: { type: 'Inference', category: 'Deploy', suspends: false },
} as const;

export type Kind = keyof typeof kinds;

export const isKind = (text: string | undefined): text is Kind =>
  text !== undefined && Object.hasOwn(kinds, text);

interface Order {
  readonly name: string;
  readonly kind: Kind;
  readonly project: Project;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly by: string;
}

/** One workload. Its phases are a plan: whoever looks sees the last one whose time has come. */
export class Workload {
  readonly id = randomUUID() as string;
  readonly createdAt = new Date().toISOString();
  readonly order: Order;
  #plan: readonly { readonly phase: Phase; readonly at: number }[] = [];
  #goneAt = Number.POSITIVE_INFINITY;

  constructor(order: Order) {
    this.order = order;
  }

  get phase(): Phase {
    return this.#now?.phase ?? 'Unknown';
  }

  get #now() {
    return this.#plan.findLast(({ at }) => at <= Date.now());
  }

  get deleted(): boolean {
    return Date.now() >= this.#goneAt;
  }

  /** Goes through these phases, `stepMs` apart, the first of them now. */
  go(stepMs: number, ...phases: readonly Phase[]): void {
    const from = Date.now();
    this.#plan = phases.map((phase, step) => ({ phase, at: from + step * stepMs }));
  }

  remove(stepMs: number): void {
    this.go(stepMs, 'Deleting');
    this.#goneAt = Date.now() + stepMs;
  }

  /** As the list shows it. */
  shown() {
    const { name, kind, project, by } = this.order;
    const { type, category, suspends } = kinds[kind];
    const phase = this.phase;
    return {
      id: this.id,
      name,
      type,
      category,
      phase,
      phaseUpdatedAt: new Date(this.#now?.at ?? 0).toISOString(),
      phaseMessage: '',
      conditions: [],
      tenantId: 1001,
      clusterId: project.clusterId,
      projectId: project.id,
      projectName: project.name,
      departmentId: project.parentId,
      namespace: project.namespace,
      submittedBy: by,
      createdAt: this.createdAt,
      deletedAt: this.deleted ? new Date(this.#goneAt).toISOString() : null,
      runningPods: phase === 'Running' ? 1 : 0,
      requestedPods: { number: 1 },
      actionsSupport: { delete: true, suspend: suspends },
    };
  }
}

/** The tenant's workloads, and what may be done with them. */
export class Workloads {
  readonly #all: Workload[] = [];
  readonly #switches: Switches;

  constructor(switches: Switches) {
    this.#switches = switches;
    const [teamA, teamB] = projects;
    const first = [
      { name: 'bert-finetune', kind: 'trainings', project: teamA, phase: 'Running' },
      { name: 'notebook', kind: 'workspaces', project: teamA, phase: 'Stopped' },
      { name: 'llama-chat', kind: 'inferences', project: teamB, phase: 'Running' },
      { name: 'sweep-17', kind: 'distributed', project: teamB, phase: 'Failed' },
    ] as const;
    for (const { phase, ...order } of first) {
      const workload = this.add({
        ...order,
        spec: { image: 'runai.jfrog.io/demo/quickstart' },
        by: 'someone',
      });
      workload.go(0, phase);
    }
  }

  /** Those that are there, or those that were deleted. */
  list(deleted = false): readonly Workload[] {
    return this.#all.filter(workload => workload.deleted === deleted);
  }

  find(id: string): Workload | undefined {
    return this.list().find(workload => workload.id === id);
  }

  named(name: string, { id }: Project): Workload | undefined {
    return this.list().find(({ order }) => order.name === name && order.project.id === id);
  }

  add(order: Order): Workload {
    const workload = new Workload(order);
    this.#all.push(workload);
    this.#start(workload, 'Creating');
    return workload;
  }

  /** False where there was nothing to do. */
  suspend(workload: Workload): boolean {
    if (/^Stopp(ed|ing)$/.test(workload.phase)) return false;
    workload.go(this.#switches.phaseMs, 'Stopping', 'Stopped');
    return true;
  }

  /** False where there was nothing to do. */
  resume(workload: Workload): boolean {
    if (!/^Stopp(ed|ing)$/.test(workload.phase)) return false;
    this.#start(workload, 'Resuming');
    return true;
  }

  remove(workload: Workload): void {
    workload.remove(this.#switches.phaseMs);
  }

  #start(workload: Workload, first: Phase): void {
    const { phaseMs, capacity } = this.#switches;
    const then: readonly Phase[] = capacity === 'full' ? ['Pending'] : ['Initializing', 'Running'];
    workload.go(phaseMs, first, ...then);
  }
}
