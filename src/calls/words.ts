import type { Operation } from '../services/about';
import { abouts } from '../services/abouts';
import type { Call } from './call';
import { price } from './dollars';

/** The task of a call; undefined: a version of Runkey made it that knew another one. */
export const taskOf = ({ request: { service, operation } }: Call): Operation | undefined =>
  abouts.find(({ name }) => name === service)?.operations.find(({ name }) => name === operation);

export const taskLabel = (call: Call): string => taskOf(call)?.label ?? call.request.operation;

/** What a call of its task does while it runs. */
export const doingOf = (call: Call): string => taskOf(call)?.doing ?? 'Working';

/** Where a call under way is, in a sentence. */
export function underWay(call: Call): string {
  const { state } = call;
  const note = state.phase === 'queued' || state.phase === 'sent' ? state.note : undefined;
  switch (note) {
    case 'waiting':
      return 'Waiting for its turn: other calls of this key are under way.';
    case 'undo':
      return 'About to be sent';
    case 'reconnecting':
      return 'The connection dropped. Asking the service for the answer…';
    case 'busy':
      return 'The service is busy; asking again in a moment…';
    case 'locked':
      return 'Waiting for the vault to be unlocked…';
    case 'unsaved':
      return 'The disk is full, so the answer could not be kept. Free some space: Runkey then asks for it again.';
    default:
      return `${doingOf(call)}…`;
  }
}

/** What it means that a call was cancelled. */
export const cancelledSaid = (sent: boolean): string =>
  sent
    ? 'Cancelled. The service had it already, and may finish and charge it all the same.'
    : 'Cancelled before it was sent. Nothing was charged.';

/** What a finished call cost, where that is known; of one that costs nothing no service says so. */
export function costOf(call: Call): string {
  const { state } = call;
  const cost = state.phase === 'queued' ? undefined : state.cost;
  if (cost !== undefined) return price(cost);
  const { price: priced, free } = taskOf(call) ?? {};
  return free ? 'Free' : priced ? 'Cost not told' : '';
}

/** What a finished call cost, and how long it took where that is known. */
export function factsOf(call: Call): string {
  const { state } = call;
  const took = state.phase === 'done' && state.tookMs > 0 ? `${(state.tookMs / 1000).toFixed(1)} s` : '';
  return [costOf(call), took].filter(Boolean).join(' · ');
}

/** What a medium is called, in a sentence. */
export const MEDIA = { image: 'picture', audio: 'sound', video: 'film' } as const;

export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
