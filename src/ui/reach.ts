import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { Failure } from '../failure';

/** The hosts of https origins: to the browser's permissions all ports of a host are one. */
export const hostsOf = (origins: readonly string[]): string[] => [
  ...new Set(origins.flatMap(origin => /^https:\/\/([^/:]+)/.exec(origin)?.[1] ?? [])),
];
const asPermission = (origins: readonly string[]) => ({
  origins: hostsOf(origins).map(host => `https://${host}/*`),
});

/**
 * Asks the person to let Runkey reach these origins; resolves at once where it may already. It must be the first that
 * a click or a key sets off: browsers ask for nobody else. Rejects with `refused` where the answer is no.
 */
export async function askToReach(origins: readonly string[]): Promise<void> {
  const { origins: wanted } = asPermission(origins);
  const answer = wanted.length === 0 || browser.permissions.request({ origins: wanted });
  if (await answer) return;
  throw new Failure('refused', `Runkey may not reach ${hostsOf(origins).join(' and ')}.`, {
    next: 'Do it again, and allow it when the browser asks. Nothing was saved or sent.',
  });
}

/** Whether the browser keeps Runkey from reaching one of these origins: a person may take any permission away. */
export function useBarred(origins: readonly string[]): boolean {
  const barred = useSignal(false);
  const wanted = JSON.stringify(asPermission(origins));
  useEffect(() => {
    const { onAdded, onRemoved } = browser.permissions;
    const look = async () => {
      const there = await browser.permissions.contains(JSON.parse(wanted));
      barred.value = !there;
    };
    void look();
    onAdded.addListener(look);
    onRemoved.addListener(look);
    return () => {
      onAdded.removeListener(look);
      onRemoved.removeListener(look);
    };
  }, [wanted, barred]);
  return barred.value;
}
