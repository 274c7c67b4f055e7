import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the neighbour's page and scripts may be, and which site may speak to it. */
export interface Neighbourhood {
  /** A match pattern. */
  readonly site: string;
}

/**
 * Writes another extension, with a worker, a page and access to a site of ours. It answers `ping` from anyone,
 * which shows that messages between extensions do arrive; and since it lets the site speak to it, the site
 * has `chrome.runtime`.
 */
export async function writeNeighbour(folder: string, { site }: Neighbourhood): Promise<void> {
  const manifest = {
    manifest_version: 3,
    name: 'Neighbour',
    version: '1.0',
    permissions: ['scripting', 'tabs'],
    host_permissions: [site],
    externally_connectable: { ids: ['*'], matches: [site] },
    background: { service_worker: 'worker.js' },
  };
  const files = {
    'manifest.json': JSON.stringify(manifest),
    'worker.js': `for (const heard of [chrome.runtime.onMessage, chrome.runtime.onMessageExternal])
      heard.addListener((message, _sender, answer) => { if (message === 'ping') answer('pong'); });`,
    'page.html': '<!doctype html><title>Neighbour</title><iframe></iframe>',
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
