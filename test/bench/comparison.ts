import { median } from './figures';

/** What came of one side's try. */
export interface Outcome {
  /** What went wrong: answers that were not right, tasks billed beyond the first. */
  readonly faults: number;
  /** What it took, in the row's unit: less is better. Absent where there is nothing but right or wrong. */
  readonly amount?: number;
  readonly shown: string;
}

export interface Row {
  readonly name: string;
  readonly unit: 'ms' | 'B' | 'times';
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** So near are equal: this part of the other's amount, and of times so many ms. */
const NEAR = 0.1;
const NEAR_MS = 5;

export type Standing = 'lead' | 'tie' | 'behind';

export function standing({ unit, ours, theirs }: Row): Standing {
  if (ours.faults !== theirs.faults) return ours.faults < theirs.faults ? 'lead' : 'behind';
  if (ours.amount === undefined || theirs.amount === undefined) return 'tie';
  const apart = Math.abs(ours.amount - theirs.amount);
  if (apart <= NEAR * theirs.amount || (unit === 'ms' && apart <= NEAR_MS)) return 'tie';
  return ours.amount < theirs.amount ? 'lead' : 'behind';
}

export const duration = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** Times in ms, of which the median counts. */
export const timed = (times: readonly number[]): Outcome => tries(times.map(ms => ({ ms })));

/** One call that should have come to its result: how long until it ended, in ms, and in what error if in one. */
export interface Tried {
  readonly ms: number;
  readonly error?: string | undefined;
}

export function tries(all: readonly Tried[]): Outcome {
  const amount = median(all.map(({ ms }) => ms));
  const failed = all.filter(({ error }) => error !== undefined);
  const [first] = failed;
  const many = all.length > 1 ? `${failed.length} of ${all.length} failed: ` : '';
  const shown = first ? `${many}“${first.error?.slice(0, 40)}”, ${duration(amount)}` : duration(amount);
  return { faults: failed.length, amount, shown };
}

export const right = (isRight: boolean, shown = isRight ? 'yes' : 'no'): Outcome => ({
  faults: isRight ? 0 : 1,
  shown,
});

const WIDTHS = [46, 26, 40, 8] as const;
const line = (...cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0)).join('  ');

export function printComparison(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}\n\n${line('', 'Runkey', 'SDK', 'ratio', '')}`);
  for (const row of rows) {
    const { name, ours, theirs } = row;
    const ratio = ours.amount === undefined || !theirs.amount ? '' : (ours.amount / theirs.amount).toFixed(2);
    console.log(line(name, ours.shown, theirs.shown, ratio, standing(row)));
  }
}
