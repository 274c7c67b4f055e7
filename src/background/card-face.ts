import { type Call, isOpen } from '../calls/call';
import { cancelledSaid, doingOf, factsOf, underWay } from '../calls/words';
import { isFailure, reportOf } from '../failure';
import type { CardAnswer, CardFace } from '../messages/card';

export const GONE: CardFace = {
  type: 'ended',
  how: 'failed',
  message: 'This is gone: it was deleted, or Runkey ended before it was sent.',
  next: 'Nothing is charged for what was not sent. The history has what was.',
  items: [],
};

/** What is shown of what went wrong. Only our own sentences: another thrown thing's text might hold anything. */
export function failed(thrown: unknown): CardFace {
  // It is in no journal: the background ended before that.
  if (isFailure(thrown, 'call-missing')) return GONE;
  const { message, next } = reportOf(thrown);
  return { type: 'ended', how: 'failed', message, ...(next && { next }), items: [] };
}

/** A call as its card shows it. */
export function faceOf(call: Call): CardFace {
  const { state } = call;
  if (state.phase === 'queued')
    return { type: 'open', doing: doingOf(call), note: underWay(call), items: [] };
  const { items, partial } = state;
  const answer: CardAnswer = { items, ...(partial !== undefined && { partial }) };
  if (isOpen(state)) {
    const { progress } = state;
    const note = underWay(call);
    return {
      type: 'open',
      doing: doingOf(call),
      note,
      ...(progress !== undefined && { progress }),
      ...answer,
    };
  }
  switch (state.phase) {
    case 'done':
      return { type: 'done', facts: factsOf(call), ...answer };
    case 'cancelled':
      return { type: 'ended', how: 'cancelled', message: cancelledSaid(state.sent), ...answer };
    default: {
      const { message, next, service } = state.failure;
      const said = [service?.code, service?.text].filter(Boolean).join(': ');
      const more = { ...(next && { next }), ...(said && { said }) };
      return { type: 'ended', how: state.phase, message, ...more, ...answer };
    }
  }
}
