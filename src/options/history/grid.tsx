import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Call } from '../../calls/call';
import { Card } from './card';
import { useNear } from './near';

interface Props {
  readonly groups: readonly Signal<readonly Call[]>[];
  /** The call that is shown large. */
  readonly shown: Signal<string | undefined>;
}

/**
 * Each group is a grid of its own, whose cards are there only while it is near: the page would be measured and
 * painted slower with every card that comes.
 */
export function Grid({ groups, shown }: Props) {
  /** The id of the card that has the keyboard. */
  const last = useRef('');
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
      {groups.map((calls, at) => (
        <Group key={at} calls={calls} shown={shown} last={last} />
      ))}
    </div>
  );
}

interface GroupProps {
  readonly calls: Signal<readonly Call[]>;
  readonly shown: Props['shown'];
  readonly last: RefObject<string>;
}

/** It reads signals, so that it is drawn again only when these change. */
function Group({ calls, shown, last }: GroupProps) {
  const list = useRef<HTMLUListElement>(null);
  const near = useNear(list, '100% 0px', undefined, true);
  /** It has the call that was shown large last, to whose card the keyboard goes back. */
  const held = useSignal(false);
  useSignalEffect(() => {
    if (shown.value !== undefined) held.value = calls.value.some(({ id }) => id === shown.value);
  });
  const focused = useSignal(false);
  useLayoutEffect(() => {
    if (document.activeElement !== document.body || !last.current) return;
    const card = document.getElementById(last.current);
    if (list.current?.contains(card)) card?.focus({ preventScroll: true });
  });
  return (
    <ul
      ref={list}
      onFocusIn={() => (focused.value = true)}
      onFocusOut={({ relatedTarget }) => {
        focused.value = relatedTarget instanceof Node && list.current?.contains(relatedTarget) === true;
      }}
    >
      {(near.value || held.value || focused.value) &&
        calls.value.map(call => <Card key={call.id} call={call} shown={shown} />)}
    </ul>
  );
}
