import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Prompt } from '../../calls/prompt';
import { Alert } from '../../ui/alert';
import { useFocusAfter } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { saveBlob } from '../../ui/save';
import { AddFromFile } from './add-from-file';
import { added, missing } from './edits';
import type { Edit } from './saved';
import { written } from './share';

interface Props {
  readonly prompts: readonly Prompt[];
  readonly change: (edit: Edit) => Promise<void>;
}

/** Takes the prompts out of this browser and others in, and the first ones back. */
export function Sharing({ prompts, change }: Props) {
  const adding = useSignal(false);
  const said = useSignal('');
  const button = useRef<HTMLButtonElement>(null);
  const { failure, run } = usePending();
  useFocusAfter(adding.value, button);

  const save = async () => {
    const text = written(prompts);
    saveBlob(new Blob([text], { type: 'application/json' }), 'json');
    said.value = 'The prompts were saved to your downloads, without the keys that they use.';
  };
  const restore = async () => {
    let back = 0;
    await change(all => {
      const gone = missing(all);
      back = gone.length;
      return added(gone)(all);
    });
    said.value = backSaid(back);
  };
  const press = (work: () => Promise<void>) => () => {
    said.value = '';
    void run(work);
  };

  if (adding.value) {
    return (
      <AddFromFile
        prompts={prompts}
        change={change}
        onDone={message => {
          adding.value = false;
          said.value = message;
        }}
      />
    );
  }
  return (
    <div class="stack tight">
      <div class="row">
        <button type="button" disabled={prompts.length === 0} onClick={press(save)}>
          Save to a file
        </button>
        <button
          type="button"
          ref={button}
          onClick={() => {
            said.value = '';
            failure.value = undefined;
            adding.value = true;
          }}
        >
          Add from a file
        </button>
        <button type="button" onClick={press(restore)}>
          Restore the first ones
        </button>
      </div>
      <p class="quiet" role="status">
        {said.value}
      </p>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}

function backSaid(count: number): string {
  if (count === 0) return 'None of the first ones is missing.';
  return count === 1 ? 'One prompt is back, at the end.' : `${count} prompts are back, at the end.`;
}
