export type Item = Readonly<Record<string, unknown>>;

/** Whether it is an object. What is in it is untrusted still. */
export const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The most of a service's own words that are kept of one line, characters. */
const LONGEST = 500;

/** Words, or a number as words; undefined for anything else and for nothing. */
export function words(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() ? value.trim().slice(0, LONGEST) : undefined;
}

/** A number, which the service also writes as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A list as it is, or under its name. */
export function listOf(body: unknown, name: string): readonly Item[] | undefined {
  const list = isObject(body) ? body[name] : body;
  return Array.isArray(list) ? list.filter(isObject) : undefined;
}

/** Of an object those of the named fields that are words. */
export const textsOf = <Name extends string>(
  item: Item,
  names: readonly Name[],
): Partial<Record<Name, string>> => {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const text = words(item[name]);
    if (text) found[name] = text;
  }
  return found;
};
