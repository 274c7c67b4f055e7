import type { About } from '../../services/about';
import { day, dayOf } from '../../ui/dates';
import type { KeyEntry } from '../../vault/key-index';
import { dueOn } from './due';

const ENVIRONMENTS = { development: 'Development', staging: 'Staging', production: 'Production' } as const;

interface Props {
  readonly entry: KeyEntry;
  readonly service: About;
  readonly used: number | undefined;
}

/** What is known of a key without opening it. */
export function Facts({ entry, service, used }: Props) {
  const { label, environment, created, changed, verified, rotateBy, notes } = entry;
  const facts = [
    `saved ${day(created)}`,
    changed > created && `replaced ${day(changed)}`,
    used === undefined ? 'never used' : `last used ${day(used)}`,
    verified !== undefined && `last verified ${day(verified)}`,
  ];
  return (
    <div class="stack tight">
      <div class="row">
        <h3>
          <bdi>{label}</bdi>
        </h3>
        <span class="quiet small">{service.label}</span>
        {environment && <span class={`tag ${environment}`}>{ENVIRONMENTS[environment]}</span>}
        {rotateBy && <Due date={rotateBy} />}
      </div>
      <p class="quiet small">{facts.filter(Boolean).join(' · ')}</p>
      {notes && (
        <p class="notes small" dir="auto">
          {notes}
        </p>
      )}
    </div>
  );
}

/** Quiet until two weeks before the day. */
function Due({ date }: { date: string }) {
  const by = dayOf(new Date(`${date}T00:00`));
  switch (dueOn(date, new Date())) {
    case 'later':
      return <span class="quiet small">replace by {by}</span>;
    case 'soon':
      return <span class="tag due">Replace by {by}</span>;
    case 'past':
      return <span class="tag due">Was to be replaced by {by}</span>;
  }
}
