import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Alert } from '../ui/alert';
import { Button } from '../ui/button';
import { useFocusBack } from '../ui/focus';
import { usePending } from '../ui/pending';

interface Props {
  /** What the two buttons say. */
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => Promise<void>;
  readonly onNo: () => void;
  readonly children: ComponentChildren;
}

/** A press of the pointer this soon was meant for what was there before, ms. */
const TOO_SOON = 400;

/** Asks a second time, in place, before something that cannot be undone: a double click is no answer. */
export function Sure({ yes, no, onYes, onNo, children }: Props) {
  const { busy, failure, run } = usePending();
  const appeared = useRef(performance.now());
  // A press of the keyboard counts no clicks.
  const isMeant = ({ detail, timeStamp }: MouseEvent) =>
    detail === 0 || (detail === 1 && timeStamp - appeared.current > TOO_SOON);
  useFocusBack();
  return (
    <div class="stack tight">
      <div class="row">
        <span>{children}</span>
        <Button class="danger" busy={busy.value} onClick={event => isMeant(event) && run(onYes)}>
          {yes}
        </Button>
        <button type="button" onClick={onNo}>
          {no}
        </button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
