import { converse } from '../loopback/converse';
import { type CallFault, Faults } from '../loopback/faults';
import { listen } from '../loopback/listen';
import { astray, isLoopback, trapHost } from '../loopback/redirect';
import { Secrets, type Sighting } from '../loopback/secrets';
import { Traffic, type TrafficRecord } from '../loopback/traffic';
import type { Answer, Ask } from '../loopback/wire';
import { Applications } from './applications';
import { answerCluster, kubePath } from './kube';
import { Ledger } from './ledger';
import { type Access, defaultSwitches, demoApplication, type RunaiOptions, type Switches } from './options';
import { refusal } from './refusals';
import { answerCall, type Plane } from './routes';
import { grantV1, grantV2 } from './tokens';
import { Workloads } from './workloads';

export type { CallFault, Fault, Faults } from '../loopback/faults';
export { trapHost } from '../loopback/redirect';
export type { Sighting } from '../loopback/secrets';
export type { TrafficRecord } from '../loopback/traffic';
export type { Ledger, LedgerEntry } from './ledger';
export * from './options';
export type { Phase, Workload, Workloads } from './workloads';

/** A tenant's control plane, one that somebody hosts, a cluster's Kubernetes API, and the host nothing may go to. */
export const runaiHosts = ['acme.run.ai', 'runai.example.com', 'cluster.example.com', trapHost] as const;

export interface RunaiEmulator {
  /** One TLS port for every host name. */
  readonly port: number;
  /** May be changed at any time. */
  readonly switches: Switches;
  readonly faults: Faults<CallFault>;
  readonly traffic: readonly TrafficRecord[];
  readonly ledger: Ledger;
  readonly workloads: Workloads;
  /** Where secrets and tokens turned up. */
  readonly sightings: readonly Sighting[];
  /** Those of them that should not be: in an address, with another host, in the wrong part of a request. */
  readonly strayed: readonly Sighting[];
  /** The application gets a new secret, and the old one is worth nothing any more. */
  regenerate(applicationId: string): string;
  setAccess(applicationId: string, access: Access): void;
  /** Tokens are worth nothing from now on: an application's, or all. */
  endTokens(applicationId?: string): void;
  /** For so many ms whoever comes is turned away. */
  refuse(ms: number): void;
  close(): Promise<void>;
}

/** What must not be written down though nobody told the emulator about it. The first group stays. */
const patterns = [
  /((?:Bearer|Basic) +)(?!\[)[^\s"]+/gi,
  /("(?:app|client)_?secret"\s*:\s*")(?!\[)(?:[^"\\]|\\.)*/gi,
  /("(?:password|(?:access|refresh|id)_?token)"\s*:\s*")(?!\[)(?:[^"\\]|\\.)*/gi,
  /(\b(?:client_secret|password)=)(?!\[)[^&\s"]+/gi,
  /()\beyJ[\w-]+\.[\w-]+\.[\w-]+/g,
];

export async function startRunai(options: RunaiOptions): Promise<RunaiEmulator> {
  const {
    tls,
    applications: settings = { [demoApplication.id]: { secret: demoApplication.secret, label: 'demo' } },
    clusterHosts = ['cluster.example.com'],
    port = 0,
    ...chosen
  } = options;
  const switches: Switches = { ...defaultSwitches, ...chosen };
  const secrets = new Secrets(patterns);
  const traffic = new Traffic(secrets);
  const faults = new Faults<CallFault>();
  const isCluster = (host: string) => clusterHosts.includes(host);
  const applications = new Applications(settings, { secrets, switches, isCluster });
  const plane: Plane = {
    switches,
    secrets,
    applications,
    ledger: new Ledger(),
    workloads: new Workloads(switches),
  };
  const respond = (ask: Ask) => answer(ask, plane, isCluster(ask.host));
  const listener = await listen(tls, port, (request, response) =>
    converse(request, response, { secrets, traffic, faults, respond }),
  );

  return {
    port: listener.port,
    switches,
    faults,
    traffic: traffic.records,
    ledger: plane.ledger,
    workloads: plane.workloads,
    sightings: secrets.sightings,
    get strayed() {
      return secrets.strayed;
    },
    regenerate: id => applications.regenerate(id),
    setAccess(id, access) {
      applications.of(id).access = access;
    },
    endTokens: id => applications.end(id),
    refuse: ms => listener.refuse(ms),
    close: () => listener.close(),
  };
}

function answer(ask: Ask, plane: Plane, cluster: boolean): Answer {
  const { redirect, redirectStatus, v1Grants, v2 } = plane.switches;
  const version = /^\/api\/v([12])\/token$/.exec(ask.path)?.[1];
  const misled = redirect === 'all' || redirect === (version ? 'token' : 'api');
  if (misled && ask.host !== trapHost) return astray(ask, redirectStatus);
  if (cluster || (isLoopback(ask.host) && kubePath.test(ask.path))) return answerCluster(ask, plane);
  if (!version) return answerCall(ask, plane);
  if (version === '1' ? v1Grants.length === 0 : !v2) return absent(plane.switches);
  if (ask.method !== 'POST') return refusal(405, 'Method not allowed');
  return version === '1' ? grantV1(ask, plane) : grantV2(ask, plane);
}

/** The control plane and its user interface share a host, and either may answer for what is not there. */
function absent({ absent }: Switches): Answer {
  if (absent !== 'page') return refusal(absent, absent === 404 ? 'Not found' : 'Method not allowed');
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  return { status: 200, headers, body: '<!doctype html><title>Run:ai</title><div id="root"></div>' };
}
