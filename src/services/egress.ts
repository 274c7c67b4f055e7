import { Failure } from '../failure';

/**
 * The only file that may name fetch or WebSocket (a lint rule says so). A secret goes to the origins it
 * was sealed with and nowhere else.
 */
interface Destined {
  readonly origins: readonly string[];
}

function demandOrigin({ origins }: Destined, url: URL): void {
  if (origins.includes(`${url.protocol}//${url.host}`)) return;
  throw new Failure('wrong-origin', `This key may not be sent to ${url.host}.`, {
    next: 'Nothing was sent. Save the key again with the address it belongs to.',
  });
}

/**
 * One request with a key, to the key's own origins. The reply's body is the caller's to read.
 * Throws `wrong-origin`, `offline`, `unreachable` (also for a redirect, which is never followed), or
 * the signal's reason.
 */
export async function request(
  key: Destined,
  url: URL,
  init: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  demandOrigin(key, url);
  try {
    return await fetch(url, {
      ...init,
      redirect: 'error',
      credentials: 'omit',
      // The default writes replies to the disk cache.
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    });
  } catch {
    init.signal.throwIfAborted();
    throw unreachable(url.host);
  }
}

export type Socket = WebSocket;

/** A socket to one of the key's own origins. Throws `wrong-origin`; what fails later, its events tell. */
export function connect(key: Destined, url: URL): Socket {
  demandOrigin(key, url);
  return new WebSocket(url);
}

/** Why a host could not be reached, as far as a browser tells. */
export function unreachable(host: string): Failure {
  if (!navigator.onLine) {
    return new Failure('offline', 'This computer is offline.', { next: 'Connect it, then run again.' });
  }
  return new Failure('unreachable', `${host} could not be reached.`, {
    next: 'Check the connection, and whether a firewall, a proxy or the service itself is at fault.',
  });
}
