import { isObject } from './values';

/**
 * What a text of JSON says, without what must not go further: passwords, and of a session all but its times.
 * Undefined for anything that is not JSON.
 */
export function cleaned(json: string): unknown {
  try {
    return JSON.parse(json, (name, value: unknown) => {
      if (/^(password|token|secret)$/i.test(name)) return undefined;
      return name.toLowerCase() === 'jwt' ? times(value) : value;
    });
  } catch {
    return undefined;
  }
}

function times(value: unknown): { exp?: number; iat?: number } {
  const { exp, iat } = isObject(value) ? value : {};
  return { ...(typeof exp === 'number' && { exp }), ...(typeof iat === 'number' && { iat }) };
}
