import type { Values } from '../fields';

/** From 1 to 65535. */
const PORT = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';

/** An https address without a name or password in it. What follows the host is left out: all paths are Runkey's to choose. */
export const ADDRESS = new RegExp(`^https://[A-Za-z0-9][A-Za-z0-9.-]*(?::${PORT})?(?:[/?#]\\S*)?$`);

/** The origin of an address as it is pasted; undefined for what is none. */
export function originIn(address: string | undefined): string | undefined {
  const text = address?.trim() ?? '';
  return ADDRESS.test(text) ? URL.parse(text)?.origin : undefined;
}

/** The origins that a key with these fields may be sent to: its control plane's, and its cluster's. */
export function originsOf({ url, cluster }: Values): string[] {
  return [...new Set([originIn(url), originIn(cluster)])].filter(origin => origin !== undefined);
}
