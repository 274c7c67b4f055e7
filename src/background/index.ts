import browser from 'webextension-polyfill';
import { base64 } from '../bytes';
import { ALARM, Awake } from '../calls/awake';
import { Calls } from '../calls/calls';
import { Journal } from '../calls/journal';
import { openDoor } from '../messages/door';
import { lockServices, serviceOf } from '../services/services';
import { openDatabase } from '../store/database';
import { Vault } from '../vault/vault';
import { boot } from './boot';
import { keyHandlers } from './keys';
import { offerMenu, selectionHandlers } from './menu';
import { readState, Watchers } from './watchers';

// Everything that may wake the background must be listened for before this script's first turn ends:
// what takes longer is a promise that each handler awaits.
const awake = new Awake();
const rooms = openDatabase().then(database => {
  const vault = new Vault(database, browser.storage.session);
  const calls = new Calls({
    journal: new Journal(database, vault),
    vault,
    serviceOf,
    awake,
    boot,
    // What was asked and answered is for nobody's eyes while the vault is locked.
    changed: call => vault.isOpen && watchers.tell({ type: 'call', call }),
  });
  vault.onLock(lockServices);
  return { vault, calls, keys: keyHandlers(vault, () => void watchers.refresh()) };
});
const watchers = new Watchers(() => readState(rooms));

/** A vault that cannot be opened has nothing to carry on with; whoever asks is told why. */
const carryOn = () =>
  rooms
    .then(({ calls }) => calls.recover())
    .catch(() => {})
    .finally(() => awake.rest());

openDoor({
  page: {
    'vault.create': async ({ passphrase }) => {
      await (await rooms).vault.create(passphrase);
      await watchers.refresh();
    },
    'vault.unlock': async ({ passphrase }) => {
      await (await rooms).vault.unlock(passphrase);
      await watchers.refresh();
      void carryOn();
    },
    'vault.lock': async () => {
      await (await rooms).vault.lock();
      await watchers.refresh();
    },
    'keys.add': async body => (await rooms).keys['keys.add'](body),
    'keys.change': async body => (await rooms).keys['keys.change'](body),
    'keys.remove': async body => (await rooms).keys['keys.remove'](body),
    'keys.test': async body => (await rooms).keys['keys.test'](body),
    'calls.start': async body => (await rooms).calls.start(body),
    'calls.cancel': async ({ id }) => (await rooms).calls.cancel(id),
    'calls.media': async ({ id, media }) => ({ base64: base64(await (await rooms).calls.media(id, media)) }),
    'selection.take': selectionHandlers['selection.take'],
  },
  content: { 'selection.offer': selectionHandlers['selection.offer'] },
  watch: send => watchers.add(send),
});

offerMenu();
browser.alarms.onAlarm.addListener(({ name }) => {
  if (name === ALARM) void carryOn();
});
browser.runtime.onStartup.addListener(() => void carryOn());
void carryOn();
