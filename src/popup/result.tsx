import { useEffect, useRef } from 'preact/hooks';
import { type Call, isOpen } from '../calls/call';
import { CopyAs } from '../ui/copy-as';
import { Items } from '../ui/items/items';
import { Standing } from './standing';

/** One call: where it is, what came of it, what it cost. */
export function Result({ call }: { call: Call | undefined }) {
  const section = useRef<HTMLElement>(null);
  const open = call !== undefined && isOpen(call.state);
  const was = useRef({ id: call?.id, open });
  useEffect(() => {
    const before = was.current;
    was.current = { id: call?.id, open };
    // Only a result that comes while one looks at the popup is brought into view.
    if (before.open && !open && before.id === call?.id) section.current?.scrollIntoView({ block: 'nearest' });
  }, [open, call?.id]);

  return (
    // Busy while it grows: a text is not read out piece by piece.
    <section
      ref={section}
      id={RESULT}
      class="result stack"
      aria-label="Result"
      aria-live="polite"
      aria-busy={open}
      tabIndex={-1}
    >
      {call ? (
        // Anew for each call, so that nothing of one is taken for another's.
        <Shown key={call.id} call={call} />
      ) : (
        <p class="quiet placeholder">The result appears here.</p>
      )}
    </section>
  );
}

const RESULT = 'result';

/** Puts the keyboard and the eye on the result. */
export function goToResult(): void {
  const section = document.getElementById(RESULT);
  section?.focus({ preventScroll: true });
  section?.scrollIntoView({ block: 'nearest' });
}

function Shown({ call }: { call: Call }) {
  return (
    <>
      <Items call={call} />
      <Standing call={call} />
      <CopyAs call={call} />
    </>
  );
}
