/** The only host of the API that Runtype documents. */
export const ORIGIN = 'https://api.runtype.com';

/** Examples of ids vary: `prod_` and 26 letters and digits are usual, and not promised. */
const ID = String.raw`[A-Za-z0-9][\w.~-]{0,199}`;

/** A surface's address, with or without what follows it: its API, a capability of it. */
export const ENDPOINT = new RegExp(
  `^${ORIGIN.replaceAll('.', '\\.')}/v1/products/(${ID})/surfaces/(${ID})(?:/api(?:/(${ID})?)?)?/?$`,
);

/** A capability's name in addresses. */
export const SLUG = /^[a-z0-9-]{1,100}$/;

/** Addresses of a surface's API that are no capability of it. */
const RESERVED = ['dispatch', 'openapi.json', 'openapi', 'spec'];

export interface Surface {
  readonly product: string;
  readonly surface: string;
  /** The one that the address ends in. */
  readonly capability: string | undefined;
}

export const isSlug = (text: string): boolean => SLUG.test(text) && !RESERVED.includes(text);

/** Splits an address as it is pasted; undefined for one of something else. */
export function surfaceIn(endpoint: string): Surface | undefined {
  const [, product, surface, last = ''] = ENDPOINT.exec(endpoint.trim()) ?? [];
  if (product === undefined || surface === undefined) return undefined;
  return { product, surface, capability: isSlug(last) ? last : undefined };
}

/** Where something of a surface's API is; `last` is what follows `/api/`. */
export function addressIn({ product, surface }: Surface, last: string): URL {
  const [p, s, l] = [product, surface, last].map(encodeURIComponent);
  return new URL(`/v1/products/${p}/surfaces/${s}/api/${l}`, ORIGIN);
}

/** The slugs of a list as people write them. */
export const slugsIn = (list: string): string[] => [...new Set(list.split(/[\s,;]+/))].filter(isSlug);
