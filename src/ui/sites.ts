import browser from 'webextension-polyfill';
import { patternsOf, type Sites } from '../calls/sites';
import { Failure } from '../failure';

export const hostOf = (site: string): string => new URL(site).host;

/** The site that a person means: a name, or the address of any of its pages. Throws `bad-input`. */
export function siteOf(typed: string): string {
  const text = typed.trim();
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (!url?.hostname || text === '' || /\s|\*/.test(text))
    throw new Failure('bad-input', 'Site must be a name such as “example.com”, or the address of a page.');
  if (!/^https?:$/.test(url.protocol))
    throw new Failure('bad-input', 'Site must be one whose address begins with https or http.');
  return url.origin;
}

/**
 * Asks the person to let Runkey stand beside selected text on these sites. It must be the first that a click or a key
 * sets off: browsers ask for nobody else. Rejects with `refused` where the answer is no.
 */
export async function askToShow(sites: Sites): Promise<void> {
  const origins = patternsOf(sites);
  const answer = origins.length === 0 || browser.permissions.request({ origins });
  if (await answer) return;
  const where = sites === 'all' ? 'on all sites' : `on ${sites.map(hostOf).join(' and ')}`;
  throw new Failure('refused', `The browser does not let Runkey be shown ${where}.`, {
    next: 'Do it again, and allow it when the browser asks. Nothing was changed.',
  });
}
