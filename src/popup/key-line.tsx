import { amount } from '../calls/dollars';
import { USUAL_DAILY_LIMIT } from '../calls/settings';
import { capital } from '../calls/words';
import { aboutOf, countsDollars } from '../services/abouts';
import type { KeyEntry } from '../vault/key-index';
import { type Healths, lowBalance } from './health';
import { openOptions } from './options-page';

interface Props {
  readonly id: string;
  readonly entry: KeyEntry;
  readonly health: Healths[string];
  /** What its calls have cost today, US dollars. */
  readonly spent: number;
}

/** How the chosen key stands: one line, whose place is kept while nothing is known yet. */
export function KeyLine({ id, entry, health, spent }: Props) {
  const today = countsDollars(aboutOf(entry.service)) ? todaySaid(entry, spent) : '';
  return (
    <p class="key-line quiet small" id={id}>
      <Words health={health} today={today} />
    </p>
  );
}

function todaySaid({ dailyLimit = USUAL_DAILY_LIMIT }: KeyEntry, spent: number): string {
  return `today ${spentSaid(spent)}${dailyLimit === null ? '' : ` of ${amount(dailyLimit)}`}`;
}

const spentSaid = (spent: number): string => (spent > 0 && spent < 0.01 ? 'under $0.01' : amount(spent));

const joined = (...words: string[]): string => words.filter(Boolean).join(' · ');

function Words({ health, today }: { health: Healths[string]; today: string }) {
  if (health === undefined) return <>{capital(today)}</>;
  if (health === 'silent' || health.verdict.outcome === 'could-not-tell') {
    return <>{joined('Could not tell whether it works', today)}</>;
  }
  if (health.verdict.outcome === 'rejected') {
    return (
      <>
        <strong class="bad">The service rejected this key.</strong>{' '}
        <button type="button" class="link" onClick={openOptions}>
          Replace it
        </button>
      </>
    );
  }
  const left = lowBalance(health);
  if (left !== undefined) {
    return (
      <>
        <strong class="warn">Balance is low: {amount(left)} left.</strong> {capital(today)}
      </>
    );
  }
  return (
    <>{joined('Works', health.balance === undefined ? '' : `balance ${amount(health.balance)}`, today)}</>
  );
}
