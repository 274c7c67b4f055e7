/** A selection that a person has finished. */
export interface Finished {
  /** Where the pointer was; absent: it was made with the keyboard. */
  readonly at?: { readonly x: number; readonly y: number };
  /** The keys that were held with it. */
  readonly held: readonly ('Alt' | 'Control' | 'Shift')[];
  /** It may be one that has had its bubble. */
  readonly again?: true;
}

declare global {
  // All of the isolated world: the page does not see them.
  var runkeyResident: { readonly stop: () => void } | undefined;
  /** The last one, for the bubble when it comes. */
  var runkeyFinished: Finished | undefined;
  /** The bubble, once it has come. It is told too when nothing is selected any more. */
  var runkeyBubble: ((finished: Finished | undefined) => void) | undefined;
  /** What of ours stands in the page: what is done there is no selecting. */
  var runkeyHosts: WeakSet<Element> | undefined;
}
