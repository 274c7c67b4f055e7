import { watchPassword } from './account';
import type { Exchange } from './api';
import type { Call } from './call';
import type { Secrets } from './secrets';
import type { TrafficRecord } from './traffic';
import type { World } from './world';

/** A new password is a secret from here on, and so is one that comes where none should. */
export function learn({ form: { password, email } }: Call, secrets: Secrets): void {
  if (typeof password === 'string') watchPassword(secrets, password, String(email));
}

/** Looks for secrets in every part of a request, and notes what was said without them. */
export function inspect(
  { request, peer, call }: Exchange,
  { secrets, traffic }: World,
  transport: TrafficRecord['transport'],
): void {
  const place = { host: peer.host, method: call.method, path: request.url ?? '/' };
  secrets.look(peer.peer, { ...place, where: 'url' }, place.path);
  for (const [header, value] of Object.entries(request.headers)) {
    secrets.look(peer.peer, { ...place, where: 'header', header }, String(value));
  }
  secrets.look(peer.peer, { ...place, where: 'body' }, call.bytes.toString('utf8'));
  traffic.note(peer, transport, 'in', call.text);
}
