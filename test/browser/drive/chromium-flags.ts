export interface ChromiumFlags {
  /** Without it, there is no extension at all. */
  extensionDir?: string;
  /** Folders of other extensions that are loaded beside it. */
  beside?: readonly string[];
  /** Host names of services, and the local port that stands in for each. Every other name is unknown. */
  hosts?: Record<string, number>;
}

/** The command line that every launch shares, with or without a debugger. */
export function chromiumFlags({ extensionDir, beside = [], hosts = {} }: ChromiumFlags): string[] {
  const extensions = [...(extensionDir ? [extensionDir] : []), ...beside].join(',');
  return [
    // Chromium refuses its sandbox to root, which is who runs tests in a container.
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    ...(extensions ? [`--disable-extensions-except=${extensions}`, `--load-extension=${extensions}`] : []),
    '--ignore-certificate-errors',
    `--host-resolver-rules=${resolverRules(hosts)}`,
  ];
}

/** The first rule that matches decides, so the one that closes the rest of the world comes last. */
function resolverRules(hosts: Record<string, number>): string {
  const standIns = Object.entries(hosts).map(([name, port]) => `MAP ${name} 127.0.0.1:${port}`);
  return [...standIns, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1', 'EXCLUDE localhost'].join(', ');
}
