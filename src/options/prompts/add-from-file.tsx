import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { Prompt } from '../../calls/prompt';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { added } from './edits';
import type { Edit } from './saved';
import { type Entry, entriesOf, type Shared } from './share';
import { Told } from './told';

interface Props {
  readonly prompts: readonly Prompt[];
  readonly change: (edit: Edit) => Promise<void>;
  readonly onDone: (message: string) => void;
}

/** Shows what is in a file of prompts before any of it is added. */
export function AddFromFile({ prompts, change, onDone }: Props) {
  const id = useId();
  const entries = useSignal<readonly Entry[]>([]);
  const reading = usePending();
  const adding = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  const wanted = entries.value.flatMap(entry => ('shared' in entry ? [entry.shared] : []));

  const read = (file: File | undefined) => {
    entries.value = [];
    adding.failure.value = undefined;
    if (!file) return;
    void reading.run(async () => {
      entries.value = await entriesOf(file);
    });
  };
  const add = (event: Event) => {
    event.preventDefault();
    if (wanted.length === 0) return;
    void adding.run(async () => {
      await change(added(wanted.map(shared => ({ id: crypto.randomUUID(), ...shared }))));
      onDone(wanted.length === 1 ? 'One prompt was added.' : `${wanted.length} prompts were added.`);
    });
  };
  const failure = reading.failure.value ?? adding.failure.value;

  return (
    <form class="card stack" ref={form} onSubmit={add} noValidate aria-labelledby={`${id}-title`}>
      <div class="stack tight">
        <h3 id={`${id}-title`}>Add from a file</h3>
        <p class="quiet">
          You see what is in it before anything is added. What you have stays. A prompt says what is done with
          what you select: add those of people you trust.
        </p>
      </div>
      <div class="field">
        <label for={id}>File of prompts</label>
        <input
          id={id}
          type="file"
          accept=".json,application/json"
          onChange={({ currentTarget }) => read(currentTarget.files?.[0])}
        />
      </div>
      {entries.value.length > 0 && <Contents entries={entries.value} prompts={prompts} />}
      {failure && <Alert failure={failure} />}
      <div class="row">
        {wanted.length > 0 && (
          <Button type="submit" class="primary" busy={adding.busy.value}>
            {wanted.length === 1 ? 'Add one prompt' : `Add ${wanted.length} prompts`}
          </Button>
        )}
        <button type="button" onClick={() => onDone('')}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function Contents({ entries, prompts }: { entries: readonly Entry[]; prompts: readonly Prompt[] }) {
  const box = useRef<HTMLDivElement>(null);
  // What there is to read now is below the field.
  useLayoutEffect(() => box.current?.focus(), [entries]);
  return (
    <div class="stack tight" role="status" ref={box} tabIndex={-1}>
      <p>{entries.length === 1 ? 'One prompt in it:' : `${entries.length} prompts in it:`}</p>
      <ul class="lines">
        {entries.map((entry, at) => (
          <li key={at}>
            {'shared' in entry ? (
              <Addable shared={entry.shared} known={prompts.some(({ name }) => name === entry.shared.name)} />
            ) : (
              <p>
                <strong>{entry.name === undefined ? `Number ${entry.at}` : <bdi>{entry.name}</bdi>}</strong>{' '}
                <span class="low">is not added. {entry.why}</span>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

const Addable = ({ shared, known }: { shared: Shared; known: boolean }) => (
  <div class="stack tight">
    <p>
      <strong>
        <bdi>{shared.name}</bdi>
      </strong>{' '}
      {known && <span class="quiet">There is one of this name already: both stay.</span>}
    </p>
    <Told prompt={shared} />
  </div>
);
