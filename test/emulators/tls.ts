import { createHash, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM, private. */
  key: string;
  /** PEM, self-signed: it is its own authority (NODE_EXTRA_CA_CERTS takes it). */
  cert: string;
  /** SHA-256 of the public key in base64, the form Chromium's --ignore-certificate-errors-spki-list takes. */
  spki: string;
}

const made = new Map<string, Promise<Certificate>>();
const trusted: string[] = [];

/** Every certificate made in this process so far, PEM: a client that takes them trusts the emulators, and no other. */
export const authorities: readonly string[] = trusted;

/** One certificate for the given host names, localhost and 127.0.0.1. Lives in memory, made once per process. */
export function certificateFor(hosts: readonly string[]): Promise<Certificate> {
  const names = [...new Set([...hosts, 'localhost'])].sort();
  const known = made.get(names.join());
  if (known) return known;
  const making = make(names);
  made.set(names.join(), making);
  return making;
}

async function make(names: readonly string[]): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Runkey test emulators' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map(value => ({ type: 2 as const, value })),
          { type: 7 as const, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  trusted.push(cert);
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return { key, cert, spki: createHash('sha256').update(publicKey).digest('base64') };
}
