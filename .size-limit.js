import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const DIST = 'dist/chromium';

/** A built file and every script and style that it leads to: what a browser reads to run it. */
function withAll(entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = readFileSync(join(DIST, entry), 'utf8');
  for (const [, path] of text.matchAll(/(?:from|import|src=|href=)\s*["']([^"']+\.(?:js|css))["']/g)) {
    withAll(path.startsWith('/') ? path.slice(1) : normalize(join(dirname(entry), path)), found);
  }
  return found;
}

const filesOf = entry => [...withAll(entry)].map(file => join(DIST, file));

export default [
  {
    name: 'worker, with the KDF’s WebAssembly and the backup’s age',
    path: filesOf('service-worker-loader.js'),
    limit: '118 kB',
    gzip: true,
  },
  { name: 'popup', path: filesOf('src/popup/index.html'), limit: '48 kB', gzip: true },
  { name: 'options page', path: filesOf('src/options/index.html'), limit: '69 kB', gzip: true },
  {
    name: 'section Prompts, loaded when it is opened',
    path: 'dist/chromium/assets/prompts-*.js',
    limit: '7 kB',
    gzip: true,
  },
  {
    name: 'paste box, loaded when something is pasted',
    path: 'dist/chromium/assets/paste-*.js',
    limit: '8 kB',
    gzip: true,
  },
  {
    name: 'strength meter, loaded when a passphrase is chosen',
    path: 'dist/chromium/assets/worker-*.js',
    limit: '900 kB',
    gzip: true,
  },
  {
    name: 'what stays in a page',
    path: 'dist/chromium/src/selection/resident.iife.js',
    limit: '2 kB',
    gzip: true,
  },
  { name: 'the bubble', path: 'dist/chromium/src/selection/bubble.iife.js', limit: '12 kB', gzip: true },
  { name: 'the card', path: 'dist/chromium/src/selection/card.iife.js', limit: '13 kB', gzip: true },
];
