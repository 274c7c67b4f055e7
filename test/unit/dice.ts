/** Chance that comes the same again from the same seed. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from 0 up to, and without, `limit`: at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** Nothing where there is nothing to choose from. */
  one<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)];
  }

  /** Two different ones, in the list's order; nothing where there are fewer. */
  two<T>(choices: readonly T[]): [T, T] | undefined {
    const first = this.below(choices.length);
    const second = this.below(choices.length - 1);
    const [low, high] = second < first ? [second, first] : [first, second + 1];
    const [one, other] = [choices[low], choices[high]];
    return one === undefined || other === undefined ? undefined : [one, other];
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** mulberry32: 32 bits of state, 32 bits each time. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
