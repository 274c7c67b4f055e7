import type { Call } from '../calls/call';
import { Alert } from './alert';
import { cancelledSaid } from './call-words';

/** How a call ended, where its result does not say so already. */
export function CallEnd({ call: { state } }: { call: Call }) {
  switch (state.phase) {
    case 'failed':
    case 'unknown':
      return <Alert failure={state.failure} />;
    case 'cancelled':
      return <p class="notice">{cancelledSaid(state.sent)}</p>;
    case 'done': {
      const { refused, items } = state;
      if (!refused) return null;
      const message = `${refused.count} of ${refused.count + items.length} did not come: ${refused.failure.message}`;
      return <Alert failure={{ ...refused.failure, message }} />;
    }
    default:
      return null;
  }
}
