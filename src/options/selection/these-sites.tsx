import { useSignal } from '@preact/signals';
import { type SelectionSettings, shownOn } from '../../calls/settings';
import { reportOf } from '../../failure';
import type { Field } from '../../services/about';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { FieldInput } from '../../ui/field';
import { usePending } from '../../ui/pending';
import { askToShow, hostOf, siteOf } from '../../ui/sites';
import { Missing } from './missing';
import { SiteList } from './site-list';

const field: Field = {
  name: 'site',
  label: 'Site',
  kind: 'text',
  most: 300,
  hint: 'A name such as “example.com”, or the address of any page of it',
};

interface Props {
  readonly sites: readonly string[];
  readonly change: (edit: (now: SelectionSettings) => SelectionSettings) => Promise<void>;
}

/** The sites that the bubble is on, and a field for another. */
export function TheseSites({ sites, change }: Props) {
  const typed = useSignal('');
  const fault = useSignal<string | undefined>(undefined);
  const said = useSignal('');
  const adding = usePending();
  const removing = usePending();

  const add = (event: Event) => {
    event.preventDefault();
    if (adding.busy.value) return;
    said.value = '';
    const site = read();
    if (site === undefined) return;
    // Before anything else: the browser asks only for what a click set off.
    const allowed = askToShow([site]);
    void adding.run(async () => {
      await allowed;
      await change(shownOn(site));
      said.value = `The bubble is on ${hostOf(site)} now.`;
      typed.value = '';
    });
  };
  const read = (): string | undefined => {
    fault.value = undefined;
    try {
      const site = siteOf(typed.value);
      if (!sites.includes(site)) return site;
      fault.value = 'Site is in the list already.';
    } catch (thrown) {
      fault.value = reportOf(thrown).message;
    }
    return undefined;
  };
  const remove = (site: string) => {
    said.value = '';
    return removing.run(async () => {
      await change(now =>
        now.sites === 'all' ? now : { ...now, sites: now.sites.filter(other => other !== site) },
      );
      said.value = `The bubble is no longer on ${hostOf(site)}.`;
    });
  };

  return (
    <form class="stack" onSubmit={add} noValidate>
      <FieldInput
        field={field}
        value={typed.value}
        fault={fault.value}
        onValue={text => {
          fault.value = undefined;
          typed.value = text;
        }}
      />
      <div class="row">
        <Button type="submit" class="primary" busy={adding.busy.value}>
          Add
        </Button>
      </div>
      <p class="quiet" role="status">
        {said.value}
      </p>
      {adding.failure.value && <Alert failure={adding.failure.value} />}
      {sites.length > 0 && (
        <SiteList
          label="On these sites"
          sites={sites}
          onRemove={remove}
          about={site => <Missing sites={[site]}>The browser no longer lets Runkey be shown there.</Missing>}
        />
      )}
      {removing.failure.value && <Alert failure={removing.failure.value} />}
    </form>
  );
}
