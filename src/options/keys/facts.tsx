import type { About } from '../../services/about';
import { day, dayOf } from '../../ui/dates';
import type { KeyEntry } from '../../vault/key-index';

const DAY = 86_400_000;
/** How long before its day a key is said to be due. */
const NOTICE = 14 * DAY;

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
        <h3>{label}</h3>
        <span class="quiet small">{service.label}</span>
        {environment && <span class={`tag ${environment}`}>{ENVIRONMENTS[environment]}</span>}
        {rotateBy && <Due date={rotateBy} />}
      </div>
      <p class="quiet small">{facts.filter(Boolean).join(' · ')}</p>
      {notes && <p class="notes small">{notes}</p>}
    </div>
  );
}

/** Quiet until two weeks before the day. */
function Due({ date }: { date: string }) {
  const by = new Date(`${date}T00:00`);
  const left = by.getTime() - Date.now();
  if (left > NOTICE) return <span class="quiet small">replace by {dayOf(by)}</span>;
  return (
    <span class="tag due">
      {left < -DAY ? `Was to be replaced by ${dayOf(by)}` : `Replace by ${dayOf(by)}`}
    </span>
  );
}
