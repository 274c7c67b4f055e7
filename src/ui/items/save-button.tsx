import type { MediaItem } from '../../calls/call';
import { saveBlob } from '../save';
import { ENDINGS, type Media } from './media';

export function SaveButton({ file, type }: { file: Media['file']; type: MediaItem['type'] }) {
  return (
    <button type="button" disabled={!file} onClick={() => file && saveBlob(file.blob, ENDINGS[type])}>
      Save
    </button>
  );
}
