import { fromBase64 } from '../../bytes';
import type { MediaItem } from '../../calls/call';
import { ask } from '../extension';

/** The bytes of an answer's medium, brought in slices; undefined: they cannot be had. */
export async function loadBytes(card: string, { media, type }: MediaItem): Promise<Blob | undefined> {
  const parts: ReturnType<typeof fromBase64>[] = [];
  for (let from = 0, total = 1; from < total; ) {
    const answer = await ask('card.media', { card, media, from });
    if (!answer.ok) return undefined;
    const part = fromBase64(answer.value.base64);
    if (part.length === 0) return undefined;
    parts.push(part);
    from += part.length;
    total = answer.value.total;
  }
  return new Blob(parts, { type });
}

/** An answer's picture. Null where it cannot be shown here: a drawing made of text, say. */
export async function loadPicture(card: string, item: MediaItem): Promise<ImageBitmap | null> {
  try {
    const bytes = await loadBytes(card, item);
    // Not an element with an address: a page may forbid those, and would know of them.
    return bytes ? await createImageBitmap(bytes) : null;
  } catch {
    return null;
  }
}
