import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { openPage } from '../../browser/drive/ask';
import { launchUnattached } from '../../browser/drive/chromium-unattached';
import { bundle } from '../bundle';
import { duration, type Outcome, type Row, right } from '../comparison';
import { done } from '../runkey';
import { apiKeyOf, type Sides, wish } from '../sides';

/** Does a call work in an extension's worker at all? */
export async function inWorker(sides: Sides): Promise<Row[]> {
  const { ours } = sides;
  const key = await ours.addKey(apiKeyOf('ours', 'worker'));
  done((await ours.images(key, [wish().values]))[0]);
  const theirs = await sdkInWorker(sides);
  return [{ name: 'works in an extension’s worker', unit: 'times', ours: right(true), theirs }];
}

const WORKER = `import { Runware } from '@runware/sdk-js';

chrome.runtime.onMessage.addListener(({ apiKey, request }, _sender, answer) => {
  const begun = performance.now();
  const end = error => answer({ ms: performance.now() - begun, error });
  new Runware({ apiKey })
    .requestImages(request)
    .then(() => end(''), reason => end(String(reason?.error?.message ?? reason?.message ?? reason)));
  return true;
});
`;

const Ended = v.object({ ms: v.number(), error: v.string() });

/** The SDK, unmodified, bundled into the worker of an extension that is made for it and is gone afterwards. */
async function sdkInWorker({ hosts }: Sides): Promise<Outcome> {
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
    await writeFile(join(folder, 'worker.js'), await bundle(WORKER));
    await writeFile(join(folder, 'page.html'), '<!doctype html><title>Scratch</title>');
    const browser = await launchUnattached({ extensionDir: folder, hosts });
    try {
      const page = await openPage(browser, 'page.html');
      const message = { apiKey: apiKeyOf('theirs', 'worker'), request: wish().request };
      const reply = await page.evaluate(`chrome.runtime.sendMessage(${JSON.stringify(message)})`);
      const { ms, error } = v.parse(Ended, reply);
      return error === '' ? right(true) : right(false, `no: an error after ${duration(ms)}`);
    } finally {
      await browser.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
