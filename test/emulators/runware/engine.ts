import type { Account, Accounts } from './accounts';
import { documentation, invalidKey, ownedBy, scripted } from './failures';
import type { FaultOf, Faults } from './faults';
import { Fields } from './fields';
import type { Ledger } from './ledger';
import type { Shelf } from './media/shelf';
import type { Switches } from './options';
import { recall } from './recall';
import { taskKinds } from './tasks';
import type { Delivery, Desk, TaskKind } from './tasks/kind';
import { type Failure, type Item, isObject, isUuid, type Task, textOf } from './wire';
import { Work } from './work';

export type Submission =
  | { readonly kind: 'refused'; readonly failures: readonly Failure[]; readonly fault?: FaultOf<'error'> }
  | { readonly kind: 'answered'; readonly items: readonly Item[] }
  | { readonly kind: 'accepted'; readonly work: Work };

export interface Client {
  readonly account: Account;
  readonly dryRun: boolean;
  /** Whether a text may be streamed to it. */
  readonly streams: boolean;
}

export interface EngineParts {
  readonly switches: Switches;
  readonly accounts: Accounts;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly shelf: Shelf;
}

/** Takes tasks in: checks, bills and runs them, and remembers them. */
export class Engine {
  /** By account and taskUUID. */
  readonly #works = new Map<string, Work>();

  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  get accounts(): Accounts {
    return this.#parts.accounts;
  }

  submit(task: unknown, client: Client): Submission {
    if (!isObject(task)) return refusal({}, 'invalidTask', 'Each task must be a JSON object.', 'taskType');
    if (this.#parts.accounts.find(client.account.apiKey) === undefined) {
      return { kind: 'refused', failures: [ownedBy(task, invalidKey())] };
    }
    const taskType = textOf(task.taskType);
    const misnamed = checkNames(task);
    if (misnamed) return misnamed;
    if (taskType === 'getResponse' || taskType === 'getTaskDetails') {
      return recall(task, this.#find(client.account, textOf(task.taskUUID)), this.#parts.switches);
    }
    const kind = taskKinds.get(taskType);
    if (!kind)
      return refusal(task, 'unsupportedTaskType', `'${taskType}' is not a known taskType.`, 'taskType');
    return this.#consider(task, kind, client);
  }

  stop(): void {
    for (const work of this.#works.values()) work.stop();
  }

  #consider(task: Task, kind: TaskKind, client: Client): Submission {
    const { account } = client;
    const desk: Desk = { ...this.#parts, account };
    const fields = new Fields(task);
    checkDelivery(fields, kind, client);
    kind.check(fields, desk);
    if (fields.failures.length > 0) return { kind: 'refused', failures: fields.failures };
    if (this.#find(account, textOf(task.taskUUID))) {
      return refusal(task, 'conflictTaskUUID', 'This taskUUID has been used already.', 'taskUUID');
    }
    const fault = this.#parts.faults.take('error', task, ({ at }) => at === undefined);
    if (fault && fault.after === undefined) {
      return { kind: 'refused', failures: [scripted(task, fault)], fault };
    }
    const count = kind.count?.(task) ?? 1;
    const price = kind.price?.(task) ?? 0;
    if (client.dryRun && this.#parts.switches.dryRun === 'priced') {
      return { kind: 'answered', items: [dryItem(task, price * count)] };
    }
    if (price * count > account.balance) {
      return refusal(task, 'insufficientCredits', 'Your balance is too low for this task.');
    }
    return { kind: 'accepted', work: this.#accept(task, kind, desk, { count, price, fault }) };
  }

  #accept(
    task: Task,
    kind: TaskKind,
    desk: Desk,
    { count, price, fault }: { count: number; price: number; fault: FaultOf<'error'> | undefined },
  ): Work {
    const { account } = desk;
    const { taskMs, gapMs } = this.#parts.switches;
    const { taskType } = kind;
    const taskUUID = textOf(task.taskUUID);
    const work = new Work({
      task,
      taskType,
      taskUUID,
      account,
      count,
      delivery: deliveryOf(task, kind),
      taskMs: kind.instant ? 0 : typeof taskMs === 'number' ? taskMs : taskMs(task),
      gapMs,
      breakdown: fault && { after: fault.after ?? 0, failure: scripted(task, fault), fault },
    });
    this.#works.set(`${account.apiKey} ${taskUUID}`, work);
    if (price > 0) this.#bill(work, price);
    void work.run(index => ({
      taskType,
      taskUUID,
      ...kind.make(task, index, desk),
      ...(task.includeCost === true && { cost: rounded(price) }),
    }));
    return work;
  }

  #bill(work: Work, price: number): void {
    const { account, taskUUID, taskType, task, count } = work.order;
    const cost = rounded(price * count);
    const entry = { taskUUID, taskType, task, key: account.label, cost, at: Date.now() };
    account.balance -= price * count;
    this.#parts.ledger.enter(entry);
    work.watch({
      done: ({ items, failure, order }) => {
        // A stream that ends in an error delivered nothing whole.
        const delivered = failure && order.delivery === 'stream' ? 0 : items.length;
        if (delivered === count) return;
        account.balance += price * (count - delivered);
        this.#parts.ledger.reduce(entry, rounded(price * delivered));
      },
    });
  }

  /** A task that is still known. */
  #find(account: Account, taskUUID: string): Work | undefined {
    const work = this.#works.get(`${account.apiKey} ${taskUUID}`);
    if (!work || work.state === 'stopped') return undefined;
    const { rememberMs } = this.#parts.switches;
    return work.state === 'processing' || Date.now() - work.acceptedAt < rememberMs ? work : undefined;
  }
}

function checkNames(task: Task): Submission | undefined {
  if (typeof task.taskType !== 'string') {
    return refusal(task, 'missingTaskType', "The required parameter 'taskType' is missing.", 'taskType');
  }
  if (task.taskUUID === undefined) {
    return refusal(task, 'missingTaskUUID', "The required parameter 'taskUUID' is missing.", 'taskUUID');
  }
  if (!isUuid(task.taskUUID))
    return refusal(task, 'invalidTaskUUID', "'taskUUID' must be a UUID.", 'taskUUID');
  return undefined;
}

function checkDelivery(fields: Fields, kind: TaskKind, client: Client): void {
  if (fields.task.webhookURL !== undefined) {
    fields.unsupported('webhookURL', 'This emulator calls no webhooks.');
  }
  if (fields.task.deliveryMethod === 'stream' && kind.deliveries.includes('stream') && !client.streams) {
    fields.unsupported('deliveryMethod', 'Streaming is available over HTTP only.');
    return;
  }
  fields.choice('deliveryMethod', kind.deliveries);
}

const deliveryOf = ({ deliveryMethod }: Task, { deliveries }: TaskKind): Delivery =>
  deliveries.find(delivery => delivery === deliveryMethod) ?? deliveries[0] ?? 'sync';

function refusal(task: Task, code: string, message: string, parameter?: string): Submission {
  const failure = { code, message, ...(parameter && { parameter, type: 'string' }), documentation };
  return { kind: 'refused', failures: [ownedBy(task, failure)] };
}

/** The real shape of a dry-run answer is not documented. */
function dryItem({ taskType, taskUUID }: Task, cost: number): Item {
  return { taskType: textOf(taskType), taskUUID: textOf(taskUUID), cost: rounded(cost) };
}

/** Binary fractions of a dollar have no place in an answer. */
const rounded = (usd: number): number => Number(usd.toFixed(8));
