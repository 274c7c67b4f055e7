import type { Call } from '../calls/call';
import type { Calls } from '../calls/calls';
import { isFailure, reportOf } from '../failure';
import type { StateEvent, Waiting } from '../messages/contract';
import type { Vault } from '../vault/vault';

type Send = (event: StateEvent) => void;

/** How many finished calls a page is shown without asking. */
const LATEST = 5;

/** Long enough for a burst of calls to be read once, after it, ms. */
const SOON = 400;

/** The pages that watch the state: each gets it whole at first and after a change of vault or keys. */
export class Watchers {
  /** Each with the number of the reading that it was sent last. */
  private readonly sends = new Map<Send, number>();
  private begun = 0;
  private soon: ReturnType<typeof setTimeout> | undefined;
  /** What was told while a state was being read, by reading: it is newer than what was read. */
  private readonly readings = new Set<StateEvent[]>();
  /** The calls that changed in this moment, each as it is by now. */
  private readonly calls = new Map<string, Call>();

  constructor(private readonly read: () => Promise<StateEvent>) {}

  add(send: Send): () => void {
    this.sends.set(send, 0);
    void this.bring([send]);
    return () => this.sends.delete(send);
  }

  /**
   * Tells what comes in one moment together, right after it. Fifty calls whose writing ended at once are one message
   * then; each message costs the browser a third of a millisecond.
   */
  tellCall(call: Call): void {
    if (this.calls.size === 0) setTimeout(() => this.tellCalls());
    this.calls.set(call.id, call);
  }

  /** The vault was locked: what is still to be told of calls is for nobody's eyes. */
  forgetCalls(): void {
    this.calls.clear();
    for (const reading of this.readings) reading.splice(0);
  }

  private tellCalls(): void {
    if (this.calls.size === 0) return;
    const event: StateEvent = { type: 'calls', calls: [...this.calls.values()] };
    this.calls.clear();
    for (const reading of this.readings) reading.push(event);
    for (const send of this.sends.keys()) tell(send, event);
  }

  /** Sends everyone the whole state anew in a moment: what asks for it meanwhile is answered by the same. */
  refreshSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      void this.refresh();
    }, SOON);
  }

  /** Sends everyone the whole state anew. */
  async refresh(): Promise<void> {
    if (this.sends.size > 0) await this.bring([...this.sends.keys()]);
  }

  private async bring(sends: readonly Send[]): Promise<void> {
    const turn = ++this.begun;
    const later: StateEvent[] = [];
    this.readings.add(later);
    const state = await this.read();
    // It may be in the state already: an older word of it must not be the last.
    this.tellCalls();
    this.readings.delete(later);
    for (const send of sends) {
      // A reading that began later may have ended sooner: what it saw is newer.
      const last = this.sends.get(send);
      if (last === undefined || last > turn) continue;
      this.sends.set(send, turn);
      for (const event of [state, ...later]) tell(send, event);
    }
  }
}

/** One page that cannot be told keeps no other from hearing. */
function tell(send: Send, event: StateEvent): void {
  try {
    send(event);
  } catch {} // It is gone, or the event is larger than the browser lets through.
}

const empty = {
  type: 'snapshot',
  passkeys: [],
  keys: [],
  used: {},
  spent: {},
  calls: [],
  waiting: [],
} as const;

/** The whole state. Never rejects: a vault that cannot be looked at is a state too. */
export async function readState(rooms: () => Promise<Rooms>): Promise<StateEvent> {
  try {
    return await stateOf(await rooms());
  } catch (thrown) {
    return { type: 'failed', failure: reportOf(thrown) };
  }
}

interface Rooms {
  readonly vault: Vault;
  readonly calls: Calls;
  /** What each key has spent today, US dollars. */
  readonly spent: () => Promise<Record<string, number>>;
  /** Prompts that wait for the vault, or for the person. */
  readonly waiting: () => Promise<readonly Waiting[]>;
}

async function stateOf({ vault, calls, spent, waiting: read }: Rooms): Promise<StateEvent> {
  try {
    const status = await vault.status();
    const waiting = await read();
    const closed = { ...empty, vault: status, passkeys: await vault.passkeys(), waiting };
    if (status !== 'unlocked') return closed;
    const [keys, used, today, latest] = await Promise.all([
      vault.keys.list(),
      vault.uses.latest(),
      spent(),
      calls.latest(LATEST),
    ]);
    // It was locked while being read.
    return vault.isOpen
      ? { ...closed, keys, used, spent: today, calls: latest }
      : { ...closed, vault: 'locked' };
  } catch (thrown) {
    // Open, but its list cannot be read: its locked face is the one with ways out.
    if (isFailure(thrown, 'vault-damaged')) await vault.lock();
    else if (!isFailure(thrown, 'vault-locked')) throw thrown;
    return { ...empty, vault: 'locked', passkeys: await vault.passkeys() };
  }
}
