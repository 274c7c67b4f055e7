import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Found, Reading } from '../../guard/paste';
import { aboutOf, abouts } from '../../services/abouts';
import { Quoted } from '../../ui/quoted';
import { act } from '../../ui/state';
import { brought } from '../brought';
import { KeyForm } from './key-form';
import { PasteBox } from './paste-box';
import { type Proposal, proposed, startOf } from './proposal';

interface Props {
  /** Says in one sentence what was done; empty when nothing was. `saved`: the ids of the new keys. */
  readonly onDone: (message: ComponentChildren, saved?: readonly string[]) => void;
}

export function AddKey({ onDone }: Props) {
  const id = useId();
  const proposal = useSignal<Proposal>({ about: aboutOf(abouts[0]?.name ?? '') });
  const values = useSignal(startOf(proposal.value));
  const reading = useSignal<Reading | undefined>(undefined);
  /** Of several that were pasted at once, those that are neither added nor left out. */
  const several = useSignal<readonly Found[]>([]);
  const asking = several.value.length > 0;
  const { about } = proposal.value;

  const propose = (next: Proposal) => {
    values.value = proposed(values.value, proposal.value, next);
    proposal.value = next;
  };

  return (
    <div class="card stack">
      <KeyForm
        title="Add key"
        about={about}
        fields={about.keyFields}
        start={startOf(proposal.value)}
        values={values}
        waiting={asking}
        save={async (notes, own) => {
          const { id: saved } = await act('keys.add', { service: about.name, notes, values: own });
          onDone(
            <>
              <Quoted text={notes.label} /> was saved.
            </>,
            [saved],
          );
        }}
        onCancel={() => onDone('')}
      >
        <PasteBox
          chosen={about.name}
          pasted={brought}
          reading={reading}
          several={several}
          onFound={found => propose({ about: aboutOf(found.service), found })}
          onAdded={onDone}
        />
        {!asking && (
          <div class="field">
            <label for={id}>Service</label>
            <select
              id={id}
              value={about.name}
              onChange={event => propose({ about: aboutOf(event.currentTarget.value) })}
            >
              {abouts.map(({ name, label: text }) => (
                <option key={name} value={name}>
                  {text}
                </option>
              ))}
            </select>
          </div>
        )}
      </KeyForm>
    </div>
  );
}
