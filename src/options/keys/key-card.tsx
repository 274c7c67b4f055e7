import { useSignal } from '@preact/signals';
import { aboutOf } from '../services/abouts';
import type { Verdict } from '../services/service';
import { Alert } from '../ui/alert';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';
import type { KeyEntry } from '../vault/key-index';

interface Props {
  readonly entry: KeyEntry;
  readonly onEdit: () => void;
  readonly onDeleted: () => void;
}

export function KeyRow({ entry, onEdit, onDeleted }: Props) {
  const { id, label, service, created } = entry;
  const verdict = useSignal<Verdict | undefined>(undefined);
  const sure = useSignal(false);
  const testing = usePending();
  const deleting = usePending();

  const test = () =>
    testing.run(async () => {
      verdict.value = undefined;
      verdict.value = await act('keys.test', { id });
    });
  const remove = () =>
    deleting.run(async () => {
      await act('keys.remove', { id });
      onDeleted();
    });

  return (
    <div class="stack tight">
      <div class="row spread">
        <div>
          <h3>{label}</h3>
          <p class="quiet small">
            {aboutOf(service).label} · saved {new Date(created).toLocaleDateString()}
          </p>
        </div>
        {sure.value ? (
          <div class="row">
            <span>Delete “{label}” for good?</span>
            <button type="button" class="danger" disabled={deleting.busy.value} onClick={remove}>
              Yes, delete
            </button>
            <button type="button" onClick={() => (sure.value = false)}>
              Keep
            </button>
          </div>
        ) : (
          <div class="row">
            <button
              type="button"
              class={testing.busy.value ? 'busy' : ''}
              disabled={testing.busy.value}
              onClick={test}
            >
              Test
            </button>
            <button type="button" onClick={onEdit}>
              Edit
            </button>
            <button type="button" class="danger" onClick={() => (sure.value = true)}>
              Delete
            </button>
          </div>
        )}
      </div>
      <div role="status">
        {verdict.value && <strong class={verdict.value.outcome}>{WORDS[verdict.value.outcome]}</strong>}
      </div>
      {verdict.value && verdict.value.outcome !== 'works' && <Alert failure={verdict.value.failure} />}
      {testing.failure.value && <Alert failure={testing.failure.value} />}
      {deleting.failure.value && <Alert failure={deleting.failure.value} />}
    </div>
  );
}

const WORDS = { works: 'Works', rejected: 'Rejected', 'could-not-tell': 'Could not tell' } as const;
