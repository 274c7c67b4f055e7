import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { inPage } from './in-page';
import { inScratchExtension } from './scratch';

/** Sends what it is told over one socket and tells the answers: no vault, no journal, nothing read or kept. */
const WORKER = `let socket;
const ports = new Set();

chrome.runtime.onConnect.addListener(port => {
  ports.add(port);
  port.onDisconnect.addListener(() => ports.delete(port));
});

function open(apiKey, answer) {
  socket = new WebSocket('wss://ws-api.runware.ai/v1');
  socket.onopen = () => socket.send(JSON.stringify([{ taskType: 'authentication', apiKey }]));
  socket.onmessage = ({ data }) => {
    for (const { taskType, taskUUID, imageBase64Data } of JSON.parse(data).data ?? []) {
      if (taskType === 'authentication') answer();
      if (imageBase64Data) for (const port of ports) port.postMessage({ taskUUID, at: Date.now() });
    }
  };
}

chrome.runtime.onMessage.addListener(({ apiKey, task }, _sender, answer) => {
  if (apiKey) {
    open(apiKey, answer);
    return true;
  }
  const at = Date.now();
  socket.send(JSON.stringify([task]));
  answer({ at });
});
`;

const Times = v.object({ worker: v.number(), page: v.number() });
/** How long it took until the last answer, ms: by the worker's own account, and by the page's. */
export type Times = v.InferOutput<typeof Times>;

/** What calls take at the least in an extension: its worker does nothing but pass them on. */
export const withRelay = <T>(
  apiKey: string,
  hosts: Record<string, number>,
  use: (relay: (requests: readonly object[]) => Promise<Times>) => Promise<T>,
): Promise<T> =>
  inScratchExtension(WORKER, hosts, async page => {
    await page.evaluate(`${await inPage('run-relay.js')}(${JSON.stringify(apiKey)})`);
    return use(async requests => {
      const tasks = requests.map(request => ({
        ...request,
        taskType: 'imageInference',
        taskUUID: randomUUID(),
      }));
      return v.parse(Times, await page.evaluate(`runRelay(${JSON.stringify(tasks)})`));
    });
  });
