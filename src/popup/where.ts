import type { Call } from '../calls/call';
import { operationOf } from '../services/abouts';
import { price } from '../ui/dollars';

const operation = ({ request }: Call) => operationOf(request.service, request.operation);

export const doingOf = (call: Call): string => operation(call).doing;
export const taskOf = (call: Call): string => operation(call).label;

/** What a finished call cost; of one that costs nothing no service says so. */
export function costOf(call: Call, cost: number | undefined): string {
  if (cost !== undefined) return price(cost);
  return operation(call).price ? 'Cost not told' : 'Free';
}

/** Where a call is, in a few words. */
export function whereOf(call: Call): string {
  const { state } = call;
  switch (state.phase) {
    case 'queued':
      if (state.note === 'waiting') return 'Waiting for its turn';
      return state.note === 'undo' ? 'About to be sent' : `${doingOf(call)}…`;
    case 'sent':
      switch (state.note) {
        case 'reconnecting':
          return 'Asking for the answer…';
        case 'busy':
          return 'The service is busy…';
        case 'locked':
          return 'Waiting for the vault';
        case 'unsaved':
          return 'The disk is full';
        default:
          return state.progress === undefined
            ? `${doingOf(call)}…`
            : `${doingOf(call)}… ${Math.round(state.progress)} %`;
      }
    case 'done': {
      const done = state.refused ? 'Done in part' : 'Done';
      return state.cost === undefined ? done : `${done} · ${costOf(call, state.cost)}`;
    }
    case 'failed':
      return 'Failed';
    case 'unknown':
      return 'Outcome unknown';
    case 'cancelled':
      return 'Cancelled';
  }
}
