import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Shelf } from './media/shelf';
import { mediaHosts } from './media/shelf';
import { answerCall } from './rest';
import { Connection, type Surroundings } from './socket';

export const socketHost = 'ws-api.runware.ai';
export const restHost = 'api.runware.ai';

/** Everything, WebSockets alone, or everything but them. */
export type Refused = 'all' | 'sockets' | 'http';

export interface Listener {
  readonly port: number;
  readonly connections: ReadonlySet<Connection>;
  readonly opened: number;
  refuse(ms: number, what: Refused): void;
  close(): Promise<void>;
}

type Role = 'socket' | 'rest' | 'media';

/** One TLS port for every Runware host; the Host header says which one is meant. */
export async function listen(
  tls: { key: string; cert: string },
  port: number,
  around: Surroundings,
  shelf: Shelf,
): Promise<Listener> {
  const wires = new Set<Socket>();
  const connections = new Set<Connection>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 ** 3 });
  let opened = 0;
  const refusedUntil = { all: 0, sockets: 0, http: 0 };
  const refuses = (what: Refused) => Date.now() < Math.max(refusedUntil.all, refusedUntil[what]);

  const server = createServer(tls, (request, response) => {
    if (refuses('http')) return void request.socket.destroy();
    void route(request, response, around, shelf);
  });
  server.on('connection', (wire: Socket) => {
    if (refuses('all')) return void wire.destroy();
    wires.add(wire);
    wire.on('close', () => wires.delete(wire));
  });
  // A client that goes away or distrusts the certificate is no failure of the server.
  server.on('tlsClientError', () => {});
  server.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => {
    if (refuses('sockets')) return void wire.destroy();
    if (!mayBe(request, 'socket')) return void wire.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, wire, head, socket => {
      opened += 1;
      const dryRun = /[?&]dryRun=1\b/.test(request.url ?? '');
      const connection = new Connection({ socket, wire, peer: around.traffic.peer(request), dryRun }, around);
      connections.add(connection);
      socket.on('close', () => connections.delete(connection));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    port: typeof address === 'object' && address ? address.port : port,
    connections,
    get opened() {
      return opened;
    },
    refuse(ms, what) {
      refusedUntil[what] = Date.now() + ms;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const wire of wires) wire.destroy();
      await closed;
    },
  };
}

async function route(request: IncomingMessage, response: ServerResponse, around: Surroundings, shelf: Shelf) {
  const peer = around.traffic.peer(request);
  const path = new URL(request.url ?? '/', 'https://emulator').pathname;
  if (request.method === 'POST' && mayBe(request, 'rest')) {
    return answerCall({ request, response, peer, around });
  }
  const good =
    /^(GET|HEAD)$/.test(request.method ?? '') && mayBe(request, 'media') ? shelf.at(path) : undefined;
  around.traffic.note(peer, 'media', 'in', '');
  if (!good) return void response.writeHead(mayBe(request, 'rest') ? 405 : 404).end();
  response.writeHead(200, { 'content-type': good.mime, 'content-length': good.bytes.length });
  response.end(request.method === 'HEAD' ? undefined : good.bytes);
}

/** Under its public names each host has one role and one path; under a loopback name it has them all. */
function mayBe(request: IncomingMessage, role: Role): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const versioned = /^\/v1\/?(\?|$)/.test(request.url ?? '');
  if (host === socketHost) return role === 'socket' && versioned;
  if (host === restHost) return role === 'rest' && versioned;
  if (Object.values(mediaHosts).includes(host)) return role === 'media';
  return true;
}
