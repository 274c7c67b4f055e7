import { demoKey } from '../emulators/runware';
import type { Browser } from './browser';
import { ACCOUNTS, type Account, type Plan } from './plan';

/** What the person before the browser does: makes the vault, saves the keys, unlocks. */

const PASSPHRASE = 'plum anchor violin north';
const proof = { by: 'passphrase', passphrase: PASSPHRASE };

/** The API key of each account. */
export const apiKeys: Readonly<Record<Account, string>> = { First: demoKey, Second: `${demoKey}-second` };

/** Makes a vault with a key for each account, and gives the keys' ids. */
export async function moveIn(
  browser: Browser,
  connections: Plan['connections'],
): Promise<Readonly<Record<Account, string>>> {
  await browser.ask('vault.create', { passphrase: PASSPHRASE });
  const [First, Second] = await Promise.all(
    ACCOUNTS.map(async (label, at) => {
      const values = {
        apiKey: apiKeys[label],
        connection: connections[label],
        atOnce: at === 0 ? '12' : '6',
      };
      const notes = { label, dailyLimit: null };
      const { id } = await browser.ask<{ id: string }>('keys.add', { service: 'runware', notes, values });
      return id;
    }),
  );
  return { First: First ?? '', Second: Second ?? '' };
}

export const lock = (browser: Browser): Promise<void> => browser.ask('vault.lock', {});

export const unlock = (browser: Browser): Promise<void> => browser.ask('vault.unlock', { proof });
