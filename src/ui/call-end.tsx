import type { Call } from '../calls/call';
import { cancelledSaid } from '../calls/words';
import { Alert } from './alert';

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
      const { count, failure } = refused;
      // A list of what was done is one item, and its failure says how many were not.
      if (items.some(({ kind }) => kind === 'list')) return <Alert failure={failure} />;
      const message = `${count} of ${count + items.length} did not come: ${failure.message}`;
      const next = failure.next?.replace('Nothing was charged.', 'What came was charged.');
      return <Alert failure={{ ...failure, message, ...(next && { next }) }} />;
    }
    default:
      return null;
  }
}
