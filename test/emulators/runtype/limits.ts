import type { Answer } from '../loopback/wire';
import type { Key } from './keys';
import type { Plan, Switches } from './options';
import { tooMany } from './refusals';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

/** Executions that a plan lets through within ten seconds. */
const bursts: Readonly<Record<Plan, number>> = { build: 50, startup: 50, pro: 200, growth: 200, team: 500 };

const within = (times: readonly number[], ms: number): readonly number[] => {
  const from = Date.now() - ms;
  return times.filter(at => at > from);
};

/** Seconds until the oldest of these is out of its window. */
const wait = (times: readonly number[], ms: number): number =>
  Math.max(1, Math.ceil(((times[0] ?? 0) + ms - Date.now()) / second));

/** What the account has used, and what is too much. */
export class Limits {
  #executions: number[] = [];
  #slow: number[] = [];
  readonly #switches: Switches;

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  /** Lets an execution through, held back so many ms; or refuses it. */
  admit(key: Key): { readonly heldBack: number } | { readonly refused: Answer } {
    const refused = (sentence: string, seconds: number, code?: string) => ({
      refused: tooMany(sentence, seconds, this.#switches, code),
    });
    for (const [most, ms] of [
      [key.perMinute, minute],
      [key.perDay, day],
    ] as const) {
      const used = within(key.uses, ms);
      if (used.length >= most) return refused('Rate limit exceeded', wait(used, ms));
    }
    const { plan, executionsPerDay, slowPerHour, slowMs } = this.#switches;
    const burst = within(this.#executions, 10 * second);
    if (burst.length >= bursts[plan]) return refused('Rate limit exceeded', wait(burst, 10 * second));
    const slow = plan === 'build' && within(this.#executions, day).length >= executionsPerDay;
    const recent = within(this.#slow, hour);
    if (slow && recent.length >= slowPerHour) {
      return refused('Slow mode limit exceeded', wait(recent, hour), 'SLOW_MODE_HOURLY_LIMIT_EXCEEDED');
    }
    key.uses.push(Date.now());
    this.#executions.push(Date.now());
    if (slow) this.#slow.push(Date.now());
    return { heldBack: slow ? slowMs : 0 };
  }
}
