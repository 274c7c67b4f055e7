import type { Call } from '../calls/call';
import { costOf, doingOf } from '../calls/words';

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
      return state.cost === undefined ? done : `${done} · ${costOf(call)}`;
    }
    case 'failed':
      return 'Failed';
    case 'unknown':
      return 'Outcome unknown';
    case 'cancelled':
      return 'Cancelled';
  }
}
