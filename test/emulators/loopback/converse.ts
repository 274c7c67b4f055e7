import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallFaults, Moment } from './faults';
import type { Secrets } from './secrets';
import type { Traffic } from './traffic';
import type { Answer, Ask, Reply } from './wire';

interface Surroundings {
  readonly secrets: Secrets;
  readonly traffic: Traffic;
  readonly faults: CallFaults;
  readonly respond: (ask: Ask) => Reply | Promise<Reply>;
}

/** One call: heard, noted, answered by `respond`, and troubled by whatever fault is due. */
export async function converse(
  request: IncomingMessage,
  response: ServerResponse,
  { secrets, traffic, faults, respond }: Surroundings,
): Promise<void> {
  const ask = await heard(request);
  if (!ask) return;
  secrets.look(ask);
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
  const reply = early ?? (await respond(ask));
  if (!early && cutOff('accepted')) return;
  const told = early ?? faults.take('http', ask, ({ accept }) => accept === true) ?? reply;
  if ('flow' in told) return told.flow(response, text => note(200, text));
  const cut = faults.take('cut', ask);
  const { headers, bytes } = written(told);
  note(told.status, bytes.toString('utf8'), headers);
  response.writeHead(told.status, headers);
  if (!cut) return void response.end(bytes);
  response.write(bytes.subarray(0, cut.after), () => request.socket.destroy());
}

function written({ body, headers = {} }: Answer) {
  const plain = typeof body === 'string';
  const bytes = Buffer.from(body === undefined ? '' : plain ? body : JSON.stringify(body));
  const type = plain ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    bytes,
    headers: {
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
      'content-length': String(bytes.length),
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
  return {
    method: request.method ?? '',
    host: (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    path,
    query: new URLSearchParams(query),
    target,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
