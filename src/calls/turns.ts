/** Lets so many calls of a key be under way at once; the others wait in the order in which they came. */
export class Turns {
  private readonly running = new Map<string, number>();
  private readonly waiting = new Map<string, (() => void)[]>();

  /** Whether a call of the key would have to wait. */
  full(key: string, atOnce: number): boolean {
    return (this.running.get(key) ?? 0) >= atOnce;
  }

  /** Takes a place, waiting for it. Resolves with what gives it back. Throws the signal's reason. */
  async take(key: string, atOnce: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.full(key, atOnce)) await this.turn(key, signal);
    return this.enter(key);
  }

  /** Takes a place at once, whether there is one or not: of a call that the service has already. */
  enter(key: string): () => void {
    this.running.set(key, (this.running.get(key) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.running.set(key, (this.running.get(key) ?? 1) - 1);
      this.waiting.get(key)?.shift()?.();
    };
  }

  private turn(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(key) ?? [];
      this.waiting.set(key, queue);
      const stop = () => {
        const at = queue.indexOf(go);
        if (at >= 0) queue.splice(at, 1);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      queue.push(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
