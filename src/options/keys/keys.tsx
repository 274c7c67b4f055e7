import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useFocusFirst } from '../ui/focus';
import type { KeyEntry } from '../vault/key-index';
import { AddKey, EditKey } from './key-form';
import { KeyRow } from './key-row';

type Open =
  | { readonly kind: 'none' }
  | { readonly kind: 'add' }
  | { readonly kind: 'edit'; readonly id: string };

/** The section `Keys`: the list, and one form at a time. */
export function Keys({ keys }: { keys: readonly KeyEntry[] }) {
  const open = useSignal<Open>({ kind: 'none' });
  const said = useSignal('');
  const shown = open.value;
  const section = useRef<HTMLElement>(null);
  useFocusFirst(section, 'h2');

  const done = (message: string) => {
    said.value = message;
    open.value = { kind: 'none' };
  };

  return (
    <section ref={section} class="stack" aria-labelledby="keys">
      <div class="row spread">
        <h2 id="keys" tabIndex={-1}>
          Keys
        </h2>
        <button
          type="button"
          class="primary"
          disabled={shown.kind === 'add'}
          onClick={() => {
            said.value = '';
            open.value = { kind: 'add' };
          }}
        >
          Add key
        </button>
      </div>
      <p class="quiet said" role="status">
        {said}
      </p>
      {shown.kind === 'add' && <AddKey onDone={done} />}
      {keys.length === 0 && shown.kind === 'none' && (
        <div class="card empty stack tight">
          <h3>No keys yet</h3>
          <p class="quiet">
            Add one, and its tasks appear in the popup. Keys are encrypted before they are stored.
          </p>
        </div>
      )}
      <ul class="stack tight">
        {keys.map(key => (
          <li key={key.id} class="card">
            {shown.kind === 'edit' && shown.id === key.id ? (
              <EditKey entry={key} onDone={done} />
            ) : (
              <KeyRow
                entry={key}
                onEdit={() => {
                  said.value = '';
                  open.value = { kind: 'edit', id: key.id };
                }}
                onDeleted={() => done(`“${key.label}” was deleted.`)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
