import type { Item, RunwareError } from './frames';

/** What a task hears from its session. */
export type Delivery =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'error'; readonly error: RunwareError; readonly ofItem: boolean }
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
