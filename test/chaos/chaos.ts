import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from '../../src/calls/call';
import { emulate } from '../browser/stage';
import type { Fault, RunwareEmulator } from '../emulators/runware';
import { Browser, Gone, Refused } from './browser';
import { digestsOf, ownersOf, valuesOf } from './expected';
import { apiKeys, lock, moveIn, unlock } from './person';
import { ACCOUNTS, type Account, type Happening, type Plan, type PlannedCall } from './plan';
import { type Begun, type Verdict, verdictOn } from './verdict';
import { everyCall, finishedCalls, settled } from './witness';

export interface Report extends Verdict {
  readonly calls: number;
  /** How often each thing went wrong. */
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly seed: number;
  /** What was said about a call, and what happened meanwhile: a line each, for whoever looks for the cause. */
  story(id: string): string[];
}

/** How long calls may take to end once nothing goes wrong any more, ms. */
const SETTLING = 240_000;
/** Nobody has that much to spend in a run. */
const BALANCE = 10_000;

/** How much of what happened before a call's first word is told with it, ms. */
const BEFORE = 3_000;
const LONGEST_LINE = 400;

/** Makes every call of a plan while everything in it goes wrong, and says what came of them. */
export async function unleash(plan: Plan): Promise<Report> {
  const from = Date.now();
  const keys = Object.fromEntries(
    ACCOUNTS.map(label => [apiKeys[label], { label, balance: BALANCE }] as const),
  );
  const { runware, hosts } = await emulate({ keys });
  const browser = await Browser.launch(hosts);
  try {
    const run = new Run(plan, runware, browser, await moveIn(browser, plan.connections));
    await run.play();
    const open = [...(await run.settle()), ...(await run.askAfterCancelled())];
    const verdict = await run.verdict();
    if (open.length > 0 && verdict.lost.length === 0) throw new Error(`${open.length} calls never ended.`);
    const seconds = Math.round((Date.now() - from) / 1000);
    const { faults, story } = run;
    return { ...verdict, calls: plan.calls.length, faults, seconds, seed: plan.seed, story };
  } finally {
    await browser.close();
    await runware.close();
  }
}

class Run {
  readonly faults: Record<string, number> = {};
  readonly #begun: Begun[] = [];
  readonly #happened: { at: number; text: string }[] = [];
  readonly #ownerOf: ReturnType<typeof ownersOf>;
  /** Every fault that was scripted. */
  readonly #scripted: Fault[] = [];
  /** While it is pending there is no page to start a call from, and the plan's time stands still. */
  #upheaval: Promise<void> = Promise.resolve();
  readonly #over = new AbortController();
  /** When the plan's time was 0, had it never stood still: ms since the epoch. */
  #from = 0;

  constructor(
    private readonly plan: Plan,
    private readonly runware: RunwareEmulator,
    private readonly browser: Browser,
    private readonly keys: Readonly<Record<Account, string>>,
  ) {
    const { calls } = plan;
    this.#ownerOf = ownersOf(calls);
    // As many as there are calls wait for it.
    setMaxListeners(0, this.#over.signal);
    const byWord = new Map(calls.map(call => [call.word, call]));
    runware.switches.taskMs = task => byWord.get(this.#ownerOf(task) ?? '')?.taskMs ?? 0;
    for (const { word, faults } of calls)
      for (const fault of faults) this.#script({ ...fault, when: task => this.#ownerOf(task) === word });
  }

  /** Calls begin in their own time; what happens to everything happens one after the other. */
  async play(): Promise<void> {
    this.#from = Date.now();
    const mischief = async () => {
      for (const happening of this.plan.happenings) {
        await this.#due(happening.at);
        await this.#happen(happening);
      }
    };
    const starts = this.plan.calls.map(async call => {
      await this.#due(call.at);
      await this.#start(call);
    });
    const all = [mischief(), ...starts];
    try {
      await Promise.all(all);
    } catch (thrown) {
      // Nobody may restart a browser that is being closed.
      this.#over.abort(thrown);
      await Promise.allSettled(all);
      throw thrown;
    }
  }

  /** Nothing more happens, but what was scripted: waits until every call has ended, and gives those that have not. */
  async settle(): Promise<Call[]> {
    const open = await settled(this.browser, SETTLING);
    const { pending } = this.runware.faults;
    for (const fault of this.#scripted) if (!pending.includes(fault)) this.#count(nameOf(fault));
    return open;
  }

  /** Asks what became of the calls that were cancelled after they had left, and gives those that do not end. */
  async askAfterCancelled(): Promise<Call[]> {
    for (const { id, state } of await finishedCalls(this.browser)) {
      if (state.phase !== 'cancelled' || !state.sent) continue;
      this.#count('asked after');
      await this.browser.ask('calls.ask', { id });
    }
    return settled(this.browser, SETTLING);
  }

  async verdict(): Promise<Verdict> {
    const { calls } = this.plan;
    return verdictOn({
      wanted: calls.map(call => ({ ...call, digests: digestsOf(call) })),
      begun: this.#begun,
      billed: this.runware.ledger.entries.map(({ taskUUID, key, task }) => ({
        taskUUID,
        account: key,
        word: this.#ownerOf(task),
      })),
      found: await everyCall(this.browser, this.runware.port),
    });
  }

  readonly story = (id: string): string[] => {
    const said = this.runware.traffic
      .filter(({ text }) => text.includes(id))
      .map(({ at, transport, direction, text }) => ({ at, text: `${transport} ${direction} ${text}` }));
    const [first, last] = [said[0]?.at ?? 0, said.at(-1)?.at ?? 0];
    const around = this.#happened.filter(({ at }) => at > first - BEFORE && at < last + BEFORE);
    return [...said, ...around]
      .sort((one, other) => one.at - other.at)
      .map(({ at, text }) => `${((at - first) / 1000).toFixed(2)} s ${text.slice(0, LONGEST_LINE)}`);
  };

  /** A call that nobody heard the beginning of is not begun again: it may be under way. */
  async #start(call: PlannedCall): Promise<void> {
    const body = { key: this.keys[call.account], operation: call.operation, values: valuesOf(call) };
    try {
      const { id } = await this.browser.ask<{ id: string }>('calls.start', body);
      this.#begun.push({ word: call.word, id });
      if (call.cancelled === undefined) return;
      await wait(call.cancelled);
      await this.browser.ask('calls.cancel', { id });
      this.#count('cancel');
    } catch (thrown) {
      if (thrown instanceof Gone) this.#count('start unheard');
      else if (thrown instanceof Refused && thrown.code === 'vault-locked') this.#count('start while locked');
      else throw thrown;
    }
  }

  #script(fault: Fault): void {
    this.#scripted.push(fault);
    this.runware.faults.add(fault);
  }

  #count(what: string): void {
    this.faults[what] = (this.faults[what] ?? 0) + 1;
  }

