import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { crx, type ManifestV3Export } from '@crxjs/vite-plugin';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import manifest from './manifest.json' with { type: 'json' };
import ours from './package.json' with { type: 'json' };

/** Firefox's manifest: the same one, with an event page and what AMO asks for. */
function forFirefox({ minimum_chrome_version: _, background, ...shared }: typeof manifest) {
  return {
    ...shared,
    background: { scripts: [background.service_worker], type: background.type },
    browser_specific_settings: {
      gecko: {
        id: 'runkey@runkey.extension',
        strict_min_version: '140.0',
        // Prompts and selected text, and the key that pays for them, go to the service the person chose.
        data_collection_permissions: { required: ['websiteContent', 'authenticationInfo'] },
      },
      gecko_android: { strict_min_version: '142.0' },
    },
  };
}

/** Pages reach no file of ours: scripts injected later are self-contained, so nothing needs listing. */
const noWebAccessibleResources: Plugin = {
  name: 'runkey:no-web-accessible-resources',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      const file = bundle['manifest.json'];
      if (file?.type !== 'asset') return;
      const { web_accessible_resources: _, ...kept } = JSON.parse(String(file.source));
      file.source = JSON.stringify(kept, null, 2);
    },
  },
};

/** A library that is in the build, and the words that must go with it. */
function noticesOf(name: string, seen = new Set<string>()): string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const {
    version,
    license,
    dependencies = {},
  } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const texts = readdirSync(folder)
    .filter(file => /^(licen[cs]e|notice|third_party)/i.test(file))
    .map(file => readFileSync(new URL(file, folder), 'utf8').trim());
  if (texts.length === 0) throw new Error(`${name} has no licence text`);
  const notice = [`${name} ${version}, ${license}`, ...texts].join('\n\n');
  return [notice, ...Object.keys(dependencies).flatMap(one => noticesOf(one, seen))];
}

/** The licences of the libraries in the build ask to be shipped with them. */
const thirdParties: Plugin = {
  name: 'runkey:third-parties',
  generateBundle() {
    const seen = new Set<string>();
    const notices = Object.keys(ours.dependencies).flatMap(name => noticesOf(name, seen));
    this.emitFile({ type: 'asset', fileName: 'third-parties.txt', source: notices.join('\n\n\n') });
  },
};

/** Browser tests that wait more than they work. */
const waiting = [
  ...['auto-lock', 'heartbeat', 'faces', 'faces-services'],
  ...['runway', 'runtype', 'runai', 'firefox-services', 'firefox-vault'],
  ...['attacks', 'bubble', 'faces', 'firefox', 'menu', 'options', 'options-firefox', 'page'].map(
    name => `selection-${name}`,
  ),
].map(name => `test/browser/${name}.test.ts`);
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig(({ mode }) => {
  const firefox = mode === 'firefox';
  const building = firefox || mode === 'chromium';
  return {
    plugins: building
      ? [
          crx({
            manifest: (firefox ? forFirefox(manifest) : manifest) as ManifestV3Export,
            browser: firefox ? 'firefox' : 'chrome',
          }),
          noWebAccessibleResources,
          thirdParties,
        ]
      : [],
    resolve: {
      alias: [
        // A backup is locked with a passphrase. What age-encryption brings for public keys would be 40 kB of
        // the worker, and it has no entry without.
        {
          find: /^@noble\/(curves|post-quantum)\/.*/,
          replacement: fileURLToPath(new URL('src/vault/no-public-keys.ts', import.meta.url)),
        },
      ],
    },
    build: {
      outDir: `dist/${mode}`,
      target: 'es2023',
      modulePreload: false,
      // The KDF's WebAssembly stays inside the worker's script: connect-src does not let it be fetched.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    test: {
      // What a page shows takes longer on a busy machine than the one second that is usual.
      expect: { poll: { timeout: 15_000 } },
      projects: [
        {
          extends: true,
          // Argon2id at full strength takes its time, on a busy machine a multiple of it.
          test: {
            name: 'unit',
            include: ['test/unit/**/*.test.{ts,tsx}'],
            environment: 'node',
            setupFiles: 'test/base64.ts',
            testTimeout: 30_000,
            hookTimeout: 30_000,
            maxWorkers,
          },
        },
        {
          extends: true,
          // Two at a time: they take half as long so, and none of them minds.
          test: {
            name: 'waiting',
            include: waiting,
            setupFiles: 'test/browser/last-look.ts',
            testTimeout: 60_000,
            hookTimeout: 60_000,
            retry: 0,
            maxWorkers,
          },
        },
        {
          extends: true,
          test: {
            name: 'browser',
            include: ['test/browser/**/*.test.ts'],
            exclude: waiting,
            setupFiles: 'test/browser/last-look.ts',
            fileParallelism: false,
            testTimeout: 60_000,
            hookTimeout: 60_000,
            retry: 0,
          },
        },
      ],
    },
  };
});
