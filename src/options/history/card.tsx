import type { Signal } from '@preact/signals';
import { type Call, isOpen } from '../../calls/call';
import { price } from '../../calls/dollars';
import { taskLabel } from '../../calls/words';
import { Glimpse } from './glimpse';
import { endOf, subjectOf, when } from './words';

/** Where the keyboard goes on when the large view of a call is closed. */
export const cardId = (call: string): string => `call-${call}`;

interface Props {
  readonly call: Call;
  /** The call that is shown large. */
  readonly shown: Signal<string | undefined>;
}

/** A call in small. All of it is the button that shows it large. */
export function Card({ call, shown }: Props) {
  const { id, at, state } = call;
  const end = endOf(state);
  const cost = state.phase === 'queued' ? undefined : state.cost;
  const pictures = state.phase === 'queued' ? 0 : state.items.filter(({ kind }) => kind === 'image').length;
  return (
    <li class={isOpen(state) ? 'call open' : 'call'}>
      <Glimpse call={call} />
      {pictures > 1 && <span class="count small">{pictures} pictures</span>}
      <button type="button" id={cardId(id)} aria-haspopup="dialog" onClick={() => (shown.value = id)}>
        <span class="row spread">
          <strong>{taskLabel(call)}</strong> {end && <span class={`end ${state.phase}`}>{end}</span>}
        </span>
        <span class="subject">
          <bdi>{subjectOf(call)}</bdi>
        </span>
        <span class="row spread quiet small">
          <span>{when(at)}</span> {cost !== undefined && <span>{price(cost)}</span>}
        </span>
      </button>
    </li>
  );
}
