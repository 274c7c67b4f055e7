import type { ErrorShape } from './failures';
import type { Failure, Frame, Task } from './wire';

/** Where in a task's way a fault strikes. */
export type Moment =
  /** The task has arrived and is not accepted: not run, not billed. */
  | 'arrival'
  /** Accepted and billed, nothing answered yet. The task runs on. */
  | 'accepted'
  /** The ack of an async task has been sent. */
  | 'acked'
  /** Once `after` results have been sent. */
  | 'result'
  /** Instead of an authentication answer. */
  | 'auth'
  /** Instead of a pong. */
  | 'pong';

export type FaultAction =
  /** Ends the connection, with a close code or (1006, the default) without a closing handshake. */
  | { kind: 'drop'; at: Moment; after?: number; code?: number }
  /** Half-open: from here on the connection swallows everything and says nothing. */
  | { kind: 'freeze'; at: Moment; after?: number }
  | { kind: 'slow-open'; ms: number }
  /** A strange frame before the task's first result, or instead of it. */
  | { kind: 'frame'; frame: 'malformed' | 'binary' | 'huge'; bytes?: number; instead?: boolean }
  /** A failure of a task on arrival or, the task having been accepted, after so many results; or of authentication. */
  | ({ kind: 'error'; at?: 'auth'; after?: number; status?: number } & ErrorSpec)
  | { kind: 'order'; order: 'reversed' | 'twice' }
  /** The task runs and is billed; of its results only `after` are sent. */
  | { kind: 'silence'; after?: number }
  | { kind: 'no-ack' }
  /** An HTTP status for a REST call; `accept` lets the task be accepted and billed all the same. */
  | { kind: 'http'; status: number; body?: unknown; accept?: boolean }
  /** The stream ends after so many deltas, without [DONE]. */
  | { kind: 'sse-cut'; after: number };

export interface ErrorSpec {
  shape?: ErrorShape;
  failure?: Partial<Failure>;
  /** Any other answer: takes the place of shape and failure. */
  body?: (task: Task) => Frame;
}

export type Fault = FaultAction & {
  /**
   * Only tasks this says yes to. Authentication and ping are tasks too. Without it any, but for questions about the
   * account: a page may ask one at any moment, and would use up what was meant for a call.
   */
  when?: (task: Task) => boolean;
  /** How often it strikes; Infinity means until cleared. Once by default. */
  times?: number;
};

type Kind = FaultAction['kind'];
export type FaultOf<K extends Kind> = Extract<FaultAction, { kind: K }>;

/** A script of faults: the first that fits strikes, and is used up. */
export class Faults {
  #pending: { fault: Fault; left: number }[] = [];

  add(...faults: Fault[]): void {
    for (const fault of faults) this.#pending.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  get pending(): readonly Fault[] {
    return this.#pending.map(({ fault }) => fault);
  }

  take<K extends Kind>(kind: K, task: Task, fits: (fault: FaultOf<K>) => boolean = () => true) {
    for (const entry of this.#pending) {
      const { fault } = entry;
      const { when = isNotOfAccount } = fault;
      if (!isKind(fault, kind) || !fits(fault) || !when(task)) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#pending = this.#pending.filter(other => other !== entry);
      return fault;
    }
    return undefined;
  }

  /** A drop or a freeze due at this moment. */
  breakAt(at: Moment, task: Task): FaultOf<'drop'> | FaultOf<'freeze'> | undefined {
    return (
      this.take('drop', task, fault => fault.at === at) ?? this.take('freeze', task, fault => fault.at === at)
    );
  }
}

const isNotOfAccount = ({ taskType }: Task): boolean => taskType !== 'accountManagement';

function isKind<K extends Kind>(fault: Fault, kind: K): fault is Fault & FaultOf<K> {
  return fault.kind === kind;
}
