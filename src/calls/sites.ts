/** Sites, by their origins: where the bubble shows. */
export type Sites = 'all' | readonly string[];

/** As the manifest lets a person be asked for it. */
export const EVERYWHERE = ['https://*/*', 'http://*/*'];

/** By which match pattern the browser knows a site: to its permissions all ports of a host are one. */
export const patternOf = (site: string): string => {
  const { protocol, hostname } = new URL(site);
  return `${protocol}//${hostname}/*`;
};

export const patternsOf = (sites: Sites): string[] =>
  sites === 'all' ? EVERYWHERE : [...new Set(sites.map(patternOf))];
