import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { dollars } from '../../calls/dollars';
import { type FailureReport, reportOf } from '../../failure';
import type { PageAsks, ReplyOf } from '../../messages/contract';
import type { About } from '../../services/about';
import { Alert } from '../../ui/alert';
import { moment } from '../../ui/dates';
import { act } from '../../ui/state';

type Reply = ReplyOf<PageAsks, 'keys.uses'>;

const OUTCOMES = {
  done: 'done',
  failed: 'failed',
  unknown: 'outcome unknown',
  cancelled: 'cancelled after it was sent',
  works: 'works',
  rejected: 'rejected',
  'could-not-tell': 'could not tell',
} as const;

interface Props {
  readonly id: string;
  readonly service: About;
  /** When it was last used: whenever that changes, there is more to show. */
  readonly used: number | undefined;
}

/** Where a key has been: when, for which task, from which site, and what it cost. */
export function Uses({ id, service, used }: Props) {
  const reply = useSignal<Reply | undefined>(undefined);
  const failure = useSignal<FailureReport | undefined>(undefined);
  useEffect(() => {
    let latest = true;
    const settle = (found?: Reply, thrown?: unknown) => {
      if (!latest) return;
      if (found) reply.value = found;
      failure.value = found ? undefined : reportOf(thrown);
    };
    act('keys.uses', { id }).then(settle, thrown => settle(undefined, thrown));
    return () => {
      latest = false;
    };
  }, [id, used, reply, failure]);

  if (failure.value) return <Alert failure={failure.value} />;
  if (!reply.value) return <p class="quiet">Looking…</p>;
  const { uses, unreadable } = reply.value;
  const label = (task: string) =>
    task === 'test' ? 'Test' : (service.operations.find(({ name }) => name === task)?.label ?? task);
  return (
    <div class="stack tight">
      {uses.length === 0 ? (
        <p class="quiet">It has not been used yet.</p>
      ) : (
        <table class="uses small">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Task</th>
              <th scope="col">Site</th>
              <th scope="col">Outcome</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {uses.map((use, at) => (
              <tr key={at}>
                <td>{moment(use.at)}</td>
                <td>{label(use.task)}</td>
                <td>{use.site ? new URL(use.site).host : '–'}</td>
                <td>{OUTCOMES[use.outcome]}</td>
                <td>{use.cost === undefined ? '–' : dollars(use.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="quiet small">
        The last 200 uses are kept. A secret goes to {service.label} and nowhere else.
        {unreadable > 0 && ` ${unreadable} could not be read.`}
      </p>
    </div>
  );
}
