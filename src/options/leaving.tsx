import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useFocusBack } from '../ui/focus';
import { answer, leaving } from './unsaved';

/** Asks before a form goes in which something is changed and not saved. */
export const Leaving = () => (leaving.value ? <Question /> : null);

const stay = () => answer('stay');

function Question() {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useFocusBack();
  useLayoutEffect(() => {
    dialog.current?.showModal();
    // Locked in the middle of it, the page forgets what somebody wanted to do.
    return stay;
  }, []);
  return (
    <dialog ref={dialog} class="ask" aria-labelledby={id} onClose={stay}>
      <div class="stack">
        <h2 id={id}>Leave without saving?</h2>
        <p>What you changed here is not saved and would be gone.</p>
        <div class="row">
          <button type="button" class="primary" onClick={stay}>
            Stay
          </button>
          <button type="button" class="danger" onClick={() => answer('go')}>
            Leave
          </button>
        </div>
      </div>
    </dialog>
  );
}
