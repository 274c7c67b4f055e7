import type { OpenedKey } from '../../vault/key-index';
import { request } from '../egress';
import type { WireRequest } from './operations';

type Sent = { readonly body: string | undefined };

export const methodOf = ({ body }: Sent): string => (body === undefined ? 'GET' : 'POST');
export const acceptOf = ({ body }: Sent): string =>
  body === undefined ? 'application/json' : 'application/json, text/event-stream';

/**
 * Says one thing to Runtype, with the key in the one header that it is to go in. Throws what `request` throws:
 * then it may or may not have arrived.
 */
export function ask(key: OpenedKey, { url, body }: WireRequest, signal: AbortSignal): Promise<Response> {
  const { apiKey = '', header } = key.fields;
  return request(key, url, {
    method: methodOf({ body }),
    headers: {
      accept: acceptOf({ body }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(header === 'x-api-key' ? { 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` }),
    },
    ...(body !== undefined && { body }),
    signal,
  });
}
