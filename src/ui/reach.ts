import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { Failure } from '../failure';

/** The hosts of https origins: to the browser's permissions all ports of a host are one. */
export const hostsOf = (origins: readonly string[]): string[] => [
  ...new Set(origins.flatMap(origin => /^https:\/\/([^/:]+)/.exec(origin)?.[1] ?? [])),
];
const patternsOf = (origins: readonly string[]): string[] =>
  hostsOf(origins).map(host => `https://${host}/*`);

/**
 * Asks the person to let Runkey reach these origins; resolves at once where it may already. It must be the first that
 * a click or a key sets off: browsers ask for nobody else. Rejects with `refused` where the answer is no.
 */
export async function askToReach(origins: readonly string[]): Promise<void> {
  const wanted = patternsOf(origins);
  const answer = wanted.length === 0 || browser.permissions.request({ origins: wanted });
  if (await answer) return;
  throw new Failure('refused', `Runkey may not reach ${hostsOf(origins).join(' and ')}.`, {
    next: 'Do it again, and allow it when the browser asks. Nothing was saved or sent.',
  });
}

/** Whether the browser keeps Runkey from reaching one of these origins: a person may take any permission away. */
export const useBarred = (origins: readonly string[]): boolean => useMissing(patternsOf(origins)).length > 0;

/** Those of these match patterns that the browser does not permit now. */
export function useMissing(patterns: readonly string[]): readonly string[] {
  const missing = useSignal<readonly string[]>([]);
  const wanted = JSON.stringify(patterns);
  useEffect(() => {
    const { onAdded, onRemoved } = browser.permissions;
    let latest = 0;
    const look = async () => {
      const turn = ++latest;
      const all: string[] = JSON.parse(wanted);
      const there = await Promise.all(
        all.map(pattern => browser.permissions.contains({ origins: [pattern] })),
      );
      if (turn === latest) missing.value = all.filter((_, at) => !there[at]);
    };
    void look();
    onAdded.addListener(look);
    onRemoved.addListener(look);
    return () => {
      latest++;
      onAdded.removeListener(look);
      onRemoved.removeListener(look);
    };
  }, [wanted, missing]);
  return missing.value;
}
