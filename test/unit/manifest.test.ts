import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { PAGES } from '../../src/messages/sender';
import { abouts } from '../../src/services/abouts';

const root = join(import.meta.dirname, '../..');

/** The directives of a policy, each with its sources. */
const directives = (policy: string): Record<string, string[]> =>
  Object.fromEntries(
    policy.split(';').map(part => {
      const [name = '', ...sources] = part.trim().split(/\s+/);
      return [name, sources];
    }),
  );

describe('the manifest', () => {
  it('asks for these permissions and no other', () => {
    expect([...manifest.permissions].sort()).toEqual([
      'activeTab',
      'alarms',
      'contextMenus',
      'idle',
      'scripting',
      'storage',
      'unlimitedStorage',
    ]);
  });

  it('asks for the hosts of the services and no other', () => {
    expect([...manifest.host_permissions].sort()).toEqual([
      'https://api.runtype.com/*',
      'https://api.runware.ai/*',
      'https://api.useapi.net/*',
      'https://im.runware.ai/*',
    ]);
  });

  it('lets a person allow more sites: http ones for the bubble alone', () => {
    expect(manifest.optional_host_permissions).toEqual(['https://*/*', 'http://*/*']);
    expect(directives(manifest.content_security_policy.extension_pages)['connect-src']).not.toContain(
      'http:',
    );
  });

  it('has the policy for its pages that was agreed on', () => {
    expect(Object.keys(manifest.content_security_policy)).toEqual(['extension_pages']);
    expect(directives(manifest.content_security_policy.extension_pages)).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'", "'wasm-unsafe-eval'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'blob:'],
      'media-src': ["'self'", 'blob:'],
      'connect-src': ['https:', 'wss://ws-api.runware.ai'],
      'form-action': ["'none'"],
      'frame-src': ["'none'"],
      'frame-ancestors': ["'none'"],
      'base-uri': ["'none'"],
      'object-src': ["'none'"],
    });
  });

  it.each([
    'content_scripts',
    'web_accessible_resources',
    'externally_connectable',
    'sandbox',
    'optional_permissions',
    'devtools_page',
    'chrome_url_overrides',
    'key',
    'update_url',
  ])('has no %s', name => {
    expect(manifest).not.toHaveProperty(name);
  });

  it('is of the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest.version).toBe(version);
  });

  it('opens the pages that the door knows, and they exist', () => {
    const pages = [manifest.action.default_popup, manifest.options_ui.page].map(page => `/${page}`);
    expect(pages.sort()).toEqual(Object.values(PAGES).sort());
    for (const page of pages) expect(() => readFileSync(join(root, page))).not.toThrow();
  });
});

const pages = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.html'),
);

describe('the pages', () => {
  it('are the popup and the options', () => {
    expect(pages.map(page => `/src/${page}`).sort()).toEqual(Object.values(PAGES).sort());
  });
});

describe.each(pages)('the page %s', page => {
  const html = readFileSync(join(root, 'src', page), 'utf8');
  const [meta = '', ...more] = html.match(/<meta[^>]*Content-Security-Policy[^>]*>/gi) ?? [];
  const policy = directives(meta.match(/content="([^"]*)"/)?.[1] ?? '');

  it('has one policy of its own, before anything that it governs', () => {
    expect(more).toEqual([]);
    expect(html.indexOf(meta)).toBeGreaterThan(0);
    expect(html.indexOf(meta)).toBeLessThan(html.search(/<(link|script|body|style|img)\b/i));
  });

  it('reaches no network at all', () => {
    expect(policy['connect-src']).toEqual(["'none'"]);
    expect(policy['default-src']).toEqual(["'none'"]);
    expect(policy['form-action']).toEqual(["'none'"]);
    expect(policy['base-uri']).toEqual(["'none'"]);
  });

  it('runs and shows only what comes with the extension', () => {
    expect(policy['script-src']).toEqual(["'self'"]);
    expect(policy['style-src']).toEqual(["'self'"]);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc="\.)|<style|\son\w+=|\sstyle=|https?:|javascript:/i);
  });
});

describe('the services', () => {
  const origins = abouts.flatMap(about => about.origins.map(origin => ({ service: about.name, origin })));

  it('are here', () => {
    expect(origins.length).toBeGreaterThan(0);
  });

  const ofOthers = origins.filter(({ origin }) => origin.includes('*'));

  it.each(ofOthers)(
    '$service may reach what $origin stands for once the person says so',
    ({ service, origin }) => {
      expect(abouts.find(({ name }) => name === service)?.originsOf).toBeTypeOf('function');
      expect(manifest.host_permissions).not.toContain(`${origin}/*`);
      expect(manifest.optional_host_permissions).toContain('https://*/*');
    },
  );

  it.each(origins.filter(of => !ofOthers.includes(of)))(
    '$service may reach $origin by the manifest',
    ({ origin }) => {
      if (origin.startsWith('wss:')) {
        const policy = directives(manifest.content_security_policy.extension_pages);
        expect(policy['connect-src']).toContain(origin);
      } else {
        expect(manifest.host_permissions).toContain(`${origin}/*`);
      }
    },
  );

  it.each(origins)('$service names $origin as an origin, encrypted', ({ origin }) => {
    const { protocol, host } = new URL(origin);
    expect(`${protocol}//${host}`).toBe(origin);
    expect(['https:', 'wss:']).toContain(protocol);
  });
});

describe('the package', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  it.each(Object.entries<string>({ ...dependencies, ...devDependencies }))(
    'takes %s in exactly one version',
    (_, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    },
  );
});
