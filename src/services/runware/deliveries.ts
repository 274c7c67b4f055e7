import type { Answer, Item } from './frames';
import type { Delivery, Inbox } from './inbox';
import { isQuestion } from './line';

/** How long a task that was given up may still be the one an error without a name is about, ms. */
const GIVEN_UP = 300_000;
/** How many deliveries are kept for tasks nobody has asked after yet: a resumed session may replay before they are back. */
const UNCLAIMED = 50;

interface Open {
  readonly taskType: string;
  readonly inbox: Inbox;
}

/** Brings what comes over a line to the tasks that it is about. */
export class Deliveries {
  private readonly open = new Map<string, Open>();
  private readonly unclaimed: { task: string; delivery: Delivery }[] = [];
  /** Tasks that nobody waits for, and until when an error without a name may be about them, ms since the epoch. */
  private readonly givenUp = new Map<string, { readonly taskType: string; until: number }>();

  get busy(): boolean {
    return this.open.size > 0;
  }

  /** From now on `inbox` gets what is about the task, what came before included. */
  attach(task: string, taskType: string, inbox: Inbox): void {
    this.open.set(task, { taskType, inbox });
    this.givenUp.delete(task);
    for (let at = 0; at < this.unclaimed.length; ) {
      const entry = this.unclaimed[at];
      if (entry?.task !== task) at++;
      else {
        inbox.put(entry.delivery);
        this.unclaimed.splice(at, 1);
      }
    }
  }

  /** Ends a task's deliveries. One that is `given up` may still be answered. */
  detach(task: string, givenUp: boolean): void {
    const open = this.open.get(task);
    this.open.delete(task);
    if (open && givenUp) {
      this.givenUp.set(task, { taskType: open.taskType, until: Date.now() + GIVEN_UP });
    }
  }

  /** What one frame said. Several items of one task are one delivery. */
  bring(answers: readonly Answer[]): void {
    const items = new Map<string, Item[]>();
    for (const answer of answers) {
      if (answer.kind !== 'item') continue;
      const known = items.get(answer.task);
      if (known) known.push(answer.item);
      else items.set(answer.task, [answer.item]);
    }
    for (const [task, its] of items) this.hand(task, { kind: 'items', items: its });
    for (const answer of answers) if (answer.kind === 'error') this.handError(answer);
  }

  /** Tells the tasks of that name, or all of them. */
  tell(delivery: Delivery, tasks: Iterable<string> = this.open.keys()): void {
    for (const task of [...tasks]) this.open.get(task)?.inbox.put(delivery);
  }

  private hand(task: string, delivery: Delivery): void {
    const gone = this.givenUp.get(task);
    if (gone) {
      // It was answered. More of it may come, and is thrown away as well.
      gone.until = 0;
      return;
    }
    const open = this.open.get(task);
    if (open) {
      open.inbox.put(delivery);
      return;
    }
    this.unclaimed.push({ task, delivery });
    if (this.unclaimed.length > UNCLAIMED) this.unclaimed.shift();
  }

  /**
   * An error that names no task is a lone task's own, or that of the only one of its type. Of several none is
   * blamed, nor is one of another type: each asks how it stands.
   */
  private handError({ task, taskType, error, of }: Extract<Answer, { kind: 'error' }>): void {
    const about = of ?? (isQuestion({ taskType }) ? 'question' : undefined);
    const delivery: Delivery = { kind: 'error', error, ...(about && { of: about }) };
    if (task !== undefined) {
      this.hand(task, delivery);
      return;
    }
    const all = [...this.open, ...[...this.givenUp].filter(([, { until }]) => Date.now() < until)];
    const ofType = all.filter(([, known]) => known.taskType === taskType);
    const meant = (ofType.length > 0 ? ofType : all).map(([id]) => id);
    const [only, ...others] = meant;
    if (only === undefined) return;
    const fits = ofType.length > 0 || taskType === undefined;
    if (fits && others.length === 0) this.hand(only, delivery);
    else this.tell({ kind: 'doubt' }, meant);
  }
}
