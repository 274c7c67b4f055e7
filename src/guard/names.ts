/** The words of a variable's name, in small letters: `RUNWARE_apiKey2` is runware, api, key, 2. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(word => word !== '');
}

/** A name without what separates its words: `Run:ai`, `RUN_AI` and `runai` are one. */
export const squashed = (name: string): string => name.toLowerCase().replace(/[^a-z\d]+/g, '');

/** Where some of the words, in a row, make up a name. */
export interface Stretch {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** The last place where words in a row make up the name. */
export function stretchOf(words: readonly string[], name: string): Stretch | undefined {
  const sought = squashed(name);
  for (let from = words.length - 1; from >= 0 && sought !== ''; from--) {
    let joined = '';
    for (let to = from; to < words.length && joined.length < sought.length; to++) {
      joined += words[to];
      if (joined === sought) return { from, to: to + 1 };
    }
  }
  return undefined;
}

export const without = (words: readonly string[], { from, to }: Stretch): readonly string[] => [
  ...words.slice(0, from),
  ...words.slice(to),
];

export type Environment = 'development' | 'staging' | 'production';

const ENVIRONMENTS: ReadonlyMap<string, Environment> = new Map([
  ['dev', 'development'],
  ['develop', 'development'],
  ['development', 'development'],
  ['local', 'development'],
  ['test', 'development'],
  ['testing', 'development'],
  ['sandbox', 'development'],
  ['stage', 'staging'],
  ['staging', 'staging'],
  ['stg', 'staging'],
  ['uat', 'staging'],
  ['preprod', 'staging'],
  ['prod', 'production'],
  ['production', 'production'],
  ['live', 'production'],
]);

export const environmentOf = (word: string): Environment | undefined => ENVIRONMENTS.get(word);

/** What a build tool wants before a name says nothing about the key. */
export const withoutPrefix = (name: string): string =>
  name.replace(/^(?:REACT_APP|VITE|NEXT_PUBLIC|NUXT_PUBLIC|EXPO_PUBLIC|GATSBY|X)[_-](?=.)/i, '');

/** Whether a name by itself says that its value is a credential. */
export const tellsOfSecret = (words: readonly string[]): boolean =>
  /^(?:key|apikey|token|secret|password|authorization)$/.test(
    words.filter(word => !/^\d+$/.test(word)).at(-1) ?? '',
  );
