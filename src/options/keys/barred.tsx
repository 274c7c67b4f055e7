import type { About } from '../../services/about';
import { originsOf } from '../../services/abouts';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { usePending } from '../../ui/pending';
import { askToReach, hostsOf, useBarred } from '../../ui/reach';
import type { KeyEntry } from '../../vault/key-index';

interface Props {
  /** The id of the heading of its card. */
  readonly heading: string;
  readonly entry: KeyEntry;
  readonly service: About;
}

/** Says so where the browser keeps a key from its service, and has it ask the person. */
export function Barred({ heading, entry, service }: Props) {
  const origins = originsOf(service, entry.fields);
  const asking = usePending();
  if (!useBarred(origins)) return null;
  return (
    <div class="stack tight">
      <div class="row">
        <span class="low">The browser keeps Runkey from {hostsOf(origins).join(' and ')}.</span>
        <Button
          busy={asking.busy.value}
          described={heading}
          onClick={() => asking.run(() => askToReach(origins))}
        >
          Allow
        </Button>
      </div>
      {asking.failure.value && <Alert failure={asking.failure.value} />}
    </div>
  );
}
