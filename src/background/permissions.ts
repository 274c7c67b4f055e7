import browser from 'webextension-polyfill';
import type { SelectionSettings } from '../calls/settings';
import { patternOf, patternsOf } from '../calls/sites';
import { aboutOf, originsOf } from '../services/abouts';
import type { KeyEntry } from '../vault/key-index';

/** Gives back every permission for a host that the person gave and that neither a key nor the bubble needs any more. */
export async function giveBack(keys: readonly KeyEntry[], { sites }: SelectionSettings): Promise<void> {
  const { origins = [] } = await browser.permissions.getAll();
  const { host_permissions: own = [] } = browser.runtime.getManifest();
  const forKeys = keys.flatMap(({ service, fields }) => originsOf(aboutOf(service), fields)).map(patternOf);
  const needed = new Set([...own, ...forKeys, ...patternsOf(sites)]);
  for (const origin of origins) {
    // One that is gone already need not be given back.
    if (!needed.has(origin)) await browser.permissions.remove({ origins: [origin] }).catch(() => {});
  }
}
