import * as v from 'valibot';
import { duration, type Outcome, type Row, right } from '../comparison';
import { done } from '../runkey';
import { inScratchExtension } from '../scratch';
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

/** The SDK, unmodified, bundled into the worker of an extension. */
const sdkInWorker = ({ hosts }: Sides): Promise<Outcome> =>
  inScratchExtension(WORKER, hosts, async page => {
    const message = { apiKey: apiKeyOf('theirs', 'worker'), request: wish().request };
    const reply = await page.evaluate(`chrome.runtime.sendMessage(${JSON.stringify(message)})`);
    const { ms, error } = v.parse(Ended, reply);
    return error === '' ? right(true) : right(false, `no: an error after ${duration(ms)}`);
  });
