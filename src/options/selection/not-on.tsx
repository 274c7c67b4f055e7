import { useSignal } from '@preact/signals';
import type { SelectionSettings } from '../../calls/settings';
import { Alert } from '../../ui/alert';
import { usePending } from '../../ui/pending';
import { hostOf } from '../../ui/sites';
import { SiteList } from './site-list';

interface Props {
  readonly sites: readonly string[];
  readonly change: (edit: (now: SelectionSettings) => SelectionSettings) => Promise<void>;
}

/** The sites on which the bubble was told to stay away. */
export function NotOn({ sites, change }: Props) {
  const said = useSignal('');
  const { failure, run } = usePending();
  const remove = (site: string) =>
    run(async () => {
      await change(now => ({ ...now, not: now.not.filter(other => other !== site) }));
      said.value = `${hostOf(site)} is no longer left out.`;
    });
  return (
    <div class="card stack">
      <div class="stack tight">
        <h3>Not on these sites</h3>
        <p class="quiet">
          {sites.length === 0
            ? '“Not on this site” in the bubble puts a site here.'
            : 'The bubble stays away from them, wherever else it is on.'}
        </p>
      </div>
      <p class="quiet" role="status">
        {said.value}
      </p>
      {sites.length > 0 && <SiteList label="Not on these sites" sites={sites} onRemove={remove} />}
      {failure.value && <Alert failure={failure.value} />}
    </div>
  );
}
