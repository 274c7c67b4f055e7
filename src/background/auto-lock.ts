import browser from 'webextension-polyfill';
import type { Vault } from '../vault/vault';

const ALARM = 'lock';

/** Only Firefox has this. */
const isFirefox = 'getBrowserInfo' in browser.runtime;

/** Has the background woken when the vault is to lock. The vault itself looks at every use whether it is time. */
export function scheduleLock(at: number | undefined): void {
  if (at === undefined) browser.alarms.clear(ALARM);
  else browser.alarms.create(ALARM, { when: at });
}

/** Locks at the chosen moment, with the screen, and by the shortcut. To be called in the background's first turn. */
export function lockByItself(ready: () => Promise<Vault>): void {
  const quietly = (work: (vault: Vault) => Promise<unknown>) =>
    void ready()
      .then(work)
      .catch(() => {});

  browser.alarms.onAlarm.addListener(({ name }) => {
    // Whoever asks a vault for its status whose time has come locks it.
    if (name !== ALARM) return;
    quietly(async vault => {
      if ((await vault.status()) === 'unlocked') vault.autoLock.remind();
    });
  });
  browser.commands.onCommand.addListener(command => {
    if (command === 'lock') quietly(vault => vault.lock());
  });
  // Firefox never says that the screen is locked, and being told of idleness would wake the background for ever.
  if (isFirefox) return;
  browser.idle.onStateChanged.addListener(state => {
    if (state !== 'locked') return;
    quietly(async vault => {
      if ((await vault.autoLock.locking()).withScreen) await vault.lock();
    });
  });
}
