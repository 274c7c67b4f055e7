import type { Call, CallState } from '../calls/call';
import { Alert } from '../ui/alert';
import { Elapsed } from './elapsed';
import { costOf } from './where';

/** Where a call is, in a sentence. */
export function Standing({ call }: { call: Call }) {
  const { state, request } = call;
  switch (state.phase) {
    case 'queued':
    case 'sent':
      return <Elapsed call={call} state={state} />;
    case 'done':
      return (
        <>
          {state.refused && <Refused refused={state.refused} came={state.items.length} />}
          <p class="quiet small">
            {costOf(call, state.cost)} · {seconds(state.tookMs)} · {request.label}
          </p>
        </>
      );
    case 'failed':
    case 'unknown':
      return <Alert failure={state.failure} />;
    case 'cancelled':
      return (
        <p class="notice">
          {state.sent
            ? 'Cancelled. The service had it already, and may finish and charge it all the same.'
            : 'Cancelled before it was sent. Nothing was charged.'}
        </p>
      );
  }
}

type Refusal = NonNullable<Extract<CallState, { phase: 'done' }>['refused']>;

function Refused({ refused: { count, failure }, came }: { refused: Refusal; came: number }) {
  const message = `${count} of ${count + came} did not come: ${failure.message}`;
  return <Alert failure={{ ...failure, message }} />;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
