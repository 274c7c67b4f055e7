import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { usePending } from '../../ui/pending';
import { changeSelection } from '../../ui/selection-settings';
import { act } from '../../ui/state';

/** Says, once there is a key and until it has been answered, what else can be done with it. */
export function SelectionNotice({ onDone }: { onDone: () => void }) {
  const id = useId();
  const asked = useSignal(true);
  const { busy, failure, run } = usePending();
  useEffect(() => {
    // It can wait for another day.
    act('settings.selection', {}).then(
      now => {
        asked.value = now.asked;
      },
      () => {},
    );
  }, [asked]);
  const answer = (then: () => void) =>
    run(async () => {
      await changeSelection(now => ({ ...now, asked: true }));
      asked.value = true;
      then();
    });
  if (asked.value) return null;
  return (
    <section class="notice stack tight" aria-labelledby={id}>
      <p id={id}>Use Runkey on text you select: right-click it, or show a bubble beside it.</p>
      <div class="row">
        <Button busy={busy.value} onClick={() => answer(() => (location.hash = 'selection'))}>
          Choose where
        </Button>
        <Button class="plain" busy={busy.value} onClick={() => answer(onDone)}>
          Not now
        </Button>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </section>
  );
}
