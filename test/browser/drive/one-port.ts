import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { certificateFor } from '../../emulators/tls';
import type { Hosts } from '../emulate';

export interface OnePort {
  /** The same host names, all at one port. */
  readonly hosts: Hosts;
  close(): Promise<void>;
}

/** One port for hosts that stand at several, for Firefox: the name that TLS begins with says which one is meant. */
export async function onePort(hosts: Hosts): Promise<OnePort> {
  const names = Object.keys(hosts);
  const open = new Set<TLSSocket>();
  const server = createServer(await certificateFor(names), near => {
    // What is no name of ours is false, or of the prototype.
    const name = near.servername || '';
    const port = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
    if (port === undefined) return void near.destroy();
    const far = connect({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false });
    open.add(near);
    // An end or a break at one side is one at the other.
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroySoon());
    }
    near.on('close', () => open.delete(near));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    hosts: Object.fromEntries(names.map(name => [name, port])),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
