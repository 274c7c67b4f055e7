import { type Signal, useSignal } from '@preact/signals';
import { type FailureReport, reportOf } from '../failure';

/** Something a person set off: whether it is under way, and how it failed. */
export interface Pending {
  readonly busy: Signal<boolean>;
  readonly failure: Signal<FailureReport | undefined>;
  /** Runs it unless it runs already; a failure stays until the next time. */
  readonly run: (work: () => Promise<void>) => Promise<void>;
}

export function usePending(): Pending {
  const busy = useSignal(false);
  const failure = useSignal<FailureReport | undefined>(undefined);
  const run = async (work: () => Promise<void>) => {
    if (busy.value) return;
    busy.value = true;
    failure.value = undefined;
    try {
      await work();
    } catch (thrown) {
      failure.value = reportOf(thrown);
    } finally {
      busy.value = false;
    }
  };
  return { busy, failure, run };
}
