import { type Call, isOpen } from '../../calls/call';
import { Alert } from '../../ui/alert';
import { sentenceOf, standingOf } from './words';

/** Where a call is, or how it ended, where its result does not say so already. */
export function Standing({ call }: { call: Call }) {
  const { state } = call;
  if (isOpen(state)) {
    return (
      <div class="stack tight" role="status">
        <p class="row busy">{standingOf(call)}</p>
        {state.phase === 'sent' && state.progress !== undefined && (
          <progress max={100} value={state.progress} aria-label="Progress" />
        )}
      </div>
    );
  }
  switch (state.phase) {
    case 'failed':
    case 'unknown':
      return <Alert failure={state.failure} />;
    case 'cancelled':
      return <p class="notice">{sentenceOf(call)}</p>;
    case 'done': {
      const { refused, items } = state;
      if (!refused) return items.length === 0 ? <p>{sentenceOf(call)}</p> : null;
      const message = `${refused.count} of ${refused.count + items.length} did not come: ${refused.failure.message}`;
      return <Alert failure={{ ...refused.failure, message }} />;
    }
    default:
      return null;
  }
}
