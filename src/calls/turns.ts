interface Waiting {
  readonly atOnce: number;
  go(): void;
}

/** Lets so many calls of a key be under way at once; the others wait in the order in which they came. */
export class Turns {
  private readonly running = new Map<string, number>();
  private readonly waiting = new Map<string, Waiting[]>();

  /** Whether a call of the key would have to wait. */
  full(key: string, atOnce: number): boolean {
    return (this.running.get(key) ?? 0) >= atOnce;
  }

  /** Takes a place, waiting for it. Resolves with what gives it back. Throws the signal's reason. */
  async take(key: string, atOnce: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    return this.full(key, atOnce) ? this.turn(key, atOnce, signal) : this.enter(key);
  }

  /** Takes a place at once, whether there is one or not: of a call that the service has already. */
  enter(key: string): () => void {
    this.running.set(key, (this.running.get(key) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.running.set(key, (this.running.get(key) ?? 1) - 1);
      const [first] = this.waiting.get(key) ?? [];
      // There may be more under way than may begin.
      if (first && !this.full(key, first.atOnce)) first.go();
    };
  }

  private turn(key: string, atOnce: number, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(key) ?? [];
      this.waiting.set(key, queue);
      const leave = () => {
        queue.splice(queue.indexOf(entry), 1);
        signal.removeEventListener('abort', stop);
      };
      const stop = () => {
        leave();
        reject(signal.reason);
      };
      const entry: Waiting = {
        atOnce,
        go: () => {
          leave();
          // In the same moment, so that nobody comes between.
          resolve(this.enter(key));
        },
      };
      queue.push(entry);
      signal.addEventListener('abort', stop);
    });
  }
}
