import { availableParallelism, loadavg } from 'node:os';

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const quantile = (values: readonly number[], part: number): number =>
  sorted(values)[Math.floor((values.length - 1) * part)] ?? Number.NaN;

export const median = (values: readonly number[]): number => quantile(values, 0.5);

const WIDTH = 36;

/** A table of milliseconds, a row each: median and the tenth from either end. */
export function printTable(title: string, rows: readonly (readonly [string, readonly number[]])[]): void {
  console.log(`\n${title}\n\n${' '.repeat(WIDTH)}  median     p10     p90`);
  for (const [name, values] of rows) {
    const row = [0.5, 0.1, 0.9].map(part => quantile(values, part).toFixed(1).padStart(8)).join('');
    console.log(`${name.padEnd(WIDTH)}${row}`);
  }
}

/** One figure, and what it may be at most. */
export function printLimit(name: string, figure: number, most: number): void {
  console.log(`${name.padEnd(WIDTH)}${figure.toFixed(2).padStart(8)}     (at most ${most})`);
}

/** Says so where the computer has other things to do: times are then those of the computer. */
export function warnOfLoad(): void {
  const [load = 0] = loadavg();
  if (load > availableParallelism())
    console.log(`\nThis computer is busy (load ${load.toFixed(1)}): the times that follow say little.`);
}
