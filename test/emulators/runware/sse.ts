import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from './rest';
import { textOf } from './wire';
import type { Work } from './work';

/** Streams one text as server-sent events: pieces, then finish reason, usage and cost, then [DONE]. */
export async function streamText({ response, request, peer, around }: Call, work: Work): Promise<void> {
  const { task, taskUUID } = work.order;
  const { switches, faults, traffic } = around;
  const write = (text: string): void => {
    traffic.note(peer, 'sse', 'out', text);
    response.write(`${text}\n\n`);
  };
  const tell = (body: object): void => write(`data: ${JSON.stringify(body)}`);

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  write(': keep-alive');
  const { items, failure } = await work.finished();
  const cut = faults.take('sse-cut', task);
  const text = textOf(items[0]?.text);
  const pieces = text.split(/(?<=\s)/).map(piece => ({ text: piece }));
  const thoughts = [{ reasoningContent: 'The emulator ' }, { reasoningContent: 'thinks nothing.' }];
  const deltas = switches.reasoning ? [...thoughts, ...pieces] : pieces;
  const last = failure ? (work.order.breakdown?.after ?? 0) : deltas.length;
  for (const [index, delta] of deltas.slice(0, last).entries()) {
    if (index === cut?.after) return void request.socket.destroy();
    tell({ taskUUID, delta });
    await wait(switches.deltaMs);
    if (response.closed) return;
  }
  if (cut) return void request.socket.destroy();
  if (failure) {
    tell({ errors: [failure] });
  } else {
    const [item] = items;
    tell({
      taskUUID,
      delta: { text: '' },
      finishReason: item?.finishReason,
      usage: item?.usage,
      cost: item?.cost,
    });
    write('data: [DONE]');
  }
  response.end();
}
