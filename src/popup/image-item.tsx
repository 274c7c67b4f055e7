import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { fromBase64 } from '../bytes';
import type { Item } from '../calls/call';
import { type FailureReport, reportOf } from '../failure';
import { Alert } from '../ui/alert';
import { CopyButton } from '../ui/copy-button';
import { saveBlob } from '../ui/save';
import { act } from '../ui/state';

interface Props {
  readonly call: string;
  readonly item: Extract<Item, { kind: 'image' }>;
  readonly alt: string;
}

const ENDINGS = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' } as const;

/** An image of the result, fetched as bytes from the background. */
export function ImageItem({ call, item, alt }: Props) {
  const { media, type } = item;
  const image = useSignal<{ blob: Blob; url: string } | undefined>(undefined);
  const failure = useSignal<FailureReport | undefined>(undefined);

  useEffect(() => {
    let gone = false;
    act('calls.media', { id: call, media }).then(
      ({ base64 }) => {
        const blob = new Blob([fromBase64(base64)], { type });
        if (!gone) image.value = { blob, url: URL.createObjectURL(blob) };
      },
      thrown => {
        failure.value = reportOf(thrown);
      },
    );
    return () => {
      gone = true;
      if (image.value) URL.revokeObjectURL(image.value.url);
    };
  }, [call, media, type, image, failure]);

  if (failure.value) return <Alert failure={failure.value} />;
  return (
    <figure class="stack tight">
      <div class="frame">{image.value && <img src={image.value.url} alt={alt} />}</div>
      <div class="row">
        <CopyButton copy={() => copyImage(image.value?.blob)} />
        <button
          type="button"
          disabled={!image.value}
          onClick={() => image.value && saveBlob(image.value.blob, ENDINGS[type])}
        >
          Save
        </button>
      </div>
    </figure>
  );
}

/** Clipboards take PNG: another format is drawn anew. */
async function copyImage(blob: Blob | undefined): Promise<void> {
  if (!blob) throw new Error('no image yet');
  const png = blob.type === 'image/png' ? blob : toPng(blob);
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
}

async function toPng(blob: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/png' });
}
