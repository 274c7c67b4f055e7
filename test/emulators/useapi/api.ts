import type { CallFault, FaultOf } from '../loopback/faults';
import { astray } from '../loopback/redirect';
import type { Answer, Ask } from '../loopback/wire';
import { type Call, callOf } from './call';
import { Refusal, told, unauthorized } from './failures';
import { plays } from './hosts';
import { answer } from './routes';
import type { Subscriber } from './subscribers';
import type { World } from './world';

/** One call's answer, by the host it came to. */
export async function respond(ask: Ask, world: World): Promise<Answer> {
  // Whoever comes here has followed a redirect; it looks as if all were well.
  if (plays(ask.host, 'trap')) return { status: 200, body: { subscriptionIsActive: true } };
  if (isFile(ask)) return serve(ask, world);
  if (!plays(ask.host, 'api')) return { status: 404 };
  const { redirect } = world.switches;
  return redirect ? astray(ask, redirect) : done(await callOf(ask), world);
}

/** Under a loopback name results and the API share a host. */
const isFile = ({ host, path }: Ask): boolean => plays(host, 'media') && !/^\/v[12]\//.test(path);

/** Faults strike calls to the API alone. */
export const isCall = (ask: Ask): boolean => plays(ask.host, 'api') && !isFile(ask);

/** A result at its signed address: no token is asked for, and none should be sent. */
function serve({ method, path, query }: Ask, { shelf }: World): Answer {
  if (!/^(GET|HEAD)$/.test(method)) return { status: 405 };
  const good = shelf.at(path, query.get('_jwt'));
  if (typeof good === 'number') return { status: good };
  return { status: 200, headers: { 'content-type': good.mime }, body: good.bytes };
}

function done(call: Call, world: World): Answer {
  try {
    return answer({ call, subscriber: subscriberOf(call, world), world });
  } catch (failure) {
    if (failure instanceof Refusal) return told(failure, world.switches);
    throw failure;
  }
}

/** The token as it is, behind `Bearer ` and nothing else. */
function subscriberOf({ headers }: Call, { subscribers }: World): Subscriber {
  const [, token] = /^Bearer (user:\d+-\S+)$/.exec(headers.authorization ?? '') ?? [];
  const subscriber = token === undefined ? undefined : subscribers.find(token);
  if (!subscriber) throw unauthorized();
  return subscriber;
}

/** A text is a page, as a gateway sends them; without a body it is an error as the service has them. */
export function scripted({ status, body, headers = {} }: FaultOf<CallFault, 'http'>): Answer {
  const page = typeof body === 'string' ? { 'content-type': 'text/html' } : {};
  return {
    status,
    headers: { ...page, ...headers },
    body: body ?? { error: `Scripted status ${status}.`, code: status },
  };
}
