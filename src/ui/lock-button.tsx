import { Alert } from './alert';
import { Button } from './button';
import { usePending } from './pending';
import { act } from './state';

/** A lock that failed must not pass for one that worked. */
export function LockButton({ plain = false }: { plain?: boolean }) {
  const { busy, failure, run } = usePending();
  return (
    <>
      <Button class={plain ? 'plain' : ''} busy={busy.value} onClick={() => run(() => act('vault.lock', {}))}>
        Lock
      </Button>
      {failure.value && (
        <Alert failure={{ ...failure.value, message: `Not locked. ${failure.value.message}` }} />
      )}
    </>
  );
}
