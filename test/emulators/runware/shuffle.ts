import { chance } from './media/chance';
import type { Frame } from './wire';

export interface Shuffle {
  /** Decides the order, not the time: that is real. */
  readonly seed: number;
  /** How long a result is held at most, ms. */
  readonly withinMs: number;
}

/** How many of the results come a second time. */
const REPEATED = 0.25;
const LARGEST_FRAME = 4;

/** Holds the results of a session for a while, whatever their task, and lets them out in frames of its own. */
export class Shuffler {
  readonly #pass: (frame: Frame) => void;
  #next = chance(0);
  #seed: number | undefined;
  #held: unknown[] = [];
  /** Results that were let out already, and come again with the next. */
  #echoes: unknown[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(pass: (frame: Frame) => void) {
    this.#pass = pass;
  }

  send(frame: Frame, { seed, withinMs }: Shuffle): void {
    if (seed !== this.#seed) this.#next = chance(seed);
    this.#seed = seed;
    if (!isResults(frame)) {
      // A failure ends its task: it must not overtake the task's results.
      this.#letOut(withinMs);
      this.#pass(frame);
      return;
    }
    this.#held.push(...frame.data);
    this.#wait(withinMs);
  }

  #wait(withinMs: number): void {
    this.#timer ??= setTimeout(() => this.#letOut(withinMs), this.#next() * withinMs);
  }

  #letOut(withinMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const again = this.#held.filter(() => this.#next() < REPEATED);
    const [soon, later] = this.#next() < 0.5 ? [again, []] : [[], again];
    const items = this.#mixed([...this.#held, ...this.#echoes, ...soon]);
    this.#held = [];
    this.#echoes = later;
    while (items.length > 0) {
      this.#pass({ data: items.splice(0, 1 + Math.floor(this.#next() * LARGEST_FRAME)) });
    }
    if (later.length > 0) this.#wait(withinMs);
  }

  #mixed(items: readonly unknown[]): unknown[] {
    return items
      .map(item => ({ item, place: this.#next() }))
      .sort((one, other) => one.place - other.place)
      .map(({ item }) => item);
  }
}

const isResults = (frame: Frame): frame is { data: unknown[] } =>
  Object.keys(frame).join() === 'data' && Array.isArray(frame.data);
