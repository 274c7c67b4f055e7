import { type RunaiEmulator, type RunaiOptions, runaiHosts, startRunai } from '../emulators/runai/index';
import {
  type RuntypeEmulator,
  type RuntypeOptions,
  runtypeHosts,
  startRuntype,
} from '../emulators/runtype/index';
import {
  type RunwareEmulator,
  type RunwareOptions,
  runwareHosts,
  startRunware,
} from '../emulators/runware/index';
import { certificateFor } from '../emulators/tls';
import { startUseapi, type UseapiEmulator, type UseapiOptions, useapiHosts } from '../emulators/useapi/index';

type Wanted<Options> = Omit<Options, 'tls'>;

/** Host names, and the local port that stands in for each. */
export type Hosts = Record<string, number>;

const at = (hosts: readonly string[], port: number): Hosts =>
  Object.fromEntries(hosts.map(host => [host, port]));

/** The emulator of Runware under its own host names. */
export async function emulate(
  options: Wanted<RunwareOptions> = {},
): Promise<{ runware: RunwareEmulator; hosts: Hosts }> {
  const tls = await certificateFor([...runwareHosts]);
  const runware = await startRunware({ tls, ...options });
  return { runware, hosts: at(runwareHosts, runware.port) };
}

export interface OthersOptions {
  readonly useapi?: Wanted<UseapiOptions>;
  readonly runai?: Wanted<RunaiOptions>;
  readonly runtype?: Wanted<RuntypeOptions>;
}

/** The other three services. */
export interface Others {
  readonly useapi: UseapiEmulator;
  readonly runai: RunaiEmulator;
  readonly runtype: RuntypeEmulator;
}

/**
 * The emulators of the other three, each under its service's host names. The trap is one host for all of them, and
 * stands at Runtype's: whatever arrives there is in `runtype.traffic`.
 */
export async function emulateOthers(options: OthersOptions = {}): Promise<Others & { hosts: Hosts }> {
  const tls = await certificateFor([...new Set([...useapiHosts, ...runaiHosts, ...runtypeHosts])]);
  const useapi = await startUseapi({ tls, ...options.useapi });
  const runai = await startRunai({ tls, ...options.runai });
  const runtype = await startRuntype({ tls, ...options.runtype });
  const hosts = {
    ...at(useapiHosts, useapi.port),
    ...at(runaiHosts, runai.port),
    ...at(runtypeHosts, runtype.port),
  };
  return { useapi, runai, runtype, hosts };
}
