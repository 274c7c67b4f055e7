import type { Call, CallState, Item } from '../../calls/call';
import type { Operation } from '../../services/about';
import { abouts } from '../../services/abouts';
import { dayOf } from '../../ui/dates';
import { price } from '../../ui/dollars';

/** The task of a call; undefined: a version of Runkey made it that knew another one. */
export const taskOf = ({ request: { service, operation } }: Call): Operation | undefined =>
  abouts.find(({ name }) => name === service)?.operations.find(({ name }) => name === operation);

export const taskLabel = (call: Call): string => taskOf(call)?.label ?? call.request.operation;

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

/** Where a call under way is. */
export function standingOf({ state, ...call }: Call): string {
  const doing = taskOf({ state, ...call })?.doing ?? 'Working';
  if (state.phase === 'queued') {
    if (state.note === 'waiting') return 'Waiting for its turn';
    if (state.note === 'undo') return 'About to be sent';
  }
  if (state.phase === 'sent') {
    if (state.note === 'reconnecting') return 'The connection dropped. Asking for the answer…';
    if (state.note === 'busy') return 'The service is busy; asking again in a moment…';
    if (state.note === 'locked') return 'Waiting for the vault to be unlocked…';
    if (state.note === 'unsaved')
      return 'The disk is full, so the answer could not be kept. Free some space.';
  }
  return `${doing}…`;
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
      return state.sent
        ? 'Cancelled. The service had it already, and may finish and charge it all the same.'
        : 'Cancelled before it was sent. Nothing was charged.';
    default:
      return standingOf(call);
  }
}

const NAMES = {
  image: ['Picture', 'pictures'],
  audio: ['Sound', 'sounds'],
  video: ['Film', 'films'],
} as const;

/** What a result is, for results that a card cannot show. */
export function namesOf(item: Exclude<Item, { kind: 'text' }>, count: number): string {
  switch (item.kind) {
    case 'list':
      return item.rows.length === 1 ? (item.rows[0]?.title ?? '') : `${item.rows.length} found`;
    case 'link':
      return `${NAMES[item.of][0]} at ${URL.parse(item.url)?.host ?? 'an odd address'}`;
    default:
      return count === 1 ? NAMES[item.kind][0] : `${count} ${NAMES[item.kind][1]}`;
  }
}

/** What a finished call cost; of one that costs nothing no service says so. */
export function costOf(call: Call): string {
  const { state } = call;
  const cost = state.phase === 'queued' ? undefined : state.cost;
  if (cost !== undefined) return price(cost);
  return taskOf(call)?.price ? 'Cost not told' : 'Free';
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const times = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** `at` in ms since the epoch: the time of a call of today, the day of another. */
export function when(at: number): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? `Today ${times.format(date)}` : dayOf(date);
}
