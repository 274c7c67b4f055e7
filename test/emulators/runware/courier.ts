import { shaped } from './failures';
import type { FaultOf, Faults } from './faults';
import type { Switches } from './options';
import type { Session } from './session';
import type { Frame, Item } from './wire';
import type { Watcher, Work } from './work';

/** What a connection lets a courier do to it. */
export interface Carriage {
  break(fault: FaultOf<'drop'> | FaultOf<'freeze'>): void;
  postRaw(payload: string | Buffer): void;
}

/** Brings the results of one sync task to its session, with the mishaps scripted for it. */
export class Courier implements Watcher {
  readonly #session: Session;
  readonly #carriage: Carriage;
  readonly #together: boolean;
  readonly #emptyData: boolean;
  readonly #cut: FaultOf<'drop'> | FaultOf<'freeze'> | undefined;
  readonly #strange: FaultOf<'frame'> | undefined;
  readonly #order: 'reversed' | 'twice' | undefined;
  readonly #limit: number;
  #held: Item[] = [];
  #sent = 0;

  constructor(work: Work, session: Session, carriage: Carriage, faults: Faults, switches: Switches) {
    const { task } = work.order;
    this.#session = session;
    this.#carriage = carriage;
    this.#together = switches.batching === 'joined';
    this.#emptyData = switches.emptyData;
    this.#cut = faults.breakAt('result', task);
    this.#strange = faults.take('frame', task);
    this.#order = faults.take('order', task)?.order;
    const silence = faults.take('silence', task);
    this.#limit = silence ? (silence.after ?? 0) : Number.POSITIVE_INFINITY;
  }

  item(item: Item): void {
    if (this.#together || this.#order === 'reversed') this.#held.push(item);
    else this.#hand([item]);
  }

  done({ failure, order, state }: Work): void {
    if (state === 'stopped') return;
    if (this.#order === 'reversed') this.#held.reverse();
    if (this.#together && this.#held.length > 0) this.#hand(this.#held);
    else for (const item of this.#held) this.#hand([item]);
    if (!failure || this.#sent >= this.#limit) return;
    const spec = order.breakdown?.fault;
    const plain = { ...(this.#emptyData && { data: [] }), errors: [failure] };
    const odd = spec?.body?.(order.task) ?? (spec?.shape && shaped(failure, spec.shape));
    this.#session.send(odd ?? plain);
  }

  #hand(items: readonly Item[]): void {
    if (this.#sent >= this.#limit) return;
    this.#breakWhenDue();
    const replaced = this.#sent === 0 && this.#strange !== undefined && this.#disturb(this.#strange, items);
    const copies = replaced ? 0 : this.#order === 'twice' ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.#session.send({ data: items });
    this.#sent += items.length;
    this.#breakWhenDue();
  }

  #breakWhenDue(): void {
    if (this.#cut && this.#sent >= (this.#cut.after ?? 0)) this.#carriage.break(this.#cut);
  }

  /** Sends the strange frame; true when it stands for the results themselves. */
  #disturb({ frame, bytes = 8 * 1024 * 1024, instead = false }: FaultOf<'frame'>, items: readonly Item[]) {
    const body: Frame = { data: items };
    const text = JSON.stringify(body);
    if (frame === 'malformed') this.#carriage.postRaw(text.slice(0, -3));
    else if (frame === 'binary') this.#carriage.postRaw(Buffer.from(text));
    else this.#carriage.postRaw(JSON.stringify({ ...(instead && body), padding: 'x'.repeat(bytes) }));
    return instead;
  }
}
