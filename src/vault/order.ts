/**
 * Lets changes be made one at a time, and what only looks be beside others of its kind and no change: a change
 * reads what is stored and writes it anew.
 */
export class Order {
  private changes: Promise<unknown> = Promise.resolve();
  private looks: Promise<unknown> = Promise.resolve();

  /** `before` is done before each. */
  constructor(private readonly before = async (): Promise<void> => {}) {}

  alone<T>(change: () => Promise<T>): Promise<T> {
    const result = Promise.all([this.changes, this.looks])
      .then(() => this.before())
      .then(change);
    this.changes = result.catch(() => {});
    return result;
  }

  beside<T>(look: () => Promise<T>): Promise<T> {
    const result = this.changes.then(() => this.before()).then(look);
    this.looks = Promise.allSettled([this.looks, result]).then(() => {});
    return result;
  }
}
