/** Where something was selected. */
export type Remembered =
  | {
      readonly type: 'field';
      readonly field: HTMLInputElement | HTMLTextAreaElement;
      readonly start: number;
      readonly end: number;
      readonly text: string;
    }
  /** `text` is empty where nothing can be put in its place. */
  | { readonly type: 'range'; readonly range: Range; readonly text: string };

declare global {
  /** Of the isolated world: the page does not see it. */
  var runkeySelected: Remembered | undefined;
  /** What the latest card of this frame was made for. */
  var runkeyPlace: { readonly card: string; readonly place: Remembered } | undefined;
}
