import type { Call, CallState, Item } from '../../calls/call';
import { cancelledSaid, capital, MEDIA, taskOf, underWay } from '../../calls/words';
import { dayOf } from '../../ui/dates';

/** What the call is about: the first of what was written for it. */
export function subjectOf(call: Call): string {
  const { values } = call.request;
  const written = taskOf(call)?.fields.find(
    ({ kind, name, advanced }) => (kind === 'long-text' || kind === 'text') && !advanced && values[name],
  );
  return (values.prompt || (written && values[written.name]) || '').slice(0, 200);
}

/** How a call ended, where that is not well. */
export function endOf(state: CallState): string | undefined {
  switch (state.phase) {
    case 'failed':
      return 'Failed';
    case 'unknown':
      return 'Outcome unknown';
    case 'cancelled':
      return 'Cancelled';
    case 'done':
      return state.refused ? 'Done in part' : undefined;
    default:
      return undefined;
  }
}

/** How a call went, in a sentence for where there is nothing to show. */
export function sentenceOf(call: Call): string {
  const { state } = call;
  switch (state.phase) {
    case 'done':
      return 'Done';
    case 'failed':
    case 'unknown':
      return state.failure.message;
    case 'cancelled':
      return cancelledSaid(state.sent);
    default:
      return underWay(call);
  }
}

/** What a result is, for results that a card cannot show. */
export function namesOf(item: Exclude<Item, { kind: 'text' }>, count: number): string {
  switch (item.kind) {
    case 'list':
      return item.rows.length === 1 ? (item.rows[0]?.title ?? '') : `${item.rows.length} found`;
    case 'link':
      return `${capital(MEDIA[item.of])} at ${URL.parse(item.url)?.host ?? 'an odd address'}`;
    default:
      return count === 1 ? capital(MEDIA[item.kind]) : `${count} ${MEDIA[item.kind]}s`;
  }
}

const times = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** `at` in ms since the epoch: the time of a call of today, the day of another. */
export function when(at: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? `Today ${times.format(date)}` : dayOf(date);
}
