import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { answerCall, type Exchange } from './api';
import { read } from './call';
import { plays } from './hosts';
import { inspect, learn } from './inspect';
import type { World } from './world';

export interface Listener {
  readonly port: number;
  refuse(ms: number): void;
  close(): Promise<void>;
}

/** One TLS port for every host; the Host header says which one is meant. */
export async function listen(
  tls: { key: string; cert: string },
  port: number,
  world: World,
): Promise<Listener> {
  const wires = new Set<Socket>();
  let refusedUntil = 0;
  const server = createServer(tls, (request, response) => void route(request, response, world));
  server.on('connection', (wire: Socket) => {
    if (Date.now() < refusedUntil) return void wire.destroy();
    wires.add(wire);
    wire.on('close', () => wires.delete(wire));
  });
  // A client that goes away or distrusts the certificate is no failure of the server.
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    port: typeof address === 'object' && address ? address.port : port,
    refuse(ms) {
      refusedUntil = Date.now() + ms;
      for (const wire of wires) wire.destroy();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const wire of wires) wire.destroy();
      await closed;
    },
  };
}

async function route(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const call = await read(request);
  if (!call) return;
  learn(call, world.secrets);
  const peer = world.traffic.peer(request);
  const exchange = { request, response, peer, call };
  if (plays(peer.host, 'trap')) return trapped(exchange, world);
  if (plays(peer.host, 'media') && !/^\/v[12]\//.test(call.path)) return serve(exchange, world);
  inspect(exchange, world, 'api');
  if (!plays(peer.host, 'api')) return void response.writeHead(404).end();
  await answerCall(exchange, world);
}

/** A result at its signed address: no token is asked for, and none should be sent. */
function serve(exchange: Exchange, world: World): void {
  const { call, response } = exchange;
  inspect(exchange, world, 'media');
  if (!/^(GET|HEAD)$/.test(call.method)) return void response.writeHead(405).end();
  const good = world.shelf.at(call.path, call.query.get('_jwt'));
  if (typeof good === 'number') return void response.writeHead(good).end();
  response.writeHead(200, { 'content-type': good.mime, 'content-length': good.bytes.length });
  response.end(call.method === 'HEAD' ? undefined : good.bytes);
}

/** Whoever comes here has followed a redirect; it looks as if all were well. */
function trapped(exchange: Exchange, world: World): void {
  inspect(exchange, world, 'trap');
  exchange.response
    .writeHead(200, { 'content-type': 'application/json' })
    .end('{"subscriptionIsActive":true}');
}