  async #happen(happening: Happening): Promise<void> {
    const { runware, browser } = this;
    this.#happened.push({ at: Date.now(), text: JSON.stringify(happening) });
    if (happening.what !== 'fault') this.#count(happening.what);
    switch (happening.what) {
      case 'fault':
        return this.#script(happening.fault);
      case 'drop':
        return runware.drop(happening.code);
      case 'freeze':
        return runware.freeze();
      case 'refuse':
        return runware.refuse(happening.ms, happening.whom);
      case 'switches':
        Object.assign(runware.switches, happening.to);
        return;
      case 'kill':
        // The page stays: whoever is just starting a call loses the answer, no more.
        if (happening.alone === undefined) return browser.killWorker();
        return this.#during(browser.killWorkerAlone(happening.alone));
      case 'crash':
        return this.#during(browser.crashProcess());
      case 'restart':
        return this.#during(browser.restart(happening.how).then(() => unlock(browser)));
      case 'lock':
        return this.#during(this.#lockFor(happening.ms));
    }
  }

  async #lockFor(ms: number): Promise<void> {
    await lock(this.browser);
    await wait(ms);
    await unlock(this.browser);
  }

  async #due(at: number): Promise<void> {
    for (;;) {
      await this.#upheaval;
      const left = this.#from + at - Date.now();
      if (left <= 0) return;
      await wait(left, undefined, { signal: this.#over.signal });
    }
  }

  #during(upheaval: Promise<void>): Promise<void> {
    const began = Date.now();
    this.#upheaval = upheaval.then(() => {
      this.#from += Date.now() - began;
    });
    return this.#upheaval;
  }
}

function nameOf(fault: Fault): string {
  if ('at' in fault && fault.at) return `${fault.kind} at ${fault.at}`;
  if (fault.kind === 'http') return `http ${fault.status}`;
  return fault.kind;
}

/** In one line. */
export function summary(report: Report): string {
  const { calls, done, unbilled, neverBegun, unclear, lost, twice, wrong, seconds, seed, faults } = report;
  const { kill = 0, crash = 0, restart = 0, switches = 0, ...others } = faults;
  const mischief = Object.entries(others)
    .sort(([, one], [, other]) => other - one)
    .map(([what, times]) => `${what} ${times}`);
  return [
    `${calls} calls (${done} done, ${unbilled.length} ended unbilled, ${neverBegun} never began, ${unclear.length} unclear)`,
    `faults: ${mischief.join(', ')}`,
    `${kill} kills, ${crash} crashes, ${restart} restarts, ${switches} changes of the service’s ways`,
    `${lost.length} lost, ${twice.length} billed twice, ${wrong.length} wrong owner`,
    `${seconds} s, seed ${seed}`,
  ].join('; ');
}

/** How calls ended that were not billed, and how many each. */
export function endings({ unbilled }: Report): string[] {
  const times = new Map<string, number>();
  for (const { why } of unbilled) times.set(why, (times.get(why) ?? 0) + 1);
  return [...times].map(([why, number]) => `unbilled, ${number} ×: ${why}`);
}

/** Every finding, with its story. */
export function findings({ lost, twice, wrong, unclear, story }: Report): string[] {
  return Object.entries({ lost, 'billed twice': twice, 'wrong owner': wrong, unclear }).flatMap(
    ([what, list]) =>
      list.map(({ id, word, why }) => [`${what}: ${word}: ${why}`, ...story(id)].join('\n  ')),
  );
}
