import { CopyButton } from '../ui/copy-button';
import { saveBlob } from '../ui/save';

export function TextItem({ text }: { text: string }) {
  return (
    <div class="stack tight">
      <div class="answer">{text}</div>
      <div class="row">
        <CopyButton copy={() => navigator.clipboard.writeText(text)} />
        <button type="button" onClick={() => saveBlob(new Blob([text], { type: 'text/plain' }), 'txt')}>
          Save
        </button>
      </div>
    </div>
  );
}
