import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { certificateFor } from '../emulators/tls';

/** A request as it arrived. */
export interface Heard {
  readonly method: string;
  /** With the host. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Answer = (path: string) => unknown;

/** What stands in for the services: it hears everything, and answers with JSON. */
export async function recorder(hosts: readonly string[], answer: Answer) {
  const tls = await certificateFor(hosts);
  const heard: Heard[] = [];
  const server = createServer(tls, async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const { method = '', url = '', headers } = request;
    heard.push({
      method,
      url: `https://${headers.host}${url}`,
      headers: headers as Record<string, string>,
      body: Buffer.concat(pieces),
    });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(url)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    authority: tls.cert,
    /** What was heard since it was asked last. */
    taken: () => heard.splice(0),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const run = promisify(execFile);

/** A person's folder in which snippets are run: every https address in them leads to one port of this computer. */
export async function folder(port: number, authority: string, secrets: Readonly<Record<string, string>>) {
  const dir = await mkdtemp(join(tmpdir(), 'runkey-snippets-'));
  const put = (name: string, content: string | Uint8Array) => writeFile(join(dir, name), content);
  await put('authority.pem', authority);
  await put(
    'curl',
    `#!/bin/sh\nexec /usr/bin/curl -q --noproxy '*' --cacert '${dir}/authority.pem' --connect-to '::127.0.0.1:${port}' "$@"\n`,
  );
  await chmod(join(dir, 'curl'), 0o700);
  await put(
    'loopback.mjs',
    `import tls from 'node:tls';
     const { connect } = tls;
     tls.connect = options => connect({ ...options, host: '127.0.0.1', port: ${port} });`,
  );
  const options = {
    cwd: dir,
    env: {
      ...secrets,
      PATH: `${dir}:/usr/bin:/bin`,
      HOME: dir,
      NODE_EXTRA_CA_CERTS: join(dir, 'authority.pem'),
    },
    timeout: 60_000,
  };
  return {
    dir,
    put,
    /** What it said. Rejects where it failed. */
    shell: async (snippet: string, shell = 'bash'): Promise<string> => {
      await put('snippet.sh', snippet);
      return (await run(shell, ['snippet.sh'], options)).stdout;
    },
    node: async (...snippets: readonly string[]): Promise<string> => {
      const names = snippets.map((_, at) => `./snippet-${at}.mjs`);
      for (const [at, snippet] of snippets.entries()) await put(`snippet-${at}.mjs`, snippet);
      await put('all.mjs', names.map(name => `await import('${name}');\n`).join(''));
      return (await run(process.execPath, ['--import', './loopback.mjs', 'all.mjs'], options)).stdout;
    },
    forget: () => rm(dir, { recursive: true, force: true }),
  };
}
