import browser from 'webextension-polyfill';
import type { SelectionSettings } from '../calls/settings';
import { aboutOf, originsOf } from '../services/abouts';
import type { KeyEntry } from '../vault/key-index';

const EVERYWHERE = ['https://*/*', 'http://*/*'];

/** An origin as the browser's patterns have it: they know no ports. */
export const patternOf = (origin: string): string => {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}/*`;
};

/** Where the bubble may show. */
export const patternsOf = ({ sites }: Pick<SelectionSettings, 'sites'>): string[] =>
  sites === 'all' ? EVERYWHERE : [...new Set(sites.map(patternOf))];

/** Gives back every permission for a host that the person gave and that neither a key nor the bubble needs any more. */
export async function giveBack(keys: readonly KeyEntry[], selection: SelectionSettings): Promise<void> {
  const { origins = [] } = await browser.permissions.getAll();
  const { host_permissions: own = [] } = browser.runtime.getManifest();
  const forKeys = keys.flatMap(({ service, fields }) => originsOf(aboutOf(service), fields)).map(patternOf);
  const needed = new Set([...own, ...forKeys, ...patternsOf(selection)]);
  for (const origin of origins) {
    // One that is gone already need not be given back.
    if (!needed.has(origin)) await browser.permissions.remove({ origins: [origin] }).catch(() => {});
  }
}
