import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Bytes, fromBase64 } from '../../bytes';
import type { MediaItem } from '../../calls/call';
import { type FailureReport, reportOf } from '../../failure';
import { act } from '../state';

export interface Media {
  /** Undefined until they are here. `url` is good while the item shows. */
  readonly file: { readonly blob: Blob; readonly url: string } | undefined;
  readonly failure: FailureReport | undefined;
}

/** The bytes of one result, fetched from the background. */
export function useMedia(
  call: string,
  { media, type }: { readonly media: number; readonly type: string },
): Media {
  const file = useSignal<Media['file']>(undefined);
  const failure = useSignal<FailureReport | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    failure.value = undefined;
    fetched(call, media, () => gone).then(
      bytes => {
        if (gone) return;
        const blob = new Blob(bytes, { type });
        file.value = { blob, url: URL.createObjectURL(blob) };
      },
      thrown => {
        if (!gone) failure.value = reportOf(thrown);
      },
    );
    return () => {
      gone = true;
      if (file.value) URL.revokeObjectURL(file.value.url);
      file.value = undefined;
    };
  }, [call, media, type, file, failure]);
  return { file: file.value, failure: failure.value };
}

/** A film can be larger than a message may be: it comes in slices, until nobody wants it any more. */
async function fetched(id: string, media: number, unwanted: () => boolean): Promise<Bytes[]> {
  const slices: Bytes[] = [];
  for (let from = 0, whole = false; !whole && !unwanted(); ) {
    const { base64, total } = await act('calls.media', { id, media, from });
    const slice = fromBase64(base64);
    slices.push(slice);
    from += slice.length;
    whole = from >= total || slice.length === 0;
  }
  return slices;
}

/** The endings that files of these types have. */
export const ENDINGS: Record<MediaItem['type'], string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
};
