import { useId, useRef } from 'preact/hooks';
import { type Call, isOpen } from '../calls/call';
import { taskLabel } from '../calls/words';
import { Alert } from '../ui/alert';
import { useFocusAfter } from '../ui/focus';
import { usePending } from '../ui/pending';
import { act } from '../ui/state';
import { goToResult } from './result';
import { show } from './shown';
import { whereOf } from './where';

/** So many characters of a prompt are more than there is room for. */
const LONGEST = 200;

/** The other calls: those under way and the latest that ended. */
export function Recent({ calls }: { calls: readonly Call[] }) {
  const id = useId();
  if (calls.length === 0) return null;
  return (
    <section class="recent stack tight" aria-labelledby={id}>
      <h2 id={id}>Recent</h2>
      <ul>
        {calls.map(call => (
          <One key={call.id} call={call} />
        ))}
      </ul>
    </section>
  );
}

/**
 * Its buttons are named by what they do alone, and described by whose they are: a prompt's words in the name
 * of a button could be taken for another button.
 */
function One({ call }: { call: Call }) {
  const id = useId();
  const { busy, failure, run } = usePending();
  const look = useRef<HTMLButtonElement>(null);
  const open = isOpen(call.state);
  useFocusAfter(open, look);
  const progress = call.state.phase === 'sent' ? call.state.progress : undefined;

  return (
    <li>
      <div class="what" id={id}>
        <span class="named">
          <strong>{taskLabel(call)}</strong> <bdi>{call.request.values.prompt?.slice(0, LONGEST)}</bdi>
        </span>
        <span class="quiet small">{whereOf(call)}</span>
        {progress !== undefined && <progress max={100} value={progress} aria-label="Progress" />}
      </div>
      {open && (
        <button
          type="button"
          class="plain"
          aria-disabled={busy.value ? true : undefined}
          aria-describedby={id}
          onClick={() => run(() => act('calls.cancel', { id: call.id }))}
        >
          Cancel
        </button>
      )}
      <button
        ref={look}
        type="button"
        class="plain"
        aria-describedby={id}
        onClick={() => {
          show(call);
          goToResult();
        }}
      >
        Show
      </button>
      {failure.value && <Alert failure={failure.value} />}
    </li>
  );
}
