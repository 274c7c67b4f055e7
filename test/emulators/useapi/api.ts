import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call } from './call';
import { Refusal, type Reply, told, unauthorized } from './failures';
import type { FaultOf } from './faults';
import { trapHost } from './hosts';
import { answer } from './routes';
import type { Subscriber } from './subscribers';
import type { Peer } from './traffic';
import type { World } from './world';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
  readonly call: Call;
}

/** One call from its arrival to its answer, with whatever the script says goes wrong on the way. */
export async function answerCall(exchange: Exchange, world: World): Promise<void> {
  const { call, response } = exchange;
  const { faults, switches } = world;
  const slow = faults.take('slow', call);
  if (slow) await new Promise(resolve => setTimeout(resolve, slow.ms));
  const early = faults.breakAt('arrival', call);
  if (early) return severed(exchange, early);
  if (switches.redirect) {
    const location = `https://${trapHost}${exchange.request.url}`;
    return say(exchange, { status: switches.redirect, headers: { location } }, world);
  }
  const instead = faults.take('http', call, ({ accept }) => accept !== true);
  if (instead) return say(exchange, faulty(instead), world);

  const reply = done(call, world);
  const late = faults.breakAt('accepted', call);
  if (late) return severed(exchange, late);
  const covered = faults.take('http', call, ({ accept }) => accept === true);
  if (faults.take('cut', call)) return halve(response, reply);
  say(exchange, covered ? faulty(covered) : reply, world);
}

function done(call: Call, world: World): Reply {
  try {
    return answer({ call, subscriber: subscriberOf(call, world), world });
  } catch (failure) {
    if (failure instanceof Refusal) return told(failure, world.switches);
    throw failure;
  }
}

/** The token as it is, behind `Bearer ` and nothing else. */
function subscriberOf({ authorization }: Call, { subscribers }: World): Subscriber {
  const [, token] = /^Bearer (user:\d+-\S+)$/.exec(authorization) ?? [];
  const subscriber = token === undefined ? undefined : subscribers.find(token);
  if (!subscriber) throw unauthorized();
  return subscriber;
}

function faulty({ status, body, type, headers = {} }: FaultOf<'http'>): Reply {
  const html = typeof body === 'string' ? 'text/html' : 'application/json';
  return {
    status,
    headers: { 'content-type': type ?? html, ...headers },
    body: body ?? { error: `Scripted status ${status}.`, code: status },
  };
}

function written({ body }: Reply): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function headersOf({ body, headers = {} }: Reply): Record<string, string> {
  if (body === undefined) return headers;
  return {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    ...headers,
  };
}

function say({ response, peer }: Exchange, reply: Reply, { traffic }: World): void {
  const text = written(reply);
  traffic.note(peer, 'api', 'out', text, reply.status);
  response.writeHead(reply.status, headersOf(reply)).end(text);
}

function halve(response: ServerResponse, reply: Reply): void {
  const bytes = Buffer.from(written(reply));
  response.writeHead(reply.status, { ...headersOf(reply), 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

/** A dropped call loses its connection; a frozen one is never answered. */
function severed({ request }: Exchange, { kind }: FaultOf<'drop'> | FaultOf<'freeze'>): void {
  if (kind === 'drop') request.socket.destroy();
}
