import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A module and everything it reaches as one script for browsers, minified as the extension is. What it names is
 * looked up from here; whatever is made on the way is gone again.
 */
export async function bundle(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'runkey-bundle-'));
  try {
    const entry = join(folder, 'entry.js');
    await writeFile(entry, source);
    const made = await build({
      root,
      configFile: false,
      logLevel: 'error',
      plugins: [
        {
          name: 'from-here',
          resolveId(name, importer) {
            return importer === entry ? this.resolve(name, join(root, 'package.json')) : undefined;
          },
        },
      ],
      build: {
        write: false,
        target: 'es2023',
        minify: true,
        modulePreload: false,
        // Not as a library: the spaces of those are left in.
        rolldownOptions: {
          input: entry,
          preserveEntrySignatures: 'strict',
          output: { format: 'es', codeSplitting: false },
        },
      },
    });
    const [output] = [made].flat();
    if (!output || !('output' in output)) throw new Error('Nothing was bundled.');
    return output.output[0].code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const gzipped = (script: string): number => gzipSync(script, { level: 9 }).length;
