import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { useFocusBack } from '../ui/focus';
import { leave, leaving, stay } from './section';

/** Asks before the person leaves a section in which something is typed and not saved. */
export const Leaving = () => (leaving.value ? <Question /> : null);

function Question() {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useFocusBack();
  useLayoutEffect(() => {
    dialog.current?.showModal();
    // Locked in the middle of it, the page says nothing of where somebody wanted to go.
    return () => {
      if (leaving.peek()) stay();
    };
  }, []);
  return (
    <dialog ref={dialog} class="ask" aria-labelledby={id} onClose={stay}>
      <div class="stack">
        <h2 id={id}>Leave without saving?</h2>
        <p>What you typed here is not saved and would be gone.</p>
        <div class="row">
          <button type="button" class="primary" onClick={stay}>
            Stay
          </button>
          <button type="button" class="danger" onClick={leave}>
            Leave
          </button>
        </div>
      </div>
    </dialog>
  );
}
