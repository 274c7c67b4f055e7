import type { ComponentChildren } from 'preact';
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

/** Asks a second time, in place, before something that cannot be undone: a double click is no answer. */
export function Sure({ yes, no, onYes, onNo, children }: Props) {
  const { busy, failure, run } = usePending();
  useFocusBack();
  return (
    <div class="stack tight">
      <div class="row">
        <span>{children}</span>
        <Button class="danger" busy={busy.value} onClick={({ detail }) => detail < 2 && run(onYes)}>
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
