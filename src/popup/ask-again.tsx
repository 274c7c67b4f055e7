import type { Call } from '../calls/call';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';

/** For a call that was sent and lost: its service may have the answer still. Nothing is sent anew. */
export function AskAgain({ call: { id } }: { call: Call }) {
  const { busy, failure, run } = usePending();
  return (
    <div class="stack tight">
      <div class="row">
        <Button busy={busy.value} onClick={() => run(() => act('calls.ask', { id }))}>
          Ask for the result
        </Button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
