import * as v from 'valibot';

/** When the vault locks by itself. */
export const Locking = v.strictObject({
  /** After so many minutes without input; 0: not before the browser closes. */
  minutes: v.picklist([1, 5, 15, 30, 60, 240, 0]),
  /** When the screen locks, where the browser tells. */
  withScreen: v.boolean(),
});
export type Locking = v.InferOutput<typeof Locking>;

export const USUAL: Locking = { minutes: 30, withScreen: true };
