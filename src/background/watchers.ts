import type { Calls } from '../calls/calls';
import { isFailure, reportOf } from '../failure';
import type { StateEvent } from '../messages/contract';
import type { Vault } from '../vault/vault';

type Send = (event: StateEvent) => void;

/** How many finished calls a page is shown without asking. */
const LATEST = 5;

/** The pages that watch the state: each gets it whole at first and after a change of vault or keys. */
export class Watchers {
  private readonly sends = new Set<Send>();
  /** What was told while a state was being read, by reading: it is newer than what was read. */
  private readonly readings = new Set<StateEvent[]>();

  constructor(private readonly read: () => Promise<StateEvent>) {}

  add(send: Send): () => void {
    this.sends.add(send);
    void this.bring([send]);
    return () => this.sends.delete(send);
  }

  tell(event: StateEvent): void {
    for (const reading of this.readings) reading.push(event);
    for (const send of this.sends) send(event);
  }

  /** Sends everyone the whole state anew. */
  async refresh(): Promise<void> {
    if (this.sends.size > 0) await this.bring(this.sends);
  }

  private async bring(sends: Iterable<Send>): Promise<void> {
    const later: StateEvent[] = [];
    this.readings.add(later);
    const state = await this.read();
    this.readings.delete(later);
    for (const send of sends) for (const event of [state, ...later]) send(event);
  }
}

const empty = { type: 'snapshot', passkeys: [], keys: [], used: {}, calls: [] } as const;

/** The whole state. Never rejects: a vault that cannot be looked at is a state too. */
export async function readState(rooms: Promise<{ vault: Vault; calls: Calls }>): Promise<StateEvent> {
  try {
    const { vault, calls } = await rooms;
    const status = await vault.status();
    const closed = { ...empty, vault: status, passkeys: await vault.passkeys() };
    if (status !== 'unlocked') return closed;
    const [keys, used, latest] = await Promise.all([
      vault.keys.list(),
      vault.uses.latest(),
      calls.latest(LATEST),
    ]);
    return { ...closed, keys, used, calls: latest };
  } catch (thrown) {
    // It was locked while being read.
    if (isFailure(thrown, 'vault-locked')) return { ...empty, vault: 'locked' };
    return { type: 'failed', failure: reportOf(thrown) };
  }
}
