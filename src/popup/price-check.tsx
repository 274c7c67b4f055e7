import { useSignal } from '@preact/signals';
import { price } from '../calls/dollars';
import { type FailureReport, reportOf } from '../failure';
import type { Values } from '../services/fields';
import { Button } from '../ui/button';
import { act } from '../ui/state';
import type { TaskChoice } from '../ui/task-choice';
import { privateWindow } from './private-window';

interface Props {
  readonly task: TaskChoice;
  readonly keyId: string;
  /** What is in the form: with any other values the price is another. */
  readonly values: Values | undefined;
  /** The values as the service takes them; undefined when one is at fault, which then shows. */
  readonly checked: () => Values | undefined;
  readonly onRefused: (failure: FailureReport) => void;
}

/** What was asked for, and what came of it; `said` is undefined until then. */
interface Asked {
  readonly task: string;
  readonly key: string;
  readonly values: Values | undefined;
  readonly said?: string;
  readonly failed?: boolean;
}

/** What a call would cost, by the service's word: asked only when the person wants to know. */
export function PriceCheck({ task, keyId, values, checked, onRefused }: Props) {
  const asked = useSignal<Asked | undefined>(undefined);
  const { price: priced, free } = task.operation;
  if (!priced) {
    const said = free ? 'Free of charge' : `Paid for at ${task.serviceLabel}, which names no price here`;
    return <p class="price quiet small">{said}</p>;
  }

  const now = asked.value;
  const shown = now?.task === task.id && now.key === keyId && now.values === values ? now : undefined;
  const busy = shown !== undefined && shown.said === undefined;

  const ask = async () => {
    const good = checked();
    if (!good) return;
    const question: Asked = { task: task.id, key: keyId, values };
    asked.value = question;
    const answer = await act('calls.price', {
      key: keyId,
      operation: task.operation.name,
      values: good,
      ...(privateWindow.value && { private: true }),
    }).then(
      ({ price: said }) => ({
        said: said === null ? 'The service does not say.' : `Costs ${price(said)} by the service’s word.`,
      }),
      thrown => {
        const failure = reportOf(thrown);
        if (asked.value === question) onRefused(failure);
        return { said: failure.message, failed: true };
      },
    );
    if (asked.value === question) asked.value = { ...question, ...answer };
  };

  return (
    <div class="price row small">
      <Button class="link" busy={busy} onClick={() => void ask()}>
        Price
      </Button>
      <span class={shown?.failed ? 'bad' : 'quiet'} role="status">
        {busy ? 'Asking the service…' : shown?.said}
      </span>
    </div>
  );
}
