import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Field } from '../services/about';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { FieldInput } from '../ui/field';
import { useFocusFirst } from '../ui/focus';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';

const WORD = 'erase';
const field: Field = { name: 'sure', label: `Type “${WORD}” to go on`, kind: 'text', most: 20 };

/** Deletes everything, once the person has typed that they mean it. */
export function Erase({ why, onCancel }: { why: string; onCancel: () => void }) {
  const typed = useSignal('');
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  const sure = typed.value.trim().toLowerCase() === WORD;

  const submit = (event: Event) => {
    event.preventDefault();
    if (!sure) return;
    run(async () => {
      await act('vault.erase', {});
      // The next vault begins with its keys.
      location.hash = '';
    });
  };

  return (
    <form class="stack" ref={form} onSubmit={submit}>
      <h2>Erase and start again</h2>
      <p>{why}</p>
      <p>
        Erasing deletes every key, every result and every setting from this browser, for good. The keys go on
        working at their services: revoke those that you cannot account for.
      </p>
      <FieldInput field={field} value={typed.value} onValue={value => (typed.value = value)} />
      <div class="row">
        <Button type="submit" class="danger" busy={busy.value} disabled={!sure}>
          Erase everything
        </Button>
        <button type="button" onClick={onCancel}>
          Back
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
