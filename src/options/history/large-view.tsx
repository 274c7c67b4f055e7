import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Call, isLost, isOpen } from '../../calls/call';
import { factsOf, taskLabel } from '../../calls/words';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { CopyAs } from '../../ui/copy-as';
import { moment } from '../../ui/dates';
import { Items } from '../../ui/items/items';
import { usePending } from '../../ui/pending';
import { usePressed } from '../../ui/pressed';
import { act } from '../../ui/state';
import { Sure } from '../sure';
import { cardId } from './card';
import { Inputs } from './inputs';
import { Standing } from './standing';

interface Props {
  readonly call: Call;
  /** Its neighbours in the list. */
  readonly newer: Call | undefined;
  readonly older: Call | undefined;
  readonly onStep: (to: Call) => void;
  readonly onClose: () => void;
  readonly onAgain: () => void;
  readonly onDeleted: () => void;
}

/** One call with everything that is kept of it, over the page. */
export function LargeView({ call, newer, older, onStep, onClose, onAgain, onDeleted }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef(call.id);
  last.current = call.id;
  useLayoutEffect(() => {
    dialog.current?.showModal();
    heading.current?.focus();
    return () => {
      // The card of the one that was looked at last, which need not be the one that was opened.
      setTimeout(() => document.getElementById(cardId(last.current))?.focus());
    };
  }, []);

  const step = (to: Call | undefined) => {
    if (!to) return;
    onStep(to);
    dialog.current?.scrollTo(0, 0);
  };
  const byArrow = (event: KeyboardEvent) => {
    // Players and lists have a use of their own for arrows.
    if (event.target instanceof Element && event.target.closest('audio, video, input, select, textarea'))
      return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === 'ArrowLeft') step(newer);
    else if (event.key === 'ArrowRight') step(older);
    else return;
    event.preventDefault();
    // For what reads the screen: another call is shown.
    heading.current?.focus();
  };

  return (
    <dialog ref={dialog} class="large" aria-labelledby="large-title" onClose={onClose} onKeyDown={byArrow}>
      <header class="row spread">
        <h2 id="large-title" ref={heading} tabIndex={-1}>
          {taskLabel(call)} <span class="quiet small">{moment(call.at)}</span>
        </h2>
        <div class="row">
          <Step to={newer} onStep={step}>
            Newer
          </Step>
          <Step to={older} onStep={step}>
            Older
          </Step>
          <button type="button" onClick={onClose}>
            Close
          </button>
        </div>
      </header>
      <Body key={call.id} call={call} onAgain={onAgain} onDeleted={onDeleted} />
    </dialog>
  );
}

/** At an end it stays where it is, for a disabled button loses the keyboard’s focus. */
const Step = (props: { to: Call | undefined; onStep: (to: Call | undefined) => void; children: string }) => (
  <button type="button" aria-disabled={props.to ? undefined : true} onClick={() => props.onStep(props.to)}>
    {props.children}
  </button>
);

function Body({ call, onAgain, onDeleted }: Pick<Props, 'call' | 'onAgain' | 'onDeleted'>) {
  const { id, state, request } = call;
  const { busy, failure, run } = usePending();
  const deleting = useSignal(false);
  const pressed = usePressed();
  const runAgain = async () => {
    await act('calls.again', { id, as: pressed.idOf(id) });
    pressed.answered();
    onAgain();
  };
  const remove = async () => {
    await act('history.delete', { id });
    onDeleted();
  };

  return (
    <>
      <div class="stack">
        <div class="results">
          <Items call={call} />
        </div>
        <Standing call={call} />
        <p class="quiet small">
          <bdi>{request.label}</bdi>
          {!isOpen(state) && ` · ${factsOf(call)}`}
        </p>
        <Inputs call={call} />
        <CopyAs call={call} />
      </div>
      <footer class="stack tight">
        <div class="row">
          <Button class="primary" busy={busy.value} onClick={() => run(runAgain)}>
            Run again
          </Button>
          {isLost(state) && (
            <Button busy={busy.value} onClick={() => run(() => act('calls.ask', { id }))}>
              Ask for the result
            </Button>
          )}
          {!isOpen(state) && (
            <button
              type="button"
              class="danger"
              aria-expanded={deleting.value}
              onClick={() => (deleting.value = !deleting.value)}
            >
              Delete
            </button>
          )}
        </div>
        {deleting.value && (
          <Sure yes="Yes, delete" no="Keep" onYes={remove} onNo={() => (deleting.value = false)}>
            Delete this call and its results for good?
          </Sure>
        )}
        {failure.value && <Alert failure={failure.value} />}
      </footer>
    </>
  );
}
