import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../ui/button';
import { useFocusAfter } from '../../ui/focus';
import { cardId } from './card';
import type { Loaded } from './loaded';
import { useNear } from './near';

/** What stands below the calls. It has more loaded when it comes near, or is asked to, and says so while it looks. */
export function More({ loaded }: { loaded: Loaded }) {
  const { calls, more, looking, searching, stopped, failure, begun } = loaded;
  const end = useRef<HTMLDivElement>(null);
  /** How many there were before it was asked for more. */
  const before = useRef(0);
  const load = () => {
    before.current = calls.value.length;
    return loaded.load();
  };
  const count = calls.value.length;
  const near = useNear(end, '0px 0px 600px', count);
  const goesOn = more.value && !looking.value && !stopped.value && !failure.value;
  useEffect(() => {
    if (near.value && goesOn) void load();
  }, [near.value, goesOn, loaded]);

  const offered = more.value || (failure.value !== undefined && !begun.value);
  const onwards = useMemo(
    () => ({
      get current() {
        const next = calls.value[before.current] ?? calls.value.at(-1);
        return next ? document.getElementById(cardId(next.id)) : null;
      },
    }),
    [calls],
  );
  useFocusAfter(offered, onwards);

  return (
    <div ref={end} class="row end-of-calls">
      {offered && (
        <Button busy={looking.value} onClick={load}>
          Show more
        </Button>
      )}
      <span class="quiet" role="status">
        {looking.value && 'Looking…'}
      </span>
      {searching.value && !stopped.value && (
        <button type="button" onClick={() => loaded.stop()}>
          Stop
        </button>
      )}
    </div>
  );
}
