import { converse } from '../loopback/converse';
import { Faults } from '../loopback/faults';
import { listen } from '../loopback/listen';
import { astray, isLoopback, trapHost } from '../loopback/redirect';
import { Secrets, type Sighting } from '../loopback/secrets';
import { Traffic, type TrafficRecord } from '../loopback/traffic';
import type { Ask, Reply } from '../loopback/wire';
import { demoCapabilities } from './capabilities';
import type { RuntypeFault } from './faults';
import { Keys } from './keys';
import { Ledger } from './ledger';
import { Limits } from './limits';
import { defaultSwitches, demoKey, demoSurface, type RuntypeOptions, type Switches } from './options';
import type { Product } from './product';
import { refusal } from './refusals';
import { answerCall } from './surfaces';

export { trapHost } from '../loopback/redirect';
export type { Sighting } from '../loopback/secrets';
export type { TrafficRecord } from '../loopback/traffic';
export { type Capability, demoCapabilities, slugOf } from './capabilities';
export type { RuntypeFault } from './faults';
export type { Execution, Ledger } from './ledger';
export * from './options';

const apiHost = 'api.runtype.com';

/** The service, and the host nothing may go to. */
export const runtypeHosts = [apiHost, trapHost] as const;

export interface RuntypeEmulator {
  readonly port: number;
  /** May be changed at any time. */
  readonly switches: Switches;
  readonly faults: Faults<RuntypeFault>;
  readonly traffic: readonly TrafficRecord[];
  readonly ledger: Ledger;
  /** Where keys turned up. */
  readonly sightings: readonly Sighting[];
  /** Those of them that should not be: in an address, in a body, with another host. */
  readonly strayed: readonly Sighting[];
  revoke(key: string): void;
  restore(key: string): void;
  /** The demo surface, unless another is named. */
  pause(surface?: string): void;
  unpause(surface?: string): void;
  /** For so many ms whoever comes is turned away. */
  refuse(ms: number): void;
  close(): Promise<void>;
}

/** What must not be written down though nobody told the emulator about it. The first group stays. */
const patterns = [/((?:Bearer|Basic) +)(?!\[)[^\s"]+/gi, /()\b(?:papi|rt_live|rt_test|mcp)_\w+/g];

export async function startRuntype(options: RuntypeOptions): Promise<RuntypeEmulator> {
  const {
    tls,
    keys: settings = { [demoKey]: { label: 'demo' } },
    capabilities = demoCapabilities,
    port = 0,
    ...chosen
  } = options;
  const switches: Switches = { ...defaultSwitches, ...chosen };
  const secrets = new Secrets(patterns);
  const traffic = new Traffic(secrets);
  const faults = new Faults<RuntypeFault>();
  const keys = new Keys(settings, secrets);
  const product: Product = {
    switches,
    keys,
    capabilities,
    faults,
    limits: new Limits(switches),
    ledger: new Ledger(),
    paused: new Set(),
  };
  const respond = (ask: Ask) => answer(ask, product);
  const listener = await listen(tls, port, (request, response) =>
    converse(request, response, { secrets, traffic, faults, respond }),
  );

  return {
    port: listener.port,
    switches,
    faults,
    traffic: traffic.records,
    ledger: product.ledger,
    sightings: secrets.sightings,
    get strayed() {
      return secrets.strayed;
    },
    revoke(key) {
      keys.of(key).revoked = true;
    },
    restore(key) {
      keys.of(key).revoked = false;
    },
    pause: (surface = demoSurface) => void product.paused.add(surface),
    unpause: (surface = demoSurface) => void product.paused.delete(surface),
    refuse: ms => listener.refuse(ms),
    close: () => listener.close(),
  };
}

function answer(ask: Ask, product: Product): Reply | Promise<Reply> {
  const { switches } = product;
  if (ask.host === trapHost) return answerCall(ask, product);
  if (ask.host !== apiHost && !isLoopback(ask.host)) return refusal(404, 'Not found', switches);
  if (switches.redirect) return astray(ask, switches.redirectStatus);
  return answerCall(ask, product);
}
