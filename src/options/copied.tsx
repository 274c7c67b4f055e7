import { signal } from '@preact/signals';
import { Failure } from '../failure';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { usePending } from '../ui/pending';

/** Whether a secret was copied and is not cleared yet. It outlasts a lock, since the clipboard does. */
const copied = signal(false);

/** Puts a secret on the clipboard. Throws `refused` where the browser does not allow it. */
export async function copySecret(secret: string): Promise<void> {
  await write(secret);
  copied.value = true;
}

async function write(text: string): Promise<void> {
  await navigator.clipboard.writeText(text).catch(() => {
    throw new Failure('refused', 'The browser did not give access to the clipboard.', {
      next: 'Click into the page and try again.',
    });
  });
}

/** What remains to be done about a secret on the clipboard. */
export function Copied() {
  const { busy, failure, run } = usePending();
  const clear = () =>
    run(async () => {
      // A blank, for some systems ignore an empty text.
      await write(' ');
      copied.value = false;
    });
  return (
    <div class="copied" role="status">
      {copied.value && (
        <div class="card row spread">
          <span>
            A secret is on the clipboard. A clipboard history of your system may keep it even when cleared.
          </span>
          <Button class="primary" busy={busy.value} onClick={clear}>
            Clear clipboard
          </Button>
        </div>
      )}
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
