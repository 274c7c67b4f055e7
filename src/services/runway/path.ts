import { Failure } from '../../failure';

/** The service decodes nothing of a path for sure: its own clients put these in as they are, and none of them ends a part of it. */
const RAW: Readonly<Record<string, string>> = { '%40': '@', '%3A': ':', '%2B': '+' };

/**
 * A value as one part of a path. What would end that part, or change the address in any other way, is escaped.
 * Throws `invalid` for what cannot be said there.
 */
export function part(value: string, field: string): string {
  // An address loses such a part, however it is written.
  if (value === '' || value === '.' || value === '..' || /\p{Cc}|\p{Cs}/u.test(value)) {
    throw new Failure('invalid', 'This cannot be part of an address.', {
      field,
      next: 'Nothing was sent. Change it and run again.',
    });
  }
  return encodeURIComponent(value).replace(/%(40|3A|2B)/g, code => RAW[code] ?? code);
}
