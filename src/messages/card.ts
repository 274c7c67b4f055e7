import type { Item } from '../calls/call';

/**
 * What is told to the card in a page, which is all that a content script hears of a call. The port's name says
 * what it watches; the browser says whose it is.
 */
export const CARD_PORT = 'card';

export interface Card {
  readonly id: string;
  /** The saved prompt's name. */
  readonly title: string;
  /** The first words of what was selected, or where a picture is from. */
  readonly words: string;
  readonly face: CardFace;
  /** Whether an answer can be put in the place of what was selected. */
  readonly insert: boolean;
  /** The site on which the bubble is offered, once. */
  readonly offer?: string;
}

export type CardFace =
  /** Waits for `Run`. */
  | {
      readonly type: 'ready';
      /** All of what would be sent as its prompt. */
      readonly prompt: string;
      /** The key's label, its service's, and the host that it goes to. */
      readonly key: string;
      readonly service: string;
      readonly host: string;
      /** Expected, US dollars; absent where the service counts in a way of its own, 0: nothing. */
      readonly price?: number;
      /** It was pressed, and waits for the same in the popup. */
      readonly elsewhere?: true;
      /** The host of a picture that its service fetches by its address. */
      readonly picture?: string;
    }
  /** Waits for the vault, which opens in the popup. */
  | { readonly type: 'locked' }
  /** The text looks like a key: it is not sent. `what` has its article: “a Runtype product key”. */
  | { readonly type: 'secret'; readonly what: string }
  /** Under way; `doing` is a word such as “Drawing”, `note` a sentence. `progress` 0 to 100. */
  | ({
      readonly type: 'open';
      readonly doing: string;
      readonly note?: string;
      readonly progress?: number;
    } & CardAnswer)
  /** `facts`: cost and time, in words. */
  | ({ readonly type: 'done'; readonly facts: string } & CardAnswer)
  | ({
      readonly type: 'ended';
      readonly how: 'failed' | 'unknown' | 'cancelled';
      readonly message: string;
      readonly next?: string;
      /** The service’s own words, untrusted. */
      readonly said?: string;
    } & CardAnswer);

export interface CardAnswer {
  readonly items: readonly Item[];
  /** The text that has come so far. */
  readonly partial?: string;
}

/** What the port carries: the document's card, or that it has none any more. */
export type CardEvent = { readonly card: Card | null };
