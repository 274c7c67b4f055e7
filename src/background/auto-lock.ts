import browser from 'webextension-polyfill';
import type { Vault } from '../vault/vault';

const ALARM = 'lock';

/** Has the background woken when the vault is to lock. The vault itself looks at every use whether it is time. */
export function scheduleLock(at: number | undefined): void {
  if (at === undefined) browser.alarms.clear(ALARM);
  else browser.alarms.create(ALARM, { when: at });
}

/** Locks at the chosen moment, with the screen, and by the shortcut. To be called in the background's first turn. */
export function lockByItself(ready: Promise<Vault>, locked: () => void): void {
  const lock = async (isTime: (vault: Vault) => Promise<boolean> | boolean) => {
    const vault = await ready;
    if (await isTime(vault)) await vault.lock();
    locked();
  };
  const quietly = (work: Promise<void>) => void work.catch(() => {});

  browser.alarms.onAlarm.addListener(({ name }) => {
    // Asking for its status is enough for a vault whose time has come.
    if (name === ALARM) quietly(lock(async vault => (await vault.status()) !== 'unlocked'));
  });
  browser.idle.onStateChanged.addListener(state => {
    if (state === 'locked') quietly(lock(async vault => (await vault.autoLock.locking()).withScreen));
  });
  browser.commands.onCommand.addListener(command => {
    if (command === 'lock') quietly(lock(() => true));
  });
}
