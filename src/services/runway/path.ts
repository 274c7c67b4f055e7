import { Failure } from '../../failure';

/** The service decodes nothing of a path for sure: its own clients put these in as they are, and none of them ends a part of it. */
const RAW: Readonly<Record<string, string>> = { '%40': '@', '%3A': ':', '%2B': '+' };

/** Whether a value can be a part of a path: an address loses some, however they are written. */
export const isPart = (value: string): boolean =>
  !['', '.', '..'].includes(value) && !/\p{Cc}|\p{Cs}/u.test(value);

/**
 * A value as one part of a path. What would end that part, or change the address in any other way, is escaped.
 * Throws `invalid` for what cannot be said there.
 */
export function part(value: string, field: string): string {
  if (!isPart(value)) {
    throw new Failure('invalid', 'This cannot be part of an address.', {
      field,
      next: 'Nothing was sent. Change it and run again.',
    });
  }
  return encodeURIComponent(value).replace(/%(40|3A|2B)/g, code => RAW[code] ?? code);
}
