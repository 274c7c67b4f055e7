import { type Account, Accounts } from './accounts';
import { Engine } from './engine';
import { Faults } from './faults';
import { Ledger } from './ledger';
import { mediaHosts, Shelf } from './media/shelf';
import { defaultSwitches, demoKey, type RunwareOptions, type Switches } from './options';
import { listen, type Refused, restHost, socketHost } from './server';
import { Sessions } from './session';
import { Traffic, type TrafficRecord } from './traffic';

export type { ErrorShape } from './failures';
export type { Fault, FaultAction, Faults, Moment } from './faults';
export type { Ledger, LedgerEntry } from './ledger';
export { demoKey, type KeySettings, type RunwareOptions, type Switches } from './options';
export type { Refused } from './server';
export type { Shuffle } from './shuffle';
export type { TrafficRecord } from './traffic';
export type { Failure, Frame, Item, Task } from './wire';

/** Every host name the emulator answers for. */
export const runwareHosts: readonly string[] = [socketHost, restHost, ...Object.values(mediaHosts)];

export interface RunwareEmulator {
  /** One TLS port for WebSocket, REST, event streams and media. */
  readonly port: number;
  readonly ledger: Ledger;
  readonly traffic: readonly TrafficRecord[];
  /** WebSockets open now. */
  readonly connections: number;
  /** WebSockets ever opened. */
  readonly opened: number;
  readonly faults: Faults;
  /** May be changed at any time. */
  readonly switches: Switches;
  revoke(apiKey: string): void;
  restore(apiKey: string): void;
  /** USD. */
  setBalance(apiKey: string, balance: number): void;
  balanceOf(apiKey: string): number;
  /** Drops every open WebSocket: with a close code, or (1006) without a closing handshake. */
  drop(code?: number): void;
  /** Makes every open WebSocket half-open. */
  freeze(): void;
  /** For so many ms whoever comes is turned away: everyone, unless only sockets or only HTTP requests are meant. */
  refuse(ms: number, what?: Refused): void;
  close(): Promise<void>;
}

export async function startRunware(options: RunwareOptions): Promise<RunwareEmulator> {
  const { tls, keys = { [demoKey]: { label: 'demo' } }, port = 0, ...chosen } = options;
  const switches: Switches = { ...defaultSwitches, ...chosen };
  const accounts = new Accounts(keys);
  const [ledger, faults, traffic] = [new Ledger(), new Faults(), new Traffic(accounts)];
  const shelf = new Shelf(switches);
  const engine = new Engine({ switches, accounts, ledger, faults, shelf });
  const sessions = new Sessions(switches);
  const listener = await listen(tls, port, { engine, sessions, faults, switches, traffic }, shelf);
  const change = (apiKey: string, changes: Partial<Pick<Account, 'balance' | 'revoked'>>) =>
    void Object.assign(accounts.of(apiKey), changes);

  return {
    port: listener.port,
    ledger,
    faults,
    switches,
    traffic: traffic.records,
    get connections() {
      return listener.connections.size;
    },
    get opened() {
      return listener.opened;
    },
    revoke: apiKey => change(apiKey, { revoked: true }),
    restore: apiKey => change(apiKey, { revoked: false }),
    setBalance: (apiKey, balance) => change(apiKey, { balance }),
    balanceOf: apiKey => accounts.of(apiKey).balance,
    drop(code) {
      for (const connection of listener.connections) connection.drop(code);
    },
    freeze() {
      for (const connection of listener.connections) connection.freeze();
    },
    refuse: (ms, what = 'all') => listener.refuse(ms, what),
    async close() {
      engine.stop();
      await listener.close();
    },
  };
}
