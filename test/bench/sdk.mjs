// One call of the official SDK for each line on standard input: its duration in ms, a line each.
// A process of its own, since trusting the emulator's certificate is decided when Node starts.
import { createInterface } from 'node:readline';
import { Runware } from '@runware/sdk-js';

const [, , url, apiKey] = process.argv;
const runware = await Runware.initialize({ apiKey, url });
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  const begun = performance.now();
  await runware.requestImages(JSON.parse(line));
  console.log(performance.now() - begun);
}
runware.disconnect();
process.exit(0);
