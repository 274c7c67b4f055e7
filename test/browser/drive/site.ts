import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { certificateFor } from '../../emulators/tls';
import type { Hosts } from '../emulate';

/** Sites of the web, of which the browser knows no others. */
export const SITE = 'https://page.test';
export const OTHER_SITE = 'https://other.test';

const PAGES = fileURLToPath(new URL('../pages/', import.meta.url));
const TYPE = { 'content-type': 'text/html; charset=utf-8' };

/** Headers by a page’s name. */
const HEADERS: Readonly<Record<string, Record<string, string>>> = {
  'strict.html': { 'content-security-policy': "default-src 'none'" },
};

/** Pages that are the same but for their headers. */
const SAME: Readonly<Record<string, string>> = { 'strict.html': 'text.html' };

/** A file of `pages/` as both sites have it. */
async function pageAt(path: string): Promise<{ body: string; headers: Record<string, string> } | undefined> {
  const name = path.slice(1);
  if (!/^[\w-]+\.html$/.test(name)) return undefined;
  const body = await readFile(`${PAGES}${SAME[name] ?? name}`, 'utf8').catch(() => undefined);
  return body === undefined ? undefined : { body, headers: { ...TYPE, ...HEADERS[name] } };
}

/** Serves both sites to a Chromium that has no port for them. */
export async function serveSites(context: BrowserContext): Promise<void> {
  await context.route(/^https:\/\/(page|other)\.test\//, async route => {
    const page = await pageAt(new URL(route.request().url()).pathname);
    await route.fulfill(page ?? { status: 404, body: '' });
  });
}

/** Serves both sites at a port. */
export async function startSites(): Promise<{ hosts: Hosts; close(): Promise<void> }> {
  const names = [SITE, OTHER_SITE].map(site => new URL(site).host);
  const server = createServer(await certificateFor(names), async (request, response) => {
    const page = await pageAt(new URL(request.url ?? '/', SITE).pathname);
    response.writeHead(page ? 200 : 404, page?.headers ?? {}).end(page?.body ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    hosts: Object.fromEntries(names.map(name => [name, port])),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
