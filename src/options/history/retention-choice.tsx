import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import type { Retention } from '../../calls/settings';
import { capital } from '../../calls/words';
import { Alert } from '../../ui/alert';
import { usePending } from '../../ui/pending';
import { act } from '../../ui/state';
import { Sure } from '../sure';

type Days = Retention['days'];

const CHOICES: readonly { readonly days: Days; readonly label: string }[] = [
  { days: 1, label: '1 day' },
  { days: 7, label: '7 days' },
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: '1 year' },
  { days: null, label: 'until deleted' },
  { days: 0, label: 'not at all' },
];
const labelOf = (days: Days): string => CHOICES.find(choice => choice.days === days)?.label ?? '';

const DAY = 86_400_000;
/** How many are counted before one says that there are many. */
const MANY = 100;
const ANYWHERE = '00000000-0000-0000-0000-000000000000';

/** How many finished calls a choice deletes at once; MANY stands for as many or more. */
async function deletedBy(days: Days): Promise<number> {
  if (days === null) return 0;
  const after = { at: days === 0 ? Number.MAX_SAFE_INTEGER : Date.now() - days * DAY, id: ANYWHERE };
  const { calls, next } = await act('history.list', { after, most: MANY });
  return next ? MANY : calls.length;
}

const counted = (count: number): string =>
  count === 1
    ? 'one finished call'
    : count < MANY
      ? `${count} finished calls`
      : `${MANY} finished calls or more`;

/** What is to be said of a choice that was made, and of what it deleted. */
export function saidOf(days: Days, deleted: number): string {
  const kept =
    days === 0
      ? 'Finished calls are no longer kept: the popup shows each for ten minutes at most.'
      : days === null
        ? 'Finished calls are kept until you delete them.'
        : `Finished calls are kept for ${labelOf(days)}.`;
  return deleted === 0
    ? `${kept} Nothing was deleted.`
    : `${kept} ${capital(counted(deleted))} ${deleted === 1 ? 'was' : 'were'} deleted.`;
}

interface RetentionChoice {
  /** Undefined until it is known. */
  readonly days: Days | undefined;
  readonly choice: JSX.Element;
  /** What is asked before a choice deletes anything, or why it could not be made. */
  readonly question: ComponentChildren;
  readonly withdraw: () => void;
}

/**
 * How long finished calls are kept. `changed` is told in a sentence what a choice did, `asked` that a question
 * is open.
 */
export function useRetentionChoice(on: {
  readonly changed: (message: string) => void;
  readonly asked: () => void;
}): RetentionChoice {
  const id = useId();
  const days = useSignal<Days | undefined>(undefined);
  /** A choice that is not made yet, and how many calls it deletes. */
  const wish = useSignal<{ readonly days: Days; readonly deletes: number } | undefined>(undefined);
  const { busy, failure, run } = usePending();
  useEffect(() => {
    void run(async () => {
      days.value = (await act('settings.retention', {})).days;
    });
  }, []);

  const save = async (chosen: Days, deletes: number) => {
    await act('settings.setRetention', { retention: { days: chosen } });
    days.value = chosen;
    wish.value = undefined;
    on.changed(saidOf(chosen, deletes));
  };
  const choose = (chosen: Days) =>
    run(async () => {
      wish.value = undefined;
      if (chosen === days.value) return;
      const deletes = await deletedBy(chosen);
      if (deletes === 0) return save(chosen, 0);
      on.asked();
      wish.value = { days: chosen, deletes };
    });
  const withdraw = () => (wish.value = undefined);

  return {
    days: days.value,
    choice: (
      <div class="row keep">
        <label for={id}>Keep for</label>
        <select
          id={id}
          value={String(wish.value ? wish.value.days : days.value)}
          disabled={days.value === undefined}
          aria-busy={busy.value}
          onChange={event => {
            const chosen = CHOICES.find(choice => String(choice.days) === event.currentTarget.value);
            if (chosen) void choose(chosen.days);
          }}
        >
          {CHOICES.map(choice => (
            <option key={choice.label} value={String(choice.days)}>
              {choice.label}
            </option>
          ))}
        </select>
      </div>
    ),
    question: (
      <>
        {wish.value && <Deleting {...wish.value} onYes={save} onNo={withdraw} />}
        {failure.value && <Alert failure={failure.value} />}
      </>
    ),
    withdraw,
  };
}

interface DeletingProps {
  readonly days: Days;
  readonly deletes: number;
  readonly onYes: (days: Days, deletes: number) => Promise<void>;
  readonly onNo: () => void;
}

const Deleting = ({ days, deletes, onYes, onNo }: DeletingProps) => (
  <div class="notice">
    <Sure yes="Yes, delete" no="Keep them" onYes={() => onYes(days, deletes)} onNo={onNo}>
      {days === 0
        ? `Keep no finished calls, show each in the popup for ten minutes at most, and delete the ${counted(deletes)} that there are, with their results?`
        : `Delete ${counted(deletes)} older than ${labelOf(days)}, with their results?`}
    </Sure>
  </div>
);
