import { type Call, isOpen } from '../../calls/call';
import { underWay } from '../../calls/words';
import { CallEnd } from '../../ui/call-end';

/** Where a call is, or how it ended, where its result does not say so already. */
export function Standing({ call }: { call: Call }) {
  const { state } = call;
  if (isOpen(state)) {
    return (
      <div class="stack tight" role="status">
        <p class="row busy">{underWay(call)}</p>
        {state.phase === 'sent' && state.progress !== undefined && (
          <progress max={100} value={state.progress} aria-label="Progress" />
        )}
      </div>
    );
  }
  if (state.phase === 'done' && !state.refused) return state.items.length === 0 ? <p>Done</p> : null;
  return <CallEnd call={call} />;
}
