import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type CallFault, type CallFaults, type FaultOf, Faults, type Moment } from './faults';
import type { Traffic } from './traffic';
import { type Answer, type Ask, noted, type Reply } from './wire';

interface Surroundings {
  readonly secrets: { look(ask: Ask): void | Promise<void> };
  readonly traffic: Traffic;
  readonly faults: CallFaults;
  /** Which calls no fault strikes. */
  readonly spares?: (ask: Ask) => boolean;
  /** What a scripted answer looks like; as it stands there unless told. */
  readonly scripted?: (fault: FaultOf<CallFault, 'http'>) => Answer;
  readonly respond: (ask: Ask) => Reply | Promise<Reply>;
}

/** One call: heard, noted, answered by `respond`, and troubled by whatever fault is due. */
export async function converse(
  request: IncomingMessage,
  response: ServerResponse,
  { secrets, traffic, faults: script, respond, spares, scripted = fault => fault }: Surroundings,
): Promise<void> {
  const ask = await heard(request);
  if (!ask) return;
  await secrets.look(ask);
  const faults: CallFaults = spares?.(ask) ? new Faults<CallFault>() : script;
  const note = traffic.hear(ask);
  const cutOff = (moment: Moment) => {
    const drop = faults.take('drop', ask, ({ at }) => at === moment);
    if (drop) request.socket.destroy();
    return drop ?? faults.take('freeze', ask, ({ at }) => at === moment);
  };

  if (cutOff('arrival')) return;
  const slow = faults.take('slow', ask);
  if (slow) await wait(slow.ms);
  const early = faults.take('http', ask, ({ accept }) => accept !== true);
  const reply = early ? scripted(early) : await respond(ask);
  if (!early && cutOff('accepted')) return;
  const late = early ? undefined : faults.take('http', ask, ({ accept }) => accept === true);
  const told = late ? scripted(late) : reply;
  if ('flow' in told) return told.flow(response, text => note(200, text));
  const cut = faults.take('cut', ask);
  const { headers, bytes } = written(told);
  note(told.status, noted(headers['content-type'] ?? '', bytes), headers);
  response.writeHead(told.status, headers);
  if (!cut) return void response.end(bytes);
  response.write(bytes.subarray(0, cut.after ?? bytes.length / 2), () => request.socket.destroy());
}

function written({ status, body, headers = {} }: Answer): {
  bytes: Buffer;
  headers: Record<string, string>;
} {
  const plain = typeof body === 'string';
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(body === undefined ? '' : plain ? body : JSON.stringify(body));
  const type = plain ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    bytes,
    headers: {
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
      // HTTP has no length for an answer that cannot have a body.
      ...(status !== 204 && { 'content-length': String(bytes.length) }),
    },
  };
}

/** Nothing when the client left before it had said all. */
async function heard(request: IncomingMessage): Promise<Ask | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
  } catch {
    return undefined;
  }
  const target = request.url ?? '/';
  const [path = '/', query = ''] = target.split(/\?(.*)/s);
  const bytes = Buffer.concat(chunks);
  return {
    method: request.method ?? '',
    host: (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    path,
    query: new URLSearchParams(query),
    target,
    headers: request.headers,
    body: bytes.toString('utf8'),
    bytes,
  };
}
