import type { Verdict } from '../../services/service';
import { Alert } from '../../ui/alert';

const WORDS = { works: 'Works', rejected: 'Rejected', 'could-not-tell': 'Could not tell' } as const;

/** What a service said of a key. */
export function VerdictShown({ verdict }: { verdict: Verdict | undefined }) {
  return (
    <>
      <div role="status">{verdict && <strong class={verdict.outcome}>{WORDS[verdict.outcome]}</strong>}</div>
      {verdict && verdict.outcome !== 'works' && <Alert failure={verdict.failure} />}
    </>
  );
}
