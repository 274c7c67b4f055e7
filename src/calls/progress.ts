import type { Bytes } from '../bytes';
import { Failure, type FailureCode, type FailureReport, isFailure, reportOf } from '../failure';
import type { Row, TaskEvent, TaskItem } from '../services/service';
import type { Call, CallState, Item } from './call';

/**
 * Failures with which a service says that the call itself failed, or never left. After any other, one that was sent
 * may have run.
 */
const VERDICTS: readonly FailureCode[] = [
  'rejected-key',
  'quota',
  'rate-limit',
  'safety',
  'timed-out',
  'not-found',
  'invalid',
  'service-error',
  'unreadable-answer',
  'offline',
  'unreachable',
];

/**
 * How many characters of a call's answer are kept: pages are shown several calls in one message, of which a browser
 * lets 64 MiB through.
 */
const LONGEST_TEXT = 1_000_000;

type Answer = Pick<Extract<CallState, { phase: 'sent' }>, 'items' | 'cost' | 'charged' | 'partial'>;

/** What has come of a call so far. */
export function answerOf(state: CallState): Answer {
  if (state.phase === 'queued') return { items: [] };
  const { items, cost, charged, partial } = state;
  return {
    items,
    ...(cost !== undefined && { cost }),
    ...(charged && { charged }),
    ...(partial !== undefined && { partial }),
  };
}

export function done({ at, state }: Call): Extract<CallState, { phase: 'done' }> {
  const { partial: _, ...answer } = answerOf(state);
  // What was asked after later did not take all that time.
  const tookMs = state.phase === 'sent' && state.askOnly ? 0 : Date.now() - at;
  return { phase: 'done', tookMs, ...answer };
}

/** Where an event brings a call, and the media that come with it; undefined: nowhere. */
export function after(
  call: Call,
  media: number,
  event: TaskEvent,
): { state: CallState; media?: Bytes[] } | undefined {
  const { state } = call;
  switch (event.type) {
    case 'connecting':
      return { state: state.phase === 'queued' ? { phase: 'queued' } : state };
    case 'sending':
      return {
        state: {
          phase: 'sent',
          trace: event.trace,
          ...(event.untaken && { untaken: true }),
          ...askOnlyOf(state),
          ...answerOf(state),
        },
      };
    case 'refused': {
      const { count, failure } = event;
      return { state: { ...done(call), refused: { count, failure } } };
    }
  }
  if (state.phase !== 'sent') return undefined;
  switch (event.type) {
    case 'reconnecting':
    case 'busy':
      return { state: { ...state, note: event.type } };
    case 'later':
      return { state: { ...state, rests: event.at } };
    case 'progress':
      return { state: { ...withoutNote(state), progress: event.percent } };
    case 'partial':
      return { state: { ...withoutNote(state), partial: event.text.slice(0, LONGEST_TEXT) } };
    case 'charged': {
      const { charged = [], cost = 0 } = state;
      // Whoever asks after it anew is told so anew.
      if (charged.includes(event.id)) return undefined;
      return { state: { ...state, cost: cost + event.cost, charged: [...charged, event.id] } };
    }
    default: {
      if (state.items.some(({ id }) => id === event.id)) return undefined;
      const { item, bytes } = itemOf(event, media, LONGEST_TEXT - lengthOf(state.items));
      const isCounted = event.cost === undefined || state.charged?.includes(event.id);
      const cost = isCounted ? state.cost : (state.cost ?? 0) + (event.cost ?? 0);
      const { progress: _, ...rest } = withoutNote(state);
      const next: CallState = {
        ...rest,
        items: [...state.items, item],
        ...(cost !== undefined && { cost }),
      };
      // In one writing with the end of the call, where it is the last.
      return { state: event.last ? done({ ...call, state: next }) : next, ...(bytes && { media: [bytes] }) };
    }
  }
}

const askOnlyOf = (state: CallState): { askOnly?: true } =>
  state.phase === 'sent' && state.askOnly ? { askOnly: true } : {};

/** What is said so often that not every word of it need be on the disk. */
export const isPassing = ({ type }: TaskEvent): boolean => type === 'progress' || type === 'partial';

type Sent = Extract<CallState, { phase: 'sent' }>;

function withoutNote({ note: _, ...state }: Sent): Sent {
  return state;
}

/** Where a failure brings an open call. */
export function ended(state: CallState, thrown: unknown): CallState {
  const sent = state.phase === 'sent' && !state.untaken;
  const failure = reportOf(thrown);
  const answer = answerOf(state);
  const trace = state.phase === 'sent' ? { trace: state.trace } : {};
  if (failure.code === 'cancelled') return { phase: 'cancelled', sent, ...trace, ...answer };
  // It stays in the journal, and goes on when the vault is unlocked.
  if (state.phase === 'sent' && isFailure(thrown, 'vault-locked')) return { ...state, note: 'locked' };
  if (!sent || VERDICTS.includes(failure.code)) return { phase: 'failed', failure, ...answer };
  return { phase: 'unknown', failure: unknown(failure), ...trace, ...answer };
}

/** Whatever stopped it, of a call that was sent one must be told that it may have been charged. */
function unknown(failure: FailureReport): FailureReport {
  if (failure.code === 'outcome-unknown') return failure;
  return {
    ...failure,
    code: 'outcome-unknown',
    message: `${failure.message} What became of this call is not known.`,
    next: 'It may have run and been charged: look at the service’s usage page before you run it again.',
  };
}

const lengthOf = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + (item.kind === 'text' ? item.text.length : 0), 0);

/** `room`: how many characters a text may have. */
function itemOf(event: TaskItem, media: number, room: number): { item: Item; bytes?: Bytes } {
  const { id } = event;
  switch (event.type) {
    case 'text': {
      const text = event.text.slice(0, Math.max(0, room));
      const cut = text.length < event.text.length ? 'length' : event.cut;
      return { item: { kind: 'text', id, text, ...(cut && { cut }) } };
    }
    case 'link':
      return { item: { kind: 'link', id, url: event.url, of: event.of } };
    case 'list':
      return {
        item: { kind: 'list', id, rows: event.rows.slice(0, MOST_ROWS).map(shownOf), total: event.total },
      };
  }
  const { seed, note, bytes } = event;
  const rest = { id, media, ...(seed !== undefined && { seed }), ...(note && { note }) };
  switch (event.type) {
    case 'image':
      return { item: { kind: 'image', type: event.mime, ...rest }, bytes };
    case 'audio':
      return { item: { kind: 'audio', type: event.mime, ...rest }, bytes };
    case 'video':
      return { item: { kind: 'video', type: event.mime, ...rest }, bytes };
  }
}

/** How many rows of a list are kept. */
const MOST_ROWS = 1_000;

/** What it takes along for a form is for whoever looks it up: a call shows it to nobody. */
const shownOf = ({ id, title, note }: Row) => ({ id, title, ...(note !== undefined && { note }) });

/** It left nothing anywhere: the vault was erased. */
export const erased = (): Failure => new Failure('cancelled', 'The vault was erased.');
