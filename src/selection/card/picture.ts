import { fromBase64 } from '../../bytes';
import type { Item } from '../../calls/call';
import { ask } from '../extension';

export type Picture = Extract<Item, { kind: 'image' }>;

/** An answer's picture, brought in slices. Null where it cannot be shown here: a drawing made of text, say. */
export async function loadPicture(card: string, { media, type }: Picture): Promise<ImageBitmap | null> {
  const parts: ReturnType<typeof fromBase64>[] = [];
  try {
    for (let from = 0, total = 1; from < total; ) {
      const answer = await ask('card.media', { card, media, from });
      if (!answer.ok) return null;
      const part = fromBase64(answer.value.base64);
      if (part.length === 0) return null;
      parts.push(part);
      from += part.length;
      total = answer.value.total;
    }
    // Not an element with an address: a page may forbid those, and would know of them.
    return await createImageBitmap(new Blob(parts, { type }));
  } catch {
    return null;
  }
}
