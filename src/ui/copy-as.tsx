import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { type Call, isOpen } from '../calls/call';
import { Failure } from '../failure';
import { Alert } from './alert';
import { usePending } from './pending';
import { act } from './state';

const FORMS = ['curl', 'fetch'] as const;

/** Copies a finished call as something to run elsewhere; there is no secret in it. */
export function CopyAs({ call: { id, state } }: { call: Call }) {
  const what = useId();
  const { failure, run } = usePending();
  const copied = useSignal(false);
  if (isOpen(state)) return null;
  const copy = async (as: (typeof FORMS)[number]) => {
    copied.value = false;
    const { text } = await act('calls.copyAs', { id, as });
    await navigator.clipboard.writeText(text).catch(() => {
      throw new Failure('refused', 'The browser did not give access to the clipboard.', {
        next: 'Click into the page and try again.',
      });
    });
    copied.value = true;
  };

  return (
    <div class="stack tight">
      <div class="row">
        <span id={what} class="quiet small">
          Copy as
        </span>
        {FORMS.map(as => (
          <button
            key={as}
            type="button"
            aria-describedby={what}
            onClick={() => run(() => copy(as))}
            onBlur={() => (copied.value = false)}
          >
            {as}
          </button>
        ))}
        {/* It stands at the end, so that nothing moves. */}
        <span class="quiet small" role="status">
          {copied.value && 'Copied'}
        </span>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
