import type { Call } from './call';

/** Where in a call's way a fault strikes. */
export type Moment =
  /** It has arrived, and nothing has been done. */
  | 'arrival'
  /** It has been done (a task accepted and billed, an account stored), and nothing answered. */
  | 'accepted';

export type FaultAction =
  | { kind: 'drop'; at: Moment }
  /** Never answered, the connection stays open. */
  | { kind: 'freeze'; at: Moment }
  | { kind: 'slow'; ms: number }
  /** Any answer: text as it is (as HTML unless `type` says otherwise), anything else as JSON. `accept` lets the call be done all the same. */
  | {
      kind: 'http';
      status: number;
      body?: unknown;
      type?: string;
      headers?: Record<string, string>;
      accept?: boolean;
    }
  /** Half of the answer, then the connection is lost. */
  | { kind: 'cut' }
  /** The next task is accepted, then FAILED, with this error or the usual one. */
  | { kind: 'fail'; error?: unknown }
  /** The next task never ends. */
  | { kind: 'stall' };

export type Fault = FaultAction & {
  /** Only calls this says yes to. */
  when?: (call: Call) => boolean;
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

  take<K extends Kind>(kind: K, call: Call, fits: (fault: FaultOf<K>) => boolean = () => true) {
    for (const entry of this.#pending) {
      const { fault } = entry;
      if (!isKind(fault, kind) || !fits(fault) || fault.when?.(call) === false) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#pending = this.#pending.filter(other => other !== entry);
      return fault;
    }
    return undefined;
  }

  /** A drop or a freeze due at this moment. */
  breakAt(at: Moment, call: Call): FaultOf<'drop'> | FaultOf<'freeze'> | undefined {
    return (
      this.take('drop', call, fault => fault.at === at) ?? this.take('freeze', call, fault => fault.at === at)
    );
  }
}

function isKind<K extends Kind>(fault: Fault, kind: K): fault is Fault & FaultOf<K> {
  return fault.kind === kind;
}
