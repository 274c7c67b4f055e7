import type { ComponentChildren } from 'preact';
import { patternsOf, type Sites } from '../../calls/sites';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { usePending } from '../../ui/pending';
import { useMissing } from '../../ui/reach';
import { askToShow } from '../../ui/sites';

/** Says so where the browser has taken a permission away, and has it ask the person again. */
export function Missing({ sites, children }: { sites: Sites; children: ComponentChildren }) {
  const asking = usePending();
  if (useMissing(patternsOf(sites)).length === 0) return null;
  const ask = () => {
    // Before anything else: the browser asks only for what a click set off.
    const allowed = askToShow(sites);
    void asking.run(() => allowed);
  };
  return (
    <div class="stack tight">
      <div class="row">
        <span class="low">{children}</span>
        <Button busy={asking.busy.value} onClick={ask}>
          Allow
        </Button>
      </div>
      {asking.failure.value && <Alert failure={asking.failure.value} />}
    </div>
  );
}
