import type { About } from '../../services/about';
import { originsOf } from '../../services/abouts';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { usePending } from '../../ui/pending';
import { askToReach, hostsOf, useBarred } from '../../ui/reach';
import type { KeyEntry } from '../../vault/key-index';

/** Says so where the browser keeps a key from its service, and has it ask the person. */
export function Barred({ entry, service }: { entry: KeyEntry; service: About }) {
  const origins = originsOf(service, entry.fields);
  const asking = usePending();
  if (!useBarred(origins)) return null;
  return (
    <div class="stack tight">
      <div class="row">
        <span class="low">The browser keeps Runkey from {hostsOf(origins).join(' and ')}.</span>
        <Button busy={asking.busy.value} onClick={() => asking.run(() => askToReach(origins))}>
          Allow
        </Button>
      </div>
      {asking.failure.value && <Alert failure={asking.failure.value} />}
    </div>
  );
}
