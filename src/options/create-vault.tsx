import { useRef } from 'preact/hooks';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { useFocusFirst } from '../ui/focus';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';
import { useNewPassphrase } from './new-passphrase';

/** The first visit. */
export function CreateVault({ onRestore }: { onRestore: () => void }) {
  const { fields, read } = useNewPassphrase();
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);

  const submit = (event: Event) => {
    event.preventDefault();
    const passphrase = read();
    if (passphrase !== undefined) run(() => act('vault.create', { passphrase }));
  };

  return (
    <form class="stack" ref={form} onSubmit={submit} noValidate>
      <div class="stack tight">
        <h2>Create your vault</h2>
        <p class="quiet">
          It keeps your keys encrypted in this browser. The passphrase opens it, is stored nowhere, and cannot
          be recovered: keep it safe.
        </p>
      </div>
      {fields}
      <div class="row">
        <Button type="submit" class="primary grow" busy={busy.value}>
          Create vault
        </Button>
        <button type="button" onClick={onRestore}>
          Restore
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
