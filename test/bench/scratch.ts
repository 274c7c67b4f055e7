import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenPage, openPage } from '../browser/drive/ask';
import { launchUnattached } from '../browser/drive/chromium-unattached';
import { bundle } from './bundle';

/** An extension made of this worker and an empty page, which is open while `use` runs and is gone afterwards. */
export async function inScratchExtension<T>(
  worker: string,
  hosts: Record<string, number>,
  use: (page: OpenPage) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'runkey-scratch-'));
  const manifest = {
    manifest_version: 3,
    name: 'Scratch',
    version: '1.0',
    minimum_chrome_version: '126',
    background: { service_worker: 'worker.js', type: 'module' },
  };
  try {
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'worker.js'), await bundle(worker));
    await writeFile(join(folder, 'page.html'), '<!doctype html><title>Scratch</title>');
    const browser = await launchUnattached({ extensionDir: folder, hosts });
    try {
      return await use(await openPage(browser, 'page.html'));
    } finally {
      await browser.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
