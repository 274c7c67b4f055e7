import type { Signal } from '@preact/signals';
import type { Call } from '../../calls/call';
import { Card } from './card';

interface Props {
  readonly groups: readonly Signal<readonly Call[]>[];
  /** The call that is shown large. */
  readonly shown: Signal<string | undefined>;
}

/**
 * Each group is a grid of its own, and out of sight it is not laid out: one grid of thousands would be measured
 * as a whole with every card that comes.
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

/** It reads a signal, so that it is drawn again only when that changes. */
function Group({ calls, shown }: { calls: Signal<readonly Call[]>; shown: Props['shown'] }) {
  return (
    <ul>
      {calls.value.map(call => (
        <Card key={call.id} call={call} shown={shown} />
      ))}
    </ul>
  );
}
