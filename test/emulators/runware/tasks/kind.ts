import type { Account, Accounts } from '../accounts';
import type { Fields } from '../fields';
import type { Shelf } from '../media/shelf';
import type { Switches } from '../options';
import type { Task } from '../wire';

export type Delivery = 'sync' | 'async' | 'stream';

/** What a task may use while it makes its results. */
export interface Desk {
  readonly shelf: Shelf;
  readonly switches: Switches;
  readonly account: Account;
  readonly accounts: Accounts;
}

/** One kind of task: its rules, its price, its results. */
export interface TaskKind {
  readonly taskType: string;
  /** The first is the default. */
  readonly deliveries: readonly Delivery[];
  /** Whether it is done at once, whatever the time a task takes. */
  readonly instant?: boolean;
  check(fields: Fields, desk: Desk): void;
  /** How many results it gives; one unless said otherwise. */
  count?(task: Task): number;
  /** USD for one result; free unless said otherwise. */
  price?(task: Task): number;
  /** The fields of one result beside taskType, taskUUID and cost. */
  make(task: Task, index: number, desk: Desk): Readonly<Record<string, unknown>>;
}
