import { type Call, isLost, isOpen } from '../calls/call';
import { factsOf, taskLabel } from '../calls/words';
import { CallEnd } from '../ui/call-end';
import { AskAgain } from './ask-again';
import { Elapsed } from './elapsed';

/** Where a call is, in a sentence. */
export function Standing({ call }: { call: Call }) {
  const { state, request } = call;
  if (isOpen(state)) return <Elapsed call={call} state={state} />;
  return (
    <>
      <CallEnd call={call} />
      {isLost(state) && <AskAgain call={call} />}
      <p class="quiet small">
        {[taskLabel(call), state.phase === 'done' && factsOf(call), request.label]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {request.unkept && (
        <p class="quiet small">This is not kept: in ten minutes at the latest it is gone.</p>
      )}
    </>
  );
}
