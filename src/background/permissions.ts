import browser from 'webextension-polyfill';
import { aboutOf, originsOf } from '../services/abouts';
import type { KeyEntry } from '../vault/key-index';

const hostOf = (origin: string): string => new URL(origin).hostname;
const hostsOf = ({ service, fields }: Pick<KeyEntry, 'service' | 'fields'>): string[] =>
  originsOf(aboutOf(service), fields).map(hostOf);

/** What keys need of the hosts that people permit, as the browser's patterns. */
export const patternsOf = (keys: readonly KeyEntry[]): string[] =>
  keys
    .filter(({ service }) => aboutOf(service).originsOf)
    .flatMap(hostsOf)
    .map(host => `https://${host}/*`);

/**
 * Gives back what was permitted for the hosts of a key as it was, where no key that is left goes to them, and the
 * bubble is not shown there: `sites`, origins.
 */
export async function giveBack(
  before: KeyEntry,
  left: readonly KeyEntry[],
  sites: readonly string[] = [],
): Promise<void> {
  if (!aboutOf(before.service).originsOf) return;
  const needed = new Set([...left.flatMap(hostsOf), ...sites.map(hostOf)]);
  const free = hostsOf(before).filter(host => !needed.has(host));
  if (free.length === 0) return;
  // One that the manifest itself has, or that is gone already, cannot be given back, and need not.
  await browser.permissions.remove({ origins: free.map(host => `https://${host}/*`) }).catch(() => {});
}
