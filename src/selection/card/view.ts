import type { Item, MediaItem } from '../../calls/call';
import type { Card } from '../../messages/card';
import type { Complaint } from '../extension';

export type TextItem = Extract<Item, { kind: 'text' }>;

/** All that a card shows. */
export interface View {
  readonly card: Card;
  /** Its pictures, by their item’s id: absent while they come, null where they cannot be shown. */
  readonly pictures: ReadonlyMap<string, ImageBitmap | null>;
  /** What went wrong with the last thing that was pressed. */
  readonly complaint?: Complaint | undefined;
  /** The item that was copied last. */
  readonly copied?: string | undefined;
  /** The extension was updated under it: nothing can be pressed any more but Close. */
  readonly orphaned?: boolean;
}

/** What can be pressed. The event is the proof that a person did. */
export interface Acts {
  run(event: Event): void;
  cancel(event: Event): void;
  copy(item: string, from: string | HTMLCanvasElement | null): (event: Event) => void;
  insert(item: string): (event: Event) => void;
  save(item: MediaItem | TextItem): (event: Event) => void;
  open(event: Event): void;
  keep(event: Event): void;
  offer(event: Event): void;
  close(event: Event): void;
}
