import { once } from 'node:events';
import * as v from 'valibot';
import { WebSocket } from 'ws';

/** An entry of Chromium's own trace; times in µs. */
const TraceEvent = v.object({
  name: v.string(),
  ph: v.string(),
  pid: v.number(),
  tid: v.number(),
  ts: v.number(),
  dur: v.optional(v.number()),
  args: v.optional(v.record(v.string(), v.unknown())),
});
export type TraceEvent = v.InferOutput<typeof TraceEvent>;

const Collected = v.object({
  method: v.literal('Tracing.dataCollected'),
  params: v.object({ value: v.array(v.unknown()) }),
});

/**
 * Has the browser write down what its threads do, workers included, without a debugger on any of them: none is
 * kept awake by being looked at.
 */
export async function traceBrowser(
  debuggerAddress: string,
  categories: readonly string[],
): Promise<{ stop(): Promise<TraceEvent[]> }> {
  const socket = new WebSocket(debuggerAddress, { perMessageDeflate: false });
  await once(socket, 'open');
  const events: TraceEvent[] = [];
  let started = () => {};
  let ended = () => {};
  socket.on('message', data => {
    const message: unknown = JSON.parse(String(data));
    const { id, method }: Record<string, unknown> = Object(message);
    if (v.is(Collected, message)) events.push(...message.params.value.filter(one => v.is(TraceEvent, one)));
    else if (method === 'Tracing.tracingComplete') ended();
    else if (id === 1) started();
  });
  const send = (id: number, method: string, params: object = {}) =>
    socket.send(JSON.stringify({ id, method, params }));
  await new Promise<void>(resolve => {
    started = resolve;
    send(1, 'Tracing.start', {
      transferMode: 'ReportEvents',
      traceConfig: { includedCategories: categories },
    });
  });
  return {
    async stop() {
      await new Promise<void>(resolve => {
        ended = resolve;
        send(2, 'Tracing.end');
      });
      socket.terminate();
      return events;
    },
  };
}
