import { useSignal } from '@preact/signals';
import type { Item } from '../../calls/call';
import { CopyButton } from '../copy-button';
import { useMedia } from './media';
import { Medium } from './medium';
import { SaveButton } from './save-button';

interface Props {
  readonly call: string;
  readonly item: Extract<Item, { kind: 'image' }>;
  readonly alt: string;
  readonly which: string | undefined;
}

/** Drawings too are shown as images, in which no script runs and nothing is fetched. */
export function ImageItem({ call, item, alt, which }: Props) {
  const media = useMedia(call, item);
  const broken = useSignal(false);
  const { file } = media;
  return (
    <Medium
      media={media}
      note={item.note}
      actions={
        <>
          <CopyButton copy={() => copyImage(file?.blob)} which={which} />
          <SaveButton file={file} type={item.type} which={which} />
        </>
      }
    >
      <div class="frame">
        {broken.value ? (
          <p class="quiet">The browser cannot show this picture. It can be saved all the same.</p>
        ) : (
          file && <img src={file.url} alt={alt} onError={() => (broken.value = true)} />
        )}
      </div>
    </Medium>
  );
}

/** Clipboards take PNG, so another format is drawn anew; a drawing goes as its text. */
async function copyImage(blob: Blob | undefined): Promise<void> {
  if (!blob) throw new Error('no image yet');
  if (blob.type === 'image/svg+xml') return navigator.clipboard.writeText(await blob.text());
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
