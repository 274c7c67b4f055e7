import { setTimeout as wait } from 'node:timers/promises';
import { EventWriter } from './events';
import type { Call } from './rest';
import { textOf } from './wire';
import type { Work } from './work';

/** Streams one text as server-sent events: pieces, then finish reason, usage and cost, then [DONE]. */
export async function streamText({ response, request, peer, around }: Call, work: Work): Promise<void> {
  const { task, taskUUID } = work.order;
  const { switches, faults, traffic } = around;
  const events = new EventWriter(response, switches, text => traffic.note(peer, 'sse', 'out', text));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  await events.comment('keep-alive');
  const { items, failure } = await work.finished();
  const cut = faults.take('sse-cut', task);
  const text = textOf(items[0]?.text);
  const pieces = text.split(/(?<=\s)/).map(piece => ({ text: piece }));
  const thoughts = [{ reasoningContent: 'The emulator ' }, { reasoningContent: 'thinks nothing.' }];
  const deltas = switches.reasoning ? [...thoughts, ...pieces] : pieces;
  const last = failure ? (work.order.breakdown?.after ?? 0) : deltas.length;
  for (const [index, delta] of deltas.slice(0, last).entries()) {
    if (index === cut?.after) return void request.socket.destroy();
    await events.event({ taskUUID, delta });
    await wait(switches.deltaMs);
    if (response.closed) return;
  }
  if (cut) return void request.socket.destroy();
  if (failure) {
    await events.event({ errors: [failure] });
  } else {
    const [item] = items;
    await events.event({
      taskUUID,
      delta: { text: '' },
      finishReason: item?.finishReason,
      usage: item?.usage,
      cost: item?.cost,
    });
    await events.event('[DONE]');
  }
  response.end();
}
