import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { Prompt } from '../../calls/prompt';
import { useFocusAfter } from '../../ui/focus';
import { Quoted } from '../../ui/quoted';
import type { KeyEntry } from '../../vault/key-index';
import { Sure } from '../sure';
import type { Direction } from './edits';
import { PromptForm } from './prompt-form';
import { taskSaid } from './tasks';
import { ON } from './told';

interface Props {
  readonly prompt: Prompt;
  readonly keys: readonly KeyEntry[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (direction: Direction) => void;
  readonly onSave: (prompt: Prompt) => Promise<void>;
  readonly onDelete: () => Promise<void>;
  /** Told in a sentence what was done; empty when something else begins. */
  readonly onSaid: (message: ComponentChildren) => void;
}

/** A saved prompt of the list, or its form. The buttons are named by what they do, and described by whose they are. */
export function PromptLine(props: Props) {
  const { prompt, keys, isFirst, isLast, onMove, onSave, onDelete, onSaid } = props;
  const id = useId();
  const editing = useSignal(false);
  const deleting = useSignal(false);
  const edit = useRef<HTMLButtonElement>(null);
  useFocusAfter(editing.value, edit);
  if (editing.value) {
    return (
      <PromptForm
        title={
          <>
            Edit <Quoted text={prompt.name} />
          </>
        }
        prompt={prompt}
        keys={keys}
        save={async changed => {
          await onSave({ id: prompt.id, ...changed });
          editing.value = false;
          onSaid(
            <>
              <Quoted text={changed.name} /> was saved.
            </>,
          );
        }}
        onCancel={() => (editing.value = false)}
      />
    );
  }

  const move = (direction: Direction, text: string, cannot: boolean) => (
    <button
      type="button"
      data-move={direction}
      disabled={cannot}
      aria-describedby={id}
      onClick={() => onMove(direction)}
    >
      {text}
    </button>
  );
  return (
    <div class="stack tight">
      <div class="stack tight">
        <h3 id={id}>
          <bdi>{prompt.name}</bdi>
        </h3>
        <p class="quiet small">
          {ON[prompt.on]} · {taskSaid(prompt)} · <KeySaid prompt={prompt} keys={keys} />
        </p>
        {prompt.note && (
          <p class="notes small">
            <bdi>{prompt.note}</bdi>
          </p>
        )}
        <div class="row actions">
          <button
            type="button"
            ref={edit}
            aria-describedby={id}
            onClick={() => {
              onSaid('');
              editing.value = true;
            }}
          >
            Edit
          </button>
          {move('up', 'Move up', isFirst)}
          {move('down', 'Move down', isLast)}
          <button
            type="button"
            class="danger"
            aria-describedby={id}
            aria-expanded={deleting.value}
            // What was said last stays: gone, it would move the list under the pointer.
            onClick={() => (deleting.value = !deleting.value)}
          >
            Delete
          </button>
        </div>
      </div>
      {deleting.value && (
        <Sure yes="Yes, delete" no="Keep" onYes={onDelete} onNo={() => (deleting.value = false)}>
          Delete <Quoted text={prompt.name} /> for good?
        </Sure>
      )}
    </div>
  );
}

function KeySaid({ prompt: { key, service }, keys }: Pick<Props, 'prompt' | 'keys'>) {
  if (key === undefined) {
    return keys.some(one => one.service === service) ? (
      <>the key used last</>
    ) : (
      <span class="low">no key of it yet</span>
    );
  }
  const label = keys.find(({ id }) => id === key)?.label;
  return label === undefined ? (
    <span class="low">its key was deleted: choose another</span>
  ) : (
    <bdi>{label}</bdi>
  );
}
