// What the official SDK does with each line on standard input, a line each on standard output, in whatever order
// they end. A process of its own, since trusting the emulator's certificate is decided when Node starts.
import { createHook } from 'node:async_hooks';
import { createInterface } from 'node:readline';
import { Runware } from '@runware/sdk-js';

const [, , url, apiKey, ...options] = process.argv;

// Counting slows down what is counted: only where it is wished.
const wakeUps = options.includes('count-wake-ups') ? countWakeUps() : undefined;

const runware = await Runware.initialize({ apiKey, url });
const say = message => process.stdout.write(`${JSON.stringify(message)}\n`);
say('ready');

/** How often script was entered by a timer or the network: promises and the like are parts of the same turn. */
function countWakeUps() {
  // PIPEWRAP is how the bench itself asks.
  const inner =
    /^(PROMISE|TickObject|Microtask|Immediate|PIPEWRAP|WRITEWRAP|SHUTDOWNWRAP|AsyncResource|RANDOM.*)$/;
  const outer = new Set();
  const counted = { times: 0 };
  let depth = 0;
  createHook({
    init: (id, type) => void (inner.test(type) || outer.add(id)),
    before(id) {
      if (depth === 0 && outer.has(id)) counted.times += 1;
      depth += 1;
    },
    after() {
      depth -= 1;
    },
    destroy: id => void outer.delete(id),
  }).enable();
  return counted;
}

const asks = {
  image: ({ request }) => runware.requestImages(request),
  /** With a connection of its own, made for it. */
  async first({ request, apiKey: other }) {
    const fresh = new Runware({ apiKey: other ?? apiKey, url });
    try {
      return await fresh.requestImages(request);
    } finally {
      fresh.disconnect();
    }
  },
  wakeUps: () => wakeUps.times,
};

createInterface({ input: process.stdin })
  .on('line', async line => {
    const { number, ask, ...body } = JSON.parse(line);
    const begun = performance.now();
    try {
      const value = await asks[ask](body);
      say({ number, ms: performance.now() - begun, value });
    } catch (reason) {
      const error = reason?.error?.message ?? reason?.message ?? String(reason);
      say({ number, ms: performance.now() - begun, error });
    }
  })
  .on('close', () => process.exit(0));
