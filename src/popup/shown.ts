import { signal } from '@preact/signals';
import { type Call, isOpen } from '../calls/call';

/** The latest call when `Run` emptied the result: it is not shown by itself again in this popup. */
const cleared = signal<string | undefined>(undefined);

/** A call that the person wants to see, until the next run. */
const chosen = signal<string | undefined>(undefined);

/** The call whose result is shown: the one that was chosen, else the latest. `calls` are the newest first. */
export function shownOf(calls: readonly Call[]): Call | undefined {
  const [latest] = calls;
  return calls.find(({ id }) => id === chosen.value) ?? (latest?.id === cleared.value ? undefined : latest);
}

/** How many of the finished calls are listed. */
const LISTED = 4;

/** The others: every one that is open, and the latest that ended. */
export function othersOf(calls: readonly Call[], shown: Call | undefined): Call[] {
  const others = calls.filter(({ id }) => id !== shown?.id);
  const ended = others.filter(({ state }) => !isOpen(state)).slice(0, LISTED);
  return others.filter(call => isOpen(call.state) || ended.includes(call));
}

export function show({ id }: Pick<Call, 'id'>): void {
  chosen.value = id;
}

/** Makes room for the next call. */
export function clear(latest: Call | undefined): void {
  cleared.value = latest?.id;
  chosen.value = undefined;
}
