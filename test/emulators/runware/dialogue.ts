import { authenticate } from './authenticate';
import { Courier } from './courier';
import type { Submission } from './engine';
import { shaped } from './failures';
import type { Session } from './session';
import type { Connection, Surroundings } from './socket';
import { type Failure, isObject, type Task } from './wire';
import type { Work } from './work';

/** What is said over one connection: takes the tasks of a frame, sees to their answers. */
export class Dialogue {
  readonly #connection: Connection;
  readonly #around: Surroundings;
  readonly #dryRun: boolean;
  #unpaired: Failure[] = [];

  constructor(connection: Connection, around: Surroundings, dryRun: boolean) {
    this.#connection = connection;
    this.#around = around;
    this.#dryRun = dryRun;
  }

  async read(text: string): Promise<void> {
    const tasks = parsed(text);
    if (!tasks) {
      this.#tell([{ code: 'invalidJSON', message: 'The message must be a JSON array of tasks.' }]);
      return;
    }
    const failures: Failure[] = [];
    for (const task of tasks) {
      if (this.#connection.broken) return;
      failures.push(...(await this.#serve(isObject(task) ? task : {})));
    }
    if (failures.length > 0) this.#tell(failures);
  }

  /** Deals with one task; gives back the failures that may share a frame with its neighbours'. */
  async #serve(task: Task): Promise<readonly Failure[]> {
    const { faults, engine } = this.#around;
    const { session } = this.#connection;
    if (task.taskType === 'authentication') {
      await authenticate(task, this.#connection, this.#around);
      return [];
    }
    if (!session) return this.#stranger(task);
    if (task.taskType === 'ping') {
      const cut = faults.breakAt('pong', task);
      if (cut) this.#connection.break(cut);
      else this.#connection.post({ data: [{ taskType: 'ping', pong: true }] });
      return [];
    }
    const early = faults.breakAt('arrival', task);
    if (early) {
      this.#connection.break(early);
      return [];
    }
    const client = { account: session.account, dryRun: this.#dryRun, streams: false };
    return this.#answer(task, session, engine.submit(task, client));
  }

  #answer(task: Task, session: Session, submission: Submission): readonly Failure[] {
    if (submission.kind === 'answered') {
      this.#connection.post({ data: submission.items });
      return [];
    }
    if (submission.kind === 'accepted') {
      this.#follow(task, session, submission.work);
      return [];
    }
    const { failures, fault } = submission;
    if (fault?.shape === 'paired') {
      this.#unpaired.push(...failures);
      return this.#unpaired.length > 1 ? this.#unpaired.splice(0) : [];
    }
    if (!fault?.shape && !fault?.body) return failures;
    for (const failure of failures) {
      this.#connection.post(fault.body?.(task) ?? shaped(failure, fault.shape ?? 'errors-array'));
    }
    return [];
  }

  #follow(task: Task, session: Session, work: Work): void {
    const { faults, switches } = this.#around;
    session.works.add(work);
    work.watch({ done: () => session.works.delete(work) });
    const pushed = work.order.delivery === 'sync';
    if (pushed) work.watch(new Courier(work, session, this.#connection, faults, switches));
    const cut = faults.breakAt('accepted', task);
    if (cut) this.#connection.break(cut);
    if (cut || pushed) return;
    const { taskType, taskUUID } = work.order;
    if (!faults.take('no-ack', task)) session.send({ data: [{ taskType, taskUUID }] });
    const late = faults.breakAt('acked', task);
    if (late) this.#connection.break(late);
  }

  #stranger({ taskUUID }: Task): readonly Failure[] {
    const reaction = this.#around.switches.unauthenticated;
    if (reaction === 'close') this.#connection.drop(1008);
    if (reaction !== 'error') return [];
    const owner = typeof taskUUID === 'string' ? { taskUUID } : {};
    return [{ code: 'unauthorized', message: 'The first message must be an authentication.', ...owner }];
  }

  #tell(errors: readonly Failure[]): void {
    this.#connection.post({ ...(this.#around.switches.emptyData && { data: [] }), errors });
  }
}

function parsed(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
