import type { Account } from './account';
import { badParam, forbidden, notFound } from './failures';
import type { Switches } from './options';
import type { Subscriber } from './subscribers';

export type Kind = 'task' | 'asset';

/** An id names its owner and the Runway account. */
export const idOf = (kind: Kind, subscriber: Subscriber, email: string, uuid: string): string =>
  `user:${subscriber.id}-runwayml:${email}-${kind}:${uuid}`;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The configured account an id belongs to. Refuses what is no id, another person's, or of an unknown account. */
export function ownerOf(kind: Kind, id: string, subscriber: Subscriber): Account {
  const parts = new RegExp(`^user:(\\d+)-runwayml:(.+)-${kind}:${UUID}$`).exec(id);
  if (!parts) throw badParam(`Param ${kind}Id has an incorrect format`);
  const [, user, email = ''] = parts;
  if (user !== subscriber.id) throw forbidden();
  const account = subscriber.accounts.get(email);
  if (!account) throw notFound();
  return account;
}

/** A path's last part, decoded as far as the switch says. */
export function decoded(raw: string, { pathDecoding }: Switches): string {
  if (pathDecoding === 'none') return raw;
  try {
    return decodeURIComponent(pathDecoding === 'form' ? raw.replaceAll('+', ' ') : raw);
  } catch {
    throw badParam('The path is not well-formed');
  }
}
