import { type Signal, signal } from '@preact/signals';
import { type Call, type CallFilter, fits, isOpen } from '../../calls/call';
import type { HistoryPlace } from '../../calls/settings';
import { type FailureReport, reportOf } from '../../failure';
import type { BodyOf, HistoryPage, PageAsks } from '../../messages/contract';

/** How many calls are shown at first, and how many more each time. */
export const PAGE = 30;
/** How many are drawn and laid out together: whole rows of one, two or three. */
export const GROUP = 12;

type Wish = BodyOf<PageAsks, 'history.list'>;

/**
 * The calls that the section shows: those under way, live, and below them as much of the history as was
 * asked for, newest first. `list` asks the background for a page of it.
 */
export class Loaded {
  readonly calls = signal<readonly Call[]>([]);
  /** The same calls in groups. A group that stays as it is keeps its signal, and is not drawn anew. */
  readonly groups = signal<readonly Signal<readonly Call[]>[]>([]);
  /** Whether the history has answered at all. */
  readonly begun = signal(false);
  /** Whether there is more below. */
  readonly more = signal(false);
  readonly looking = signal(false);
  /** It takes more than one question: few pass the filter. */
  readonly searching = signal(false);
  /** The person said that it is enough, until they ask for more. */
  readonly stopped = signal(false);
  readonly failure = signal<FailureReport | undefined>(undefined);

  private filter: CallFilter = {};
  private open: readonly Call[] = [];
  private finished: readonly Call[] = [];
  private next: HistoryPlace | undefined;
  /** The finished calls of which the history has the last word: they are not taken from the state again. */
  private told = new Set<string>();
  /** What the state last said. */
  private latest: readonly Call[] = [];
  /** Answers to an earlier beginning come too late. */
  private turn = 0;

  constructor(private readonly list: (wish: Wish) => Promise<HistoryPage>) {}

  /** Begins at the newest. What is shown stays until the first answer. */
  begin(filter = this.filter): Promise<void> {
    this.turn += 1;
    this.filter = filter;
    this.next = undefined;
    this.begun.value = false;
    this.looking.value = false;
    this.told = new Set(this.latest.filter(({ state }) => !isOpen(state)).map(({ id }) => id));
    return this.load();
  }

  /** Looks until there are so many more, or no more, or the person stops it. */
  async load(): Promise<void> {
    if (this.looking.value) return;
    const { turn } = this;
    this.looking.value = true;
    this.stopped.value = false;
    this.failure.value = undefined;
    try {
      const goal = this.begun.value ? this.finished.length + PAGE : PAGE;
      do {
        const after = this.next;
        const page = await this.list({ most: PAGE, ...this.filter, ...(after && { after }) });
        if (turn !== this.turn) return;
        this.searching.value = true;
        this.take(page);
      } while (this.next && this.finished.length < goal && !this.stopped.value);
    } catch (thrown) {
      if (turn === this.turn) this.failure.value = reportOf(thrown);
    } finally {
      if (turn === this.turn) {
        this.looking.value = false;
        this.searching.value = false;
      }
    }
  }

  stop(): void {
    this.stopped.value = true;
  }

  /** Takes in what the state says of calls under way and just finished. Those of which nothing is kept are not the history's. */
  sync(latest: readonly Call[]): void {
    this.latest = latest;
    if (!this.begun.value) return;
    const calls = latest.filter(({ request }) => !request.unkept);
    const finished = calls.filter(({ state }) => !isOpen(state));
    const fresh = finished.filter(({ id }) => !this.told.has(id));
    // The page heard of nothing for a while: more may have finished than the state tells of.
    if (fresh.length > 1 && fresh.length === finished.length) {
      void this.begin();
      return;
    }
    this.open = calls.filter(call => isOpen(call.state) && fits(call, this.filter));
    // One that is asked about anew is under way, and finishes once more.
    for (const { id, state } of calls) if (isOpen(state)) this.told.delete(id);
    for (const call of fresh) this.finish(call);
    this.arrange();
  }

  /** Leaves out what was deleted. */
  drop(id: string): void {
    this.told.add(id);
    this.finished = this.finished.filter(call => call.id !== id);
    this.arrange();
  }

  private take({ calls, next }: HistoryPage): void {
    const before = this.begun.value ? this.finished : [];
    const known = new Set(before.map(({ id }) => id));
    for (const { id } of calls) this.told.add(id);
    this.finished = [...before, ...calls.filter(({ id }) => !known.has(id))];
    this.next = next;
    this.more.value = next !== undefined;
    if (this.begun.value) this.arrange();
    else {
      this.begun.value = true;
      this.sync(this.latest);
    }
  }

  private finish(call: Call): void {
    this.told.add(call.id);
    const others = this.finished.filter(({ id }) => id !== call.id);
    // One from further down than was loaded comes with its page.
    const here = fits(call, this.filter) && call.at > (this.next?.at ?? 0);
    this.finished = here ? [...others, call].sort((a, b) => b.at - a.at) : others;
  }

  private arrange(): void {
    const open = new Set(this.open.map(({ id }) => id));
    const calls = [...this.open, ...this.finished.filter(({ id }) => !open.has(id))];
    const groups = this.groups.value;
    const next = Array.from({ length: Math.ceil(calls.length / GROUP) }, (_, at) => {
      const part = calls.slice(at * GROUP, (at + 1) * GROUP);
      const group = groups[at] ?? signal<readonly Call[]>(part);
      if (!same(group.value, part)) group.value = part;
      return group;
    });
    if (next.length !== groups.length) this.groups.value = next;
    this.calls.value = calls;
  }
}

const same = (a: readonly Call[], b: readonly Call[]): boolean =>
  a.length === b.length && a.every((call, at) => call === b[at]);
