import type { About, Field } from '../services/about';
import type { Clue } from './clue';
import { squashed, stretchOf, without, wordsOf } from './names';

const namesOf = (of: About | Field): readonly string[] => [of.name, of.label, ...(of.aliases ?? [])];

/** The longest of a thing's names that stands in the words, and where. */
function longestName(words: readonly string[], of: About | Field) {
  const found = namesOf(of).flatMap(name => {
    const stretch = stretchOf(words, name);
    return stretch ? [{ stretch, name, length: squashed(name).length }] : [];
  });
  return found.sort((one, other) => other.length - one.length)[0];
}

/** The service that a name names: of several, the one whose name is longest. */
export function serviceNamed(name: string, abouts: readonly About[]): About | undefined {
  const words = wordsOf(name);
  const found = abouts.flatMap(about => {
    const longest = longestName(words, about);
    return longest ? [{ about, length: longest.length }] : [];
  });
  return found.sort((one, other) => other.length - one.length)[0]?.about;
}

/** The service whose host an address has. An origin may begin its host with `*.` for all hosts below. */
export function serviceAt(address: string, abouts: readonly About[]): About | undefined {
  const host = hostOf(address);
  if (host === undefined) return undefined;
  return abouts.find(({ origins }) =>
    origins.some(origin => {
      const known = hostOf(origin);
      return known?.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known;
    }),
  );
}

const hostOf = (address: string): string | undefined =>
  address.match(/^(?:https?|wss?):\/\/([^/?#\s]+)/i)?.[1]?.toLowerCase();

/** Whose a value is, by its name, then by what stands beside it, then by the names around it. */
export function serviceOfClue(clue: Clue, abouts: readonly About[]): About | undefined {
  const { names, beside, around, value } = clue;
  const byName = (name: string) => serviceNamed(name, abouts);
  const byHost = (text: string) => serviceAt(text, abouts);
  const bySaying = (text: string) =>
    abouts.find(about => namesOf(about).some(name => squashed(name) === squashed(text) && text.length < 100));
  return (
    first(names.slice(-1), byName) ??
    byHost(value) ??
    first(beside.names, byName) ??
    first(beside.values, byHost) ??
    first(beside.values, bySaying) ??
    first(names.slice(0, -1).reverse(), byName) ??
    first(around?.values ?? [], byHost)
  );
}

function first<T, R>(things: readonly T[], find: (thing: T) => R | undefined): R | undefined {
  for (const thing of things) {
    const found = find(thing);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The words that are left of a name when the service's own are taken out, and whether those were the
 * service's proper name: an alias such as `taskType` may only be a sign of it.
 */
export function withoutService(words: readonly string[], about: About) {
  const found = longestName(words, about);
  if (!found) return { rest: words, proper: true };
  const proper = [about.name, about.label].some(name => squashed(name) === squashed(found.name));
  return { rest: without(words, found.stretch), proper };
}

/** The field that the words name, and the words that are left. */
export function fieldNamed(
  words: readonly string[],
  about: About,
): { field: Field; rest: readonly string[] } | undefined {
  const found = about.keyFields.flatMap(field => {
    const longest = longestName(words, field);
    if (!longest) return [];
    const { stretch, name, length } = longest;
    // One word, such as key or token, names a field only at the end: a token limit is no token.
    const last = words.slice(stretch.to).every(word => /^\d+$/.test(word));
    return last || wordsOf(name).length > 1 ? [{ field, rest: without(words, stretch), length }] : [];
  });
  return found.sort((one, other) => other.length - one.length)[0];
}

/** The field a credential goes into that has no name of its own: the one secret that a key must have. */
export function onlySecret(about: About): Field | undefined {
  const [field, another] = about.keyFields.filter(({ kind, optional }) => kind === 'secret' && !optional);
  return another ? undefined : field;
}

/** The field that takes an address. */
export const addressField = (about: About): Field | undefined =>
  about.keyFields.find(field => namesOf(field).some(name => squashed(name) === 'url'));
