import type { Item, RunwareError } from './frames';

/** What a task hears from its line. */
export type Delivery =
  /** The items of one frame that are the task's. */
  | { readonly kind: 'items'; readonly items: readonly Item[] }
  | {
      readonly kind: 'error';
      readonly error: RunwareError;
      /** What of the task it is about; "question": not the task, but what was asked about it. */
      readonly of?: 'item' | 'archive' | 'question';
    }
  /** An error came that names none of several tasks: it may be this one's. */
  | { readonly kind: 'doubt' }
  /** An answer to a question about the task, with nothing in it. */
  | { readonly kind: 'nothing' }
  /** The link was lost: what was not delivered may have to be asked for. */
  | { readonly kind: 'dropped' };

/** One task's deliveries in order, to be taken one at a time. */
export class Inbox {
  private readonly waiting: Delivery[] = [];
  private wake: (() => void) | undefined;

  put(delivery: Delivery): void {
    this.waiting.push(delivery);
    this.wake?.();
  }

  /** Forgets that the link was lost: there is another. */
  forgetDrops(): void {
    const kept = this.waiting.filter(({ kind }) => kind !== 'dropped');
    this.waiting.splice(0, this.waiting.length, ...kept);
  }

  /** The next delivery, or undefined after `patience` ms of silence. Throws the signal's reason. */
  async take(patience: number, signal: AbortSignal): Promise<Delivery | undefined> {
    signal.throwIfAborted();
    if (this.waiting.length === 0) await this.arrival(patience, signal);
    signal.throwIfAborted();
    return this.waiting.shift();
  }

  private arrival(patience: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, patience);
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }
}
