import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Prefs = Record<string, string | number | boolean>;

export interface StandIns {
  /** Host names of services, and the local port that stands in for all of them. Every other name is unknown. */
  hosts?: Record<string, number>;
  /** Further settings, which win over those of the driver. */
  prefs?: Prefs;
}

/** Writes user.js, which Firefox reads before anything else. */
export async function writeProfile(profileDir: string, { hosts = {}, prefs = {} }: StandIns): Promise<void> {
  const all: Prefs = { ...quiet, ...standIns(hosts), 'marionette.port': 0, ...prefs };
  const lines = Object.entries(all).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  await mkdir(profileDir, { recursive: true });
  await writeFile(join(profileDir, 'user.js'), `${lines.join('\n')}\n`);
}

function standIns(hosts: Record<string, number>): Prefs {
  const [port, ...others] = new Set(Object.values(hosts));
  // Firefox maps a port for all hosts at once. The stand-in tells services apart by the Host header.
  if (others.length > 0) throw new Error('Firefox needs the same local port for every host.');
  if (port === undefined) return {};
  return {
    'network.dns.localDomains': Object.keys(hosts).join(','),
    'network.socket.forcePort': `443=${port}`,
  };
}

/** Marionette turns off most of what calls home by itself; here is what it leaves on. */
const quiet: Prefs = {
  // Copies what extensions and pages write to their consoles to the standard output.
  'devtools.console.stdout.content': true,
  'app.normandy.enabled': false,
  'app.update.auto': false,
  'browser.aboutConfig.showWarning': false,
  'browser.newtabpage.enabled': false,
  'browser.startup.page': 0,
  'browser.startup.homepage': 'about:blank',
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.enabled': false,
  'media.gmp-manager.url': '',
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.disabled': true,
  'network.dns.disablePrefetch': true,
  'network.http.speculative-parallel-limit': 0,
  'network.prefetch-next': false,
  'network.trr.mode': 5,
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.unified': false,
  // Loopback is where the stand-ins live, so a proxy of the machine must not come between.
  'network.proxy.type': 0,
};
