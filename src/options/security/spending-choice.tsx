import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { amount } from '../../calls/dollars';
import type { Field } from '../../services/about';
import { check } from '../../services/fields';
import { Alert } from '../../ui/alert';
import { FieldInput } from '../../ui/field';
import { usePending } from '../../ui/pending';
import { act } from '../../ui/state';

const dear: Field = {
  name: 'dear',
  label: 'Dear from',
  kind: 'number',
  least: 0,
  most: 100_000,
  step: 0.01,
  money: true,
  hint: 'US dollars. A call expected to cost this or more waits two seconds, in which Cancel stops it at no cost.',
};

/** From which price on a call waits a moment before it is sent. */
export function SpendingChoice() {
  const typed = useSignal('');
  const kept = useSignal<number | undefined>(undefined);
  const said = useSignal('');
  const { failure, run } = usePending();
  const { values, faults } = check([dear], { dear: typed.value });
  useEffect(() => {
    void run(async () => {
      const money = await act('settings.money', {});
      kept.value = money.dear;
      typed.value = String(money.dear);
    });
  }, []);

  /** When the person leaves the field, or presses Enter: half a number is none. */
  const save = () =>
    run(async () => {
      const wished = Number(values.dear);
      if (values.dear === undefined || wished === kept.value) return;
      await act('settings.setMoney', { money: { dear: wished } });
      kept.value = wished;
      said.value = `Calls of ${amount(wished)} or more wait from now on.`;
    });

  return (
    <form
      class="card stack"
      noValidate
      onChange={save}
      onSubmit={event => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="stack tight">
        <h3>Wait before a dear call</h3>
        <p class="quiet">Every key has a daily limit besides: it stands in the key’s form.</p>
      </div>
      <FieldInput
        field={dear}
        value={typed.value}
        fault={kept.value === undefined ? undefined : faults.dear}
        onValue={value => {
          typed.value = value;
          said.value = '';
        }}
      />
      <p class="quiet" role="status">
        {said.value}
      </p>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}
