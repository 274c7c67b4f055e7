import * as v from 'valibot';
import { base64, utf8 } from '../bytes';
import { Failure } from '../failure';
import type { OpenedKey } from '../vault/key-index';
import { aboutOf } from './abouts';
import { type KeptPassword, KeptPasswords, keptIn, keptOf, PASSWORDS } from './accounts';
import { secretFields, type Values } from './fields';

/** Tells the key's own secrets: SHA-256 of them, base64. */
export async function markOf({ service, fields }: OpenedKey): Promise<string> {
  const own = secretFields(aboutOf(service).keyFields).map(({ name }) => fields[name] ?? '');
  return base64(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(JSON.stringify(own)))));
}

/**
 * The password that is kept of an account. Throws `bad-input` where there is none, and where the key's secret was
 * replaced since: whoever put in one of theirs would read the password at the service.
 */
export async function passwordFor(key: OpenedKey, email: string): Promise<string> {
  const kept = keptOf(key.fields, email);
  if (!kept)
    throw new Failure('bad-input', 'No password of this account is kept.', {
      field: 'password',
      next: 'Type it, and save again. Nothing was sent.',
    });
  if (kept.mark !== (await markOf(key)))
    throw new Failure('bad-input', 'The key was replaced since this password was kept.', {
      field: 'password',
      next: 'Type it once more: then it is kept with the new key. Nothing was sent.',
    });
  return kept.password;
}

/** The secrets with that password kept of that account, or none; the same object where nothing changes. Throws `bad-input`. */
export function keeping(secrets: Values, email: string, wanted: KeptPassword | undefined): Values {
  const present = keptOf(secrets, email);
  if (present?.password === wanted?.password && present?.mark === wanted?.mark) return secrets;
  const kept = new Map(Object.entries(keptIn(secrets)));
  kept.delete(email.toLowerCase());
  if (wanted) kept.set(email.toLowerCase(), wanted);
  const { [PASSWORDS]: _, ...own } = secrets;
  if (kept.size === 0) return own;
  const text = JSON.stringify(Object.fromEntries(kept));
  if (v.is(KeptPasswords, text)) return { ...own, [PASSWORDS]: text };
  throw new Failure('bad-input', 'So many passwords cannot be kept with one key.', {
    field: 'password',
    next: 'Put the account in without keeping its password.',
  });
}
