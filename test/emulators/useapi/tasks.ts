import { randomUUID } from 'node:crypto';
import type { Asset } from './assets';
import type { Form } from './call';
import { notFound, Refusal } from './failures';
import { idOf, ownerOf } from './ids';
import type { Switches } from './options';
import type { Subscriber } from './subscribers';

export const statuses = ['PENDING', 'RUNNING', 'THROTTLED', 'SUCCEEDED', 'FAILED'] as const;
export type Status = (typeof statuses)[number];

/** What a task is to become, settled when it is accepted. */
export interface Order {
  /** The endpoint, such as frames/create. */
  readonly endpoint: string;
  readonly taskType: string;
  readonly form: Form;
  readonly prompt: string;
  readonly explore: boolean;
  readonly result: Result;
  readonly throttled: boolean;
  /** Never ends. */
  readonly stalls: boolean;
  /** Ends with this error. */
  readonly error?: unknown;
  readonly replyUrl?: string;
  readonly replyRef?: string;
}

export interface Result {
  readonly mediaType: 'image' | 'video';
  readonly count: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
}

export interface Task extends Order {
  readonly uuid: string;
  readonly taskId: string;
  readonly subscriber: Subscriber;
  readonly email: string;
  readonly bornAt: number;
  readonly pendingUntil: number;
  readonly throttledUntil: number;
  readonly endsAt: number;
  /** The API waits for its end, and it takes one of the account's jobs. */
  tracked: boolean;
  /** What it has made, once that has been looked at. */
  made?: readonly Asset[];
}

/** Where a task stands is a question of time alone: nothing ticks. */
export function statusOf(task: Task, now = Date.now()): Status {
  if (now < task.pendingUntil) return 'PENDING';
  if (now < task.throttledUntil) return 'THROTTLED';
  if (now < task.endsAt) return 'RUNNING';
  return task.error === undefined ? 'SUCCEEDED' : 'FAILED';
}

export const isOver = (task: Task): boolean => Date.now() >= task.endsAt;

export class Tasks {
  readonly #byId = new Map<string, Task>();
  readonly #switches: Switches;

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  accept(subscriber: Subscriber, email: string, order: Order): Task {
    const { pendingMs, throttledMs, taskMs } = this.#switches;
    const [uuid, bornAt] = [randomUUID(), Date.now()];
    const pendingUntil = bornAt + pendingMs;
    const throttledUntil = order.throttled ? pendingUntil + throttledMs : pendingUntil;
    const task: Task = {
      ...order,
      uuid,
      taskId: idOf('task', subscriber, email, uuid),
      subscriber,
      email,
      bornAt,
      pendingUntil,
      throttledUntil,
      endsAt: order.stalls ? Number.POSITIVE_INFINITY : throttledUntil + taskMs,
      tracked: true,
    };
    this.#byId.set(task.taskId, task);
    return task;
  }

  /** Refuses ids that are none, another person's, unknown or too old. */
  find(taskId: string, subscriber: Subscriber): Task {
    ownerOf('task', taskId, subscriber);
    const task = this.#byId.get(taskId);
    if (!task) throw notFound();
    if (this.#isTooOld(task)) {
      if (this.#switches.expiredTask === 404) throw notFound();
      throw new Refusal(410, 'This task has expired.');
    }
    return task;
  }

  /** What Runway lists for an account, newest first. */
  of(subscriber: Subscriber, email: string): readonly Task[] {
    const listed = Date.now() - this.#switches.listLagMs;
    return this.#all(subscriber, email)
      .filter(task => task.bornAt <= listed && !this.#isTooOld(task))
      .reverse();
  }

  /** What the API waits for, of all accounts or one. */
  tracked(subscriber: Subscriber, email?: string): readonly Task[] {
    return this.#all(subscriber, email).filter(task => task.tracked && !isOver(task));
  }

  /** What Runway is working on, whether the API still waits for it or not. */
  atWork(subscriber: Subscriber, email: string): readonly Task[] {
    return this.#all(subscriber, email).filter(task => !isOver(task));
  }

  /** Every task ever accepted and not deleted. */
  get all(): readonly Task[] {
    return [...this.#byId.values()];
  }

  remove({ taskId }: Task): void {
    this.#byId.delete(taskId);
  }

  #all(subscriber: Subscriber, email: string | undefined): readonly Task[] {
    return this.all.filter(
      task => task.subscriber === subscriber && (email === undefined || task.email === email),
    );
  }

  #isTooOld({ bornAt }: Task): boolean {
    return Date.now() - bornAt >= this.#switches.retentionMs;
  }
}
