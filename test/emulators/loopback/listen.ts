import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';

export interface Listener {
  readonly port: number;
  /** For so many ms whoever comes is turned away. */
  refuse(ms: number): void;
  /** Whoever is there loses the connection. */
  drop(): void;
  close(): Promise<void>;
}

/** One TLS port on 127.0.0.1 for all host names of a service; the Host header says which one is meant. */
export async function listen(
  tls: { key: string; cert: string },
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Listener> {
  const wires = new Set<Socket>();
  let refusedUntil = 0;
  const refuses = () => Date.now() < refusedUntil;

  const server = createServer(tls, (request, response) => {
    // A connection that was kept open is turned away as well.
    if (refuses()) return void request.socket.destroy();
    void answer(request, response);
  });
  server.on('connection', (wire: Socket) => {
    if (refuses()) return void wire.destroy();
    wires.add(wire);
    wire.on('close', () => wires.delete(wire));
  });
  // A client that goes away or distrusts the certificate is no failure of the server.
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const drop = () => {
    for (const wire of wires) wire.destroy();
  };

  return {
    port: typeof address === 'object' && address ? address.port : port,
    refuse(ms) {
      refusedUntil = Date.now() + ms;
    },
    drop,
    async close() {
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
}
