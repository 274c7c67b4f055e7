import { amount, price } from '../../calls/dollars';
import { USUAL_DAILY_LIMIT } from '../../calls/settings';
import type { About } from '../../services/about';
import { countsDollars } from '../../services/abouts';
import { day, dayOf } from '../../ui/dates';
import type { KeyEntry } from '../../vault/key-index';
import { dueOn } from './due';

const ENVIRONMENTS = { development: 'Development', staging: 'Staging', production: 'Production' } as const;

interface Props {
  /** The id of its heading. */
  readonly heading: string;
  readonly entry: KeyEntry;
  readonly service: About;
  readonly used: number | undefined;
  /** What its calls have cost today, US dollars. */
  readonly spent: number;
}

/** What is known of a key without opening it. */
export function Facts({ heading, entry, service, used, spent }: Props) {
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
        <h3 id={heading}>
          <bdi>{label}</bdi>
        </h3>
        <span class="quiet small">{service.label}</span>
        {environment && <span class={`tag ${environment}`}>{ENVIRONMENTS[environment]}</span>}
        {rotateBy && <Due date={rotateBy} />}
      </div>
      <p class="quiet small">{facts.filter(Boolean).join(' · ')}</p>
      {countsDollars(service) && <Today spent={spent} limit={entry.dailyLimit} />}
      {notes && (
        <p class="notes small" dir="auto">
          {notes}
        </p>
      )}
    </div>
  );
}

/** What a key’s calls have cost today, of how much they may: what is too little for cents is not shown as nothing. */
function Today({ spent, limit = USUAL_DAILY_LIMIT }: { spent: number; limit: number | null | undefined }) {
  const cost = spent > 0 && spent < 0.01 ? price(spent) : amount(spent);
  if (limit === null) return <p class="quiet small">Today {cost}</p>;
  return (
    <p class={spent < limit ? 'quiet small' : 'low small'}>
      Today {cost} of {amount(limit)}
    </p>
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
