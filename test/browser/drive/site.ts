import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';

/** Sites of the web, of which the browser knows no others. */
export const SITE = 'https://page.test';
export const OTHER_SITE = 'https://other.test';

const PAGES = fileURLToPath(new URL('../pages/', import.meta.url));

/** Headers by a page’s name. */
const HEADERS: Readonly<Record<string, Record<string, string>>> = {
  'strict.html': { 'content-security-policy': "default-src 'none'" },
};

/** Serves the files of `pages/` at both sites, and whatever `made` holds by its path. */
export async function serveSites(
  context: BrowserContext,
  made: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  await context.route(/^https:\/\/(page|other)\.test\//, async route => {
    const name = new URL(route.request().url()).pathname.slice(1);
    const own = made.get(name);
    const body = own ?? (await readFile(`${PAGES}${name}`, 'utf8').catch(() => undefined));
    if (body === undefined) return route.fulfill({ status: 404, body: '' });
    await route.fulfill({ contentType: 'text/html; charset=utf-8', body, headers: HEADERS[name] ?? {} });
  });
}
