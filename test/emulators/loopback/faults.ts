import type { Ask } from './wire';

/** Where in a call's way a fault strikes: before anything is done, or once all is done and not yet answered. */
export type Moment = 'arrival' | 'accepted';

/** What may befall any call. */
export type CallFault =
  /** The connection ends without an answer. */
  | { kind: 'drop'; at: Moment }
  /** Never answered. */
  | { kind: 'freeze'; at: Moment }
  /** Answered this late, ms. */
  | { kind: 'slow'; ms: number }
  /** Another answer; with `accept` the call is carried out all the same. A string body is sent as it is. */
  | { kind: 'http'; status: number; body?: unknown; headers?: Record<string, string>; accept?: boolean }
  /** The answer breaks off after so many bytes of its body, or after half of them. */
  | { kind: 'cut'; after?: number };

export type Fault<Action> = Action & {
  /** Only calls this says yes to. */
  when?: (ask: Ask) => boolean;
  /** How often it strikes; Infinity means until cleared. Once by default. */
  times?: number;
};

type Kinded = { kind: string };
export type FaultOf<Action extends Kinded, K extends Action['kind']> = Extract<Action, { kind: K }>;

type Take<K extends CallFault['kind']> = (
  kind: K,
  ask: Ask,
  fits?: (fault: FaultOf<CallFault, K>) => boolean,
) => FaultOf<CallFault, K> | undefined;

/** A script that has these faults, whatever others it has. */
export interface CallFaults {
  take: Take<'drop'> & Take<'freeze'> & Take<'slow'> & Take<'http'> & Take<'cut'>;
}

/** A script of faults: the first that fits strikes, and is used up. */
export class Faults<Action extends Kinded> {
  #pending: { fault: Fault<Action>; left: number }[] = [];

  add(...faults: Fault<Action>[]): void {
    for (const fault of faults) this.#pending.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  get pending(): readonly Fault<Action>[] {
    return this.#pending.map(({ fault }) => fault);
  }

  take<K extends Action['kind']>(
    kind: K,
    ask: Ask,
    fits: (fault: FaultOf<Action, K>) => boolean = () => true,
  ): FaultOf<Action, K> | undefined {
    for (const entry of this.#pending) {
      const { fault } = entry;
      if (!isKind<Action, K>(fault, kind) || !fits(fault) || fault.when?.(ask) === false) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#pending = this.#pending.filter(other => other !== entry);
      return fault;
    }
    return undefined;
  }
}

function isKind<Action extends Kinded, K extends Action['kind']>(
  fault: Fault<Action>,
  kind: K,
): fault is Fault<Action> & FaultOf<Action, K> {
  return fault.kind === kind;
}
