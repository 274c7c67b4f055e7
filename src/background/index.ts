import browser from 'webextension-polyfill';
import { ALARM, Awake, DUE } from '../calls/awake';
import { isOpen, untraced } from '../calls/call';
import { Calls } from '../calls/calls';
import { History } from '../calls/history';
import { Journal } from '../calls/journal';
import { Preferences } from '../calls/preferences';
import { spentToday } from '../calls/spending';
import { DRAFT, PRIVATE_DRAFT, WISHED_SITE } from '../messages/contract';
import { openDoor } from '../messages/door';
import { lockServices, serviceOf } from '../services/services';
import { openDatabase } from '../store/database';
import { Vault } from '../vault/vault';
import { accountHandlers } from './accounts';
import { lockByItself, scheduleLock } from './auto-lock';
import { backupHandlers } from './backup';
import { boot } from './boot';
import { OFFERED } from './brought';
import { Bubble } from './bubble';
import { callHandlers } from './calls';
import { healthHandlers } from './health';
import { keyHandlers } from './keys';
import { CLICKS, LAST, Menu } from './menu';
import { forgetPassing, PRIVATE_OFFERED } from './passing';
import { giveBack } from './permissions';
import { PromptRunner } from './prompts';
import { SECRET } from './secret';
import { contentHandlers, promptHandlers, waitingOf } from './selection';
import { vaultHandlers } from './vault';
import { readState, Watchers } from './watchers';
import { showWhereWished } from './wished-site';

// Everything that may wake the background must be listened for before this script's first turn ends:
// what takes longer is a promise that each handler awaits.
const awake = new Awake();
async function open() {
  const database = await openDatabase();
  const { session, local } = browser.storage;
  const vault = new Vault({ database, session, local, willLock: scheduleLock });
  const journal = new Journal(database, vault);
  const history = new History(database, journal);
  const preferences = new Preferences(database);
  const calls = new Calls({
    journal,
    history,
    preferences,
    vault,
    serviceOf,
    awake,
    boot,
    changed: call => {
      passes(call);
      void runner.cards.tellCall(call).catch(() => {});
      // What was asked and answered is for nobody's eyes while the vault is locked.
      if (!vault.isOpen) return;
      watchers.tellCall(untraced(call));
      // Its key has spent more now, and was used.
      if (!isOpen(call.state)) watchers.refreshSoon();
    },
  });
  vault.onLock(lockServices);
  // Whatever locked it, a request that came too late included.
  vault.onLock(() => {
    watchers.forgetCalls();
    void changed();
  });
  const waiting = () => waitingOf(runner);
  return { vault, calls, journal, history, preferences, waiting, spent: () => spentToday(database) };
}

let opened: ReturnType<typeof open> | undefined;
/** Opened once; where the browser would not, whoever asks next makes it try again. */
function rooms(): ReturnType<typeof open> {
  opened ??= open();
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}
const vault = async () => (await rooms()).vault;
const calls = async () => (await rooms()).calls;
/** What is kept no longer than the person wants goes whenever the background starts, and when calls end. */
const tidy = async () => {
  const { history, preferences } = await rooms();
  await history.keep(await preferences.retention());
};
const watchers = new Watchers(() => readState(rooms));
const changed = async () => {
  void runner.cards.tellAll().catch(() => {});
  await watchers.refresh();
};
const preferences = async () => (await rooms()).preferences;
const runner = new PromptRunner(rooms, () => void watchers.refresh());
const bubble = new Bubble(preferences, () => release());
/** Which keys there are shows only while the vault is open: what was switched off before waits until it is. */
const release = async () => {
  const status = await (await vault()).status();
  if (status === 'locked') return;
  await giveBack(status === 'unlocked' ? await (await vault()).keys.list() : [], await bubble.settings());
};
/** What is kept outside the vault goes with it. */
const erased = async () => {
  (await preferences()).forget();
  await runner.cards.forget('all');
  const traces = [...DRAFT, ...PRIVATE_DRAFT, OFFERED, PRIVATE_OFFERED, SECRET, LAST, CLICKS, WISHED_SITE];
  await browser.storage.session.remove(traces);
  await bubble.restore();
  await menu.build();
  await release();
};
const touched = () =>
  void vault()
    .then(vault => vault.touch())
    .catch(() => {});
const menu = new Menu({ preferences, runner, touched });
const selection = { runner, bubble, menu, preferences, calls, changed: () => void changed() };

/** A vault that cannot be opened has nothing to carry on with; whoever asks is told why. */
const carryOn = () =>
  calls()
    .then(calls => calls.recover())
    .catch(() => {})
    .finally(() => awake.rest());

const health = healthHandlers(vault);
openDoor({
  page: {
    ...vaultHandlers(
      vault,
      calls,
      changed,
      named => {
        void carryOn();
        void release().catch(() => {});
        if (named.length > 0) void runner.goOn(named).catch(() => {});
      },
      erased,
    ),
    ...backupHandlers(vault, async () => {
      await changed();
      await release().catch(() => {});
    }),
    ...keyHandlers(vault, changed, health.learn, release),
    ...callHandlers(rooms, changed, () => watchers.refreshSoon()),
    ...health.handlers,
    ...accountHandlers(vault),
    ...promptHandlers(selection),
  },
  content: contentHandlers(selection),
  watch: send => watchers.add(send),
  watchCard: (from, send) => runner.cards.watch(from, send),
});

lockByItself(vault);
showWhereWished(bubble);
browser.runtime.onInstalled.addListener(() => {
  void menu.build().catch(() => {});
  void bubble.restore().catch(() => {});
});
browser.tabs.onRemoved.addListener(tab => void runner.cards.forget({ tab }).catch(() => {}));
browser.alarms.onAlarm.addListener(({ name }) => {
  if (name === ALARM || name === DUE) void carryOn();
});
browser.runtime.onStartup.addListener(() => {
  void carryOn();
  void menu.build().catch(() => {});
});
const passes = forgetPassing(rooms, changed, () => runner.cards.forget('private'));
void carryOn();
void tidy().catch(() => {});
