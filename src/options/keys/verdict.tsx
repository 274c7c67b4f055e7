import { amount } from '../../calls/dollars';
import { LOW_BALANCE } from '../../calls/settings';
import type { Verdict } from '../../services/service';
import { Alert } from '../../ui/alert';

const WORDS = { works: 'Works', rejected: 'Rejected', 'could-not-tell': 'Could not tell' } as const;

interface Props {
  readonly verdict: Verdict | undefined;
  /** What its account has left, US dollars, where that is known. */
  readonly balance?: number | undefined;
}

/** What a service said of a key. */
export function VerdictShown({ verdict, balance }: Props) {
  return (
    <>
      <div role="status" class="row">
        {verdict && <strong class={verdict.outcome}>{WORDS[verdict.outcome]}</strong>}
        {verdict && balance !== undefined && <Balance dollars={balance} />}
      </div>
      {verdict && verdict.outcome !== 'works' && <Alert failure={verdict.failure} />}
    </>
  );
}

const Balance = ({ dollars }: { dollars: number }) =>
  dollars < LOW_BALANCE ? (
    <span class="low">Balance is low: {amount(dollars)} left.</span>
  ) : (
    <span class="quiet">Balance {amount(dollars)}</span>
  );
