/** What stands beside a value in the same object or command, and may tell whose it is. */
export interface Beside {
  readonly names: string[];
  readonly values: string[];
}

/** A value that was read, and what is around it that tells where it belongs. */
export interface Clue {
  /** Counted from 1. */
  readonly line: number;
  /** `address` is a URL without a name, `bare` any other word without one. */
  readonly kind: 'named' | 'bare' | 'address';
  /** Outermost first; the last one is its own. */
  readonly names: readonly string[];
  readonly value: string;
  readonly beside: Beside;
  /** What the command around it says, if it is in one. */
  readonly around?: Beside;
  /** Tells the objects of a list apart. */
  readonly scope: string;
  /** One of many values that are no keys: not worth a word if it does not tell of a secret. */
  readonly quiet: boolean;
}

export const nothingBeside = (): Beside => ({ names: [], values: [] });

/** More would not tell more, and every value looks at them all. */
const ENOUGH = 40;

export function note(texts: string[], text: string): void {
  if (texts.length < ENOUGH && text.length <= 2000) texts.push(text);
}
