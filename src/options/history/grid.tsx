import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
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
  return (
    <div class="calls">
      {groups.map((calls, at) => (
        <Group key={at} calls={calls} shown={shown} />
      ))}
    </div>
  );
}

/** It reads signals, so that it is drawn again only when these change. */
function Group({ calls, shown }: { calls: Signal<readonly Call[]>; shown: Props['shown'] }) {
  const list = useRef<HTMLUListElement>(null);
  const near = useNear(list, '100% 0px', undefined, true);
  /** It has the call that was shown large last, to whose card the keyboard goes back. */
  const held = useSignal(false);
  useSignalEffect(() => {
    if (shown.value !== undefined) held.value = calls.value.some(({ id }) => id === shown.value);
  });
  return (
    <ul ref={list}>
      {(near.value || held.value) &&
        calls.value.map(call => <Card key={call.id} call={call} shown={shown} />)}
    </ul>
  );
}
