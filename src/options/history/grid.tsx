import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Call } from '../../calls/call';
import { Card } from './card';
import { useNear } from './near';

/** How many groups stand on a shelf. */
const SHELF = 10;

type Group = Signal<readonly Call[]>;

interface Props {
  readonly groups: readonly Group[];
  /** The call that is shown large. */
  readonly shown: Signal<string | undefined>;
}

/**
 * The cards stand in groups, each a grid of its own, and the groups on shelves. Cards are there only while their
 * group is near, groups only while their shelf is: the page would be measured and painted slower with each of them.
 */
export function Grid({ groups, shown }: Props) {
  /** The id of the card that has the keyboard. */
  const last = useRef('');
  const shelves = Array.from({ length: Math.ceil(groups.length / SHELF) }, (_, at) =>
    groups.slice(at * SHELF, (at + 1) * SHELF),
  );
  return (
    <div
      class="calls"
      onFocusIn={({ target }) => {
        if (target instanceof HTMLElement) last.current = target.id;
      }}
      onFocusOut={({ target }) => {
        // One that was moved to another group has not been left.
        setTimeout(() => {
          if (target instanceof HTMLElement && target.isConnected && last.current === target.id)
            last.current = '';
        });
      }}
    >
      {shelves.map((groups, at) => (
        <Shelf key={at} groups={groups} shown={shown} last={last} />
      ))}
    </div>
  );
}

interface PartProps {
  readonly shown: Props['shown'];
  readonly last: RefObject<string>;
}

function Shelf({ groups, shown, last }: PartProps & { readonly groups: readonly Group[] }) {
  const shelf = useRef<HTMLDivElement>(null);
  const { there, watch } = useThere(shelf, groups, shown, { margin: '300% 0px', before: true });
  /** Its groups have not been far yet. */
  const fresh = useRef(true);
  if (!there) fresh.current = false;
  return (
    <div ref={shelf} class="shelf" style={{ '--groups': groups.length }} {...watch}>
      {there &&
        groups.map((calls, at) => (
          <Cards key={at} calls={calls} shown={shown} last={last} before={fresh.current} />
        ))}
    </div>
  );
}

/** A group. It reads signals, so that it is drawn again only when these change. */
function Cards({
  calls,
  shown,
  last,
  before,
}: PartProps & { readonly calls: Group; readonly before: boolean }) {
  const list = useRef<HTMLUListElement>(null);
  const { there, watch } = useThere(list, [calls], shown, { margin: '100% 0px', before });
  useLayoutEffect(() => {
    if (document.activeElement !== document.body || !last.current) return;
    const card = document.getElementById(last.current);
    if (list.current?.contains(card)) card?.focus({ preventScroll: true });
  });
  return (
    <ul ref={list} {...watch}>
      {there && calls.value.map(call => <Card key={call.id} call={call} shown={shown} />)}
    </ul>
  );
}

/**
 * Whether what holds these calls is to be there: it is near, or has the keyboard, or the call that was shown large
 * last, to whose card the keyboard goes back. `watch` goes to the element.
 */
function useThere(
  element: RefObject<HTMLElement | null>,
  groups: readonly Group[],
  shown: Props['shown'],
  { margin, before }: { margin: string; before: boolean },
) {
  const near = useNear(element, margin, undefined, before);
  const held = useSignal(false);
  useSignalEffect(() => {
    const id = shown.value;
    if (id !== undefined) held.value = groups.some(calls => calls.value.some(call => call.id === id));
  });
  const focused = useSignal(false);
  const watch = {
    onFocusIn: () => (focused.value = true),
    onFocusOut: ({ relatedTarget }: FocusEvent) => {
      focused.value = relatedTarget instanceof Node && element.current?.contains(relatedTarget) === true;
    },
  };
  return { there: near.value || held.value || focused.value, watch };
}
