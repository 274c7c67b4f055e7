import { Alert } from './alert';
import { usePending } from './pending';
import { act } from './state';

/** A lock that failed must not pass for one that worked. */
export function LockButton({ plain = false }: { plain?: boolean }) {
  const { busy, failure, run } = usePending();
  return (
    <>
      <button
        type="button"
        class={plain ? 'plain' : ''}
        disabled={busy.value}
        onClick={() => run(() => act('vault.lock', {}))}
      >
        Lock
      </button>
      {failure.value && (
        <Alert failure={{ ...failure.value, message: `Not locked. ${failure.value.message}` }} />
      )}
    </>
  );
}
