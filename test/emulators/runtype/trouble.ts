import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { EventWriter } from './events';
import type { Started } from './execution';
import type { Around } from './stream';
import { failing } from './vocabulary';

interface Stream {
  readonly response: ServerResponse;
  readonly events: EventWriter;
  readonly started: Started;
  readonly around: Around;
}

/** Whatever fault is due once so many pieces are sent; true when the stream is over with it. */
export async function disturbed(sent: number, stream: Stream): Promise<boolean> {
  const { response, events, started, around } = stream;
  const { ask, faults, switches } = around;
  const due = ({ after }: { after: number }) => after === sent;

  if (faults.take('stream-noise', ask, due)) {
    await events.event({ name: 'weather_report', body: { sky: 'clear' } });
    await events.raw('event: text_delta', 'data: {"delta":');
  }
  const warning = faults.take('stream-warning', ask, due);
  if (warning?.recoverable) {
    await events.event({ name: 'error', body: { error: warning.sentence, recoverable: true } });
  }
  const failure = faults.take('stream-error', ask, due);
  if (warning?.recoverable === false || failure) {
    started.entry.outcome = 'failed';
    const sentence = failure?.sentence ?? 'The model provider returned an error';
    const event = { name: 'error', body: { error: warning?.sentence, recoverable: false } };
    await events.end(warning ? event : failing(sentence, started.capability.kind, switches));
    return true;
  }
  if (faults.take('await', ask, due)) {
    started.entry.outcome = 'running';
    await events.end({
      name: 'await',
      body: { awaitReason: 'approval', toolName: 'send', awaitedAt: new Date().toISOString() },
    });
    return true;
  }
  if (faults.take('stream-end', ask, due)) {
    response.end();
    return true;
  }
  if (!faults.take('stream-cut', ask, due)) return false;
  // What was written is to arrive first.
  await wait(200);
  response.destroy();
  return true;
}
