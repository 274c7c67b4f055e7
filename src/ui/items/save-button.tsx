import type { MediaItem } from '../../calls/call';
import { saveBlob } from '../save';
import { ENDINGS, type Media } from './media';

interface Props {
  readonly file: Media['file'];
  readonly type: MediaItem['type'];
  readonly which: string | undefined;
}

export function SaveButton({ file, type, which }: Props) {
  return (
    <button
      type="button"
      aria-description={which}
      disabled={!file}
      onClick={() => file && saveBlob(file.blob, ENDINGS[type])}
    >
      Save
    </button>
  );
}
